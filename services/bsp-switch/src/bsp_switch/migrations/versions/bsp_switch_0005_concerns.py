"""Lookups by point, and points and consents by end user: what concerns an end user is found by them."""

from alembic import op

revision = "bsp_switch_0005_concerns"
down_revision = "bsp_switch_0004_persons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them, with the lookups that there are."""
    op.execute(
        """
        CREATE TABLE own.lookup (
            lookup_id TEXT NOT NULL,
            metering_point_id TEXT NOT NULL,
            party TEXT NOT NULL,
            code TEXT NOT NULL,
            PRIMARY KEY (lookup_id)
        )
        """
    )
    op.execute("CREATE INDEX lookup_by_point ON own.lookup (metering_point_id)")
    op.execute("CREATE INDEX supply_by_end_user ON own.supply (end_user, metering_point_id)")
    op.execute(
        "INSERT INTO own.lookup SELECT id, state ->> 'metering_point_id', state ->> 'party', state ->> 'code'"
        " FROM own.document WHERE kind = 'lookup'"
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
