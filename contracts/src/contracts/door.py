"""The door: what a participant's record holds, message by message, each either whole or with every reason against it.

Strict where the inside is fast: nothing is guessed, dropped or mended. Who the sender is, and whether it may send this,
is for the gateway to say, with the rules that stand here for it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contracts import phrases, sayable, values
from contracts.door_rules import (
    ATTRIBUTE_RESERVED,
    ATTRIBUTE_UNKNOWN,
    CHARACTER_NOT_ALLOWED,
    COLUMNS_INVALID,
    DUPLICATE_KEY,
    EMIF_DOCUMENT_INVALID,
    EMIF_SERIES_INVALID,
    ID_MISSING,
    ID_REUSED,
    MESSAGE_TOO_LARGE,
    NESTED_TOO_DEEP,
    NOT_AN_ENVELOPE,
    NOT_JSON,
    NOT_UTF8,
    NOT_XML,
    NUMBER_NOT_ALLOWED,
    PARCEL_EMPTY,
    PARCEL_TOO_LARGE,
    PARTY_NOT_ACTIVE,
    ROLE_MISSING,
    RULES,
    SCHEMA_INVALID,
    SENDER_UNKNOWN,
    SOURCE_NOT_SENDER,
    SUBJECT_INVALID,
    TYPE_UNKNOWN,
    TYPE_VERSION_UNKNOWN,
    UNPACKED_INVALID,
    WRONG_TOPIC,
)
from contracts.envelope import OPTIONAL, REQUIRED, RESERVED, SPECVERSION, canonical, party_source
from contracts.message import COMMANDS, Command, Reason, Refused, Rule
from contracts.strict_json import MAX_BYTES, MAX_DEPTH, Fault, fault, null_character, parse, pointer
from contracts.validation import MAX_REASONS, unknown_type, validate_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "ATTRIBUTE_RESERVED",
    "ATTRIBUTE_UNKNOWN",
    "CHARACTER_NOT_ALLOWED",
    "COLUMNS_INVALID",
    "DUPLICATE_KEY",
    "EMIF_DOCUMENT_INVALID",
    "EMIF_SERIES_INVALID",
    "ID_MISSING",
    "ID_REUSED",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_PARCEL",
    "MESSAGE_TOO_LARGE",
    "NESTED_TOO_DEEP",
    "NOT_AN_ENVELOPE",
    "NOT_JSON",
    "NOT_UTF8",
    "NOT_XML",
    "NUMBER_NOT_ALLOWED",
    "PARCEL_EMPTY",
    "PARCEL_TOO_LARGE",
    "PARTY_NOT_ACTIVE",
    "ROLE_MISSING",
    "RULES",
    "SCHEMA_INVALID",
    "SENDER_UNKNOWN",
    "SOURCE_NOT_SENDER",
    "SUBJECT_INVALID",
    "TYPE_UNKNOWN",
    "TYPE_VERSION_UNKNOWN",
    "UNPACKED_INVALID",
    "WRONG_TOPIC",
    "Item",
    "Rule",
    "attributes",
    "fault_told",
    "open_message",
    "open_record",
    "validate_command",
]

MAX_PARCEL: Final = 1000
"""The messages of one parcel."""


@dataclass(slots=True)
class Item:
    """One message of a record, or a record refused as a whole.

    With `reasons` it is refused, and `command` is `None`. Attributes that could not be read are empty: what stands here
    has passed its check, and may be repeated in a receipt.
    """

    id: str = ""
    source: str = ""
    type: str = ""
    subject: str = ""
    correlationid: str = ""
    traceparent: str = ""
    actingas: str = ""
    contenthash: str = ""
    """SHA-256 of `body`: the same however the sender spaced or ordered it. Empty where the message has no such form."""
    body: bytes = b""
    """The envelope as it was sent, in RFC 8785 form: trimmed, so that `envelope.extend` can add to it."""
    command: Command | None = None
    reasons: tuple[Reason, ...] = ()


def open_record(raw: bytes) -> list[Item]:
    """The messages of a record, in order: of an envelope one, of a parcel up to 1,000, of anything else one refusal."""
    try:
        found = parse(raw)
        if type(found) is list:
            if not found:
                raise PARCEL_EMPTY.refused()
            if len(found) > MAX_PARCEL:
                raise PARCEL_TOO_LARGE.refused(limit=MAX_PARCEL, actual=len(found))
    except Refused as refused:
        return [Item(reasons=refused.reasons)]
    # Unescaped it is no JSON; escaped it is rare enough to be looked for only then.
    nul = b"\\u0000" in raw
    return [open_message(one, nul=nul) for one in (found if type(found) is list else [found])]


def open_message(found: Any, *, nul: bool = True) -> Item:
    """One parsed message. `nul`: whether the record may hold U+0000 at all."""
    if not isinstance(found, dict):
        return Item(reasons=(_unfit("", "a JSON object", found),))
    wrong = fault(found) or (null_character(found) if nul else None)
    if wrong is not None:
        # A name that occurs twice at the top leaves nothing that could be relied on.
        return Item(**(attributes(found)[0] if wrong.way else {}), reasons=(fault_told(wrong),))
    if None in found.values():
        # CloudEvents: null is the same as left out. So that `extend` adds no name that is already there.
        found = {name: value for name, value in found.items() if value is not None}
    said, reasons = attributes(found)
    type_, data = said.get("type"), found.get("data")
    command: Command | None = None
    if type(data) is not dict:
        reasons.append(_unfit("/data", "a JSON object", data))
    elif type_ is not None and "subject" in said:
        answer = validate_command(type_, said["subject"], data)
        if isinstance(answer, tuple):
            reasons.extend(answer)
            if any(each.path == "/subject" for each in answer):
                # A receipt repeats it.
                said["subject"] = sayable.word(said["subject"]) or ""
        elif not reasons:
            command = answer
    elif type_ is not None and type_ not in COMMANDS:
        reasons.append(unknown_type(type_))
    body = canonical(found)
    contenthash = hashlib.sha256(body).hexdigest()
    return Item(**said, contenthash=contenthash, body=body, command=command, reasons=tuple(reasons[:MAX_REASONS]))


def open_attributes(found: dict[str, Any]) -> Item:
    """A message's attributes alone, where its data is not JSON."""
    said, reasons = attributes(found)
    return Item(**said, reasons=tuple(reasons[:MAX_REASONS]))


def fault_told(wrong: Fault) -> Reason:
    """What is wrong within a message, without names that no type has."""
    is_name = wrong.rule is DUPLICATE_KEY
    actual = wrong.actual if not is_name or wrong.actual in sayable.known() else sayable.HIDDEN
    return wrong._replace(way=list(sayable.steps(wrong.way)), actual=actual).reason()


def attributes(found: dict[str, Any]) -> tuple[dict[str, Any], list[Reason]]:
    """The attributes that an `Item` has, where they are as they should be; and what is wrong with the attributes."""
    reasons = [] if found.keys() <= _EXPECTED else _strange(found.keys() - _EXPECTED)
    said: dict[str, Any] = {}
    for name, expected, check in _CHECKS:
        value = found.get(name)
        if type(value) is str and check(value):
            if name in _KEPT:
                said[name] = value
        elif name == "id" and (value is None or value == ""):
            reasons.append(ID_MISSING.reason(path="/id"))
        elif name in found or name in REQUIRED:
            reasons.append(_unfit(f"/{name}", expected, value))
    return said, reasons


def _strange(names: Iterable[str]) -> list[Reason]:
    return [
        ATTRIBUTE_RESERVED.reason(path=pointer([name]), actual=name)
        if name in RESERVED
        else ATTRIBUTE_UNKNOWN.reason(path=pointer(sayable.steps([name])), limit=_SETTABLE, actual=sayable.HIDDEN)
        for name in sorted(names)[:MAX_REASONS]
    ]


def _unfit(path: str, expected: str, value: Any) -> Reason:
    actual = (
        sayable.shown(sayable.word(value))
        if value is None or isinstance(value, (str, int))
        else _KINDS.get(type(value), "a number")
    )
    return phrases.told(NOT_AN_ENVELOPE, path=path, limit=expected, actual=actual)


def _is_text(value: str) -> bool:
    return 0 < len(value) <= 200 and value.isprintable()


def _is_time(value: str) -> bool:
    try:
        values.parse_time(value)
    except ValueError:
        return False
    return True


def _is_json(value: str) -> bool:
    return value.partition(";")[0].strip().lower() == "application/json" and len(value) <= 200


_TRACEPARENT: Final = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}").fullmatch
_UUID: Final = re.compile(values.UUID_PATTERN[1:-1]).fullmatch
_ROLES: Final = frozenset(role.value for role in values.Role)

_CHECKS: Final[tuple[tuple[str, str, Callable[[str], object]], ...]] = (
    ("specversion", SPECVERSION, SPECVERSION.__eq__),
    ("id", "a UUID, in lower case", _UUID),
    ("source", party_source("<gln>"), _is_text),
    ("type", "no.flexregister.<service>.<command>.v1", _is_text),
    ("subject", "1 to 200 printable characters", _is_text),
    ("time", "2026-01-05T00:00:00Z", _is_time),
    ("datacontenttype", "application/json", _is_json),
    ("dataschema", "1 to 200 printable characters", _is_text),
    ("correlationid", "1 to 200 printable characters", _is_text),
    ("causationid", "1 to 200 printable characters", _is_text),
    ("traceparent", "00-<32 hexadecimal digits>-<16>-01", _TRACEPARENT),
    ("actingas", ", ".join(values.Role), _ROLES.__contains__),
)
"""Each attribute that a sender sets: what it is to look like, and whether it does. `data` is looked at apart."""

_EXPECTED: Final = frozenset((*REQUIRED, *OPTIONAL))
_SETTABLE: Final = ", ".join((*REQUIRED, *OPTIONAL))
_KEPT: Final = frozenset({"id", "source", "type", "subject", "correlationid", "traceparent", "actingas"})
_KINDS: Final[dict[type, str]] = {dict: "a JSON object", list: "a JSON array"}
