"""What tests about zones begin from: groups of one point, of which the n-th was complete in this order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.testing import Outcome
from contracts.prequal import v1
from contracts.values import Role
from prequal import store


def prepared(world: Any, n: int, up_w: int, down_w: int = 0) -> str:
    """The n-th group's application, assessed: the TSO has not decided."""
    group = world.id(100 + n)
    world.group(group)
    world.join(group, n, up_w=up_w, down_w=down_w)
    world.apply(world.id(200 + n), group, up_w, down_w, at=world.oslo(1, 6, 9, n))
    world.assess(world.id(200 + n), world.DSO_1)
    return world.id(200 + n)


def approved(world: Any, n: int, up_w: int, down_w: int = 0) -> Outcome:
    """The n-th group, complete in this order, approved by all."""
    return world.decide(prepared(world, n, up_w, down_w), up_w=up_w, down_w=down_w)


def by(world: Any, sender: str) -> dict[str, Any]:
    """Who sends, and as what."""
    return {"sender": sender, "role": Role.TSO if sender == world.TSO else Role.BSP}


def reduce(world: Any, n: int, up_w: int, down_w: int = 0, *, sender: str | None = None, **over: Any) -> Outcome:
    """Less is approved for it."""
    command = v1.ReduceApproval(up_w=up_w, down_w=down_w, reasons=over.get("reasons", "Less is there."))
    sent = by(world, sender or world.BSP_A)
    return world.scenario.when(command, subject=world.id(100 + n), at=over.get("at", world.oslo(2, 1)), **sent)


def end(world: Any, n: int, *, sender: str | None = None, **over: Any) -> Outcome:
    """Its approval is given up, or ended by the TSO."""
    command = v1.EndApproval(reasons=over.get("reasons", "No more."))
    sent = by(world, sender or world.BSP_A)
    return world.scenario.when(command, subject=world.id(100 + n), at=over.get("at", world.oslo(2, 1)), **sent)


def zone(world: Any) -> Any:
    """The zone as it is stored."""
    return world.scenario.state(store.ZONE, world.ZONE)


def entered_by(events: Iterable[Any]) -> list[str]:
    """The applications that entered, in order."""
    return [event.application_id for event in events if isinstance(event, v1.VolumeReserved)]
