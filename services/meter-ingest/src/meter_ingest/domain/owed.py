"""The book of completeness: what is counted and expected of scopes, folded from `CompletenessCounted`.

Nothing is added up by looking at everything: an input changes the counts of the blocks that it touches, and its event
says by how much the scopes change. What a block has been counted with is kept per block, so that whatever changes (its
values, its channels, who holds its points) is counted anew for that block alone, and the difference is what is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from contracts.message import Event
from contracts.meter_ingest.v1 import (
    ChannelOpened,
    CompletenessChanged,
    CompletenessCounted,
    CountedBlock,
    CountedDay,
    CountedScope,
    ExpectedBlock,
    ExpectedSince,
)
from meter_ingest.domain import blocks, counts, days, lines
from meter_ingest.domain.counts import NOTHING, Counts, Expected

_AT_ONCE = 250
"""How much of each an event says: what scattered points change would not fit into one message."""
_KEPT = timedelta(days=4 * 366)
"""How long it is known on which day what is expected changed: longer than values may come."""


# By block


@dataclass(frozen=True, slots=True)
class Counted:
    """What a block has been counted with on one day, in one line, by scope. By `date|block|line`."""

    scopes: dict[str, Counts]


@dataclass(frozen=True, slots=True)
class ExpectedOf:
    """What a block is expected to bring in one line, by scope. By `block|line`."""

    scopes: Expected


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines in which a block has ever had a channel, sorted. By block."""

    names: tuple[str, ...]


def evolve_counted(_state: Counted | None, part: CountedBlock) -> Counted:
    """It replaces what was."""
    return Counted({one.scope: counts.heard(one.counts) for one in part.scopes})


def evolve_expected_of(_state: ExpectedOf | None, part: ExpectedBlock) -> ExpectedOf:
    """It replaces what was."""
    return ExpectedOf(_by_scope(part.changes))


def evolve_lines(state: Lines | None, event: ChannelOpened) -> Lines:
    """A line more."""
    names = state.names if state else ()
    return Lines(tuple(sorted({*names, lines.line(event.direction, event.product)})))


def counted_blocks(event: CompletenessCounted) -> Mapping[str, CountedBlock]:
    """By `date|block|line`."""
    return {blocks.key(one.date, one.block): one for one in event.blocks}


def expected_blocks(event: CompletenessCounted) -> Mapping[str, ExpectedBlock]:
    """By `block|line`."""
    return {one.block: one for one in event.expected_blocks}


# By scope


@dataclass(frozen=True, slots=True)
class Owed:
    """How many series are expected of a scope, per quarter and per hour: what there was at first, and each change.

    `through` is the last day whose deadline has been.
    """

    changes: dict[date, tuple[int, int]]
    before: tuple[int, int] = (0, 0)
    through: date | None = None

    def on(self, local: date) -> tuple[int, int]:
        """What is expected of a day: series per quarter, and per hour."""
        quarterly, hourly = self.before
        for since, (more_quarterly, more_hourly) in self.changes.items():
            if since <= local:
                quarterly, hourly = quarterly + more_quarterly, hourly + more_hourly
        return quarterly, hourly


def evolve_owed(state: Owed | None, part: CompletenessChanged | list[ExpectedSince]) -> Owed:
    """What is expected changes, or a day's deadline has been."""
    state = state or Owed({})
    if isinstance(part, list):
        changes = counts.together([{"": state.changes}, {"": dict(_pairs(part))}]).get("", {})
        return replace(state, changes={local: changes[local] for local in sorted(changes)})
    old = {local: change for local, change in state.changes.items() if local < part.date - _KEPT}
    return Owed(
        {local: change for local, change in state.changes.items() if local not in old},
        (
            state.before[0] + sum(quarterly for quarterly, _ in old.values()),
            state.before[1] + sum(hourly for _, hourly in old.values()),
        ),
        part.date,
    )


def owed_parts(event: CompletenessCounted) -> Mapping[str, list[ExpectedSince]]:
    """By scope."""
    found: dict[str, list[ExpectedSince]] = {}
    for one in event.expected:
        found.setdefault(one.scope, []).append(one)
    return found


def passed(event: CompletenessChanged) -> tuple[str, ...]:
    """The scope whose day's deadline has been."""
    return (event.completeness_id.rpartition("/")[0],) if event.because == "deadline" else ()


def next_day(state: Owed) -> date | None:
    """The next day of which something is expected."""
    if state.through is not None:
        following = state.through + timedelta(days=1)
        if any(state.on(following)):
            return following
    later = (local for local in state.changes if state.through is None or local > state.through)
    return next((local for local in sorted(later) if any(state.on(local))), None)


def due_at(state: Owed) -> datetime | None:
    """07:00 after the next day of which something is expected."""
    local = next_day(state)
    return None if local is None else days.complete_by(local)


# By scope and day


@dataclass(frozen=True, slots=True)
class ScopeDay:
    """What has come of a scope's day, and what was said of it last."""

    counts: Counts = NOTHING
    said: tuple[int, ...] | None = None


def evolve_scope_day(state: ScopeDay | None, part: CountedDay | CompletenessChanged) -> ScopeDay:
    """Count, or say."""
    state = state or ScopeDay()
    if isinstance(part, CountedDay):
        return replace(state, counts=state.counts.plus(counts.heard(part.change)))
    return replace(state, said=figures(part))


def scope_days(event: CompletenessCounted) -> Mapping[str, CountedDay]:
    """By `scope/date`."""
    return {name(one.scope, one.date): one for one in event.days}


def name(scope: str, local: date) -> str:
    """The id of a scope's day."""
    return blocks.scope(scope, local.isoformat())


def figures(event: CompletenessChanged) -> tuple[int, ...]:
    """What makes a difference between two that are said."""
    return (
        event.expected_series,
        event.complete_series,
        event.expected_values,
        event.received_values,
        event.on_time_values,
        event.estimated_values,
        event.changed_series,
        event.changed_later_series,
        int(event.delayed),
    )


# The day's shares, for who watches over the deadline


@dataclass(frozen=True, slots=True)
class Share:
    """A DSO's day: expected, received and punctual values, and whether it is whole, provisional, delayed."""

    expected_values: int
    received_values: int
    on_time_values: int
    provisional: bool
    delayed: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """How all DSOs stand with a day. By date."""

    dsos: dict[str, Share]


def evolve_deadline(state: Deadline | None, event: CompletenessChanged) -> Deadline:
    """As was said last of each."""
    share = Share(event.expected_values, event.received_values, event.on_time_values, event.provisional, event.delayed)
    return Deadline({**(state.dsos if state else {}), event.dso or "": share})


def of_dso(event: CompletenessChanged) -> tuple[str, ...]:
    """The day, where it is a DSO's."""
    return (event.date.isoformat(),) if event.scope == "dso" else ()


# Decisions


def decide_counted(
    cause: str,
    *,
    now: Mapping[tuple[date, str], Mapping[str, Counts]],
    before: Mapping[tuple[date, str], Counted | None],
    expected: Mapping[str, Expected],
    expected_before: Mapping[str, ExpectedOf | None],
) -> list[CompletenessCounted]:
    """What an input changed in the book: by (day, `block|line`) and by `block|line`. Nothing, where nothing changed."""
    changes: dict[tuple[date, str], Counts] = {}
    told: list[CountedBlock] = []
    for (local, block), found in now.items():
        standing = before.get((local, block))
        stood = standing.scopes if standing else {}
        if found == stood:
            continue
        scopes = tuple(CountedScope(scope=scope, counts=one.said()) for scope, one in found.items())
        told.append(CountedBlock(block=block, date=local, scopes=scopes))
        for scope in dict.fromkeys((*found, *stood)):
            more = found.get(scope, NOTHING).less(stood.get(scope, NOTHING))
            changes[local, scope] = changes.get((local, scope), NOTHING).plus(more)
    differences: dict[str, Expected] = {}
    for block, found_expected in expected.items():
        standing_expected = expected_before.get(block)
        more_expected = counts.difference(found_expected, standing_expected.scopes if standing_expected else {})
        if more_expected:
            differences[block] = more_expected
    days_changed = tuple(
        CountedDay(scope=scope, date=local, change=change.said())
        for (local, scope), change in sorted(changes.items())
        if any(change)
    )
    expected_blocks_changed = tuple(
        ExpectedBlock(block=block, changes=_said(expected[block])) for block in sorted(differences)
    )
    expected_changed = _said(counts.together(differences[block] for block in sorted(differences)))
    most = max(map(len, (told, days_changed, expected_blocks_changed, expected_changed)))
    return [
        CompletenessCounted(
            cause=f"{cause}/{first // _AT_ONCE}" if first else cause,
            blocks=tuple(told[first : first + _AT_ONCE]),
            days=days_changed[first : first + _AT_ONCE],
            expected_blocks=expected_blocks_changed[first : first + _AT_ONCE],
            expected=expected_changed[first : first + _AT_ONCE],
        )
        for first in range(0, most, _AT_ONCE)
    ]


def decide_changed(
    scope: str,
    local: date,
    *,
    owed: Owed | None,
    state: ScopeDay | None,
    bsp: str | None,
    delayed: bool,
    at: datetime,
    deadline: bool = False,
) -> list[Event]:
    """What is said of a scope's day.

    Before the deadline only that it has become whole; at the deadline how it stands; after it every change. `bsp`:
    whose a group is.
    """
    quarterly, hourly = owed.on(local) if owed else (0, 0)
    day, series = days.day(local), quarterly + hourly
    found = state.counts if state else NOTHING
    whole = series > 0 and found.complete_series >= series
    closed = owed is not None and owed.through is not None and local <= owed.through
    if not deadline and not whole and not closed:
        return []
    kind, _, id_ = scope.partition("/")
    area, _, owner = id_.partition("/")
    event = CompletenessChanged.model_validate(
        {
            "completeness_id": name(scope, local),
            "scope": kind,
            "date": local,
            "dso": {"dso": id_, "grid-area": owner}.get(kind),
            "grid_area": area if kind == "grid-area" else None,
            "group_id": id_ if kind == "group" else None,
            "bsp": {"bsp": id_, "group": bsp}.get(kind),
            "because": "deadline" if deadline else "change" if closed else "whole",
            "provisional": not (whole or closed or at >= days.complete_by(local)),
            "delayed": delayed,
            "expected_series": series,
            "expected_values": quarterly * day.quarters + hourly * day.quarters // 4,
            **found._asdict(),
        }
    )
    unsaid = state is None or state.said != figures(event)
    return [event] if deadline or unsaid else []


def _said(expected: Expected) -> tuple[ExpectedSince, ...]:
    return tuple(
        ExpectedSince(scope=scope, date=local, quarterly=quarterly, hourly=hourly)
        for scope, changes in expected.items()
        for local, (quarterly, hourly) in changes.items()
    )


def _by_scope(said: Iterable[ExpectedSince]) -> Expected:
    found: Expected = {}
    for one in said:
        found.setdefault(one.scope, {})[one.date] = (one.quarterly, one.hourly)
    return found


def _pairs(said: Iterable[ExpectedSince]) -> Iterable[tuple[date, tuple[int, int]]]:
    return ((one.date, (one.quarterly, one.hourly)) for one in said)
