"""What concerns an end user, for whoever hands it over: who looked up its points, its consents, who took control.

It is read off the log, a page of points at a time: of each point, the lookups that were about the end user, and control
that rested on its consent, as was known when they came; what is known of who stood there later moves no entry to
another. Where an entry does not say whom it was about, it is of the time in which the end user stands behind the point.
Nothing of it says who the end user is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic_core import to_jsonable_python
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bsp_switch import store
from chassis import history
from chassis.service import Service
from contracts.bsp_switch import v1
from contracts.message import Event

POINTS_A_PAGE: Final = 50
_POINTS: Final = text(
    "SELECT metering_point_id FROM own.supply WHERE end_user = :end_user AND metering_point_id > :after"
    " UNION SELECT metering_point_id FROM own.consent WHERE end_user = :end_user AND metering_point_id > :after"
    " UNION SELECT metering_point_id FROM own.lookup WHERE end_user = :end_user AND metering_point_id > :after"
    " ORDER BY metering_point_id LIMIT :most"
)
_SPANS: Final = text(
    "SELECT valid_from, valid_to FROM own.supply WHERE end_user = :end_user AND metering_point_id = :point"
)
_CONSENTS: Final = text("SELECT consent_id, end_user FROM own.consent WHERE metering_point_id = :point")
_LOOKUPS: Final = text(
    "SELECT lookup_id FROM own.lookup WHERE metering_point_id = :point AND coalesce(end_user, :end_user) = :end_user"
)
_OF_CONTROL: Final[Mapping[type[Event], str]] = {
    v1.ControlClaimed: "valid_from",
    v1.ControlEndAnnounced: "valid_to",
    v1.ControlEndCancelled: "valid_from",
    v1.SwitchAnnounced: "start",
    v1.SwitchStalled: "start",
    v1.SwitchLapsed: "start",
    v1.SwitchCancelled: "start",
    v1.ControlSuccessionAnnounced: "start",
    v1.ControlSuccessionCancelled: "start",
}
"""By event: the field that says at what time of the point it is."""
_LEFT_OUT: Final = frozenset({"dso", "brps", "end_user", "attestation", "warn_at", "notice_days", "notice_min_days"})
"""What of an event does not concern the end user."""


@dataclass(frozen=True, slots=True)
class Page:
    """What concerns an end user at some of its points, in the order in which it was recorded."""

    entries: tuple[dict[str, Any], ...]
    further: str | None
    """The point to go on behind; None where there is no more."""


async def page(connection: AsyncConnection, service: Service, end_user: str, *, after: str = "") -> Page:
    """Of the next points."""
    asked = {"end_user": end_user, "after": after, "most": POINTS_A_PAGE}
    points = list(await connection.scalars(_POINTS, asked))
    found = [each for point in points async for each in _at(connection, service, end_user, point)]
    return Page(
        tuple(sorted(found, key=lambda each: (each["recorded_at"], each["metering_point_id"]))),
        points[-1] if len(points) == POINTS_A_PAGE else None,
    )


async def _at(
    connection: AsyncConnection, service: Service, end_user: str, point: str
) -> AsyncIterator[dict[str, Any]]:
    named = {"end_user": end_user, "point": point}
    spans = [(row.valid_from, row.valid_to) for row in (await connection.execute(_SPANS, named)).all()]
    whose = {row.consent_id: row.end_user for row in (await connection.execute(_CONSENTS, {"point": point})).all()}
    rests_on = RestsOn()
    for at, event in await history.told(connection, service, store.POINT, point):
        consent_id = rests_on.heard(event)
        moment = _OF_CONTROL.get(type(event))
        if moment is None:
            continue
        about = whose.get(consent_id or "")
        if about == end_user or (about is None and _within(spans, getattr(event, moment), ends=moment == "valid_to")):
            yield _entry(at, event)
    for id_, about in whose.items():
        if about == end_user:
            for at, event in await history.told(connection, service, store.CONSENT, id_):
                yield _entry(at, event)
    for id_ in await connection.scalars(_LOOKUPS, named):
        for at, event in await history.told(connection, service, store.LOOKUP, id_):
            if getattr(event, "end_user", None) is not None or _within(spans, at):
                yield _entry(at, event)


class RestsOn:
    """Which consent an event about control of a point is about, from the events before it."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, datetime] | str, str] = {}
        """By BSP and beginning of its control, and by switch."""

    def heard(self, event: Event) -> str | None:
        """Note an event, in the order of the log; None where it does not follow."""
        match event:
            case v1.ControlClaimed() | v1.ControlConsentChanged():
                self._of[event.bsp, event.valid_from] = event.consent_id
                return event.consent_id
            case v1.SwitchStalled() | v1.SwitchAnnounced():
                self._of[event.incoming, event.start] = self._of[event.switch_id] = event.consent_id
                return event.consent_id
            case v1.SwitchLapsed() | v1.SwitchCancelled():
                return self._of.get(event.switch_id)
            case v1.ControlEndAnnounced() | v1.ControlEndCancelled():
                return self._of.get((event.bsp, event.valid_from))
            case _:
                return None


def _within(spans: list[tuple[datetime, datetime | None]], at: datetime, *, ends: bool = False) -> bool:
    """Whether the end user stood behind the point then. What ends as another moves in was its own, not the other's."""
    if ends:
        return any(start < at and (end is None or at <= end) for start, end in spans)
    return any(start <= at and (end is None or at < end) for start, end in spans)


def _entry(at: datetime, event: Event) -> dict[str, Any]:
    data = {name: value for name, value in event.model_dump(mode="json").items() if name not in _LEFT_OUT}
    return {"recorded_at": to_jsonable_python(at), "what": event.type.split(".")[-2], **data}
