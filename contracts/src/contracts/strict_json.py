"""JSON as participants may write it: RFC 8259, with whole numbers only, and each name once (I-JSON, RFC 7493).

Two parsers must agree: a strict one, which is also the one that reads messages inside, and Python's own, which lets us
see names that occur twice. What is wrong within one message of a parcel is found later, by `fault`, so that it costs
that message alone.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import from_json

from contracts import door_rules as rules
from contracts import phrases
from contracts.message import Reason, Refused, Rule
from contracts.values import SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        raise Refused(phrases.told(rules.NOT_UTF8, actual=f"byte {error.start + 1}")) from None
    try:
        from_json(raw)
        return _READ(text)
    except ValueError as error:
        said = str(error)
    if said.startswith("recursion limit"):
        raise rules.NESTED_TOO_DEEP.refused(limit=MAX_DEPTH)
    if said.startswith("number out of range"):
        raise rules.NUMBER_NOT_ALLOWED.refused(limit=SAFE_INTEGER, actual="9…9 (> 4300)")
    raise Refused(phrases.told(rules.NOT_JSON, actual=_place(said)))


def _place(said: str) -> str:
    """Where a parser stopped; its own words are no reader's."""
    found = _POSITION(said)
    place = f"line {found[1]}, column {found[2]}" if found else "line 1, column 1"
    return f"it ends too early, at {place}" if said.startswith("EOF") else place


def fault(value: Any, *, depth: int = 1) -> Fault | None:
    """The first thing in a parsed message that is not allowed: a level, a number, or a name that occurs twice."""
    if depth > MAX_DEPTH:
        return Fault(rules.NESTED_TOO_DEEP, [], MAX_DEPTH, None)
    if type(value) is _Doubled:
        return Fault(rules.DUPLICATE_KEY, [], None, value.name[:ECHO])
    # The values of a series: thousands, all alike.
    if (
        type(value) is list
        and set(map(type, value)) == _ONLY_INT
        and -SAFE_INTEGER <= min(value) <= max(value) <= SAFE_INTEGER
    ):
        return None
    for name, item in _steps(value):
        kind = type(item)
        if kind is int:
            if -SAFE_INTEGER <= item <= SAFE_INTEGER:
                continue
            found = Fault(rules.NUMBER_NOT_ALLOWED, [], SAFE_INTEGER, str(item)[:ECHO])
        elif kind in _HOLDING:
            found = fault(item, depth=depth + 1)
        elif kind is _Number:
            found = Fault(rules.NUMBER_NOT_ALLOWED, [], SAFE_INTEGER, item.text[:ECHO])
        else:
            continue
        if found is not None:
            found.way.append(name)
            return found
    return None


def null_character(value: Any) -> Fault | None:
    """The first text or name with U+0000 in it, which no database stores. For messages without a `fault`."""
    for name, item in _steps(value):
        found: Fault | None = None
        if "\0" in str(name) or (type(item) is str and "\0" in item):
            found = Fault(rules.CHARACTER_NOT_ALLOWED, [], None, "U+0000")
        elif type(item) in _HOLDING:
            found = null_character(item)
        if found is not None:
            found.way.append(name)
            return found
    return None


def _steps(value: Any) -> Iterable[tuple[str | int, Any]]:
    """What it holds; what is no object and no list holds nothing."""
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, (list, tuple)) else ()


def pointer(way: Iterable[str | int]) -> str:
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


_POSITION: Final = re.compile(r"line (\d+) column (\d+)").search
_ONLY_INT: Final = {int}
_HOLDING: Final = frozenset({dict, list, _Doubled})
_READ: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_Number, parse_constant=_Number).decode
