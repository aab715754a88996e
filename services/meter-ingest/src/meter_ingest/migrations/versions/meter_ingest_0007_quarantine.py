"""Values that a validation rule found are kept aside, in a table like that of the others."""

from alembic import op

revision = "meter_ingest_0007_quarantine"
down_revision = "meter_ingest_0006_value"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The same columns and the same key."""
    op.execute("CREATE TABLE private.quarantined_version (LIKE private.value_version INCLUDING ALL)")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
