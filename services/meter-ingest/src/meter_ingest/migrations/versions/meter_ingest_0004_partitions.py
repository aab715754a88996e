"""Versions lie by how long they are kept, then by month, so that a month is dropped and not deleted."""

from datetime import date, timedelta

from alembic import op
from sqlalchemy import text

revision = "meter_ingest_0004_partitions"
down_revision = "meter_ingest_0003_lines"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What stands is moved; nothing of it is marked to be kept longer."""
    op.execute("ALTER TABLE private.value_version RENAME TO value_version_before")
    op.execute("ALTER TABLE private.value_version_before DROP CONSTRAINT value_version_pkey")
    op.execute(
        """
        CREATE TABLE private.value_version (
            keep_years SMALLINT NOT NULL,
            metering_point_id BIGINT NOT NULL,
            line SMALLINT NOT NULL,
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
            PRIMARY KEY (metering_point_id, line, day, shard, position, series, first, keep_years)
        ) PARTITION BY LIST (keep_years)
        """
    )
    for years in (3, 10):
        op.execute(
            f"CREATE TABLE private.value_version_{years} PARTITION OF private.value_version"
            f" FOR VALUES IN ({years}) PARTITION BY RANGE (day)"
        )
    connection = op.get_bind()
    months = connection.execute(
        text("SELECT DISTINCT date_trunc('month', day)::date FROM private.value_version_before")
    )
    for month in sorted(months.scalars()):
        for years in (3, 10):
            op.execute(
                f"CREATE TABLE private.value_version_{years}_{month:%Y_%m} PARTITION OF private.value_version_{years}"
                f" FOR VALUES FROM ('{month}') TO ('{_following(month)}')"
            )
    columns = (
        'metering_point_id, line, day, shard, position, series, registered_at, received_at, part, "off", minutes,'
        " first, status, width, wh, salt"
    )
    op.execute(
        f"INSERT INTO private.value_version (keep_years, {columns})"  # noqa: S608 - no input
        f" SELECT 3, {columns} FROM private.value_version_before ORDER BY metering_point_id, line, day"
    )
    op.execute("DROP TABLE private.value_version_before")


def _following(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
