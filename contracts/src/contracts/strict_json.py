"""JSON as participants may write it: RFC 8259, with whole numbers only, and each name once (I-JSON, RFC 7493).

Two parsers must agree: a strict one, which is also the one that reads messages inside, and Python's own, which lets us see
names that occur twice. What is wrong within one message of a parcel is found later, by `fault`, so that it costs that
message alone.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from pydantic_core import from_json

from contracts import door_rules as rules
from contracts.message import Reason, Rule
from contracts.values import SAFE_INTEGER

MAX_BYTES: Final = 1024 * 1024
"""What a sender may send in one record."""
MAX_DEPTH: Final = 32
"""The levels of one envelope."""
ECHO: Final = 100
"""How much of what was wrong is said back, in characters."""

_BOM: Final = b"\xef\xbb\xbf"


class _Number(NamedTuple):
    """Stands where a number was that is not allowed."""

    text: str


class _Doubled(dict[str, Any]):
    """Stands where an object was in which a name occurs twice."""

    name: str


class Fault(NamedTuple):
    """What is wrong within a parsed message, and the way to it."""

    rule: Rule
    way: list[str | int]
    limit: str | int | None
    actual: str | None

    def reason(self) -> Reason:
        """The reason that a receipt carries."""
        return self.rule.reason(path=pointer(reversed(self.way)), limit=self.limit, actual=self.actual)


def parse(raw: bytes) -> Any:
    """The parsed JSON of a record; raises `Refused` where it is no JSON at all, or too large.

    What is JSON but not allowed is still in it: `fault` finds it.
    """
    if len(raw) > MAX_BYTES:
        raise rules.MESSAGE_TOO_LARGE.refused(limit=MAX_BYTES, actual=len(raw), unit="bytes")
    if raw.startswith(_BOM):
        raise rules.NOT_UTF8.refused(actual="U+FEFF")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise rules.NOT_UTF8.refused(actual=f"byte {error.start}: {error.reason}") from None
    try:
        from_json(raw)
        return _READ(text)
    except ValueError as error:
        said = str(error)
    if said.startswith("recursion limit"):
        raise rules.NESTED_TOO_DEEP.refused(limit=MAX_DEPTH)
    if said.startswith("number out of range"):
        raise rules.NUMBER_NOT_ALLOWED.refused(limit=SAFE_INTEGER, actual="9…9 (> 4300)")
    raise rules.NOT_JSON.refused(actual=said[:ECHO])


def fault(value: Any, *, nul: bool = True, depth: int = 1) -> Fault | None:
    """The first thing in a parsed message that is not allowed. `nul`: whether U+0000 may be in it at all."""
    if depth > MAX_DEPTH:
        return Fault(rules.NESTED_TOO_DEEP, [], MAX_DEPTH, None)
    if type(value) is _Doubled:
        return Fault(rules.DUPLICATE_KEY, [], None, value.name[:ECHO])
    for name, item in value.items() if isinstance(value, dict) else enumerate(value):
        kind = type(item)
        found: Fault | None = None
        if kind is str:
            if nul and "\0" in item:
                found = Fault(rules.CHARACTER_NOT_ALLOWED, [], None, "U+0000")
        elif kind is int:
            if not -SAFE_INTEGER <= item <= SAFE_INTEGER:
                found = Fault(rules.NUMBER_NOT_ALLOWED, [], SAFE_INTEGER, str(item)[:ECHO])
        elif kind is dict or kind is list or kind is _Doubled:
            found = fault(item, nul=nul, depth=depth + 1)
        elif kind is _Number:
            found = Fault(rules.NUMBER_NOT_ALLOWED, [], SAFE_INTEGER, item.text[:ECHO])
        if found is None and nul and type(name) is str and "\0" in name:
            found = Fault(rules.CHARACTER_NOT_ALLOWED, [], None, "U+0000")
        if found is not None:
            found.way.append(name)
            return found
    return None


def pointer(way: Any) -> str:
    """A JSON pointer (RFC 6901), cut off where the sender's own names make it long."""
    steps = (str(step).replace("~", "~0").replace("/", "~1").replace("\0", "\\u0000") for step in way)
    return "".join(f"/{step[:ECHO]}" for step in steps)


def echo(value: Any) -> str:
    """What came, in a form that fits into a receipt."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.replace("\0", "\\u0000")[:ECHO]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = _Doubled(found)
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            doubled.name = name
            break
        seen.add(name)
    return doubled


_READ: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_Number, parse_constant=_Number).decode
