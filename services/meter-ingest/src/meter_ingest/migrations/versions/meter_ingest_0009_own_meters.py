"""The view of single values says what is kept of own meters: partly metered quarters, their samples, a wrong clock."""

from alembic import op

revision = "meter_ingest_0009_own_meters"
down_revision = "meter_ingest_0008_hourly"
branch_labels = None
depends_on = None

_BYTES = " + ".join(f"get_byte(v.wh, s.step * v.width + {place})::bigint * {256**place}" for place in range(4))
_EIGHT = " + ".join(f"get_byte(v.wh, s.step * 8 + {place})::bigint * {256**place}" for place in range(4, 8))


def upgrade() -> None:
    """As it was; the number of a status is its place in the list, 8 more for hours divided, 16 a sample, 512 a clock."""
    op.execute(
        f"""
        CREATE OR REPLACE VIEW private.value AS
        WITH said AS (
            SELECT v.metering_point_id, v.line, v.day, v.first + s.step AS step, q.part AS place, v.minutes,
                (v.first + s.step) * (v.minutes / 15) + q.part AS quarter, w.wh AS whole,
                CASE WHEN v.minutes = 15 THEN w.wh
                    ELSE w.wh / 4 + CASE WHEN q.part < w.wh % 4 THEN 1 ELSE 0 END END AS wh,
                v.status % 8 AS status, v.status & 8 > 0 AS hourly, v.status / 16 AS mark,
                v.registered_at, v.received_at, v.part, v.off, v.series, v.shard, v.position
            FROM private.value_version v
            CROSS JOIN LATERAL generate_series(0, length(v.wh) / v.width - 1) AS s(step)
            CROSS JOIN LATERAL (
                SELECT {_BYTES} + CASE WHEN v.width = 8 THEN {_EIGHT} ELSE 0 END AS wh
            ) AS w
            CROSS JOIN LATERAL generate_series(0, v.minutes / 15 - 1) AS q(part)
        ), changes AS (
            SELECT *, (wh, minutes = 15 AND NOT hourly, status, mark) IS DISTINCT FROM
                (lag(wh) OVER later, lag(minutes = 15 AND NOT hourly) OVER later, lag(status) OVER later,
                lag(mark) OVER later) AS changed
            FROM said
            WINDOW later AS (
                PARTITION BY metering_point_id, line, day, quarter ORDER BY registered_at, received_at, part, off, series
            )
        ), counting AS (
            SELECT *, row_number() OVER (
                PARTITION BY metering_point_id, line, day, quarter
                ORDER BY registered_at DESC, received_at DESC, part DESC, off DESC, series DESC
            ) AS place_from_last
            FROM changes WHERE changed
        ), last AS (
            SELECT *, count(*) OVER (
                PARTITION BY metering_point_id, line, day, shard, position, series, step, minutes
            ) AS quarters
            FROM counting WHERE place_from_last = 1
        )
        SELECT metering_point_id, day,
            (ARRAY['consumption', 'production'])[line % 2 + 1] AS direction,
            (ARRAY['active', 'reactive', 'capacitive', 'inductive'])[line / 2 % 4 + 1] AS product,
            line / 8 AS meter,
            day::timestamp AT TIME ZONE 'Europe/Oslo' + quarter * interval '15 minutes' AS start,
            day::timestamp AT TIME ZONE 'Europe/Oslo'
                + (quarter + CASE WHEN quarters * 15 = minutes THEN quarters ELSE 1 END) * interval '15 minutes' AS "end",
            CASE WHEN quarters * 15 = minutes THEN whole ELSE wh END AS wh,
            (ARRAY['metered', 'estimated', 'final-estimated', 'temporary', 'partly-metered'])[status + 1] AS status,
            CASE WHEN quarters * 15 < minutes OR hourly THEN 'derived' WHEN status = 0 THEN 'measured' ELSE 'estimated' END
                AS quality,
            minutes, registered_at, received_at, shard, position, part AS "partition", off AS "offset", series,
            nullif(mark % 32, 0) AS samples, mark >= 32 AS clock_wrong
        FROM last
        WHERE place = 0 OR quarters * 15 < minutes
        """  # noqa: S608 - no input
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
