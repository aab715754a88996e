"""What each point delivered, computed again from PostgreSQL as a run had read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from noted_given import noted
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import history
from chassis.asking import UnableToAnswer
from chassis.service import Kind
from chassis.work import Key, Work
from contracts.meter_ingest.v1 import ActivationVerified
from meter_ingest import app, store

pytestmark = pytest.mark.store

DAY = "2026-03-28"


@pytest.fixture
def ask(world: Any, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask with the world's documents and log, and the stored values."""

    async def load(wanted: Iterable[tuple[Kind[Any], Iterable[str]]]) -> Mapping[Key, Any]:
        keys = [(kind.name, id_) for kind, ids in wanted for id_ in ids]
        return {key: world.scenario.documents[key] for key in keys if key in world.scenario.documents}

    async def told(_connection: Any, _service: Any, kind: Kind[Any], id_: str) -> list[Any]:
        return [(None, one) for one in world.scenario.log if type(one) in kind.folds and id_ in kind.parts(one)]

    monkeypatch.setattr(history, "told", told)

    async def ask(**asked: Any) -> dict[str, Any]:
        async with engine.connect() as connection:
            given = {"activation_id": world.uuid(70), **asked}
            return await app.SERVICE.asks["allocation"](connection, lambda: Work(world.scenario.service, load), given)

    return ask


async def test_a_run_is_made_again_as_it_was_read(
    world: Any, engine: AsyncEngine, take: Any, day_series: Any, ask: Any
) -> None:
    """A correction comes after the first run: each run is computed from what it had read; without the values, none."""
    points = world.points(1, 2, 3)
    world.open(points)
    world.formed()
    for point in points:
        world.joined(point)
    start, at = world.local(DAY, "10:00"), world.local("2026-03-29", "06:30")
    world.order(4000, start, start + timedelta(minutes=30), at=start - timedelta(minutes=15))
    assert await ask() == {"activation_id": world.uuid(70), "runs": []}

    async def send(*some: Any) -> None:
        record = world.record(*some, at=at)
        world.scenario.when(world.decide(record).event, at=at)
        await take(record)

    figures = {point: [1001 + 10 * number] * 40 + [7, 300] + [900] * 54 for number, point in enumerate(points)}
    await send(*(day_series(point, DAY, figures[point]) for point in points))
    later = world.local("2026-03-29", "06:00")
    await send(day_series(points[0], DAY, [2 * one for one in figures[points[0]]], registered_at=later))

    first, second = [one for one in world.scenario.log if isinstance(one, ActivationVerified)]
    await ask()
    assert await noted(engine) == set(), "sums and hashes are nobody's values"
    for run in (first, second):
        answer = await ask(run=run.run, points=True)
        period = (start, start + timedelta(minutes=30), "")
        assert await noted(engine) == {(one, line, *period) for one in points for line in ("consumption", "production")}
        assert answer["agrees"] is True
        assert [one["run"] for one in answer["runs"]] == [1, 2]
        sums = [sum(column) for column in zip(*(one["delivered_wh"] for one in answer["points"]), strict=True)]
        assert sums == [one.delivered_wh for one in run.quarters]
        assert {tuple(one["evidence"]) for one in answer["points"]} == {("measured", "measured")}
    assert first.allocation_sha256 != second.allocation_sha256
    assert "points" not in await ask()
    with pytest.raises(UnableToAnswer):
        await ask(run=3)
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM private.value_version"))
    assert (await ask())["agrees"] is False
    assert world.scenario.state(store.ACTIVATION, world.uuid(70)).run.number == 2
