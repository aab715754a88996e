"""Parties: whose EIC is whose."""

from alembic import op

revision = "registry_0002_parties"
down_revision = "registry_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create their table."""
    op.execute(
        """
        CREATE TABLE own.party (
            party TEXT NOT NULL,
            name TEXT NOT NULL,
            status TEXT NOT NULL,
            organisation_number TEXT,
            eic TEXT,
            PRIMARY KEY (party),
            CONSTRAINT party_of_eic UNIQUE (eic)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX party_by_organisation_number ON own.party (organisation_number)
        """
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
