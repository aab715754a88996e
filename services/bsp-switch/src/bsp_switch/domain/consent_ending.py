"""What facts make of consents: an end user that moves out or is no more ends its consents (E15).

It is read off the timelines as they are, so that a fact that comes late, twice, in another order or is corrected leads
to the same. It says of consents what `course` says of control, and control does not rest on what was said here: whoever
records a consent afterwards is told nothing, or anyone could ask in this way who lived where. Both read the timelines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from bsp_switch.domain import merger, supply
from bsp_switch.domain.consent import Consent, Consents
from bsp_switch.domain.merger import Successions
from bsp_switch.domain.supply import Supply
from contracts.bsp_switch import v1
from contracts.bsp_switch.v1 import WhyConsentEnds

Event = v1.ConsentEnded | v1.ConsentEndCancelled


def decide(
    consents: Iterable[Consent],
    *,
    supplies: tuple[Supply, ...],
    ended: Mapping[str, datetime],
    at: datetime,
    successions: Successions | None = None,
) -> list[Event]:
    """Say at a moment what has changed in the ends of a point's consents: to whoever has them then, too.

    `ended`: by end user, from when it is no more. `successions`: of the BSPs that have them.
    """
    said: list[Event] = []
    for each in consents:
        found = _ends(each, supplies, ended.get(each.end_user))
        for because in ("move-out", "end-user"):
            said += _changed(each, because, found.get(because), successions or {}, at=at)
    return said


def unbroken(consents: Consents, supplies: tuple[Supply, ...], *, by: datetime) -> Consents:
    """Those of a point's consents that no move-out had ended by a moment, whoever stands behind the point then."""
    return Consents(
        tuple(
            each
            for each in consents.consents
            if each.future_points or (left := _moved_out(each, supplies)) is None or left > by
        )
    )


def _ends(consent: Consent, supplies: tuple[Supply, ...], ended: datetime | None) -> dict[WhyConsentEnds, datetime]:
    found: dict[WhyConsentEnds, datetime] = {}
    # One that covers future points goes on with the end user.
    if not consent.future_points and (moved := _moved_out(consent, supplies)):
        found["move-out"] = moved
    if ended is not None:
        found["end-user"] = max(ended, consent.valid_from)
    return {because: end for because, end in found.items() if consent.valid_to is None or end < consent.valid_to}


def _moved_out(consent: Consent, supplies: tuple[Supply, ...]) -> datetime | None:
    """When its end user first left the point while it was valid. One that moves back in consents anew."""
    spells = supply.end_users(supplies)
    for (_, end_user), (left, _) in pairwise(spells):
        if end_user == consent.end_user and left > consent.valid_from:
            return left
    return None


def _changed(
    consent: Consent, because: WhyConsentEnds, end: datetime | None, successions: Successions, *, at: datetime
) -> list[Event]:
    if end == consent.ends.get(because):
        return []
    whose = consent.end_user if consent.future_points else None
    heir = merger.now(successions, consent.bsp, at=max(end or consent.ends[because], at))
    successor = heir if heir != consent.bsp else None
    if end is not None:
        return [
            v1.ConsentEnded(
                consent_id=consent.consent_id,
                metering_point_id=consent.metering_point_id,
                bsp=consent.bsp,
                valid_to=end,
                because=because,
                end_user=whose,
                successor=successor,
            )
        ]
    return [
        v1.ConsentEndCancelled(
            consent_id=consent.consent_id,
            metering_point_id=consent.metering_point_id,
            bsp=consent.bsp,
            valid_to=consent.without(because).until,
            because=because,
            end_user=whose,
            successor=successor,
        )
    ]
