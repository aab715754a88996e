"""Moving the sandbox clock: from one thing that falls due to the next, waiting each time until nothing moves. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flexreg.problem import Problem

Status = Mapping[str, Any]


class NotASandbox(Problem):
    """The clock of a real register is the broker's; nobody moves it."""


class ClockMovesBackwards(Problem):
    """Time never goes back: what was decided stays decided."""


class UnableToSettle(Problem):
    """Something in the register does not get on."""


def next_step(statuses: Sequence[Status], *, now: datetime, to: datetime) -> datetime:
    """The earliest deadline of any service after now, or the target. What is overdue is decided at any step."""
    due = (datetime.fromisoformat(shard["next_deadline"]) for shard in _shards(statuses) if shard.get("next_deadline"))
    return min((moment.astimezone(UTC) for moment in due if now < moment <= to), default=to)


def picture(statuses: Sequence[Status]) -> tuple[Any, ...]:
    """What changes whenever something is decided or published: two equal ones mean that nothing moved in between."""
    return tuple(
        (name, shard["shard"], shard["position"], shard["ledger_position"], shard["published_to"])
        for name, shard in _named(statuses)
    )


def unsettled(statuses: Sequence[Status], *, passed: datetime | None = None) -> list[str]:
    """Why the register is not at rest (or has not acted on all that fell due by `passed`); empty when it is."""
    found = [f"{status['name']} is not ready" for status in statuses if not status.get("ready")]
    for name, shard in _named(statuses):
        place = f"{name}/{shard['shard']}" if shard["shard"] else name
        if shard["lag"]:
            found.append(f"{place}: {shard['lag']} messages behind")
        if shard["ledger_position"] != shard["published_to"]:
            found.append(f"{place}: {shard['ledger_position'] - shard['published_to']} not published")
        if shard["busy"]:
            found.append(f"{place} is deciding")
        if shard.get("reads") == 0:
            found.append(f"{place} has not been given its topics yet")
        if passed is not None and _decides(name, shard) and not _has_passed(shard, passed):
            found.append(f"{place}: time has not passed there")
        if shard.get("trouble") or shard.get("alarm"):
            found.append(f"{place}: {shard.get('alarm') or shard.get('trouble')}")
    return found


def _named(statuses: Iterable[Status]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return ((status["name"], shard) for status in statuses for shard in status.get("shards", ()))


def _shards(statuses: Iterable[Status]) -> Iterable[Mapping[str, Any]]:
    return (shard for _, shard in _named(statuses))


def _decides(name: str, shard: Mapping[str, Any]) -> bool:
    # The gateway lets time pass; value shards take it from their records.
    return name != "gateway" and not str(shard["shard"]).isdigit()


def _has_passed(shard: Mapping[str, Any], moment: datetime) -> bool:
    until = shard.get("passed_until")
    return bool(until) and datetime.fromisoformat(until) >= moment
