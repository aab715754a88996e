"""Where in the grid a metering point lies: who says what, and what counts (R19).

Everything that was said is kept. At each moment the last word of each party stands; of these the strongest source
counts: the TSO's grid model, the connecting DSO, the substation in what the point is (which the datahub or the DSO
states), other DSOs, the system's own guess; of one source what is confirmed, then what was said last. Which DSO is the
connecting one follows the point's grid area, so that a DSO's word gains or loses weight when the area changes hands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, get_args

from contracts import values
from contracts.message import Event, Reason
from contracts.registry import v1
from registry.domain import rules

if TYPE_CHECKING:
    from registry.domain.metering_point import MeteringPoint

STRENGTH: Final[dict[v1.LocationSource, int]] = {source: n for n, source in enumerate(get_args(v1.LocationSource))}
"""The strongest first."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a party said of where a point lies. `source`: what it was to the point then."""

    by: str
    source: v1.LocationSource
    substation_id: str | None
    substation_name: str | None
    nominal_voltage_v: int
    position: v1.Position | None
    quality: v1.LocationQuality
    valid_from: datetime

    @property
    def voice(self) -> tuple[str, bool, bool]:
        """Whose word it is: of one voice the last word stands. A party may speak in more than one role."""
        return self.by, self.source == "grid-model", self.source == "system"


@dataclass(frozen=True, slots=True)
class Location:
    """What counts at a moment. `substation`: its id, or else its name."""

    source: v1.LocationSource
    quality: v1.LocationQuality
    substation: str
    statement: Statement | None = None


def of_event(event: v1.LocationRecorded) -> Statement:
    """The statement that an event tells."""
    return Statement(
        by=event.by,
        source=event.source,
        substation_id=event.substation_id,
        substation_name=event.substation_name,
        nominal_voltage_v=event.nominal_voltage_v,
        position=event.position,
        quality=event.quality,
        valid_from=event.valid_from,
    )


def location_of(point: MeteringPoint, *, at: datetime) -> str | None:
    """The substation that a point lies behind, its id or else its name; None: unknown, which counts as the worst case.

    A mere guess of the system is as good as nothing (R17, R19).
    """
    location = effective(point, at=at)
    if location is None or (location.source == "system" and location.quality == "guessed"):
        return None
    return location.substation


def effective(point: MeteringPoint, *, at: datetime) -> Location | None:
    """What counts at a moment, however weak."""
    fact = point.fact(at)
    dso = fact.dso if fact else None
    last: dict[tuple[str, bool, bool], Statement] = {}
    for statement in reversed(point.statements):
        if statement.valid_from <= at:
            last.setdefault(statement.voice, statement)
    said = [_location(each, dso) for each in last.values()]
    if fact is not None and fact.substation:
        said.append(Location("metering-point", "confirmed", fact.substation))
    return min(said, key=lambda each: (STRENGTH[each.source], each.quality == "guessed"), default=None)


def decide_record(
    point: MeteringPoint | None,
    *,
    metering_point_id: str,
    wish: v1.RecordLocation,
    by: str,
    role: str,
    at: datetime,
) -> list[Event]:
    """Keep what a party says of where a point lies. What it said already is not said again."""
    if point is None:
        raise rules.METERING_POINT_UNKNOWN.refused(path="/subject")
    fact = point.fact(at)
    dso = fact.dso if fact else None
    statement = Statement(
        by=by,
        source=_source(by, role, dso),
        substation_id=wish.substation_id,
        substation_name=wish.substation_name,
        nominal_voltage_v=wish.nominal_voltage_v,
        position=wish.position,
        quality=wish.quality,
        valid_from=at,
    )
    former = next((each for each in reversed(point.statements) if each.voice == statement.voice), None)
    if former is not None and _content(former) == _content(statement):
        return []
    after = point.saying(statement)
    counts = effective(after, at=at)
    assert counts is not None
    return [
        v1.LocationRecorded(
            metering_point_id=metering_point_id,
            by=by,
            source=statement.source,
            dso=dso,
            substation_id=statement.substation_id,
            substation_name=statement.substation_name,
            nominal_voltage_v=statement.nominal_voltage_v,
            position=statement.position,
            quality=statement.quality,
            valid_from=at,
            effective=counts.statement == statement,
            effective_source=counts.source,
            effective_substation=location_of(after, at=at),
        )
    ]


def notices(
    point: MeteringPoint, wish: v1.RecordLocation, *, by: str, substation_known: bool, at: datetime
) -> tuple[Reason, ...]:
    """What the sender should know: a stronger source counts; the substation is not defined (yet)."""
    found: list[Reason] = []
    if wish.substation_id is not None and not substation_known:
        found.append(rules.SUBSTATION_UNKNOWN.reason(path="/substation_id", actual=wish.substation_id))
    counts = effective(point, at=at)
    if counts is not None and (counts.statement is None or counts.statement.by != by):
        found.append(rules.LOCATION_OUTRANKED.reason(limit=counts.source))
    return tuple(found)


def _location(statement: Statement, dso: str | None) -> Location:
    source = statement.source
    if source in {"connecting-dso", "other-dso"}:
        source = "connecting-dso" if statement.by == dso else "other-dso"
    substation = statement.substation_id or statement.substation_name or ""
    return Location(source, statement.quality, substation, statement)


def _source(by: str, role: str, dso: str | None) -> v1.LocationSource:
    if role == values.Role.TSO:
        return "grid-model"
    if role == values.Role.OPERATOR:
        return "system"
    return "connecting-dso" if by == dso else "other-dso"


def _content(statement: Statement) -> tuple[object, ...]:
    return (
        statement.substation_id,
        statement.substation_name,
        statement.nominal_voltage_v,
        statement.position,
        statement.quality,
    )
