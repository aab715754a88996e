"""Which meter values a BSP may read from before its control of a point: as far back as consents go (R30, EI-1381).

A BSP reads the values of its own control, from its beginning until it ends. While it lasts, it reads what was metered
before, too, as far back as a consent that stands goes: of either purpose, of the end user that its control rests on,
and never from before that end user came to stand behind the point. Who takes it over by a merger does so from that
midnight on, with the consents of both: theirs are one from then. All is read off the timelines as they are, as what
facts make of control is (`course`): what differs from what was said is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import get_args

from bsp_switch.domain import consent_ending, control, supply
from bsp_switch.domain.consent import Consent, Consents
from bsp_switch.domain.control import Holding
from bsp_switch.domain.standing import Standing
from contracts.bsp_switch import v1
from contracts.bsp_switch.v1 import ConsentPurpose, EarlierValues

PURPOSES: dict[str, ConsentPurpose] = {each: each for each in get_args(ConsentPurpose)}
"""A consent of any other gives no right to values."""


def earlier(standing: Standing) -> dict[str, tuple[EarlierValues, ...]]:
    """By BSP that holds, held or is to hold the point: what it may read from before each control of its own."""
    found: dict[str, tuple[EarlierValues, ...]] = {}
    for holding in control.living(standing.point.holdings):
        for bsp, since, _ in holding.periods():
            # What passes to a BSP that has been taken over by then is its successor's from the beginning.
            taken = replace(holding, bsp=bsp, valid_from=since)
            reach = tuple(_reach(taken, _of_all(standing, holding, by=since), standing.point.supplies))
            found[bsp] = (*found.get(bsp, ()), *reach)
    return found


def _of_all(standing: Standing, holding: Holding, *, by: datetime) -> Consents:
    """The consents of whoever has had a holding by the midnight of a merger, each from when it was given."""
    whose = (holding.bsp, *(each.bsp for each in holding.heirs if each.since <= by))
    found: dict[str, Consent] = {}
    for bsp in whose:
        consents = standing.consents.get(bsp) or Consents(())
        for each in consents.consents:
            # What is another's counts for a BSP from when the two are one (`consent.together`).
            known = found.get(each.consent_id)
            if known is None or each.begins < known.begins:
                found[each.consent_id] = each
    return Consents(tuple(found.values()))


def decide(standing: Standing, *, at: datetime) -> list[v1.MeterAccessChanged]:
    """Say what has changed of that."""
    now, said = earlier(standing), standing.point.earlier
    return [
        v1.MeterAccessChanged(
            metering_point_id=standing.metering_point_id,
            bsp=bsp,
            earlier=now.get(bsp, ()),
            successor=standing.successor(bsp, at),
        )
        for bsp in dict.fromkeys((*said, *now))
        if now.get(bsp, ()) != said.get(bsp, ())
    ]


def _reach(holding: Holding, consents: Consents, supplies: tuple[supply.Supply, ...]) -> Iterator[EarlierValues]:
    rests_on = consents.named(holding.consent_id)
    if rests_on is None:
        return
    came = _came(supplies, rests_on.end_user, by=holding.valid_from)
    still = consent_ending.unbroken(consents, supplies, by=holding.valid_from)
    reaching = [
        (max(each.begins, came), each)
        for each in still.consents
        if each.end_user == rests_on.end_user
        and each.purpose in PURPOSES
        and max(each.begins, came) < holding.valid_from
        and (each.valid_to is None or each.valid_to > holding.valid_from)
    ]
    for first, each in _not_within_others(reaching):
        yield EarlierValues(
            valid_from=first,
            valid_to=holding.valid_from,
            # What a fact ends, it ends with the control.
            until=each.valid_to,
            consent_id=each.consent_id,
            purpose=PURPOSES[each.purpose],
        )


def _came(supplies: tuple[supply.Supply, ...], end_user: str, *, by: datetime) -> datetime:
    """Since when an end user has stood behind the point without a break; `by`, if it does not then."""
    came = by
    for start, who in reversed(supply.end_users(supplies)):
        if start > by:
            continue
        if who != end_user:
            break
        came = start
    return came


def _not_within_others(reaching: Iterable[tuple[datetime, Consent]]) -> Iterator[tuple[datetime, Consent]]:
    """Those that give something which none that goes as far back, or further, gives for as long."""
    longest: datetime | None = None
    for place, (first, each) in enumerate(sorted(reaching, key=_furthest)):
        if place == 0 or (longest is not None and (each.valid_to is None or each.valid_to > longest)):
            longest = each.valid_to
            yield first, each


def _furthest(one: tuple[datetime, Consent]) -> tuple[datetime, bool, float]:
    first, each = one
    return first, each.valid_to is not None, -each.valid_to.timestamp() if each.valid_to else 0.0
