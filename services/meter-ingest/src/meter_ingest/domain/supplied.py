"""Who stands behind metering points, as `bsp-switch` says it: supplier, BRP per direction and end user, by block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.bsp_switch.v1 import SupplyRecorded
from meter_ingest.domain import blocks


@dataclass(frozen=True, slots=True)
class Supply:
    """Who it is from a moment on, until the next."""

    valid_from: datetime
    supplier: str
    brp_consumption: str | None
    brp_production: str | None
    end_user: str
    moved: bool = True
    """Whether another supplier or BRP stood behind the point then, as it was known before this was said."""


@dataclass(frozen=True, slots=True)
class Supplies:
    """Up to a hundred metering points, by place, in order of time."""

    places: dict[str, tuple[Supply, ...]]


def evolve(state: Supplies | None, event: SupplyRecorded) -> Supplies:
    """A fact takes its place in time, whenever it comes; one for the same moment replaces."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    stood = _at(places.get(place, ()), event.valid_from)
    new = Supply(event.valid_from, event.supplier, event.brp_consumption, event.brp_production, event.end_user)
    new = replace(new, moved=stood is None or _parties(stood) != _parties(new))
    others = (one for one in places.get(place, ()) if one.valid_from != new.valid_from)
    return Supplies({**places, place: tuple(sorted((*others, new), key=lambda one: one.valid_from))})


def _parties(one: Supply) -> tuple[str | None, ...]:
    return one.supplier, one.brp_consumption, one.brp_production


def of_point(supplies: Mapping[str, Supplies | None], point: str) -> tuple[Supply, ...]:
    """All that was, is and will be behind a point, in time; nothing of one that is not known."""
    block = supplies.get(blocks.block_of(point))
    return block.places.get(blocks.place_of(point), ()) if block else ()


def at(supplies: Mapping[str, Supplies | None], point: str, moment: datetime) -> Supply | None:
    """Who stands behind a point at a moment; None where nobody was said."""
    return _at(of_point(supplies, point), moment)


def _at(timeline: Iterable[Supply], moment: datetime) -> Supply | None:
    found: Supply | None = None
    for one in timeline:
        if one.valid_from <= moment:
            found = one
    return found


def moved(timeline: Sequence[Supply], since: datetime, *, at: datetime) -> tuple[datetime, datetime] | None:
    """From when to when a fact of a moment, the last that was said, moved a point to others; None: it did not."""
    until = at
    for one in reversed(timeline):
        if one.valid_from == since:
            return (since, until) if one.moved and since < until else None
        until = min(until, one.valid_from)
    return None


def spells(
    timeline: tuple[Supply, ...], whose: Callable[[Supply], str | None]
) -> Iterator[tuple[str, datetime, datetime | None]]:
    """Whose a point was from when to when, by one of its parties or its end user: other changes divide nothing."""
    who: str | None = None
    since: datetime | None = None
    for one in timeline:
        if whose(one) == who:
            continue
        if who is not None and since is not None:
            yield who, since, one.valid_from
        who, since = whose(one), one.valid_from
    if who is not None and since is not None:
        yield who, since, None


def end_user(one: Supply) -> str:
    """For `spells`."""
    return one.end_user
