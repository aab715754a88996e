"""The tables of `meter-ingest`."""

from alembic import op

revision = "meter_ingest_0001"
down_revision = None
branch_labels = ("meter_ingest",)
depends_on = "chassis_0001"


def upgrade() -> None:
    """Create them."""
    op.execute(
        """
        CREATE TABLE private.value_version (
            metering_point_id BIGINT NOT NULL,
            direction SMALLINT NOT NULL,
            day DATE NOT NULL,
            shard SMALLINT NOT NULL,
            position BIGINT NOT NULL,
            series SMALLINT NOT NULL,
            registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE NOT NULL,
            part INTEGER NOT NULL,
            "off" BIGINT NOT NULL,
            minutes SMALLINT NOT NULL,
            first SMALLINT NOT NULL,
            status SMALLINT NOT NULL,
            width SMALLINT NOT NULL,
            wh BYTEA NOT NULL,
            salt BYTEA NOT NULL,
            PRIMARY KEY (metering_point_id, direction, day, shard, position, series)
        )
        """
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
