"""What follows for a member when what its metering point is, or where it lies, has become another (D16, E8, E20).

A fact is never refused: if by it the point lies in another bidding zone than the group, or is closed, the membership
ends then; if that is past already, at once. A fact that corrects it before it is over takes the end back, or moves it.
Where a member lies is told its group when the moment has come, because until then the other place is the true one; so
it is with a point that is a regulation object by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from contracts.message import Event
from contracts.registry import v1
from registry.domain import location, membership, timeline
from registry.domain.facts import Fact
from registry.domain.group import Group
from registry.domain.metering_point import Membership, MeteringPoint, Place
from registry.domain.regulation_object import RegulationObject


def decide_ends(state: Group, *, group_id: str, metering_point_id: str, point: MeteringPoint) -> list[Event]:
    """Announce when a member no longer fits its group by what its point is; take back, or move, what was announced.

    A point that is incomplete fits: nobody leaves because something is not known yet (D27). One in a virtual area does
    not: it is on paper only.
    """
    since = _membership(point).valid_from
    member = state.members[metering_point_id]

    def in_zone(fact: Fact) -> bool:
        return fact.zone is None or fact.zone == state.zone

    def real(fact: Fact) -> bool:
        return not fact.virtual

    def active(fact: Fact) -> bool:
        return fact.active

    found: list[Event] = []
    reasons: tuple[tuple[v1.WhyEnd, Callable[[Fact], bool]], ...] = (
        ("zone", in_zone),
        ("virtual", real),
        ("deactivated", active),
    )
    for because, fits in reasons:
        end = next((max(fact.valid_from, since) for fact in timeline.since(point.facts, since) if not fits(fact)), None)
        if end == member.ends.get(because):
            continue
        if end is None:
            found.append(membership.cancel(state, group_id, metering_point_id, because=because))
        else:
            found.append(membership.announce(state, group_id, metering_point_id, because=because, valid_to=end))
    return found


def decide_relocations(
    state: Group, *, group_id: str, metering_point_id: str, point: MeteringPoint, at: datetime
) -> list[Event]:
    """Tell the group where the member lies, from the first moment on at which it was told otherwise."""
    return [
        v1.MemberRelocated(
            group_id=group_id,
            metering_point_id=metering_point_id,
            bsp=state.bsp,
            dso=place.dso,
            former_dso=former_dso,
            grid_area=place.grid_area,
            substation=place.substation,
            valid_from=place.valid_from,
        )
        for place, former_dso in _told_wrong(point, at=at)
    ]


def decide_object_relocations(
    state: RegulationObject, *, object_id: str, point: MeteringPoint, at: datetime
) -> list[Event]:
    """The same of a point that is a regulation object by itself: what limits it follows where it lies."""
    return [
        v1.RegulationObjectRelocated(
            object_id=object_id,
            metering_point_id=state.metering_point_id,
            bsp=state.bsp,
            dso=place.dso,
            former_dso=former_dso,
            grid_area=place.grid_area,
            substation=place.substation,
            valid_from=place.valid_from,
        )
        for place, former_dso in _told_wrong(point, at=at)
    ]


def _told_wrong(point: MeteringPoint, *, at: datetime) -> Iterator[tuple[Place, str | None]]:
    """Where the point lies from the first moment on at which it was told otherwise, and whose grid that is no more."""
    lies = _places(point)
    moments = sorted({each.valid_from for each in (*lies, *point.places) if each.valid_from <= at})
    wrong = next((each for each in moments if _differs(timeline.at(lies, each), timeline.at(point.places, each))), None)
    if wrong is None:
        return
    told = timeline.at(point.places, wrong)
    for place in timeline.since(lies, wrong):
        if place.valid_from > at:
            break
        before, told = told, place
        since = max(place.valid_from, wrong)
        yield replace(place, valid_from=since), before.dso if before and before.dso != place.dso else None


def next_relocation(point: MeteringPoint) -> datetime | None:
    """When a point will lie elsewhere than its group, or object, was told last, as far as is known."""
    if (point.membership is None and point.regulation_object is None) or not point.places:
        return None
    told = point.places[-1]
    later = (each for each in _places(point) if each.valid_from > told.valid_from and _differs(each, told))
    return next((each.valid_from for each in later), None)


def _places(point: MeteringPoint) -> tuple[Place, ...]:
    """Where a point lies since it takes part, each place until the next; not where it is incomplete."""
    since = point.places[0].valid_from if point.membership is None else point.membership.valid_from
    starts = {since, *(each.valid_from for each in (*point.facts, *point.statements))}
    return tuple(_lying(point, sorted(each for each in starts if each >= since)))


def _lying(point: MeteringPoint, moments: list[datetime]) -> Iterator[Place]:
    before: Place | None = None
    for moment in moments:
        fact = point.fact(moment)
        if fact is None or fact.dso is None:
            continue
        place = Place(fact.grid_area, fact.dso, location.location_of(point, at=moment), moment)
        if _differs(place, before):
            yield place
        before = place


def _differs(one: Place | None, other: Place | None) -> bool:
    if one is None:
        # Nothing is known that could be told.
        return False
    return other is None or (one.grid_area, one.dso, one.substation) != (other.grid_area, other.dso, other.substation)


def _membership(point: MeteringPoint) -> Membership:
    assert point.membership is not None, "only what becomes of members is decided here"
    return point.membership
