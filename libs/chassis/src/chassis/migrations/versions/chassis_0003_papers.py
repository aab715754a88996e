"""What an HTTP door keeps: documents in parts, and the proofs that were used."""

from alembic import op

revision = "chassis_0003"
down_revision = "chassis_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables. Empty in a service without a door."""
    op.execute(
        """
        CREATE TABLE private.paper (
            id uuid PRIMARY KEY,
            party text NOT NULL,
            sha256 text NOT NULL,
            size_bytes bigint NOT NULL,
            media_type text NOT NULL,
            name text NOT NULL,
            wants text NOT NULL DEFAULT 'receive',
            discarded boolean NOT NULL DEFAULT false,
            CHECK (wants IN ('', 'receive', 'discard'))
        )
        """
    )
    op.execute("CREATE INDEX paper_wants ON private.paper (id) WHERE wants <> ''")
    op.execute(
        """
        CREATE TABLE private.paper_part (
            id uuid NOT NULL REFERENCES private.paper ON DELETE CASCADE,
            number integer NOT NULL,
            bytes bytea STORAGE EXTERNAL NOT NULL,
            PRIMARY KEY (id, number)
        )
        """
    )
    op.execute("CREATE TABLE private.used_proof (key uuid PRIMARY KEY, expires_at timestamptz NOT NULL)")
    op.execute("CREATE INDEX used_proof_expires ON private.used_proof (expires_at)")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
