"""Who may read what, asked of the database: `permission`."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.registry import v1 as registry
from contracts.values import Role, make_gln
from meter_ingest import permission, queries
from meter_ingest.domain import reach
from meter_ingest.permission import Reader


def onboarded(world: Any, gln: str, *roles: Role, status: str = "active") -> None:
    world.scenario.given(
        registry.PartyOnboarded.model_validate(
            {"party": gln, "name": "", "roles": roles, "status": status, "organisation_number": "974760673"}
        )
    )


@pytest.mark.store
async def test_a_reader_is_a_known_party_in_its_role(
    world: Any, engine: AsyncEngine, points: list[str], stored: Any
) -> None:
    since, at = world.local("2026-01-01"), world.local("2026-04-01")
    world.formed()
    world.joined(points[0])
    onboarded(world, world.dso, Role.DSO)
    onboarded(world, world.tso, Role.TSO)
    onboarded(world, world.other_dso, Role.DSO, status="suspended")
    world.fact(points[2], dso=world.other_dso, valid_from=since)
    world.fact(points[2], dso=world.other_dso, valid_from=world.local("2026-03-28"))
    await stored(world, "points", "control", "access", "memberships", "party")

    async def readable(party: str, role: Role) -> list[list[tuple[Any, ...]]]:
        async with queries.reading_only(engine) as connection:
            found = await permission.readable(connection, Reader(party, role), [*points, world.gsrn(99)], at=at)
        return [[(one.start, one.ground) for one in some] for some in found.values()]

    nothing: list[list[tuple[Any, ...]]] = [[], [], [], []]
    own = [(since, "own-grid")]
    assert await readable(world.dso, Role.DSO) == [own, own, [], []]
    assert await readable(world.tso, Role.TSO) == [[(world.local("2026-01-06"), "verification")], [], [], []]
    assert await readable(world.dso, Role.TSO) == nothing
    assert await readable(world.other_dso, Role.DSO) == nothing
    assert await readable(make_gln(77), Role.DATAHUB) == nothing
    async with queries.reading_only(engine) as connection:
        found = await permission.readable(connection, Reader(world.dso, Role.DSO), points[:1], at=at)
    start, end = world.local("2025-12-01"), world.local("2026-05-01")
    assert reach.spans(found[points[0]], "consumption", start=start, end=end) == [(since, end)]
    assert reach.spans(found[points[0]], "consumption.active.1", start=start, end=end) == []
