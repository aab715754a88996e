"""Values are kept by line: direction, product and meter in one number."""

from alembic import op

revision = "meter_ingest_0003_lines"
down_revision = "meter_ingest_0002_status_runs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What stands is active energy of the settlement meter: the numbers are the same."""
    op.execute("ALTER TABLE private.value_version RENAME COLUMN direction TO line")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
