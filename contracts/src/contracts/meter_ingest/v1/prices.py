"""Prices by bidding zone, and who has Norgespris. Prices are decimal texts in NOK/MWh: no float ever holds money."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from contracts import values
from contracts.message import Audience, Command, Event, everyone
from contracts.values import Role

PriceKind = Literal["day-ahead-hour", "day-ahead-quarter", "imbalance-quarter"]
"""What was published for an hour; for a quarter; the price that imbalances of a quarter are settled at."""

NOK_PATTERN: Final = r"^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$"
_NOK = re.compile(NOK_PATTERN[1:-1], re.ASCII).fullmatch


def _nok(text: str) -> str:
    if _NOK(text) is None:
        raise PydanticCustomError(
            "decimal_form", "a price is a text like 512.34 or -3.15, with a point and at most six decimals"
        )
    return text


NokPerMwh = Annotated[
    str, Field(strict=True), AfterValidator(_nok), WithJsonSchema({"type": "string", "pattern": NOK_PATTERN})
]
"""A price, ex taxes; it may be negative."""


class PublishPrices(Command):
    """The TSO publishes prices of a bidding zone for some whole hours or quarters. Subject: the zone.

    What was published before stays as it is: this is the next version. A price that is not known is null: it says
    nothing, and takes nothing back.
    """

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.BiddingZone

    kind: PriceKind
    source: values.NameText
    """Where they are from: "Nord Pool", "eSett"."""
    start: values.UtcTime
    prices_nok_mwh: tuple[NokPerMwh | None, ...] = Field(min_length=1, max_length=4000)
    """One an hour, or one a quarter, from `start`."""


class PricesPublished(Event):
    """A version of a zone's prices."""

    home: ClassVar = "prices"
    audience: ClassVar[tuple[Audience, ...]] = (
        everyone(Role.TSO),
        everyone(Role.SUPPLIER),
        everyone(Role.BRP),
        everyone(Role.BSP),
        everyone(Role.DSO),
    )

    prices: str
    """`<kind>|<zone>`"""
    kind: PriceKind
    zone: values.BiddingZone
    version: int
    """Given by the register, one after the other."""
    source: str
    start: values.UtcTime
    prices_nok_mwh: tuple[str | None, ...]
    published_at: values.UtcTime


class RecordNorgespris(Command):
    """The datahub's fact: a metering point has Norgespris in a period. Always accepted. Subject: its GSRN.

    It changes no price here: it is shown beside volumes, as it takes away the response to prices. What begins at the
    same midnight replaces; a period that ends where it begins takes it back.
    """

    senders: ClassVar = frozenset({Role.DATAHUB})
    subject_is: ClassVar = values.Gsrn

    valid_from: values.Midnight
    valid_to: values.Midnight | None = None


class NorgesprisRecorded(Event):
    """A metering point has Norgespris in a period."""

    home: ClassVar = "norgespris"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.DATAHUB), everyone(Role.TSO))

    norgespris: str
    """`norgespris|<metering point>`"""
    metering_point_id: values.Gsrn
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None
