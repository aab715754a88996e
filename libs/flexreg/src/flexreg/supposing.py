"""What a person supposes, as the steps of a trial; and what came of it, as rows: pure.

A trial runs in `prequal` itself, on a copy of what it holds (`chassis.trial`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from contracts import policies, values
from contracts.message import Command, Event
from contracts.prequal import v1
from contracts.registry import v1 as registry
from flexreg.problem import Problem

REASON = "What if"
TOLD = (
    v1.VolumeReserved,
    v1.ApplicationQueued,
    v1.ApplicationLapsed,
    v1.ApprovalReduced,
    v1.ApprovalEnded,
    v1.ZoneCapTookEffect,
    v1.BiddableChanged,
)
"""What is told of a trial, in this order."""


class NotUnderstood(Problem):
    """This cannot be supposed."""


def watts(given: str) -> int:
    """`1.5` (MW) in W."""
    try:
        power = Decimal(given) * 1_000_000
    except InvalidOperation:
        power = Decimal("NaN")
    if not power.is_finite() or power < 0 or power != power.to_integral_value():
        raise NotUnderstood(f"{given!r} is no power in MW", "write it as 2 or 1.25")
    return int(power)


def pair(given: str, what: str) -> tuple[str, str]:
    """`NO3=12` as its two halves."""
    name, equals, value = given.partition("=")
    if not (name and equals and value):
        raise NotUnderstood(f"{given!r} is no {what}", f"write it as {what}")
    return name, value


def approval(given: str, *, by: str) -> dict[str, Any]:
    """`APPLICATION=UP/DOWN` in MW, down left out for none."""
    application, power = pair(given, "APPLICATION=UP/DOWN")
    up, _, down = power.partition("/")
    wish = v1.DecidePrequalification(decision="approved", up_w=watts(up), down_w=watts(down or "0"), reasons=REASON)
    return command(wish, application, by=by)


def cap(given: str, *, by: str) -> dict[str, Any]:
    """`ZONE=MW`."""
    zone, power = pair(given, "ZONE=MW")
    if zone not in set(values.BiddingZone):
        raise NotUnderstood(f"{zone!r} is no bidding zone", f"there are {', '.join(values.BiddingZone)}")
    wish = v1.SetZoneCap(cap_w=watts(power), reasons=("operating-pattern",), assessment=REASON)
    return command(wish, zone, by=by)


def policy(given: str, *, at: datetime) -> dict[str, Any]:
    """`KEY=VALUE`, as `registry` would say it."""
    key, text = pair(given, "KEY=VALUE")
    defined = policies.DEFINED.get(key)
    if defined is None:
        raise NotUnderstood(f"there is no policy {key!r}", "`flexreg list registry policy` lists them")
    value: int | str | bool = text
    if isinstance(defined.value, bool):
        value = {"true": True, "false": False}.get(text, text)
    elif isinstance(defined.value, int) and text.removeprefix("-").isdecimal():
        value = int(text)
    if not defined.allowed.takes(value):
        raise NotUnderstood(f"{key} cannot be {text!r}", f"it may be {defined.allowed}")
    said = registry.PolicySet(
        key=key, value=value, unit=defined.unit, valid_from=at, source=REASON, reason=REASON, owner=defined.owner,
        former=defined.value,
    )  # fmt: skip
    return event(said)


def looked_at_again(
    group_id: str, group: Mapping[str, Any], grid: Mapping[str, Any], *, at: datetime
) -> dict[str, Any]:
    """A fact that changes nothing of a group, so that it is decided again as it would be at its next change; or empty.

    `group` and `grid`: as `prequal` holds them. Of a group whose members may deliver nothing, nothing can change.
    """
    for point, stays in group["members"].items():
        if point in grid["allowed"] and stays:
            stay = stays[-1]
            same = registry.MemberPowerChanged(
                group_id=group_id, metering_point_id=point, bsp=group["bsp"], dso=stay["dso"], valid_from=at,
                up_w=stay["power"]["up_w"], down_w=stay["power"]["down_w"], declared_up_w=0, declared_down_w=0,
                group_max_w=0, point_limit_w=0,
            )  # fmt: skip
            return event(same)
    return {}


def command(wish: Command, subject: str, *, by: str) -> dict[str, Any]:
    """A command of the TSO as a step."""
    return {"type": wish.type, "subject": subject, "data": wish.model_dump(mode="json"), "sender": by, "role": "tso"}


def event(said: Event) -> dict[str, Any]:
    """A foreign event as a step."""
    return {"type": said.type, "subject": said.subject, "data": said.model_dump(mode="json")}


# What came of it


def figures(zone: Mapping[str, Any] | None) -> dict[str, Any]:
    """A zone as it was told last, in W.

    `{cap_w, used_w, free_w, deficit_w, waiting, waiting_w, next_cap_w, next_from, queue}`
    """
    told: Mapping[str, Any] = (zone or {}).get("told") or {}
    found = {name: told.get(name) for name in ("cap_w", "used_w", "waiting", "waiting_w", "next_cap_w", "next_from")}
    left_w = (told.get("cap_w") or 0) - (told.get("used_w") or 0)
    found["free_w"], found["deficit_w"] = max(0, left_w), max(0, -left_w)
    found["queue"] = [
        {"application_id": one["application_id"], "group_id": one["group_id"], "requested_w": one["requested_w"]}
        for one in (zone or {}).get("waiting", ())
    ]
    return found


def zones(changed: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every zone that is otherwise: `{zone, before, after}`."""
    found = [
        {"zone": one["id"], "before": figures(one["before"]), "after": figures(one["after"])}
        for one in changed
        if one["kind"] == "zone"
    ]
    return sorted(found, key=lambda one: str(one["zone"]))


def followed(tried: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is worth telling of the events: `{at, what, group_id, …}` in the order they would happen."""
    names = {each.type: each.__name__ for each in TOLD}
    return [
        {"at": one["at"], "what": names[each["type"]], "data": each["data"]}
        for one in tried
        for each in one["events"]
        if each["type"] in names
    ]


def refusals(tried: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What would be refused, and why."""
    return [
        {"refused": one["what"], "subject": one["subject"], "reasons": one["reasons"]}
        for one in tried
        if one["refused"]
    ]


def falling_out(tried: Iterable[Mapping[str, Any]]) -> list[str]:
    """The groups that leave the queue, lose their approval, or may bid nothing for being below the minimum."""
    out: dict[str, None] = {}
    for one in followed(tried):
        data = one["data"]
        below = one["what"] == "BiddableChanged" and data["below_minimum"]
        if below or one["what"] in {"ApplicationLapsed", "ApprovalEnded"}:
            out[data["group_id"]] = None
    return list(out)
