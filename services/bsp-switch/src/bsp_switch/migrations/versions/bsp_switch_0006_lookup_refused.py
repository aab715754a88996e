"""Lookups that are refused: when it was last said of a party."""

from alembic import op

revision = "bsp_switch_0006_lookup_refused"
down_revision = "bsp_switch_0005_concerns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    op.execute("CREATE TABLE private.lookup_refused (party text PRIMARY KEY, said_at timestamptz NOT NULL)")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
