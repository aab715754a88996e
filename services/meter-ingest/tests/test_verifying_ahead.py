"""What the next verifications read is fetched while one is computed: it makes no difference to what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from test_verification_runs import DAY, MORNING, order, prepared

from chassis import store as documents
from chassis.service import Due
from chassis.work import Published, Work
from meter_ingest import store, value_reading
from meter_ingest.app import case_shard
from meter_ingest.domain import control
from meter_ingest.value_store import StoredValues

pytestmark = pytest.mark.store


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Of which points versions were fetched."""
    asked: list[list[str]] = []
    fetch = value_reading.fetched

    async def noted(raw: Any, points: Sequence[str], *rest: Any, **named: Any) -> Any:
        asked.append(list(points))
        return await fetch(raw, points, *rest, **named)

    monkeypatch.setattr(value_reading, "fetched", noted)
    return asked


async def test_what_is_fetched_ahead_is_what_is_read_and_what_changed_meanwhile_is_read_anew(
    world: Any, engine: AsyncEngine, take: Any, stored: Any, day_series: Any, asked: list[list[str]]
) -> None:
    points = prepared(world, 3)
    # One point has nothing: they wait until they are due.
    for number, clock in enumerate(("10:00", "12:00", "14:00"), 70):
        order(world, 4000, clock, number=number)
    at = world.local("2026-03-29", MORNING)
    (decided,) = await take(world.record(*(day_series(one, DAY, list(range(96))) for one in points[:2]), at=at))
    world.scenario.when(decided.event, at=at)
    await stored(world, *(kind.name for kind in store.KINDS))
    ids = [world.uuid(number) for number in (70, 71, 72)]
    assert all(world.scenario.state(store.ACTIVATION, id_).run is None for id_ in ids)

    async with engine.connect() as connection:
        alone = await _verified(connection, engine, ids)
        assert asked == [points] * 3
        asked.clear()
        assert await _verified(connection, engine, ids, ahead=True) == alone
        assert asked == [points] * 3, "each once"
        asked.clear()
        # Who holds the points is said otherwise when the second is on its way.
        block = points[0][:15]
        holds = world.scenario.state(store.CONTROL, block) or control.Control({})
        others = control.Control({**holds.places, points[0][15:]: (control.Hold("7080005059999", world.local(DAY)),)})
        changed = {(store.CONTROL.name, block): others}
        found = await _verified(connection, engine, ids, ahead=True, changed=changed)
        assert found[0] == alone[0]
        assert found[1:] == (await _verified(connection, engine, ids, changed=changed))[1:] != alone[1:]
        assert asked == [points, points, points[1:], points[1:], points, points[1:], points[1:]]


async def _verified(
    connection: AsyncConnection,
    engine: AsyncEngine,
    ids: Sequence[str],
    *,
    ahead: bool = False,
    changed: Mapping[Any, Any] | None = None,
) -> list[list[str]]:
    """What is said of each; `changed`: documents that are others from behind the first on."""
    service = case_shard(StoredValues(engine))
    work = Work(service, documents.loader(connection))
    said: list[list[str]] = []
    for place, id_ in enumerate(ids):
        if ahead and ids[place + 1 :]:
            await service.ahead[store.VERIFICATION_DUE](work, ids[place + 1 :])
        state = await work.load(store.ACTIVATION, id_)
        assert state is not None
        (due,) = (one.due_at for one in work.deadlines((store.ACTIVATION.name, id_)) if one.name == "verification")
        work.begin(deadlines_before=None)
        await service.deadlines[store.VERIFICATION_DUE](work, Due(store.ACTIVATION.name, id_, "", due))
        said.append([one.event.model_dump_json() for one in work.done() if isinstance(one, Published)])
        for key, document in (changed or {}).items():
            work.documents[key].state = document
    return said
