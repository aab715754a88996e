"""Lookups by whom they concern."""

from alembic import op

revision = "bsp_switch_0007_whose_lookup"
down_revision = "bsp_switch_0006_lookup_refused"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it. Of lookups of before it was not said."""
    op.execute("ALTER TABLE own.lookup ADD COLUMN end_user TEXT")
    op.execute("CREATE INDEX lookup_by_end_user ON own.lookup (end_user, metering_point_id)")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
