"""Whether all values of a local day have come, per DSO (`metering.md` §4.6, MV-25).

A DSO's document knows on which days it owes anything at all, so that exactly one deadline stands: 07:00 after the
next such day. What is owed and what has come is looked up by block when that moment comes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from contracts.message import Event
from contracts.meter_ingest.v1 import ChannelClosed, ChannelOpened, CompletenessPublished, ValuesReminded
from meter_ingest.domain import blocks, channel, counting, days, known, lines
from meter_ingest.domain.delivery import OfDelivery

_POINTS_A_REMINDER = 50_000
"""A larger list would not fit into a message."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a DSO owes.

    `through` is the last day published, `open` the number of its channels on that day, `changes` how that changes on
    later days, `blocks` where its channels are (`block|line`, sorted).
    """

    dso: str
    through: date | None = None
    open: int = 0
    changes: dict[date, int] = field(default_factory=dict)
    blocks: tuple[str, ...] = ()


def evolve(state: Completeness | None, event: ChannelOpened | ChannelClosed | OfDelivery) -> Completeness:
    """A channel that is opened or closed for a day already published changes only what is owed from then on."""
    state = state or Completeness(event.dso)
    if isinstance(event, CompletenessPublished):
        past = sum(change for local, change in state.changes.items() if local <= event.date)
        later = {local: change for local, change in state.changes.items() if local > event.date}
        return replace(state, through=event.date, open=state.open + past, changes=later)
    if isinstance(event, ChannelOpened):
        state = _placed(
            state, blocks.key(blocks.block_of(event.metering_point_id), lines.line(event.direction, event.product))
        )
        return _changed(state, days.day_at(event.valid_from).date, 1)
    if isinstance(event, ChannelClosed):
        return _changed(state, days.day_at(event.valid_to).date, -1)
    return state


def next_day(state: Completeness) -> date | None:
    """The next day of which the DSO owes values."""
    running = state.open
    if running > 0 and state.through is not None:
        following = state.through + timedelta(days=1)
        if running + state.changes.get(following, 0) > 0:
            return following
    for local in sorted(state.changes):
        running += state.changes[local]
        if running > 0:
            return local
    return None


def due_at(state: Completeness) -> datetime | None:
    """07:00 after the next day that the DSO owes values of."""
    local = next_day(state)
    return None if local is None else days.complete_by(local)


def decide_published(
    state: Completeness,
    *,
    local: date,
    channels: Mapping[str, channel.Block | None],
    received: Mapping[str, known.Received | None],
    points: Mapping[str, known.Points | None],
    reminded: bool = True,
    again_at: datetime | None = None,
) -> list[Event]:
    """How complete a day is, and a reminder where something is missing, unless reminders are held back.

    `channels` by `block|line`, `received` by `date|block|line`, `points` by block. `again_at`: when the next
    reminder will be.
    """
    whole = days.day(local)
    all_quarters = (1 << whole.quarters) - 1
    series = complete = values = came = 0
    for _, resolution, quarters in _expected(state, local, channels, received, points):
        steps = days.MINUTES[resolution] // 15
        series += 1
        values += whole.quarters // steps
        came += (quarters & all_quarters).bit_count() // steps
        complete += quarters & all_quarters == all_quarters
    return [
        CompletenessPublished(
            dso=state.dso,
            date=local,
            expected_series=series,
            complete_series=complete,
            expected_values=values,
            received_values=came,
        ),
        *(
            decide_reminded(state, local=local, channels=channels, received=received, points=points, again_at=again_at)
            if reminded and complete < series
            else ()
        ),
    ]


def decide_reminded(
    state: Completeness,
    *,
    local: date,
    channels: Mapping[str, channel.Block | None],
    received: Mapping[str, known.Received | None],
    points: Mapping[str, known.Points | None],
    again_at: datetime | None,
    only: str | None = None,
) -> list[Event]:
    """A reminder of what is missing of a day, or of one point's; none where nothing is."""
    all_quarters = (1 << days.day(local).quarters) - 1
    missing = sorted(
        {
            point
            for point, _, quarters in _expected(state, local, channels, received, points)
            if quarters & all_quarters != all_quarters and only in (None, point)
        }
    )
    return [
        ValuesReminded(
            dso=state.dso,
            date=local,
            metering_points=tuple(missing[first : first + _POINTS_A_REMINDER]),
            again_at=again_at,
        )
        for first in range(0, len(missing), _POINTS_A_REMINDER)
    ]


def _expected(
    state: Completeness,
    local: date,
    channels: Mapping[str, channel.Block | None],
    received: Mapping[str, known.Received | None],
    points: Mapping[str, known.Points | None],
) -> Iterator[tuple[str, str, int]]:
    """The point, the resolution, and what has come, of each series that is owed."""
    for name in state.blocks:
        standing, arrived = channels.get(name), received.get(blocks.key(local, name))
        block, _, line = name.partition("|")
        of_block = points.get(block)
        for place, of_channel in channel.expected(standing, local, state.dso) if standing else ():
            facts = of_block.places.get(place, ()) if of_block else ()
            is_ = counting.owed_on(facts, of_channel, line, local)
            if is_.owed:
                came = arrived.of(is_.resolution) if arrived else None
                yield block + place, is_.resolution, came.places.get(place, 0) if came else 0


def _placed(state: Completeness, name: str) -> Completeness:
    index = bisect_left(state.blocks, name)
    if index < len(state.blocks) and state.blocks[index] == name:
        return state
    return replace(state, blocks=(*state.blocks[:index], name, *state.blocks[index:]))


def _changed(state: Completeness, local: date, by: int) -> Completeness:
    if state.through is not None and local <= state.through:
        return replace(state, open=state.open + by)
    return replace(state, changes={**state.changes, local: state.changes.get(local, 0) + by})
