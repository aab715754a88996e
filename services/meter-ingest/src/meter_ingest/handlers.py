"""What the case shard does with its inputs: load, decide, append."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from chassis.service import Answer, Due, Incoming, Kind
from chassis.work import Work
from contracts import policies
from contracts.meter_ingest.v1 import (
    CloseChannels,
    OpenChannels,
    SetValidationRule,
    SetValueRetention,
)
from contracts.policies import Policies
from contracts.values import Role
from meter_ingest import store
from meter_ingest.domain import blocks, channel, counting, days, known, lines, retention, validation
from meter_ingest.domain.erasing import Kept
from meter_ingest.domain.laid import Windows
from meter_ingest.domain.readings import Readings
from meter_ingest.domain.series import SeriesDay
from meter_ingest.domain.values import Minutes, Steps, Version


class Values(Protocol):
    """Reads values, which are in no document.

    What it gives depends on its arguments alone: only versions that the shards' positions in `as_of` cover, so that a
    decision taken again is the same.
    """

    async def read(
        self,
        by_line: Mapping[str, Sequence[str]],
        windows: Windows,
        *,
        as_of: Mapping[str, int],
        steps: Mapping[str, Steps] | None = None,
        begun: Any = None,
    ) -> Readings:
        """What counts of points, by line, in windows of whole quarters, which are in order and apart.

        `steps`: by line. `begun`: of the same points, lines, windows and positions; of others it is not used.
        """
        ...

    async def begin(self, by_line: Mapping[str, Sequence[str]], windows: Windows, *, as_of: Mapping[str, int]) -> Any:
        """Let what will be read be fetched meanwhile: what `read` is then given."""
        ...

    async def energies(
        self,
        points: Sequence[str],
        line: str,
        first: date,
        last: date,
        *,
        as_of: Mapping[str, int],
        minutes: Minutes,
    ) -> Mapping[str, Mapping[date, int]]:
        """What counts of each whole local day in [first, last), in Wh, by point; a day with a hole is left out."""
        ...

    async def versions(self, keys: Sequence[SeriesDay], *, as_of: Mapping[str, int]) -> Sequence[Version]:
        """All versions of some days of points and lines."""
        ...

    async def kept(self, point: str, first: date, last: date, *, as_of: Mapping[str, int]) -> Kept:
        """How much there is of all lines of a point on the days from one to another."""
        ...


Needed = Iterable[tuple[Kind[Any], Iterable[str]]]
POLICIES_NEEDED = ((store.POLICIES, (policies.ID,)), (store.CHANGED_POLICIES, (policies.ID,)))


async def policies_in_force(work: Work) -> Policies:
    """The policies, as they are known now: what the register opened with, and what was changed since."""
    return policies.known(
        await work.load(store.POLICIES, policies.ID), await work.load(store.CHANGED_POLICIES, policies.ID)
    )


async def minutes_of(work: Work, points: Iterable[str], line: str) -> Minutes:
    """The steps that count of a line of points, by point and local day, as it is known now (`counting.counts_in`)."""
    named = list(blocks.by_block(points))
    facts = await work.load_many(store.POINTS, named)
    channels = await work.load_many(store.BLOCK, [blocks.key(block, line) for block in named])

    by_point: dict[str, dict[date, int | None]] = {}
    alike: dict[tuple[int, int], dict[date, int | None]] = {}

    def of_point(point: str) -> tuple[tuple[known.PointVersion, ...], channel.Periods]:
        block, place = blocks.block_of(point), blocks.place_of(point)
        of_facts, of_channels = facts.get(block), channels.get(blocks.key(block, line))
        return (
            of_facts.places.get(place, _NONE) if of_facts else _NONE,
            of_channels.places.get(place, _NO_PERIODS) if of_channels else _NO_PERIODS,
        )

    def minutes(point: str, local: date) -> int | None:
        by_day = by_point.get(point)
        if by_day is None:
            # Points that are alike share what they are (`block_reader`).
            versions, periods = of_point(point)
            by_day = by_point[point] = alike.setdefault((id(versions), id(periods)), {})
        if local not in by_day:
            found = counting.counts_in(*of_point(point), line, local)
            by_day[local] = days.MINUTES[found] if found else None
        return by_day[local]

    return minutes


async def steps_of(work: Work, by_line: Mapping[str, Sequence[str]], windows: Windows) -> dict[str, Steps]:
    """The same by line, for what a verification reads."""
    local = dict.fromkeys(day.date for start, end in windows for day in days.days(start, end))
    found: dict[str, Steps] = {}
    for line, points in by_line.items():
        facts = await work.load_many(store.POINTS, blocks.by_block(points))
        channels = await work.load_many(store.BLOCK, [blocks.key(block, line) for block in blocks.by_block(points)])
        alike: dict[tuple[int, int], Mapping[date, int | None]] = {}
        always = {one: dict.fromkeys(local, minutes) for one, minutes in days.MINUTES.items()}
        of_line: dict[str, Mapping[date, int | None]] = {}
        for block, some in blocks.by_block(points).items():
            of_facts, of_channels = facts[block], channels[blocks.key(block, line)]
            for point in some:
                place = blocks.place_of(point)
                versions = of_facts.places.get(place, _NONE) if of_facts else _NONE
                periods = of_channels.places.get(place, _NO_PERIODS) if of_channels else _NO_PERIODS
                if len(versions) == 1 and (is_ := versions[0].resolution) and counting.is_settled(line):
                    # Mostly: it never was anything else.
                    of_line[point] = always[is_]
                    continue
                if (by_day := alike.get((id(versions), id(periods)))) is None:
                    counted = {one: counting.counts_in(versions, periods, line, one) for one in local}
                    by_day = {one: days.MINUTES[is_] if is_ else None for one, is_ in counted.items()}
                    alike[id(versions), id(periods)] = by_day
                of_line[point] = by_day
        found[line] = of_line
    return found


_NONE: tuple[known.PointVersion, ...] = ()
_NO_PERIODS: channel.Periods = ()


# Channels


def list_needs(incoming: Incoming[OpenChannels | CloseChannels]) -> Needed:
    """The points, their channels, and where those are folded into."""
    command = incoming.data
    named = list(blocks.by_block(command.metering_points))
    return (
        *POLICIES_NEEDED,
        (store.POINTS, named),
        (store.CHANNEL, command.metering_points),
        (store.BLOCK, [blocks.key(block, lines.line(command.direction, command.product)) for block in named]),
        (store.COMPLETENESS, (incoming.sender,)),
        (store.EXPIRY, store.EXPIRIES),
    )


async def open_channels(work: Work, incoming: Incoming[OpenChannels]) -> Answer:
    """A DSO will send values of these points."""
    command = incoming.data
    decided = channel.decide_open(
        command,
        sender=incoming.sender,
        points=await work.load_many(store.POINTS, blocks.by_block(command.metering_points)),
        channels=await work.load_many(store.CHANNEL, command.metering_points),
        at=incoming.at,
        freeze_days=(await policies_in_force(work)).whole("timeline.freeze-days", at=incoming.at),
    )
    await work.append(*decided.events)
    return Answer(tuple(decided.reasons.values()), tuple(decided.rows))


async def close_channels(work: Work, incoming: Incoming[CloseChannels]) -> Answer:
    """A DSO sends no values of these points any more."""
    command = incoming.data
    decided = channel.decide_close(
        command,
        sender=incoming.sender,
        points=await work.load_many(store.POINTS, blocks.by_block(command.metering_points)),
        channels=await work.load_many(store.CHANNEL, command.metering_points),
        at=incoming.at,
        freeze_days=(await policies_in_force(work)).whole("timeline.freeze-days", at=incoming.at),
    )
    await work.append(*decided.events)
    return Answer(tuple(decided.reasons.values()), tuple(decided.rows))


# How long values are kept


def retention_needs(incoming: Incoming[SetValueRetention]) -> Needed:
    """The points, how their values are kept, and what is gone already."""
    points = incoming.data.metering_points
    named = list(blocks.by_block(points))
    return (
        (store.POINTS, named),
        (store.RETENTION, named),
        (store.EXPIRY, store.EXPIRIES),
        (store.CHANNEL, points),
    )


async def set_value_retention(work: Work, incoming: Incoming[SetValueRetention]) -> Answer:
    """A DSO keeps values of its points longer, or the TSO of any."""
    command = incoming.data
    named = list(blocks.by_block(command.metering_points))
    decided = retention.decide_set(
        command,
        sender=incoming.sender,
        of_all=incoming.sender_role == Role.TSO,
        points=await work.load_many(store.POINTS, named),
        retentions=await work.load_many(store.RETENTION, named),
        expired=retention.expired_of((await work.load_many(store.EXPIRY, store.EXPIRIES)).items()),
        at=incoming.at,
    )
    await work.append(*decided.events)
    return Answer(tuple(decided.reasons.values()), tuple(decided.rows))


async def expiry_due(work: Work, due: Due) -> None:
    """A month begins: what of a class is kept no longer."""
    state = await work.load(store.EXPIRY, due.id)
    assert state is not None
    keep_years = retention.NAMED[due.id]
    years = (await policies_in_force(work)).whole(retention.POLICY[keep_years], at=due.at)
    await work.append(retention.decide_expired(keep_years, state, years=years, at=due.at))


# Validation


def rule_needs(_incoming: Incoming[SetValidationRule]) -> Needed:
    """All that was set of validation rules."""
    return ((store.VALIDATION, (validation.ID,)),)


async def set_validation_rule(work: Work, incoming: Incoming[SetValidationRule]) -> Answer:
    """The TSO changes a validation rule."""
    event = validation.decide_set(
        await work.load(store.VALIDATION, validation.ID),
        key=incoming.subject,
        wish=incoming.data,
        by=incoming.sender,
        at=incoming.at,
    )
    await work.append(event)
    return Answer(validation.notices(event))
