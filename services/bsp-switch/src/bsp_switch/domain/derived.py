"""Whose balance a point is in where the datahub does not say so: it follows from supplier and grid area (R44).

A fact about who stands behind a point is *stated*. A BRP that it leaves out is the one responsible for its supplier in
the area that the point lies in. Where that becomes another before the next stated fact, the fact is *carried*: said
again from that moment. Everything is read off the timelines as they are now, so that what comes late, twice or in
another order leads to the same at each moment. A moment that was told of stays: nothing is taken out of what others
know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bsp_switch.domain import known
from bsp_switch.domain.responsibility import Responsibility, key
from bsp_switch.domain.supply import Supply


@dataclass(frozen=True, slots=True)
class Behind:
    """What BRPs are derived from; empty where all are stated."""

    located: known.MeteringPoint | None = None
    responsibilities: Mapping[str, Responsibility | None] = field(default_factory=dict[str, Responsibility | None])
    """By `responsibility.key`: at least those that `wanted` names."""


def wanted(timeline: Iterable[Supply], located: known.MeteringPoint | None) -> tuple[str, ...]:
    """The responsibilities that the BRPs of a timeline follow from: of each supplier in each area the point lay in."""
    areas = dict.fromkeys(each.grid_area for each in located.locations) if located else {}
    suppliers = dict.fromkeys(each.supplier for each in timeline if each.derived)
    return tuple(key(supplier, area) for supplier in suppliers for area in areas)


def follow(timeline: tuple[Supply, ...], behind: Behind) -> Iterator[Supply]:
    """What is to be said so that the timeline is as it follows from what was stated, in order of time."""
    known_at = {each.valid_from: each for each in timeline}
    stated = [each for each in timeline if not each.carried]
    for place, fact in enumerate(stated):
        until = stated[place + 1].valid_from if place + 1 < len(stated) else None
        moments = {fact.valid_from, *known_at, *(_changes(fact, behind) if fact.derived else ())}
        previous: Supply | None = None
        for moment in sorted(each for each in moments if fact.valid_from <= each and (until is None or each < until)):
            is_to_be = derive(replace(fact, valid_from=moment, carried=moment != fact.valid_from), behind)
            said = known_at.get(moment, previous)
            if said is None or not said.says(is_to_be):
                yield is_to_be
            previous = is_to_be


def derive(fact: Supply, behind: Behind) -> Supply:
    """A fact, with its BRPs as they follow at its moment; what was stated stays."""
    if not fact.derived:
        return fact
    at = fact.valid_from
    area = behind.located.location(at=at).grid_area if behind.located else None
    found = behind.responsibilities.get(key(fact.supplier, area)) if area else None
    for direction in fact.derived:
        brp = found.brp(direction, at=at) if found else None
        fact = replace(fact, brp_consumption=brp) if direction == "consumption" else replace(fact, brp_production=brp)
    return replace(fact, grid_area=area)


def _changes(fact: Supply, behind: Behind) -> Iterator[datetime]:
    """The moments at which what a fact's BRPs follow from may become another."""
    if behind.located is None:
        return
    for location in behind.located.locations:
        yield location.valid_from
        found = behind.responsibilities.get(key(fact.supplier, location.grid_area))
        for direction in fact.derived:
            yield from (one.valid_from for one in (found.of(direction) if found else ()))
