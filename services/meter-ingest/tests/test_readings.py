"""What a verification reads by column, held against the plain way on any history of several points and lines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from itertools import product
from typing import Any

import plain
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from test_queries import LOCAL, by_day, histories

from contracts.values import make_gsrn
from meter_ingest import partitions, value_reading, value_store
from meter_ingest.domain import days, readings, values
from meter_ingest.domain.readings import Readings
from meter_ingest.domain.values import Version

pytestmark = pytest.mark.store

POINTS = [make_gsrn(serial) for serial in (3, 1, 2)]
BY_LINE = {"consumption": POINTS, "production": POINTS[:2]}
Key = tuple[str, str]


def quarters(local: date, first: int, last: int) -> tuple[datetime, datetime]:
    start = days.day(local).start
    return start + first * days.QUARTER, start + last * days.QUARTER


WINDOWS = (
    [quarters(LOCAL[0], 40, 50), (days.day(LOCAL[1]).start, days.day(LOCAL[1]).end)],
    [quarters(LOCAL[2], 3, 9), quarters(LOCAL[2], 20, 100), quarters(LOCAL[4], 0, 12)],
)

STEPS: dict[str, values.Steps] = {
    "consumption": {
        POINTS[0]: dict.fromkeys(LOCAL, 60),
        POINTS[1]: {one: (15, 60, None)[number % 3] for number, one in enumerate(LOCAL)},
        POINTS[2]: dict.fromkeys(LOCAL, 15),
    }
}
"""Of one line what counts is said, of the other whatever came counts."""


@st.composite
def several(draw: st.DrawFn) -> list[Version]:
    """Histories of some of the points, marked, under salts of two lengths, of records of any number."""
    made: list[Version] = []
    for line, points in BY_LINE.items():
        for point in points:
            for one in draw(histories()) if draw(st.integers(0, 3)) else ():
                own = values.mark(draw(st.sampled_from((0, 0, 3))), drifted=draw(st.integers(0, 5)) == 0)
                whole = draw(st.booleans())
                wh = days.day(one.day).quarters * [draw(st.integers(0, 2))]
                made.append(
                    one._replace(
                        metering_point_id=point,
                        line=line,
                        position=draw(st.sampled_from((one.position, 7 + 3 * one.position, 1000 + one.position))),
                        salt=draw(st.sampled_from((b"sixteen bytes ok", b"of eighteen bytes.", b"salt\0"))),
                        mark=own,
                        **({"minutes": 15, "first": 0, "width": 4, "wh": values.encode(wh)[1]} if whole else {}),
                    )
                )
    return list({(one.metering_point_id, one.line, one.day, one.position, one.series): one for one in made}.values())


def read_plainly(
    made: Sequence[Version], windows: plain.Windows, steps: dict[str, values.Steps] | None = None
) -> Readings:
    by_key: dict[Key, list[Version]] = {}
    for one in made:
        by_key.setdefault((one.metering_point_id, one.line), []).append(one)
    return plain.read({key: by_day(some) for key, some in by_key.items()}, BY_LINE, windows, steps)


async def test_read_by_column_is_the_same_as_version_by_version(engine: AsyncEngine) -> None:
    await partitions.ensure_months(engine, LOCAL)
    examples: list[list[Version]] = []

    @settings(max_examples=80, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(several())
    def draw(made: list[Version]) -> None:
        examples.append(made)

    await asyncio.to_thread(draw)
    held = [(POINTS[0], "0110"), (make_gsrn(0), "0000")]
    others = ["reported:b", "covered:a", "plan:c"]
    async with engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        for number, made in enumerate(examples):
            await connection.execute(text("SELECT 1"))
            await value_store.append(connection, made, POINTS[:1] if number % 2 else ())
            for windows, steps in product(WINDOWS, (None, STEPS)):
                expected = read_plainly(made, windows, steps)
                found = Readings(
                    [
                        value_reading.laid_over(
                            points,
                            line,
                            windows,
                            await value_reading.fetched(raw, points, line, windows, as_of={"0": 10**6}),
                            steps=steps and steps.get(line),
                        )
                        for line, points in BY_LINE.items()
                    ]
                )
                assert {line: one.left_out for line, one in found.lines.items()} == {
                    line: one.left_out for line, one in expected.lines.items()
                }
                assert dict(found) == dict(expected)
                assert readings.of(dict(found)).names(held, others) == expected.names(held, others)
                assert found.names(held, others) == plain.names(expected, held, others)
                assert found.names([], []) == plain.names(expected, [], [])
                assert found.salts() == expected.salts()
            await connection.rollback()
    assert len(examples) >= 50
