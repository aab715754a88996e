"""What a metering point is, as facts in time: what was said, and what follows from it and its grid area (D16, D27).

A fact is *stated* by the datahub or a DSO; for each moment the last word counts. Between two stated facts the first one
goes on; where its grid area becomes another then, it is *carried*: the same again, with the new zone and DSO. A late
fact, or a late change of the area, is put where it belongs, and what follows from it is derived anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from contracts import values
from contracts.message import Event, Reason
from contracts.registry import v1
from registry.domain import nace, rules, timeline

if TYPE_CHECKING:
    from registry.domain.grid_area import GridArea


@dataclass(frozen=True, slots=True)
class Traits:
    """What else is said of a metering point: kept and passed on, not decided on."""

    settlement_method: v1.SettlementMethod | None = None
    production_type: str | None = None
    consumption_type: str | None = None
    voltage_level_v: int | None = None
    fuse_a: int | None = None
    nace: v1.Nace | None = None
    nace_sn2025: str | None = None
    nace_mapping: v1.NaceMapping | None = None
    shared_production: bool = False
    norgespris: v1.Norgespris | None = None


_NAMES = tuple(each.name for each in fields(Traits))
_TRAITS = attrgetter(*_NAMES)


@dataclass(frozen=True, slots=True)
class Fact:
    """What a metering point is from a moment on. With an unknown grid area it has neither zone nor DSO (D27)."""

    grid_area: str
    zone: values.BiddingZone | None
    dso: str | None
    substation: str | None
    resolution: values.Resolution
    agreed_power_w: int
    valid_from: datetime
    active: bool = True
    virtual: bool = False
    """Its grid area exists on paper only."""
    carried: bool = False
    traits: Traits = Traits()


Facts: TypeAlias = tuple[Fact, ...]


def of_event(event: v1.MeteringPointRecorded) -> Fact:
    """The fact that an event tells."""
    return Fact(
        grid_area=event.grid_area,
        zone=event.zone,
        dso=event.dso,
        substation=event.substation,
        resolution=event.resolution,
        agreed_power_w=event.agreed_power_w,
        valid_from=event.valid_from,
        active=event.active,
        virtual=event.virtual,
        carried=event.carried,
        traits=Traits(*_TRAITS(event)),
    )


def _event(metering_point_id: str, fact: Fact) -> v1.MeteringPointRecorded:
    traits: dict[str, Any] = dict(zip(_NAMES, _TRAITS(fact.traits), strict=True))
    return v1.MeteringPointRecorded(
        metering_point_id=metering_point_id,
        grid_area=fact.grid_area,
        zone=fact.zone,
        dso=fact.dso,
        substation=fact.substation,
        resolution=fact.resolution,
        agreed_power_w=fact.agreed_power_w,
        valid_from=fact.valid_from,
        active=fact.active,
        virtual=fact.virtual,
        carried=fact.carried,
        **traits,
    )


def decide_record(
    facts: Facts,
    *,
    metering_point_id: str,
    wish: v1.RecordMeteringPoint,
    from_datahub: bool,
    by_dso: str | None,
    area: GridArea | None,
    nace_given: Mapping[str, str],
) -> list[Event]:
    """A fact, always accepted: complete if its grid area is known (D27). What is known already is not said again.

    That is so for the datahub and for the grid company whose point it is: another DSO states nothing
    of it, and gets it from the datahub when it moves. What only the datahub knows stays as the datahub said it when
    someone else states the rest. `by_dso`: the DSO that says it, if it is one.

    Refuses with METERING_POINT_NOT_IN_YOUR_GRID, GRID_AREA_NOT_YOURS.
    """
    if by_dso is not None:
        _refuse_others(facts, wish, area, by_dso)
    stands = timeline.at(facts, wish.valid_from)
    norgespris = wish.norgespris if from_datahub else stands.traits.norgespris if stands else None
    sn2025, mapping = nace.sn2025(wish.nace, nace_given)
    stated = Fact(
        grid_area=wish.grid_area,
        zone=None,
        dso=None,
        substation=wish.substation,
        resolution=wish.resolution,
        agreed_power_w=wish.agreed_power_w,
        valid_from=wish.valid_from,
        active=wish.active,
        traits=Traits(
            settlement_method=wish.settlement_method,
            production_type=wish.production_type,
            consumption_type=wish.consumption_type,
            voltage_level_v=wish.voltage_level_v,
            fuse_a=wish.fuse_a,
            nace=wish.nace,
            nace_sn2025=sn2025,
            nace_mapping=mapping,
            shared_production=wish.shared_production,
            norgespris=norgespris,
        ),
    )
    derived = _derived(timeline.put(facts, stated), stated, area)
    return [_event(metering_point_id, fact) for fact in derived if fact not in facts]


def _refuse_others(facts: Facts, wish: v1.RecordMeteringPoint, area: GridArea | None, dso: str) -> None:
    """A DSO speaks of points that are unknown so far or lie in its own areas, and says of none that it lies elsewhere.

    What is said of a time before all facts is held against the first of them.
    """
    stands = timeline.at(facts, wish.valid_from) or next(iter(facts), None)
    if stands is not None and stands.dso is not None and stands.dso != dso:
        raise rules.METERING_POINT_NOT_IN_YOUR_GRID.refused(path="/subject")
    version = area.at(wish.valid_from) if area else None
    if version is not None and version.dso != dso:
        raise rules.GRID_AREA_NOT_YOURS.refused(path="/grid_area", actual=wish.grid_area)


def notices(facts: Facts, wish: v1.RecordMeteringPoint, *, from_datahub: bool) -> tuple[Reason, ...]:
    """What the sender of a fact should know, though it was accepted."""
    fact = timeline.at(facts, wish.valid_from)
    found: list[Reason] = []
    if fact is None or fact.zone is None:
        found.append(rules.GRID_AREA_UNKNOWN.reason(path="/grid_area", actual=wish.grid_area))
    if fact is not None and wish.nace is not None and fact.traits.nace_mapping == "waiting":
        found.append(rules.NACE_WAITS.reason(path="/nace/code", actual=wish.nace.code))
    if wish.norgespris is not None and not from_datahub:
        found.append(rules.NORGESPRIS_DATAHUB_ONLY.reason(path="/norgespris"))
    return tuple(found)


def decide_area(facts: Facts, *, metering_point_id: str, grid_area: str, area: GridArea) -> list[Event]:
    """The area of some of the facts was defined, or changes: what they say of zone and DSO follows it (D16, D27)."""
    stated = [fact for fact in facts if fact.grid_area == grid_area and not fact.carried]
    derived = (each for fact in stated for each in _derived(facts, fact, area))
    return [_event(metering_point_id, fact) for fact in derived if fact not in facts]


def decide_nace(
    facts: Facts, *, metering_point_id: str, wish: v1.DecideNace, by_dso: str | None, at: datetime
) -> list[Event]:
    """A person says which code of SN2025 a point's code became; a former decision may be corrected.

    `by_dso`: the DSO that says it; None for the operator.
    """
    fact = timeline.at(facts, at)
    if not facts or (by_dso is not None and (fact is None or fact.dso != by_dso)):
        # Unknown and another's are answered alike.
        raise rules.METERING_POINT_NOT_IN_YOUR_GRID.refused(path="/subject")
    coded = [each for each in facts if _in_sn2007(each, wish.sn2007) and each.traits.nace_mapping != "mapped"]
    if not coded:
        raise rules.NACE_NOT_WAITING.refused(path="/sn2007", actual=wish.sn2007)
    became = nace.TABLE.get(wish.sn2007, ())
    if became and wish.sn2025 not in became:
        raise rules.NACE_NOT_POSSIBLE.refused(path="/sn2025", limit=", ".join(became), actual=wish.sn2025)
    decided = (
        replace(each, traits=replace(each.traits, nace_sn2025=wish.sn2025, nace_mapping="given")) for each in coded
    )
    return [_event(metering_point_id, each) for each in decided if each not in facts]


def nace_given(event: v1.MeteringPointRecorded) -> dict[str, str]:
    """What a person said of the point's code, as far as an event tells."""
    if event.nace is None or event.nace.standard != "SN2007" or event.nace_mapping != "given":
        return {}
    return {event.nace.code: event.nace_sn2025 or ""}


def _in_sn2007(fact: Fact, code: str) -> bool:
    stated = fact.traits.nace
    return stated is not None and stated.standard == "SN2007" and stated.code == code


def _derived(facts: Facts, stated: Fact, area: GridArea | None) -> Iterator[Fact]:
    """A stated fact, and what is carried from it until the next: at each change of its area.

    A moment at which something was carried once keeps its entry, because nothing is taken out of what others know.
    """
    following = (each.valid_from for each in facts if each.valid_from > stated.valid_from and not each.carried)
    until = min(following, default=None)
    moments = {each.valid_from for each in (*facts, *(area.versions if area else ()))}
    within = sorted(each for each in moments if stated.valid_from < each and (until is None or each < until))
    for moment in (stated.valid_from, *within):
        version = area.at(moment) if area else None
        yield replace(
            stated,
            zone=version.zone if version else None,
            dso=version.dso if version else None,
            virtual=area.virtual if area and version else False,
            valid_from=moment,
            carried=moment != stated.valid_from,
        )
