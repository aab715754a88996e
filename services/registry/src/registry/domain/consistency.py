"""What an active resource must have, and what its figures are held against, at every change."""

from __future__ import annotations

from contracts.message import Reason, Refused
from registry.domain import rules
from registry.domain.facts import Fact
from registry.domain.power import Power
from registry.domain.resource import Resource
from registry.domain.terms import Terms


def check_rating(state: Resource, *, path: str | None = None) -> None:
    """Where all devices state their rated power, the resource is no larger than all of them together."""
    rated = state.rated_w
    if rated is not None and state.power.size_w > rated:
        raise rules.RESOURCE_ABOVE_DEVICES.refused(
            path=larger(state) if path is None else path, limit=rated, actual=state.power.size_w, unit="W"
        )


def check_active(after: Resource, *, devices: str = "", power: str = "") -> None:
    """An active resource lacks nothing; one that is not may."""
    if after.status == "active" and (reasons := lacking(after, devices=devices, power=power)):
        raise Refused(*reasons)


def lacking(state: Resource, *, devices: str, power: str) -> tuple[Reason, ...]:
    """Why it cannot be active; the paths are where that is said."""
    return (
        *(() if state.devices else (rules.RESOURCE_NEEDS_DEVICE.reason(path=devices),)),
        *(() if state.power.size_w else (rules.RESOURCE_NEEDS_POWER.reason(path=power),)),
    )


def above_agreed(fact: Fact | None, before: Power, behind: Power) -> tuple[Reason, ...]:
    """A notice where more than before stands behind the point, and more than it may draw or feed in."""
    agreed_w = fact.agreed_power_w if fact else 0
    if not 0 < agreed_w < behind.size_w or behind.size_w <= before.size_w:
        return ()
    return (rules.RESOURCES_ABOVE_AGREED_POWER.reason(limit=agreed_w, actual=behind.size_w, unit="W"),)


def larger(state: Resource) -> str:
    """Where the figure stands that is its size."""
    return "/up_w" if state.up_w >= state.down_w else "/down_w"


def is_small(state: Resource, terms: Terms) -> bool:
    """Whether it counts as small, by the policy."""
    return state.power.size_w <= terms.small_limit_w
