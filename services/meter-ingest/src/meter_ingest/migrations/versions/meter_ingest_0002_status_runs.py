"""A series may have several versions of one day: one for each run of one status."""

from alembic import op

revision = "meter_ingest_0002_status_runs"
down_revision = "meter_ingest_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first step tells them apart."""
    op.execute(
        """
        ALTER TABLE private.value_version
            DROP CONSTRAINT value_version_pkey,
            ADD PRIMARY KEY (metering_point_id, direction, day, shard, position, series, first)
        """
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
