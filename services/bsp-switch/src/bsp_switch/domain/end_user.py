"""End users, by their random ids: that one is no more, and what it consented to beyond a single point (E15, R31).

Who an end user is stands in the person store alone; here is only that the store knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bsp_switch.domain import consent, rules, supply
from bsp_switch.domain.consent import Consent, Consents
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.message import Reason

Event = (
    v1.EndUserEndRecorded
    | v1.EndUserFollowed
    | v1.ConsentExtended
    | v1.PersonRecorded
    | v1.PersonErased
    | consent.About
)


@dataclass(frozen=True, slots=True)
class EndUser:
    """What is known of an end user."""

    ended_from: datetime | None = None
    """From when it is no more."""
    consents: tuple[Consent, ...] = ()
    """Those that cover its future points, too."""
    documents: tuple[str, ...] = ()
    """Those that prove its consents, and are not erased."""
    person: str | None = None
    """The hash of what the person store knows of it."""
    erased: bool = False
    """Whether the person store is to know nothing of it."""


def evolve(state: EndUser | None, event: Event) -> EndUser:
    """What is known after an event."""
    state = state or EndUser()
    match event:
        case v1.EndUserEndRecorded():
            return replace(state, ended_from=event.ended_from)
        case v1.PersonRecorded():
            return replace(state, person=event.sha256, erased=False)
        case v1.PersonErased():
            return replace(state, person=None, erased=True, documents=())
        case v1.EndUserFollowed() | v1.ConsentExtended():
            return state
        case _:
            return _consented(state, event)


def _consented(state: EndUser, event: consent.About) -> EndUser:
    if isinstance(event, v1.ConsentRecorded):
        named = (event.proof_document_id,) if event.proof_document_id else ()
        state = replace(state, documents=tuple(dict.fromkeys((*state.documents, *named))))
        if not event.future_points:
            return state
    return replace(state, consents=consent.evolve_all(Consents(state.consents), event).consents)


def whose(event: consent.About) -> str | tuple[()]:
    """The end user whose document an event about a consent changes; none, where it is about one point alone."""
    if isinstance(event, v1.ConsentRecorded):
        return event.end_user if event.future_points or event.proof_document_id else ()
    return event.end_user or ()


def decide_end(
    state: EndUser | None, command: v1.RecordEndUserEnd, *, end_user: str, sender: str
) -> tuple[list[v1.EndUserEndRecorded], tuple[Reason, ...]]:
    """Record that an end user is no more, or that it is after all. A fact that stands already makes no event."""
    if command.ended_from == (state.ended_from if state else None):
        day = calendar.local_date(command.ended_from).isoformat() if command.ended_from else None
        return [], (rules.END_USER_END_UNCHANGED.reason(path="/ended_from", actual=day),)
    return [v1.EndUserEndRecorded(end_user=end_user, ended_from=command.ended_from, by=sender)], ()


# Consents for future points


def reaching(
    own: Consents, *, metering_point_id: str, bsp: str, supplies: Sequence[supply.Supply], known: Mapping[str, EndUser]
) -> Consents:
    """A BSP's consents for a point with those that reach it: given for another, by an end user that came since.

    `known`: at least the end users in `supplies` that have such consents.
    """
    came: dict[str, list[datetime]] = {}
    for start, end_user in supply.end_users(tuple(supplies)):
        came.setdefault(end_user, []).append(start)
    further = (
        _from_when_it_came(each, starts)
        for end_user, starts in came.items()
        if (user := known.get(end_user)) is not None
        for each in user.consents
        if each.bsp == bsp and each.metering_point_id != metering_point_id
    )
    return Consents((*own.consents, *further))


def _from_when_it_came(wide: Consent, starts: Sequence[datetime]) -> Consent:
    """A point that the end user stood behind before is not one to come: there it covers nothing."""
    since = next((start for start in starts if start >= wide.valid_from), None)
    return replace(wide, valid_to=wide.valid_from) if since is None else replace(wide, valid_from=since)
