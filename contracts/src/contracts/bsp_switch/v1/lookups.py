"""What is said about lookups: who asked who stands behind which point, when, and whether they were told."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, everyone
from contracts.values import Role

LookupCode = Literal["found", "not-found"]


class LookupAnswered(Event):
    """A party looked up a point through the HTTP door. What it gave as proof is nowhere written.

    The TSO is told, on the end user's behalf.
    """

    home: ClassVar = "lookup_id"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    lookup_id: values.Uuid
    party: values.Gln
    metering_point_id: values.Gsrn
    code: LookupCode
    end_user: values.Uuid | None = None
    """Who stood behind the point, as was known then, whether or not the asker knew: whom it concerns."""


class LookupRefused(Event):
    """A party looks up more than it may. Said of the first that is refused, and then at most once an hour.

    So whoever goes on guessing is seen. The TSO is told, on the end user's behalf.
    """

    home: ClassVar = "lookup_id"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    lookup_id: values.Uuid
    party: values.Gln
    metering_point_id: values.Gsrn
