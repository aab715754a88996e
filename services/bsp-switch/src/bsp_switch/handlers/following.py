"""What follows for consents and control when facts, consents or control itself have changed. Once for each decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bsp_switch import store
from bsp_switch.domain import (
    access,
    consent,
    consent_ending,
    course,
    end_user_round,
    late,
    point_tree,
    succession,
    telling,
)
from bsp_switch.domain.point import Point
from bsp_switch.domain.standing import Standing
from bsp_switch.domain.waiting import Waiting
from bsp_switch.handlers.loading import standings, successions, upon
from bsp_switch.handlers.rounds import points_behind
from chassis.work import Work
from contracts.bsp_switch import v1


async def settle(work: Work, points: Iterable[str], *, at: datetime) -> None:
    """Say what has changed in the control of these points."""
    for standing in (await standings(work, points)).values():
        if not standing.point.holdings:
            continue
        events = course.decide(standing, at=at)
        await work.append(*events)
        now = standing.after(*events)
        if now.point.waiting is not None:
            now = await _proceed(work, now, now.point.waiting, at=at)
        await work.append(*telling.decide(now, at=at))
        await _note_extended(work, now, at=at)
        succeeded = succession.decide(now)
        await work.append(*succeeded)
        await work.append(*access.decide(now.after(*succeeded), at=at))


async def _proceed(work: Work, standing: Standing, wait: Waiting, *, at: datetime) -> Standing:
    """Say what becomes of what waits; of what is announced facts may make something at once."""
    decided = late.decide(await upon(work, standing, bsp=wait.incoming, start=wait.start), at=at)
    await work.append(*decided)
    then = standing.after(*decided)
    events = course.decide(then, at=at)
    await work.append(*events)
    return then.after(*events)


async def _note_extended(work: Work, standing: Standing, *, at: datetime) -> None:
    """Note where control rests on a consent that was given for another point: its end is to be found from there."""
    for holding in standing.point.holdings:
        rests_on = standing.consents[holding.bsp].named(holding.consent_id)
        if rests_on is None or rests_on.metering_point_id == standing.metering_point_id or holding.over(at):
            continue
        branch, digits = point_tree.leaf(rests_on.end_user, standing.metering_point_id)
        state = await work.load(store.END_USER_POINTS, branch)
        if state is None or digits not in state.digits:
            await work.append(
                v1.ConsentExtended(
                    end_user=rests_on.end_user,
                    consent_id=rests_on.consent_id,
                    metering_point_id=standing.metering_point_id,
                )
            )


async def end_consents(work: Work, points: Iterable[str], *, at: datetime) -> None:
    """Say which consents for these points facts have ended, or end no longer; whoever has them."""
    asked = list(dict.fromkeys(points))
    bsps = await work.load_many(store.CONSENTING, asked)
    keys = {
        each: [consent.key(metering_point_id=each, bsp=bsp) for bsp in (state.bsps if state else ())]
        for each, state in bsps.items()
    }
    found = await work.load_many(store.CONSENTS, (key for some in keys.values() for key in some))
    states = await work.load_many(store.POINT, (each for each, some in keys.items() if some))
    consents = {each: [one for key in keys[each] for one in _of(found[key])] for each in states}
    whose = sorted({one.end_user for some in consents.values() for one in some})
    users = await work.load_many(store.END_USER, whose)
    ended = {id_: user.ended_from for id_, user in users.items() if user and user.ended_from}
    related = await successions(work, sorted({one.bsp for some in consents.values() for one in some}))
    for each, some in consents.items():
        supplies = (states[each] or Point()).supplies
        await work.append(*consent_ending.decide(some, supplies=supplies, ended=ended, at=at, successions=related))


def _of(state: consent.Consents | None) -> tuple[consent.Consent, ...]:
    return state.consents if state else ()


async def go_round(work: Work, end_user: str, *, after: str = "", at: datetime) -> None:
    """The next points of an end user's consents behind one: what they are follows what it is now (ADR 0016)."""
    points = await points_behind(work, store.END_USER_POINTS, end_user, after, most=end_user_round.POINTS_A_STEP)
    if not (points or after):
        return
    await end_consents(work, points, at=at)
    await settle(work, points, at=at)
    await work.append(end_user_round.decide_step(end_user, points, at=at))
