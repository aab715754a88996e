"""Values in the resolution that the balance is settled in, and how they came there (D18, seed 004, `metering.md` §5).

An hour becomes quarters, quarters become an hour, and the energy is the same to the watt-hour. Nothing derived passes
for measured: each value says how it was made, and by which version of which profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import add
from typing import Literal, cast

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import EnergyDirection, KeptStatus
from meter_ingest.domain import days
from meter_ingest.domain.shares import split_exactly
from meter_ingest.domain.values import flat

Settlement = Literal["profiled", "interval", "not-settled"]
"""How a metering point is settled; in Elhub's codes E01, E02, Z01."""
Method = Literal["none", "sum", "flat", "profile-6015", "fppc"]
"""How values come to the balance's resolution; `none`: they have it already."""
Origin = Literal[
    "metered",
    "estimated",
    "final-estimated",
    "temporary",
    "partly-metered",
    "sum",
    "flat",
    "profile-6015",
    "fppc",
    "filled",
    "virtual",
]
"""How a value was made; `filled`: nobody sent it, or a part of it, and it was asked for all the same."""

_PER_HOUR = 4
_CERTAINTY: tuple[KeptStatus, ...] = ("temporary", "estimated", "partly-metered", "final-estimated", "metered")

_METHODS: dict[tuple[Resolution, Settlement, Resolution | None, EnergyDirection], Method] = {
    ("PT60M", "profiled", None, "consumption"): "fppc",
    ("PT60M", "interval", "PT60M", "consumption"): "none",
    ("PT60M", "interval", "PT60M", "production"): "none",
    ("PT60M", "interval", "PT15M", "consumption"): "sum",
    ("PT60M", "interval", "PT15M", "production"): "sum",
    ("PT15M", "profiled", None, "consumption"): "fppc",
    ("PT15M", "interval", "PT60M", "consumption"): "profile-6015",
    ("PT15M", "interval", "PT60M", "production"): "flat",
    ("PT15M", "interval", "PT15M", "consumption"): "none",
    ("PT15M", "interval", "PT15M", "production"): "none",
}
"""Seed 004's two tables: the balance's resolution, settlement, the point's resolution (a profiled one's is N/A)."""


class NotInWholeHours(Exception):
    """Quarters that do not fill whole hours have no sum per hour."""


class OutsideProfile(Exception):
    """A profile does not say anything of the period."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A published profile, per quarter from `start` (a whole hour); its weights are energies or shares, as integers.

    A profile is never changed: what replaces it has the next version.
    """

    kind: Literal["jip", "fppc"]
    """The adjusted infeed of a grid area, or the final profile of its profiled consumption."""
    grid_area: str
    version: int
    start: datetime
    weights: tuple[int, ...]

    @property
    def name(self) -> str:
        """What a derived value calls it by."""
        return f"{self.kind}|{self.grid_area}|{self.version}"

    def quarters(self, start: datetime, count: int) -> tuple[int, ...] | None:
        """The weights of so many quarters from a moment; nothing where it does not reach over all of them."""
        first = (start - self.start) // days.QUARTER
        if first < 0 or first + count > len(self.weights):
            return None
        return self.weights[first : first + count]


@dataclass(frozen=True, slots=True)
class Derived:
    """Values in another resolution than they came in, with how each was made; `None`: nothing came."""

    resolution: Resolution
    wh: Sequence[int | None]
    """A tuple, or what is equal to one (`Compact`)."""
    origin: tuple[Origin | None, ...]
    status: tuple[KeptStatus | None, ...]
    """Of what each was made from: the least certain; None where nobody sent a part of it."""
    profile: tuple[str | None, ...]
    """By which version of which profile."""


def method_of(
    *, balance: Resolution, settlement: Settlement, resolution: Resolution, direction: EnergyDirection
) -> Method | None:
    """How a point's values come to the balance's resolution; nothing where they do not count in the balance."""
    return _METHODS.get((balance, settlement, None if settlement == "profiled" else resolution, direction))


def counts(channel: Resolution, *, settlement: Settlement, resolution: Resolution, direction: EnergyDirection) -> bool:
    """Whether a channel is the one that the balance is settled on: its resolution is the point's on that day.

    A profiled point's own values never do; its profiled quarters do.
    """
    known = method_of(balance="PT15M", settlement=settlement, resolution=resolution, direction=direction)
    return known is not None and settlement == "interval" and channel == resolution


def profile_6015(hour: int, weights: Sequence[int]) -> list[int] | None:
    """An hour as four quarters by a grid area's infeed in them; nothing where that has no shape to go by (MV-17).

    The infeed may be zero or, where much is produced, negative: then no share of it is a share of consumption.
    """
    if sum(weights) <= 0 or min(weights) < 0:
        return None
    return split_exactly(hour, weights)


def to_quarters(
    hours: Sequence[int | None],
    status: Sequence[KeptStatus | None],
    *,
    start: datetime,
    method: Literal["flat", "profile-6015"],
    profile: Profile | None = None,
) -> Derived:
    """Hours from a moment as quarters that add up to each of them; flat, and marked so, where the profile is silent."""
    wh: list[int | None] = []
    origin: list[Origin | None] = []
    by: list[str | None] = []
    name = profile.name if profile else None
    for number, hour in enumerate(hours):
        if hour is None:
            wh += [None] * _PER_HOUR
            origin += [None] * _PER_HOUR
            by += [None] * _PER_HOUR
            continue
        at = start + number * _PER_HOUR * days.QUARTER
        weights = profile.quarters(at, _PER_HOUR) if profile and method == "profile-6015" else None
        shaped = profile_6015(hour, weights) if weights else None
        wh += shaped or flat(hour)
        made: Origin = "profile-6015" if shaped else "flat"
        origin += (made, made, made, made)
        by += [name if shaped else None] * _PER_HOUR
    return Derived("PT15M", tuple(wh), tuple(origin), tuple(one for one in status for _ in range(_PER_HOUR)), tuple(by))


def to_hours(quarters: Derived, *, start: datetime) -> Derived:
    """Quarters summed by UTC hour, so that autumn's two hours from 02:00 stay two (MV-18).

    An hour of which a quarter is missing is missing. Raises `NotInWholeHours`.
    """
    if start.minute or len(quarters.wh) % _PER_HOUR:
        raise NotInWholeHours(start, len(quarters.wh))
    count = len(quarters.wh) // _PER_HOUR
    if count and None not in quarters.wh and _alike(quarters):
        # Mostly: all of it has come, and in one way.
        wh_ = tuple(cast("Sequence[int]", quarters.wh))
        (origin_, status_, profile_) = (quarters.origin[0], quarters.status[0], quarters.profile[0])
        made: Origin = origin_ if origin_ in {"filled", "fppc"} else "sum"
        a, b, c, d = (wh_[place::_PER_HOUR] for place in range(_PER_HOUR))
        sums = tuple(map(add, map(add, a, b), map(add, c, d)))
        return Derived("PT60M", sums, (made,) * count, (status_,) * count, (profile_,) * count)
    rows = [
        (quarters.wh[at : at + 4], quarters.origin[at : at + 4], quarters.status[at : at + 4], quarters.profile[at])
        for at in range(0, len(quarters.wh), _PER_HOUR)
    ]
    wh: list[int | None] = []
    origin: list[Origin | None] = []
    status: list[KeptStatus | None] = []
    by: list[str | None] = []
    for energies, origins, statuses, profile in rows:
        there = [energy for energy in energies if energy is not None]
        whole = len(there) == _PER_HOUR
        wh.append(sum(there) if whole else None)
        # A profiled hour is no measured one because its quarters were added, nor one that was filled in part.
        made = "filled" if "filled" in origins else "fppc" if "fppc" in origins else "sum"
        origin.append(made if whole else None)
        status.append(_least_certain(statuses) if whole and None not in statuses else None)
        by.append(profile if whole else None)
    return Derived("PT60M", tuple(wh), tuple(origin), tuple(status), tuple(by))


def profiled(
    volume: int,
    profiles: Sequence[Profile | None],
    *,
    start: datetime,
    end: datetime,
    status: KeptStatus = "final-estimated",
) -> Derived:
    """A profiled point's volume of a period as quarters by its profile (FPPC); they add up to it exactly.

    `profiles`: the version that each hour goes by. Raises `OutsideProfile` where an hour has none, or they say nothing
    at all: a volume is not spread by guess.
    """
    weights: list[int] = []
    by: list[str] = []
    for hour, profile in enumerate(profiles):
        quarters = profile.quarters(start + hour * _PER_HOUR * days.QUARTER, _PER_HOUR) if profile else None
        if profile is None or quarters is None:
            raise OutsideProfile(start, end)
        weights += quarters
        by += [profile.name] * _PER_HOUR
    count = (end - start) // days.QUARTER
    if len(weights) != count or min(weights, default=-1) < 0 or not sum(weights):
        raise OutsideProfile(start, end)
    wh = tuple(split_exactly(volume, weights))
    return Derived("PT15M", wh, ("fppc",) * count, (status,) * count, tuple(by))


def part(found: Derived, steps: slice) -> Derived:
    """Some steps of values."""
    return Derived(found.resolution, found.wh[steps], found.origin[steps], found.status[steps], found.profile[steps])


def as_they_came(resolution: Resolution, wh: Sequence[int | None], status: Sequence[KeptStatus | None]) -> Derived:
    """Values that nothing was done to: each has come as its status says."""
    return Derived(resolution, tuple(wh), tuple(status), tuple(status), (None,) * len(wh))


def settled(
    wh: Sequence[int | None],
    status: Sequence[KeptStatus | None],
    *,
    start: datetime,
    resolution: Resolution,
    settlement: Settlement,
    direction: EnergyDirection,
    balance: Resolution = "PT15M",
    profile: Profile | None = None,
) -> Derived | None:
    """A point's own values in the balance's resolution, by the method that applies; nothing where they do not count.

    Of a profiled point they do not: what counts is `profiled`.
    """
    method = method_of(balance=balance, settlement=settlement, resolution=resolution, direction=direction)
    if method is None or method == "fppc":
        return None
    return _by(method, as_they_came(resolution, wh, status), start=start, profile=profile)


def _by(method: Method, came: Derived, *, start: datetime, profile: Profile | None) -> Derived:
    match method:
        case "sum":
            return to_hours(came, start=start)
        case "flat" | "profile-6015":
            return to_quarters(came.wh, came.status, start=start, method=method, profile=profile)
        case _:
            return came


def _alike(found: Derived) -> bool:
    """Whether all values are of one origin, status and profile."""
    origin, status, profile = found.origin, found.status, found.profile
    count = len(status)
    return (
        status.count(status[0]) == count
        and (origin is status or origin.count(origin[0]) == count)
        and profile.count(profile[0]) == count
    )


def _least_certain(statuses: Sequence[KeptStatus | None]) -> KeptStatus:
    return next(one for one in _CERTAINTY if one in statuses)
