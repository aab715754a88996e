"""Annulling all that rested on a source: what a DSO had sent of a period was wrong, as it says, or as the TSO found.

A run rests on it if any quarter that it read was, of what counts, received from the DSO before the annulment was said.
So nothing that has been corrected meanwhile is annulled, whenever its turn comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from contracts import calendar
from contracts.meter_ingest.v1 import AnnulVerifications, SourceAnnulled
from contracts.parties import Party
from contracts.values import Period, Role
from meter_ingest.domain import activation_rules, baselines, blocks, channel, days, rules
from meter_ingest.domain.activation import Activation, windows_of
from meter_ingest.domain.received import Received, came_before

ACTIVATIONS_A_STEP: Final = 50
POINTS_A_STEP: Final = 5_000
"""What is said meanwhile waits no longer than for these to be looked at."""
DAYS_A_STEP: Final = 31
PAUSE: Final = timedelta(seconds=1)

_REACH = (baselines.LOOKED_AT + 2 * baselines.NEIGHBOURS) * days.QUARTER


@dataclass(frozen=True, slots=True)
class Annulment:
    """What was wrong, and how far its annulment has come."""

    dso: str
    period: Period
    reason: str
    received_before: datetime
    looked_at: int = 0
    annulled: int = 0
    last_day: date | None = None
    last_activation: str | None = None
    next_at: datetime | None = None


def evolve(_: Annulment | None, event: SourceAnnulled) -> Annulment:
    """Each step says all of it."""
    return Annulment(
        event.dso,
        event.period,
        event.reason,
        event.received_before,
        event.looked_at,
        event.annulled,
        event.last_day,
        event.last_activation,
        event.next_at,
    )


class Step(NamedTuple):
    """What was done, how far that comes, and whether others follow."""

    looked_at: int
    annulled: int
    last_day: date
    last_activation: str | None
    others_follow: bool


def decide_begun(
    state: Annulment | None, command: AnnulVerifications, *, party: Party | None, oldest: datetime, at: datetime
) -> Annulment | None:
    """What is to be annulled; None where that was said before. Refuses what no values can have come of."""
    if state is not None:
        if (state.dso, state.period, state.reason) == (command.dso, command.period, command.reason):
            return None
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if party is None or Role.DSO not in party.roles:
        raise activation_rules.ANNULMENT_NOT_A_DSO.refused(path="/dso", actual=command.dso)
    if command.period.start >= at:
        raise activation_rules.ANNULMENT_AHEAD.refused(
            path="/period/start", limit=calendar.local_text(at), actual=calendar.local_text(command.period.start)
        )
    if command.period.start < oldest:
        raise activation_rules.ANNULMENT_TOO_OLD.refused(
            path="/period/start", limit=calendar.local_text(oldest), actual=calendar.local_text(command.period.start)
        )
    return Annulment(command.dso, command.period, command.reason, received_before=at)


def days_left(state: Annulment) -> list[date]:
    """The next local days of whose activations a baseline, or they themselves, may have read the period."""
    last = min(state.period.end + timedelta(days=baselines.DAYS_BACK), state.received_before) + _REACH
    found = [one.date for one in days.days(state.period.start - _REACH, last)]
    if state.last_day is not None:
        found = [one for one in found if one >= state.last_day]
        if state.last_activation is None:
            found = found[1:]
    return found


def turn(state: Annulment, left: Sequence[date], of_days: Mapping[date, Sequence[str]]) -> Iterator[tuple[date, str]]:
    """The activations of the next days in their order, those of which it has been already left out."""
    for local in left[:DAYS_A_STEP]:
        for activation_id in sorted(of_days.get(local, ())):
            if local != state.last_day or state.last_activation is None or activation_id > state.last_activation:
                yield local, activation_id


def fits(taken: int, points: int) -> bool:
    """Whether one more may be of a step that has so many activations, with so many points together."""
    return taken == 0 or (taken < ACTIVATIONS_A_STEP and points < POINTS_A_STEP)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a run reads of a point in one line while the DSO had its channel, as far as it lies in what is wrong."""

    place: str
    names: tuple[str, ...]
    """Of what has come, by `date|block|line`."""
    quarters: tuple[int, ...]
    """Of each day, as bits."""


def stretches(
    state: Activation,
    source: Annulment,
    by_line: Mapping[str, Sequence[str]],
    channels: Mapping[str, channel.Block | None],
    covered: frozenset[datetime],
) -> Iterator[Stretch]:
    """All that a run of these points by line may have read of what is wrong. `channels` by `block|line`."""
    first, last = days.quarter_floor(source.period.start), days.quarter_ceil(source.period.end)
    read = [(max(start, first), min(end, last)) for start, end in windows_of(state, covered)]
    for line, points in by_line.items():
        for point in points:
            block, place = blocks.block_of(point), blocks.place_of(point)
            standing = channels.get(blocks.key(block, line))
            for period in standing.places.get(place, ()) if standing else ():
                for start, end in read if period.dso == source.dso else ():
                    since, until = max(start, period.valid_from), min(end, period.valid_to or end)
                    if since < until:
                        touched = days.days(since, until)
                        yield Stretch(
                            place,
                            tuple(blocks.key(day.date, block, line) for day in touched),
                            tuple(days.mask(day, since, until) for day in touched),
                        )


def rests_on(source: Annulment, wrong: Iterable[Stretch], received: Mapping[str, Received | None]) -> bool:
    """Whether anything of this has come, and counts as it had come by then."""
    return any(
        came_before(arrived, one.place, quarters, source.received_before)
        for one in wrong
        for name, quarters in zip(one.names, one.quarters, strict=True)
        if (arrived := received.get(name)) is not None
    )


def decide_step(annulment_id: str, state: Annulment, step: Step, *, at: datetime) -> SourceAnnulled:
    """So many runs more count no longer."""
    return SourceAnnulled(
        annulment_id=annulment_id,
        dso=state.dso,
        period=state.period,
        reason=state.reason,
        received_before=state.received_before,
        looked_at=state.looked_at + step.looked_at,
        annulled=state.annulled + step.annulled,
        last_day=step.last_day,
        last_activation=step.last_activation,
        next_at=at + PAUSE if step.others_follow else None,
    )
