"""What follows when a substation is fed by another one than before: for all groups with members at it or below it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.service import Incoming, On
from chassis.work import Work
from contracts.message import Event
from contracts.registry import v1 as registry
from prequal import store
from prequal.handlers.following import ask_dsos, deliverable_changed
from prequal.handlers.loading import Needs, substations_above, there
from prequal.handlers.reach import groups_below, lies_below_others, points_below
from prequal.handlers.spreading import spread


def needs_substation(incoming: Incoming[registry.SubstationChanged]) -> Needs:
    """The substation, and those below it."""
    yield store.SUBSTATION, (incoming.data.substation_id,)
    yield store.SUBSTATIONS_BELOW, (incoming.data.substation_id,)


async def substation_changed(work: Work, incoming: Incoming[registry.SubstationChanged]) -> None:
    """It has another one above it, or stands in another area."""
    substation_id = incoming.data.substation_id
    substation = there(await work.load(store.SUBSTATION, substation_id))
    if substation.lies_elsewhere:
        # Named by what fed it before: a change after this one does not lose what this one asks.
        change = f"{substation_id}/{substation.former_parent or ''}"
        await go_on(work, change, at=incoming.at)


async def go_on(work: Work, change: str, *, at: datetime, after: str = "") -> None:
    """The next of its groups: what stands above hits them, DSOs are asked anew, what may be bid where is told.

    `change`: the substation, and what fed it before. A DSO is asked about a point anew where its answer has a limit on
    a substation that is new above the point or gone from there, as when a point moves (D29).
    """
    substation_id, _, former = change.partition("/")
    substation = there(await work.load(store.SUBSTATION, substation_id))
    before = await substations_above(work, former) if former else []
    now = await substations_above(work, substation.parent) if substation.parent else []
    other_places = frozenset(before) ^ frozenset(now)

    async def tell(told: Sequence[str]) -> None:
        for group_id in told:
            await lies_below_others(work, group_id, at=at)
            points = await points_below(work, group_id, substation_id, at=at)
            if points and other_places:
                await ask_dsos(work, group_id, because="hierarchy", at=at, points=points, other_places=other_places)
        await deliverable_changed(work, *told, at=at)

    groups = await groups_below(work, substation_id, at=at)
    await spread(work, f"substation/{change}", "readiness", groups, tell, at=at, after=after)


REACTIONS: dict[type[Event], On] = {registry.SubstationChanged: On(substation_changed, needs_substation)}
