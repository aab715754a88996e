"""Which channel the balance is settled on, per local day (seed 004, `metering.md` §5).

What a metering point is says how it is settled and in which resolution; a channel of that line must be open. All of it
is by whole local days: a fact that begins within a day holds from the next one (the first fact from its own day on).
Nothing here remembers anything: whatever order facts come in, the same facts and channels give the same days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from contracts.calendar import Resolution
from meter_ingest.domain import days, lines, transform
from meter_ingest.domain.known import PointVersion
from meter_ingest.domain.transform import Method, Settlement


class Open(Protocol):
    """A stretch in which a channel is open: `channel.Period`."""

    @property
    def dso(self) -> str: ...  # noqa: D102
    @property
    def resolution(self) -> str: ...  # noqa: D102
    @property
    def valid_from(self) -> datetime: ...  # noqa: D102
    @property
    def valid_to(self) -> datetime | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Settled:
    """How one line of a metering point is settled on a local day."""

    settlement: Settlement | None = None
    """None: nobody has said; it is then settled as interval, as values are sent of it."""
    resolution: Resolution | None = None
    """What values of that day are in, whenever they come: the point's; of a line that is not settled the channel's."""
    counts: Resolution | None = None
    """The channel that the balance is settled on; None: none of this line's."""
    method: Method | None = None
    """How the line's values come to quarters."""
    grid_area: str | None = None
    """Whose profile they follow."""
    dso: str | None = None
    """Whose channel is open; None: none is."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which it is the same, half-open, from an Oslo midnight."""

    valid_from: datetime
    valid_to: datetime | None
    settled: Settled


Stretches = tuple[Stretch, ...]


def is_settled(line: str) -> bool:
    """Whether the balance can be settled on a line: on active energy of the settlement meter."""
    _, product, meter = lines.parts(line)
    return product == "active" and not meter


def fact_of(facts: Sequence[PointVersion], local: date) -> PointVersion | None:
    """What a point is on a local day. `facts`: in time, as `known.versions_of` has them."""
    whole = days.day(local)
    found: PointVersion | None = None
    for fact in facts:
        if fact.valid_from > whole.start and (found is not None or fact.valid_from >= whole.end):
            break
        found = fact
    return found


def settled_on(facts: Sequence[PointVersion], periods: Sequence[Open], line: str, local: date) -> Settled:
    """How a line is settled on a local day. `periods`: its channels' (`channel.Block`, `channel.Channel`)."""
    whole = days.day(local)
    is_ = fact_of(facts, local)
    standing = next(
        (
            one
            for one in periods
            if one.valid_from <= whole.start and (one.valid_to is None or whole.end <= one.valid_to)
        ),
        None,
    )
    of_channel: Resolution | None = None if standing is None else "PT60M" if standing.resolution == "PT60M" else "PT15M"
    dso = standing.dso if standing else None
    if is_ is None or is_.resolution is None or not is_settled(line):
        return Settled(
            is_.settlement if is_ else None,
            of_channel,
            grid_area=is_.grid_area if is_ else None,
            dso=dso,
        )
    found = Settled(is_.settlement, is_.resolution, grid_area=is_.grid_area, dso=dso)
    settlement = is_.settlement or "interval"
    if standing is None or not is_.active:
        return found
    direction, _, _ = lines.parts(line)
    method = transform.method_of(balance="PT15M", settlement=settlement, resolution=is_.resolution, direction=direction)
    counts = transform.counts(is_.resolution, settlement=settlement, resolution=is_.resolution, direction=direction)
    return replace(found, counts=is_.resolution if counts else None, method=method)
