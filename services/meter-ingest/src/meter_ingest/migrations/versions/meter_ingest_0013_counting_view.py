"""The view of single values goes by the resolution that counts on a day, as the point is known now."""

from alembic import op

revision = "meter_ingest_0013_counting_view"
down_revision = "meter_ingest_0012_erasure"
branch_labels = None
depends_on = None

_BYTES = " + ".join(f"get_byte(v.wh, s.step * v.width + {place})::bigint * {256**place}" for place in range(4))
_EIGHT = " + ".join(f"get_byte(v.wh, s.step * 8 + {place})::bigint * {256**place}" for place in range(4, 8))


# `counting.resolution_of`: of the settlement meter's active energy (lines 0 and 1) what the point is on the day, by the
# fact that holds from its midnight on (the first from its own day); else its channel's. Null: whatever came counts.
# By name, so that the tables that it looks into need not be there yet.
_COUNTS_IN = """
    CREATE FUNCTION private.counts_in(point bigint, line int, day date) RETURNS int LANGUAGE plpgsql STABLE AS $$
    DECLARE
        of_point text := lpad(point::text, 18, '0');
        midnight timestamptz := day::timestamp AT TIME ZONE 'Europe/Oslo';
        next_midnight timestamptz := (day + 1)::timestamp AT TIME ZONE 'Europe/Oslo';
        named text;
    BEGIN
        IF line < 2 THEN
            SELECT fact->>'resolution' INTO named FROM (
                SELECT json_array_elements(state->'places'->right(of_point, 3)) AS fact FROM known.registry
                WHERE kind = 'points' AND known.registry.id = left(of_point, 15)
            ) AS facts
            WHERE (fact->>'valid_from')::timestamptz < next_midnight
            ORDER BY (fact->>'valid_from')::timestamptz <= midnight DESC,
                CASE WHEN (fact->>'valid_from')::timestamptz <= midnight THEN (fact->>'valid_from')::timestamptz END DESC,
                (fact->>'valid_from')::timestamptz
            LIMIT 1;
        END IF;
        IF named IS NULL THEN
            SELECT period->>'resolution' INTO named FROM (
                SELECT json_array_elements(state->'places'->right(of_point, 3)) AS period FROM own.document
                WHERE kind = 'block' AND own.document.id = left(of_point, 15) || '|' || (
                    ARRAY['consumption', 'production', 'consumption.reactive', 'production.reactive',
                        'consumption.capacitive', NULL, 'consumption.inductive']
                )[line + 1]
            ) AS periods
            WHERE (period->>'valid_from')::timestamptz <= midnight
                AND (period->>'valid_to' IS NULL OR next_midnight <= (period->>'valid_to')::timestamptz)
            LIMIT 1;
        END IF;
        RETURN CASE WHEN named = 'PT60M' THEN 60 WHEN named IS NOT NULL THEN 15 END;
    END $$
"""


def upgrade() -> None:
    """As it was, of the versions that are in that resolution."""
    op.execute(_COUNTS_IN)
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
            WHERE v.minutes = coalesce(private.counts_in(v.metering_point_id, v.line, v.day), v.minutes)
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
