"""The envelope of every message: CloudEvents 1.0, structured mode JSON.

This is the fast way for inside: `decode` trusts that the door (`contracts.door`) or a service wrote the bytes, ignores
attributes it does not know, and raises `BadEnvelope` where that trust is wrong. `encode` always gives the same bytes
for the same envelope.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import rfc8785
from pydantic_core import from_json, to_json

from contracts.values import parse_time, time_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SPECVERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/cloudevents+json"
BATCH_CONTENT_TYPE: Final = "application/cloudevents-batch+json"

REQUIRED: Final = ("specversion", "id", "source", "type", "subject", "time", "data")
"""What every envelope has."""

OPTIONAL: Final = ("datacontenttype", "dataschema", "correlationid", "causationid", "traceparent", "actingas")
"""What a sender may add."""

RESERVED: Final = (
    "sequence",
    "sender",
    "senderrole",
    "receivedat",
    "ingressposition",
    "contenthash",
    "deliverysequence",
    "repeated",
)
"""What only the register itself says."""


class BadEnvelope(ValueError):
    """Raised by `decode`: these bytes are no envelope that the register can have written."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message with its attributes; moments in UTC. What is not there is `None` and is not written."""

    # Without slots, so that `decode` can hand over the parsed dictionary whole: half the time of passing 20 arguments.

    id: str
    """UUID; unique per source."""
    source: str
    """`/parties/<gln>` or `/services/<name>`."""
    type: str
    subject: str
    """The aggregate's id."""
    time: datetime
    data: Mapping[str, Any]
    specversion: str = SPECVERSION
    datacontenttype: str | None = None
    dataschema: str | None = None
    correlationid: str | None = None
    """The case."""
    causationid: str | None = None
    """The id of the message that caused this one."""
    sequence: int | None = None
    """Gapless per source and subject."""
    traceparent: str | None = None
    actingas: str | None = None
    """The role a sender with several speaks in."""
    sender: str | None = None
    senderrole: str | None = None
    receivedat: datetime | None = None
    """The broker's append time: the only clock that decides a deadline."""
    ingressposition: str | None = None
    contenthash: str | None = None
    deliverysequence: int | None = None
    """Gapless per egress topic; on a compacted one only rising."""
    repeated: bool | None = None
    """Sent before, with the same `deliverysequence`, and again because it was asked for (`request-resend`)."""

    def __post_init__(self) -> None:
        """Hold moments in UTC, whatever offset they came with. Raises `ValueError` for one without."""
        for name in ("time", "receivedat"):
            at = getattr(self, name)
            if at is not None and at.tzinfo is not UTC:
                object.__setattr__(self, name, parse_time(at))

    def to_dict(self) -> dict[str, Any]:
        """The envelope as it stands in JSON, without what is `None`, always in the same order."""
        found = _written(self)
        found["time"] = time_text(self.time)
        if self.receivedat is not None:
            found["receivedat"] = time_text(self.receivedat)
        return found


_ORDER: Final = ("specversion", "id", "source", "type", "subject", "time", *OPTIONAL, *RESERVED, "data")
_NAMES: Final = frozenset(_ORDER)
_NEEDED: Final = frozenset(REQUIRED)
_BLANK: Final = object.__new__


def decode(raw: bytes | str) -> Envelope:
    """Read an envelope that the register itself wrote or let in. Raises `BadEnvelope`."""
    try:
        found = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise BadEnvelope(f"no JSON: {error}") from error
    if type(found) is not dict:
        raise BadEnvelope("no JSON object")
    return _envelope(found)


def from_dict(found: Mapping[str, Any]) -> Envelope:
    """The envelope of parsed JSON. Raises `BadEnvelope`; attributes that nobody knows are ignored."""
    return _envelope(dict(found))


def _envelope(found: dict[str, Any]) -> Envelope:
    try:
        found["time"] = _moment(found["time"])
        if "receivedat" in found:
            found["receivedat"] = _moment(found["receivedat"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadEnvelope(f"no envelope: {error!r}") from error
    names = found.keys()
    if not names >= _NEEDED or found["specversion"] != SPECVERSION or type(found["data"]) is not dict:
        raise BadEnvelope("no CloudEvents 1.0 envelope with an object as its data")
    if not names <= _NAMES:
        found = {name: value for name, value in found.items() if name in _NAMES}
    envelope = _BLANK(Envelope)
    envelope.__dict__.update(found)
    return envelope


def encode(envelope: Envelope) -> bytes:
    """Write the envelope: UTF-8, attributes in a fixed order, what is `None` left out, no needless space."""
    return to_json(_written(envelope))


def join(attributes: Mapping[str, Any], data: bytes) -> bytes:
    """An envelope's bytes, from its attributes and its data as JSON: the data is not parsed again."""
    return b"".join((to_json(attributes)[:-1], b',"data":', data, b"}"))


def extend(body: bytes, added: Mapping[str, Any]) -> bytes:
    """An envelope's bytes with further attributes at its end; the body is trimmed, and has none of them yet."""
    return b"".join((body[:-1], b",", to_json(added)[1:])) if added else body


def without(body: bytes, fields: Collection[str]) -> bytes:
    """An envelope's bytes without these fields of its data."""
    envelope = from_json(body)
    envelope["data"] = {name: value for name, value in envelope["data"].items() if name not in fields}
    return to_json(envelope)


def _written(envelope: Envelope) -> dict[str, Any]:
    # Moments stay moments: UTC ones come out of `to_json` just as `time_text` writes them.
    said = envelope.__dict__
    return {name: said[name] for name in _ORDER if said.get(name) is not None}


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is UTC else parse_time(at)


def content_hash(sent: Mapping[str, Any]) -> str:
    """SHA-256 (hexadecimal) of an envelope in RFC 8785 form: the same however it was spaced, ordered or escaped.

    The numbers in it must be whole and within ±(2^53 - 1), which the door has made sure of.
    """
    return hashlib.sha256(canonical(sent)).hexdigest()


def canonical(sent: Mapping[str, Any]) -> bytes:
    """The RFC 8785 form of JSON whose numbers are whole: several times as fast as the library, and equal to it.

    Python sorts keys by code point and RFC 8785 by UTF-16 unit. They differ only where a character beyond U+FFFF
    stands; it has four bytes in UTF-8, the first of them F0 to F4, and what has one takes the library's way.
    """
    quick = to_json(_sorted(sent))
    if quick.isascii() or not any(lead in quick for lead in _FOUR_BYTES):
        return quick
    return rfc8785.dumps(sent)  # pyright: ignore[reportArgumentType]


_CONTAINERS: Final = frozenset({dict, list})
_FOUR_BYTES: Final = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")


def _sorted(found: Mapping[str, Any]) -> dict[str, Any]:
    ordered: dict[str, Any] = {}
    for name in sorted(found):
        value = found[name]
        kind = type(value)
        ordered[name] = _sorted(value) if kind is dict else _sorted_within(value) if kind is list else value
    return ordered


def _sorted_within(found: list[Any]) -> list[Any]:
    if _CONTAINERS.isdisjoint(map(type, found)):
        return found
    return [
        _sorted(value) if type(value) is dict else _sorted_within(value) if type(value) is list else value
        for value in found
    ]


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_VARIANT: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""A hexadecimal digit with the variant of RFC 9562 in its first two bits."""


def new_id(at: datetime, *parts: str | int) -> str:
    """An id (UUID version 7) made from a moment and whatever makes it unique: the same again in every re-run.

    The first 48 bits are the milliseconds of `at`, the others come from a SHA-256 over the parts. Whoever is sent the
    id can try out parts: they name no party that is not told, or one of them is random.
    """
    # Each part behind its length, so that no two lists of parts read the same.
    told = "".join([f"{len(text)}:{text}" for text in map(str, parts)])
    entropy = hashlib.sha256(told.encode()).hexdigest()
    since = at - _EPOCH
    milliseconds = since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
    time = f"{milliseconds:012x}"
    return f"{time[:8]}-{time[8:]}-7{entropy[:3]}-{_VARIANT[entropy[3]]}{entropy[4:7]}-{entropy[7:19]}"


def party_source(gln: str) -> str:
    """The `source` of what this party sends."""
    return f"/parties/{gln}"


def service_source(name: str, shard: str = "") -> str:
    """The `source` of what this service (or this shard of it) says."""
    return f"/services/{name}/{shard}" if shard else f"/services/{name}"


def schema_uri(type_: str) -> str:
    """The `dataschema` of a type: the `$id` of its stored JSON Schema."""
    return f"urn:flexregister:{type_}"
