"""Value types of the messages: each knows its own check, and an error says which check failed.

Energy is in Wh, power in W, both whole numbers; moments are aware and in UTC; periods are half-open.
The checks are plain functions, fast enough for lists of thousands. Called directly (`identifiers.gsrn`, `parse_time` …)
they raise the same `PydanticCustomError`, a `ValueError`, that a model reports.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from contracts import calendar, identifiers, national_id
from contracts.identifiers import (
    eic_check_character,
    gs1_check_digit,
    make_eic_x,
    make_eic_y,
    make_gln,
    make_gsrn,
)

__all__ = [
    "ZONE_EIC",
    "BiddingZone",
    "Eic",
    "EicX",
    "EicY",
    "EmailAddress",
    "Gln",
    "Gsrn",
    "LocalDate",
    "LongText",
    "Marking",
    "MemberId",
    "Midnight",
    "NameText",
    "OrganisationNumber",
    "Period",
    "PolicyKey",
    "PolicyWord",
    "Resolution",
    "Role",
    "Sha256",
    "ShortText",
    "StrictInt",
    "UtcTime",
    "Uuid",
    "Watt",
    "WattHour",
    "eic_check_character",
    "gs1_check_digit",
    "make_eic_x",
    "make_eic_y",
    "make_gln",
    "make_gsrn",
    "parse_date",
    "parse_time",
    "time_text",
]

SAFE_INTEGER = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly (RFC 8785, RFC 7493)."""

UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
SHA256_PATTERN = "^[0-9a-f]{64}$"

POLICY_KEY_PATTERN = "^[a-z][a-z0-9]*([.-][a-z0-9]+)*$"
MEMBER_ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$"

_POLICY_KEY = re.compile(POLICY_KEY_PATTERN[1:-1]).fullmatch
_MEMBER_ID = re.compile(MEMBER_ID_PATTERN[1:-1]).fullmatch
_UUID = re.compile(UUID_PATTERN[1:-1]).fullmatch
_SHA256 = re.compile(SHA256_PATTERN[1:-1]).fullmatch
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII).fullmatch
_MARKUP = re.compile(r"<[A-Za-z/!?][^\s<>]{0,18}>?").search
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII).fullmatch


class Role(StrEnum):
    """What a party may be."""

    OPERATOR = "operator"
    TSO = "tso"
    DSO = "dso"
    BSP = "bsp"
    BRP = "brp"
    SUPPLIER = "supplier"
    DATAHUB = "datahub"
    THIRD_PARTY = "third-party"


class BiddingZone(StrEnum):
    """A Norwegian bidding zone."""

    NO1 = "NO1"
    NO2 = "NO2"
    NO3 = "NO3"
    NO4 = "NO4"
    NO5 = "NO5"


ZONE_EIC = {
    BiddingZone.NO1: "10YNO-1--------2",
    BiddingZone.NO2: "10YNO-2--------T",
    BiddingZone.NO3: "10YNO-3--------J",
    BiddingZone.NO4: "10YNO-4--------9",
    BiddingZone.NO5: "10Y1001A1001A48H",
}
"""The zones' EIC. NO5 breaks the pattern because `10YNO-5--------` has no allowed check character."""

Resolution = calendar.Resolution


def uuid(text: str) -> str:
    """Check a UUID in its canonical form: lower case, 8-4-4-4-12."""
    if _UUID(text) is None:
        raise PydanticCustomError("uuid_form", "a UUID is written in lower case as 8-4-4-4-12 hexadecimal digits")
    return text


def sha256(text: str) -> str:
    """Check a SHA-256: 64 lower-case hexadecimal digits."""
    if _SHA256(text) is None:
        raise PydanticCustomError("sha256_form", "a SHA-256 is 64 lower-case hexadecimal digits")
    return text


def policy_key(text: str) -> str:
    """Check the form of a policy's key; whether there is such a policy is for `registry` to say."""
    if len(text) > 100 or _POLICY_KEY(text) is None:
        raise PydanticCustomError("policy_key_form", "a policy's key is written like group.max-kw")
    return text


def policy_word(value: object) -> int | str | bool:
    """Check what may be a policy's value at all: a whole number, one line of text, or a flag."""
    if isinstance(value, int) and abs(value) <= SAFE_INTEGER:
        return value
    if isinstance(value, str) and 0 < len(value) <= 200:
        return _one_line(value)
    raise PydanticCustomError("policy_word", "a policy's value is a whole number, a line of text, or true or false")


def member_id(text: str) -> str:
    """Check the id of a person or client that acts for a party: letters, digits and `._:-`, at most 100."""
    if _MEMBER_ID(text) is None:
        raise PydanticCustomError("member_id_form", "an id has 1 to 100 letters, digits or ._:-, and no other sign")
    return text


FIRST_YEAR, LAST_YEAR = 1900, 2199
_YEARS = f"the year must be {FIRST_YEAR} to {LAST_YEAR}"


def parse_time(value: object) -> datetime:
    """A moment in UTC, from an aware datetime or an RFC 3339 text with `Z` or an offset; never from a number."""
    if isinstance(value, str):
        return _read_time(value)
    if not isinstance(value, datetime):
        raise PydanticCustomError("time_type", "a moment is a text like 2026-01-05T00:00:00Z")
    return _in_utc(value)


@lru_cache(maxsize=4096)
def _read_time(text: str) -> datetime:
    # A record of values says the same few moments thousands of times.
    if _TIME(text) is None:
        raise PydanticCustomError(
            "time_form", "a moment is written 2026-01-05T00:00:00Z, or with an offset like +01:00"
        )
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError("time_value", "there is no such moment: {why}", {"why": str(error)}) from None
    return _in_utc(value)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is not UTC and value.utcoffset() is None:
        raise PydanticCustomError("time_naive", "a moment needs its offset: Z, or one like +01:00")
    # At the ends of what a computer can count, there is no local time and no next midnight.
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise PydanticCustomError("time_value", "there is no such moment: {why}", {"why": _YEARS})
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def time_text(at: datetime) -> str:
    """The moment as it stands in messages: `2026-01-05T00:00:00Z`, with microseconds only where there are any."""
    return (at if at.tzinfo is UTC else parse_time(at)).isoformat()[:-6] + "Z"


def parse_date(value: object) -> date:
    """A date, from a date or an ISO text."""
    if isinstance(value, str) and _DATE(value) is not None:
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise PydanticCustomError("date_value", "there is no such date: {why}", {"why": str(error)}) from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise PydanticCustomError("date_form", "a date is written 2026-01-05")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise PydanticCustomError("date_value", "there is no such date: {why}", {"why": _YEARS})
    return value


def _midnight(at: datetime) -> datetime:
    if not calendar.is_midnight(at):
        raise PydanticCustomError(
            "midnight",
            "this is no midnight in Oslo; the day begins at {expected}",
            {"expected": time_text(calendar.midnight(calendar.local_date(at)))},
        )
    return at


def _one_line(text: str) -> str:
    return text if text.isprintable() else _printable(text, "")


_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\".]+(\.[^\s@<>()\[\],;:\\\".]+)+").fullmatch


def _email(text: str) -> str:
    if _EMAIL(text) is None:
        raise PydanticCustomError("email_form", "an address for mail is written like vakt@example.no")
    return text


def _not_empty(text: str) -> str:
    if not text:
        raise PydanticCustomError("text_empty", "the text is empty")
    return text


def _lines(text: str) -> str:
    return text if text.isprintable() else _printable(text, "\n\r\t")


def plain(text: str) -> str:
    """Check that a text is text: what a browser would take for markup is refused, `2 < 3 MW` is not."""
    if (found := _MARKUP(text)) is not None:
        raise PydanticCustomError("text_markup", "the text has markup: {found}", {"found": found[0]})
    return text


SENT: Final = {"sent": True}
"""The context of what is validated as it comes in: stricter than what is read that was once taken."""


def unnamed(text: str, info: ValidationInfo) -> str:
    """Check that a text that is sent has no national identity number: it would stand in the log for ever."""
    if info.context == SENT and national_id.stands_in(text):
        raise PydanticCustomError("text_national_id", "the text has what looks like a national identity number")
    return text


def _printable(text: str, also: str) -> str:
    for character in text:
        # Spaces of every width are fine; controls, lone surrogates and the invisible marks that reorder text are not.
        if not (character.isprintable() or character in also or unicodedata.category(character) == "Zs"):
            raise PydanticCustomError(
                "text_control",
                "the text has a character that cannot be printed: {character}",
                {"character": f"U+{ord(character):04X}"},
            )
    return text


_STRICT = Field(strict=True)


def _like(pattern: str, **more: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, **more})


Gsrn = Annotated[str, _STRICT, AfterValidator(identifiers.gsrn), _like(identifiers.GSRN_PATTERN)]
"""A metering point id: 18 digits with a GS1 check digit."""

Gln = Annotated[str, _STRICT, AfterValidator(identifiers.gln), _like(identifiers.GLN_PATTERN)]
"""A party: 13 digits with a GS1 check digit."""

Eic = Annotated[str, _STRICT, AfterValidator(identifiers.eic), _like(identifiers.EIC_PATTERN)]
"""An EIC of any type."""

EicX = Annotated[str, _STRICT, AfterValidator(identifiers.eic_x), _like(identifiers.EIC_X_PATTERN)]
"""The EIC of a party."""

EicY = Annotated[str, _STRICT, AfterValidator(identifiers.eic_y), _like(identifiers.EIC_Y_PATTERN)]
"""The EIC of an area: a metering grid area."""

OrganisationNumber = Annotated[
    str,
    _STRICT,
    AfterValidator(identifiers.organisation_number),
    _like(identifiers.ORGANISATION_NUMBER_PATTERN),
]
"""A company in the Central Coordinating Register for Legal Entities: 9 digits with a mod 11 check digit."""

MemberId = Annotated[str, _STRICT, AfterValidator(member_id), _like(MEMBER_ID_PATTERN)]
"""Who acts for a party: a person's random UUID, or a machine's client id. Never a name or a national number."""

PolicyKey = Annotated[str, _STRICT, AfterValidator(policy_key), _like(POLICY_KEY_PATTERN)]
"""The key of a policy: `group.max-kw`."""

PolicyWord = Annotated[
    int | str | bool,
    PlainValidator(policy_word),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": -SAFE_INTEGER, "maximum": SAFE_INTEGER},
                {"type": "string", "minLength": 1, "maxLength": 200},
                {"type": "boolean"},
            ]
        }
    ),
]
"""The value of a policy: a whole number, a line of text, or a flag."""

Uuid = Annotated[str, _STRICT, AfterValidator(uuid), _like(UUID_PATTERN, format="uuid")]
"""A UUID in its canonical form."""

Sha256 = Annotated[str, _STRICT, AfterValidator(sha256), _like(SHA256_PATTERN)]
"""A SHA-256 in lower-case hexadecimal."""

Watt = Annotated[int, Field(strict=True, ge=0, le=999_999_999_999)]
"""Power in W, never negative: the direction stands beside it."""

WattHour = Annotated[int, Field(strict=True, ge=0, le=999_999_999_999_999)]
"""Energy in Wh, never negative: the direction stands beside it."""

StrictInt = Annotated[int, Field(strict=True, ge=-SAFE_INTEGER, le=SAFE_INTEGER)]
"""A whole number: no text, no flag, no fraction."""

UtcTime = Annotated[datetime, BeforeValidator(parse_time), WithJsonSchema({"type": "string", "format": "date-time"})]
"""A moment, in UTC."""

Midnight = Annotated[UtcTime, AfterValidator(_midnight), WithJsonSchema({"type": "string", "format": "date-time"})]
"""A moment at which a date begins in Oslo."""

LocalDate = Annotated[date, BeforeValidator(parse_date), WithJsonSchema({"type": "string", "format": "date"})]
"""A date in Oslo."""

_Line = Annotated[str, Field(strict=True, max_length=200), AfterValidator(str.strip), AfterValidator(_one_line)]

# Whether it names somebody comes before what repeats a piece of it.
ShortText = Annotated[_Line, AfterValidator(unnamed), AfterValidator(plain)]
"""One line of at most 200 printable characters without markup; space around it is taken off.

What is sent has no national identity number in it.
"""

NameText = Annotated[
    ShortText,
    AfterValidator(_not_empty),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200}),
]
"""A `ShortText` that says something."""

Marking = Annotated[
    _Line,
    AfterValidator(plain),
    AfterValidator(_not_empty),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200}),
]
"""What stands on a nameplate: a serial number may well have eleven digits."""

EmailAddress = Annotated[
    ShortText, AfterValidator(_email), WithJsonSchema({"type": "string", "format": "email", "maxLength": 200})
]
"""An address for mail, by its form: whether anybody reads there is not checked."""

LongText = Annotated[
    str, Field(strict=True, max_length=10_000), AfterValidator(_lines), AfterValidator(unnamed), AfterValidator(plain)
]
"""At most 10,000 printable characters without markup, line breaks and tabs among them; else as a `ShortText`."""


class Period(BaseModel):
    """A half-open period `[start, end)`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: UtcTime
    end: UtcTime

    @model_validator(mode="after")
    def _end_after_start(self) -> Self:
        if self.end <= self.start:
            raise PydanticCustomError("period_order", "a period ends after it starts")
        return self

    def contains(self, at: datetime) -> bool:
        """Whether the moment lies in the period: its start does, its end does not."""
        return self.start <= at < self.end
