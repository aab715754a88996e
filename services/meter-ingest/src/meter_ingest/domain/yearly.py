"""Estimated annual volumes of up to a hundred points of one DSO, once a month (BRS-NO-317, EI-270).

Each block has its day of the month and its minute, so that not all are estimated at once. An estimate that has moved by
less than the policy says is not told: what was told last stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from contracts import calendar
from contracts.meter_ingest.v1 import AnnualVolume, AnnualVolumeEstimated, ChannelClosed, ChannelOpened
from meter_ingest.domain import annual, blocks, days, lines

_DAYS = 28
"""Every month has so many."""
_MINUTES = 180
"""From noon: after the values of the day before are due and verified."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """One point's line: until when its channel is open, and what was told last."""

    valid_to: datetime | None = None
    wh: int | None = None


@dataclass(frozen=True, slots=True)
class Yearly:
    """A block of points of a DSO: as of which day they were estimated last, and what is estimated (`place|line`)."""

    block: str
    dso: str
    through: date
    points: dict[str, Estimated] = field(default_factory=dict[str, Estimated])


def evolve(state: Yearly | None, event: ChannelOpened | ChannelClosed | AnnualVolumeEstimated) -> Yearly:
    """What is opened is estimated from then on, and what is closed until then."""
    if isinstance(event, AnnualVolumeEstimated):
        assert state is not None
        told = {
            blocks.key(blocks.place_of(one.metering_point_id), lines.line(one.direction)): one.wh
            for one in event.volumes
        }
        open_ = {key: one for key, one in state.points.items() if _open(one, event.as_of)}
        points = {key: replace(one, wh=told.get(key, one.wh)) for key, one in open_.items()}
        return replace(state, through=event.as_of, points=points)
    key = blocks.key(blocks.place_of(event.metering_point_id), lines.line(event.direction, event.product))
    begins = days.day_at(event.valid_from if isinstance(event, ChannelOpened) else event.valid_to).date
    state = state or Yearly(blocks.block_of(event.metering_point_id), event.dso, begins)
    end = event.valid_to if isinstance(event, ChannelClosed) else None
    return replace(state, points={**state.points, key: replace(state.points.get(key, Estimated()), valid_to=end)})


def next_day(state: Yearly) -> date | None:
    """As of which day it is estimated next; nothing once no channel is open."""
    day_of_month = 1 + int(state.block) % _DAYS
    found = state.through.replace(day=day_of_month)
    if found <= state.through:
        year, month = divmod(found.year * 12 + found.month, 12)
        found = date(year, month + 1, day_of_month)
    return found if any(_open(one, found) for one in state.points.values()) else None


def due_at(state: Yearly) -> datetime | None:
    """When that is done: in the three hours from noon."""
    local = next_day(state)
    if local is None:
        return None
    hours, minutes = divmod(int(state.block) // _DAYS % _MINUTES, 60)
    return calendar.at_local(local, f"{12 + hours:02}:{minutes:02}")


def asked(state: Yearly, as_of: date) -> dict[str, list[str]]:
    """The points that are estimated, by line."""
    found: dict[str, list[str]] = {}
    for key, one in sorted(state.points.items()):
        if _open(one, as_of):
            place, _, line = key.partition("|")
            found.setdefault(line, []).append(state.block + place)
    return found


def decide_estimated(
    state: Yearly, energies: Mapping[str, Mapping[str, Mapping[date, int]]], *, as_of: date, change_pct: int
) -> AnnualVolumeEstimated:
    """The estimates that are new or have moved. `energies`: Wh of whole local days, by line and point."""
    volumes: list[AnnualVolume] = []
    looked_at = without = 0
    for line, points in asked(state, as_of).items():
        direction, _, _ = lines.parts(line)
        for point in points:
            looked_at += 1
            found = annual.estimate(energies.get(line, {}).get(point, {}), as_of=as_of)
            before = state.points[blocks.key(blocks.place_of(point), line)].wh
            if found is None:
                without += 1
            elif annual.moved(before, found.wh, by_basis_points=change_pct * 100):
                volumes.append(
                    AnnualVolume(
                        metering_point_id=point, direction=direction, wh=found.wh, method=found.method, days=found.days
                    )
                )
    return AnnualVolumeEstimated(
        block=blocks.key(state.block, state.dso),
        dso=state.dso,
        as_of=as_of,
        change_pct=change_pct,
        volumes=tuple(volumes),
        looked_at=looked_at,
        without=without,
    )


def _open(one: Estimated, local: date) -> bool:
    """Whether a channel is open into this day: the day before it has values."""
    return one.valid_to is None or one.valid_to >= days.day(local).start
