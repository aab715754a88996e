"""Which points' values are kept longer, and where each point's values lie now."""

from alembic import op

revision = "meter_ingest_0005_retention"
down_revision = "meter_ingest_0004_partitions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first follows from what was decided, the second from what was moved."""
    for table, more in (("own.value_retention", " kept_from DATE,"), ("private.value_moved", "")):
        op.execute(
            f"CREATE TABLE {table} (metering_point_id BIGINT NOT NULL, keep_years SMALLINT NOT NULL,{more}"
            " PRIMARY KEY (metering_point_id))"
        )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
