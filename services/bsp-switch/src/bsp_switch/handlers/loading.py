"""What several handlers load, and what they say they will."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bsp_switch import store
from bsp_switch.domain import consent, control, course, end_user, merger, supply
from bsp_switch.domain.consent import Consents
from bsp_switch.domain.entitlement import Grounds
from bsp_switch.domain.lost import Lost
from bsp_switch.domain.merger import Succession
from bsp_switch.domain.point import Point
from bsp_switch.domain.standing import Standing
from bsp_switch.domain.switch import Switch
from bsp_switch.domain.switching import Terms
from chassis.service import Kind
from chassis.work import Work
from contracts import policies
from contracts.parties import Party
from contracts.policies import Policies
from contracts.values import Role

Wanted = Iterable[tuple[Kind[Any], Iterable[str]]]

POLICIES: Wanted = ((store.POLICIES, (policies.ID,)), (store.CHANGED_POLICIES, (policies.ID,)))


def needs_points(points: Sequence[str], *, bsp: str | None = None) -> Wanted:
    """All about the points that their ids alone tell; the consents of this BSP."""
    yield store.POINT, points
    yield store.METERING_POINT, points
    if bsp is not None:
        yield store.CONSENTS, [consent.key(metering_point_id=point, bsp=bsp) for point in points]
        yield store.SUCCESSION, (bsp,)


async def in_force(work: Work) -> Policies:
    """The policies, as they are known now: what the register opened with, and what was changed since."""
    return policies.known(
        await work.load(store.POLICIES, policies.ID), await work.load(store.CHANGED_POLICIES, policies.ID)
    )


async def standings(work: Work, asked: Iterable[str], *, bsp: str | None = None) -> dict[str, Standing]:
    """The points as they stand; of consents those of their holders, and of this BSP."""
    asked = list(dict.fromkeys(asked))
    points = {each: state or Point() for each, state in (await work.load_many(store.POINT, asked)).items()}
    registered = await work.load_many(store.METERING_POINT, asked)
    # A switch whose midnight has come is decided before what follows it: loading it lets the chassis see to that.
    last = [alive[-1] for point in points.values() if (alive := control.living(point.holdings))]
    waiting = {each: point.waiting for each, point in points.items() if point.waiting is not None}
    coming = (holding.switch_id for holding in last if holding.switch_id)
    lost = {each: point.lost for each, point in points.items() if point.lost is not None}
    switches = await work.load_many(
        store.SWITCH,
        (*coming, *(wait.switch_id for wait in waiting.values()), *(one.switch_id for one in lost.values())),
    )
    concerned = {
        each: dict.fromkeys((*((bsp,) if bsp else ()), *(holding.bsp for holding in point.holdings)))
        for each, point in points.items()
    }
    for each, wait in waiting.items():
        concerned[each][wait.incoming] = None
    for each, one in lost.items():
        concerned[each][one.incoming] = None
    named = {who for them in concerned.values() for who in them}
    named.update(wait.outgoing for wait in waiting.values())
    # A switch that waited may be over; what was said of its BSP's successor is only taken back if that is not so.
    named.update(who for point in points.values() for who in point.successions)
    related = await successions(work, sorted(named))
    for them in concerned.values():
        them.update(dict.fromkeys(heir for who in list(them) for heir in merger.heirs(related, who)))
    former = await _former_bsps(work, points, related)
    one_with = {who: merger.lineage(related, who) for who in related}
    keys = {
        (each, other): consent.key(metering_point_id=each, bsp=other)
        for each, them in concerned.items()
        for who in them
        for other in one_with[who]
    }
    consents = await work.load_many(store.CONSENTS, keys.values())
    lie = [location.grid_area for one in registered.values() if one is not None for location in one.locations]
    areas = await work.load_many(store.GRID_AREA, lie)
    behind = {user for point in points.values() for _, user in supply.end_users(point.supplies)}
    users = {id_: user for id_, user in (await work.load_many(store.END_USER, sorted(behind))).items() if user}
    ended = {id_: user.ended_from for id_, user in users.items() if user.ended_from}

    def recorded(each: str, who: str) -> Consents:
        own = consents[keys[each, who]] or Consents(())
        if not users:
            return own
        return end_user.reaching(own, metering_point_id=each, bsp=who, supplies=points[each].supplies, known=users)

    def consented(each: str, who: str) -> Consents:
        if len(one_with[who]) == 1:
            return recorded(each, who)
        return consent.together((recorded(each, other), since) for other, since in one_with[who].items())

    return {
        each: Standing(
            metering_point_id=each,
            point=points[each],
            consents={who: consented(each, who) for who in them},
            registered=registered[each],
            areas=areas,
            ended=ended,
            successions=related,
            regains=_regains(lost.get(each), switches, metering_point_id=each),
            former_bsps=former,
        )
        for each, them in concerned.items()
    }


async def _former_bsps(
    work: Work, points: Mapping[str, Point], related: Mapping[str, Succession | None]
) -> frozenset[str]:
    """Of the BSPs to whom facts may give points back, and of their successors, those that are BSPs no more."""
    ended = [
        each.bsp
        for point in points.values()
        for each in point.holdings
        if not each.ends.keys().isdisjoint(course.FACTS)
    ]
    lost = [point.lost.incoming for point in points.values() if point.lost is not None]
    named = {who for bsp in (*ended, *lost) for who in (bsp, *merger.heirs(related, bsp))}
    if not named:
        return frozenset()
    parties = await work.load_many(store.PARTY, sorted(named))
    return frozenset(gln for gln, party in parties.items() if party is not None and not _is_bsp(party))


def _is_bsp(party: Party) -> bool:
    """Whether it is one, be it under suspension."""
    return Role.BSP in party.roles and party.status != "terminated"


def _regains(lost: Lost | None, switches: Mapping[str, Switch | None], *, metering_point_id: str) -> bool:
    of = switches[lost.switch_id] if lost else None
    return lost is not None and of is not None and of.awaits(metering_point_id, start=lost.start)


async def successions(work: Work, bsps: Iterable[str]) -> dict[str, Succession | None]:
    """Who succeeds these BSPs and whom they succeed, and the same of all those."""
    found: dict[str, Succession | None] = {}
    wanted = list(bsps)
    while wanted:
        found.update(more := await work.load_many(store.SUCCESSION, wanted))
        others = dict.fromkeys(link.other for one in more.values() if one for link in one.links)
        wanted = [each for each in others if each not in found]
    return found


async def acting(work: Work, bsp: str, *, at: datetime) -> str:
    """Who a BSP is at a moment: itself, or who has taken it over by then."""
    return merger.now(await successions(work, (bsp,)), bsp, at=at)


async def grounds(work: Work, asked: Iterable[str], *, bsp: str, start: datetime) -> dict[str, Grounds]:
    """What a decision about control of these points by a BSP rests on."""
    found = await standings(work, asked, bsp=bsp)
    behind = [fact for each in found.values() if (fact := supply.in_force(each.point.supplies, at=start))]
    parties = await work.load_many(store.PARTY, (gln for fact in behind for gln in fact.glns()))
    return {each: Grounds(standing=standing, bsp=bsp, parties=parties) for each, standing in found.items()}


async def upon(work: Work, standing: Standing, *, bsp: str, start: datetime) -> Grounds:
    """The same of one point, as it stands."""
    behind = supply.in_force(standing.point.supplies, at=start)
    named = behind.glns() if behind else ()
    return Grounds(standing=standing, bsp=bsp, parties=await work.load_many(store.PARTY, named))


async def terms(work: Work, *, at: datetime) -> Terms:
    """The policies of switches."""
    policies = await in_force(work)
    return Terms(
        min_days=policies.whole("switch.notice-min-days", at=at),
        max_days=policies.whole("switch.notice-max-days", at=at),
        lapse_days=policies.whole("switch.lapse-days", at=at),
    )
