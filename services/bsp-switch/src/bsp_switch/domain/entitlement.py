"""What a BSP must have to take control of a point, by a claim or a switch: the right consent, and a complete point.

The consent comes first. The end user's id is random and only the end user's own parties know it: whoever has no consent
under the right one gets one and the same answer, whether the point is unknown, held or free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bsp_switch.domain import consent_ending, course, rules, supply
from bsp_switch.domain.consent import Consent, Consents
from bsp_switch.domain.control import Holding
from bsp_switch.domain.standing import Standing
from contracts import calendar
from contracts.message import Refused
from contracts.parties import Party


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a decision about control of one point by one BSP rests on."""

    standing: Standing
    """As far as its consents go, those of this BSP at least."""
    bsp: str
    parties: Mapping[str, Party | None]
    """At least those named in the supply at the start."""


def right(grounds: Grounds, *, start: datetime, at: datetime) -> Consent:
    """The consent that entitles the BSP to hold the point from `start`, whoever supplies it (R26, R30, R31).

    The end user behind the point at `start` decides; for a start in the past also the one of now, or a former end
    user's consent would give away the point of the next; and it must have lasted all the while.

    Raises: CONSENT_MISSING, METERING_POINT_UNKNOWN, METERING_POINT_CLOSED.
    """
    standing = grounds.standing
    behind = supply.in_force(standing.point.supplies, at=start)
    given = _given(grounds, at=start)
    if behind is None or given is None or (start < at and _given(grounds, at=at) is None):
        raise rules.CONSENT_MISSING.refused(limit=calendar.local_date(start).isoformat())
    holding = Holding(bsp=grounds.bsp, valid_from=start, consent_id=given.consent_id)
    gone = {fact for fact, end in course.bounds(standing, holding, at=at).ends.items() if end <= max(start, at)}
    if gone & {"consent", "move-out"}:
        raise rules.CONSENT_MISSING.refused(limit=calendar.local_date(start).isoformat())
    if standing.registered is None:
        raise rules.METERING_POINT_UNKNOWN.refused()
    if gone:
        raise rules.METERING_POINT_CLOSED.refused(limit=calendar.local_date(start).isoformat())
    return given


def missing(grounds: Grounds, *, start: datetime) -> tuple[str, ...]:
    """The fields of the fact in force at `start` that name somebody who is not known (D27)."""
    behind = supply.in_force(grounds.standing.point.supplies, at=start)
    return tuple(field for field, _ in behind.missing(grounds.parties)) if behind else ()


def incomplete(fields: tuple[str, ...], *, start: datetime) -> Refused:
    """SUPPLY_INCOMPLETE, for want of these."""
    return rules.SUPPLY_INCOMPLETE.refused(limit=calendar.local_date(start).isoformat(), actual=", ".join(fields))


def _given(grounds: Grounds, *, at: datetime) -> Consent | None:
    behind = supply.in_force(grounds.standing.point.supplies, at=at)
    consents = grounds.standing.consents.get(grounds.bsp) or Consents(())
    still = consent_ending.unbroken(consents, grounds.standing.point.supplies, by=at)
    return still.covering(end_user=behind.end_user, at=at) if behind else None
