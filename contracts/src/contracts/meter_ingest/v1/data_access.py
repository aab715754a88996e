"""What is said about third parties' access to meter values: asked for, approved by the end user, changed, ended.

Who the end user is, is said to those alone who serve end users; the third party names a metering point.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.values import Role

DataAccessLevel = Literal["limited", "full"]
"""`limited`: the values, and the least that they cannot be read without; `full`: the facts of the point, too."""
DataAccessPurpose = Literal["energy-advice", "contract-comparison", "bill-control", "own-operation", "research"]
"""What the values are for. A word from a list: a free text might name somebody."""
WhyDataAccessEnds = Literal["revoked", "expired", "end-user"]
"""It was revoked; its term is over; the end user is no more."""

RETURN_ADDRESS_PATTERN = r"^https://[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?(:[0-9]{2,5})?(/[A-Za-z0-9._~/-]{0,500})?$"
_ADDRESS: Final = re.compile(RETURN_ADDRESS_PATTERN[1:-1]).fullmatch


def _return_address(text: str) -> str:
    if _ADDRESS(text) is None or "/../" in f"{text}/":
        raise PydanticCustomError(
            "return_address_form", "a return address is written https://example.no/back, without query and fragment"
        )
    return text


ReturnAddress = Annotated[
    str,
    Field(strict=True),
    AfterValidator(_return_address),
    AfterValidator(values.unnamed),
    WithJsonSchema({"type": "string", "pattern": RETURN_ADDRESS_PATTERN}),
]
"""Where the end user's browser is sent back to, once it has answered."""

_SERVED = (party("third_party"), everyone(Role.DATAHUB), everyone(Role.TSO))
_HIDDEN = (party("third_party", without=("end_user",)), everyone(Role.DATAHUB), everyone(Role.TSO))


# Commands


class RequestDataAccess(Command):
    """A third party asks the end user behind a metering point for its values of a period. Subject: a new UUID.

    It is taken as it is given: whether there is such a point is nobody's business but the end user's.
    """

    senders: ClassVar = frozenset({Role.THIRD_PARTY})
    subject_is: ClassVar = values.Uuid

    metering_point_id: values.Gsrn
    level: DataAccessLevel = "limited"
    valid_from: values.Midnight
    """The first value that is asked for; may be past, as far as the end user stood behind the point."""
    valid_to: values.Midnight | None = None
    """The end of the period, and of the access; without it, it lasts until it is revoked."""
    purpose: DataAccessPurpose
    future_points: Annotated[bool, Field(strict=True)] = False
    """Whether it covers every point, too, that the end user comes to stand behind after the approval."""
    return_address: ReturnAddress | None = None


class ApproveDataAccess(Command):
    """The end user approves, says the one who serves it, what is asked: the access, or its change. Subject: its id."""

    senders: ClassVar = frozenset({Role.DATAHUB, Role.TSO})
    subject_is: ClassVar = values.Uuid

    end_user: values.Uuid


class RejectDataAccess(Command):
    """The end user rejects what is asked: the access, or its change. Subject: its id."""

    senders: ClassVar = frozenset({Role.DATAHUB, Role.TSO})
    subject_is: ClassVar = values.Uuid

    end_user: values.Uuid


class RevokeDataAccess(Command):
    """An access ends now, says the third party, or who serves the end user. Subject: its id."""

    senders: ClassVar = frozenset({Role.DATAHUB, Role.TSO, Role.THIRD_PARTY})
    subject_is: ClassVar = values.Uuid

    end_user: values.Uuid | None = None
    """Who revokes it; needed unless the third party does."""


class ChangeDataAccess(Command):
    """Another level and end of an access, both said anew. Subject: its id.

    The end user changes it as it likes. What a third party asks for beyond what it has, the end user has to approve.
    """

    senders: ClassVar = frozenset({Role.DATAHUB, Role.TSO, Role.THIRD_PARTY})
    subject_is: ClassVar = values.Uuid

    level: DataAccessLevel
    valid_to: values.Midnight | None
    end_user: values.Uuid | None = None
    """Who changes it; needed unless the third party does."""


class AllowReturnAddress(Command):
    """A third party may have end users sent back to an address. Subject: its GLN."""

    senders: ClassVar = frozenset({Role.OPERATOR, Role.TSO})
    subject_is: ClassVar = values.Gln

    address: ReturnAddress


class WithdrawReturnAddress(Command):
    """A third party may not have end users sent back to an address any more. Subject: its GLN."""

    senders: ClassVar = frozenset({Role.OPERATOR, Role.TSO})
    subject_is: ClassVar = values.Gln

    address: ReturnAddress


# Events


class DataAccessRequested(Event):
    """A third party asks for values; without an answer until `lapses_at` the request lapses."""

    home: ClassVar = "data_access_id"
    audience: ClassVar[tuple[Audience, ...]] = _SERVED

    data_access_id: values.Uuid
    third_party: values.Gln
    metering_point_id: values.Gsrn
    level: DataAccessLevel
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None
    purpose: str
    future_points: bool
    return_address: str | None = None
    lapses_at: values.UtcTime


class DataAccessApproved(Event):
    """The end user lets a third party read. Which values of which point, `data-access-placed` says."""

    home: ClassVar = "data_access_id"
    audience: ClassVar[tuple[Audience, ...]] = _HIDDEN

    data_access_id: values.Uuid
    third_party: values.Gln
    metering_point_id: values.Gsrn
    end_user: values.Uuid
    level: DataAccessLevel
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None
    future_points: bool
    approved_at: values.UtcTime
    by: values.Gln
    """Who said so on the end user's behalf."""
    warn_at: values.UtcTime | None = None
    """When the third party is warned that it runs out."""


class DataAccessRejected(Event):
    """The end user does not let the third party read, or not more than it may."""

    home: ClassVar = "data_access_id"
    audience: ClassVar[tuple[Audience, ...]] = _SERVED

    data_access_id: values.Uuid
    third_party: values.Gln
    metering_point_id: values.Gsrn
    what: Literal["request", "change"]
    by: values.Gln


class DataAccessLapsed(Event):
    """Nobody answered in time."""

    home: ClassVar = "data_access_id"
    audience: ClassVar[tuple[Audience, ...]] = _SERVED

    data_access_id: values.Uuid
    third_party: values.Gln
    metering_point_id: values.Gsrn
    what: Literal["request", "change"]


class DataAccessChangeRequested(Event):
    """A third party asks for more than it has: the end user has to approve that by `lapses_at`."""

    home: ClassVar = "data_access_id"
    audience: ClassVar[tuple[Audience, ...]] = _SERVED

    data_access_id: values.Uuid
    third_party: values.Gln
    metering_point_id: values.Gsrn
    level: DataAccessLevel
    valid_to: values.UtcTime | None
    lapses_at: values.UtcTime


class DataAccessChanged(Event):
    """An access has another level or end."""

    home: ClassVar = "data_access_id"
    audience: ClassVar[tuple[Audience, ...]] = _SERVED

    data_access_id: values.Uuid
    third_party: values.Gln
    metering_point_id: values.Gsrn
    level: DataAccessLevel
    valid_to: values.UtcTime | None
    by: values.Gln
    warn_at: values.UtcTime | None = None


class DataAccessExpiryApproached(Event):
    """An access soon runs out, at `valid_to`, unless the end user approves a later end."""

    home: ClassVar = "data_access_id"
    audience: ClassVar[tuple[Audience, ...]] = _SERVED

    data_access_id: values.Uuid
    third_party: values.Gln
    metering_point_id: values.Gsrn
    valid_to: values.UtcTime


class DataAccessEnded(Event):
    """From `ended_at` on nothing may be read on this access. Said again for the same cause, the later counts."""

    home: ClassVar = "data_access_id"
    audience: ClassVar[tuple[Audience, ...]] = _SERVED

    data_access_id: values.Uuid
    third_party: values.Gln
    metering_point_id: values.Gsrn
    ended_at: values.UtcTime
    because: WhyDataAccessEnds
    by: values.Gln | None = None


class DataAccessEndCancelled(Event):
    """The fact that the end user is no more was wrong: the access goes on."""

    home: ClassVar = "data_access_id"
    audience: ClassVar[tuple[Audience, ...]] = _SERVED

    data_access_id: values.Uuid
    third_party: values.Gln
    metering_point_id: values.Gsrn


class OpenPeriod(Part):
    """A half-open period, without an end while nothing ends it."""

    start: values.UtcTime
    end: values.UtcTime | None = None


class DataAccessPlaced(Event):
    """Which periods of a metering point's values an access covers: those in which its end user stands behind it.

    What is said is the whole of it. Once a period is over, because the end user has left the point, nothing of it may
    be read any more on this access.
    """

    home: ClassVar = "data_access_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("third_party"),)

    data_access_id: values.Uuid
    third_party: values.Gln
    metering_point_id: values.Gsrn
    periods: tuple[OpenPeriod, ...]


class ReturnAddressAllowed(Event):
    """A third party may have end users sent back to an address."""

    home: ClassVar = "third_party"
    audience: ClassVar[tuple[Audience, ...]] = (party("third_party"), everyone(Role.OPERATOR), everyone(Role.TSO))

    third_party: values.Gln
    address: str


class ReturnAddressWithdrawn(Event):
    """A third party may not have end users sent back to an address any more."""

    home: ClassVar = "third_party"
    audience: ClassVar[tuple[Audience, ...]] = (party("third_party"), everyone(Role.OPERATOR), everyone(Role.TSO))

    third_party: values.Gln
    address: str
