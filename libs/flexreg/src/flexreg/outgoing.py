"""What is sent: a command filled in, and the records that commands are packed into. Pure, but for new ids."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts import door, envelope, strict_json, values
from contracts.message import Refused
from flexreg import types
from flexreg.problem import Problem


class NotACommand(Problem):
    """A line that cannot be made into a command."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is said of a command that got no receipt."""

    id: str = ""
    type: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record: its exact bytes, and the commands in it (one receipt is awaited for each)."""

    body: bytes
    heads: tuple[Head, ...] = (Head(),)
    meter_values: bool = False
    error: str = ""
    """Why it cannot be sent at all."""


def new_id() -> str:
    """A random UUID, version 7."""
    return envelope.new_id(datetime.now(UTC), secrets.token_hex(16))


def filled(command: Mapping[str, Any], *, gln: str, at: datetime) -> dict[str, Any]:
    """The whole envelope: what is given stands, the rest of `id`, `source`, `time`, `specversion` is filled in.

    Raises `UnknownType`, `NotACommand`.
    """
    type_ = command.get("type")
    if not isinstance(type_, str) or not type_:
        raise NotACommand("a command needs a `type`", "`flexreg types` lists them")
    found = {
        "specversion": envelope.SPECVERSION,
        "id": "",
        "source": envelope.party_source(gln),
        "time": values.time_text(at),
        **command,
        "type": types.command(type_),
    }
    if found["id"] == "" and "id" not in command:
        found["id"] = new_id()
    if "data" in found:  # last, where it is easiest to read
        found["data"] = found.pop("data")
    return found


def single(command: Mapping[str, Any]) -> Outgoing:
    """A filled-in command as a record of its own."""
    body = json.dumps(command, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return Outgoing(body, (_head(command),), command.get("type") == types.METER_VALUES)


def raw(body: bytes) -> Outgoing:
    """Bytes as they are: whatever they may be, and as many receipts as the door will find messages in them."""
    try:
        found = strict_json.parse(body)
    except Refused:
        return Outgoing(body)
    if isinstance(found, list) and 0 < len(found) <= door.MAX_PARCEL:
        return Outgoing(body, tuple(_head(item) for item in found))
    head = _head(found)
    return Outgoing(body, (head,), head.type == types.METER_VALUES)


async def parcelled(records: AsyncIterable[Outgoing], *, most: int) -> AsyncIterator[Outgoing]:
    """The same commands in the same order, up to so many in a parcel; meter values and the unsendable stay alone."""
    waiting: list[Outgoing] = []
    size = 0
    async for record in records:
        alone = record.meter_values or bool(record.error)
        if waiting and (alone or len(waiting) == most or size + len(record.body) + 2 > door.MAX_BYTES):
            yield _parcel(waiting)
            waiting, size = [], 0
        if alone:
            yield record
        else:
            waiting.append(record)
            size += len(record.body) + 1
    if waiting:
        yield _parcel(waiting)


async def each(records: Iterable[Outgoing]) -> AsyncIterator[Outgoing]:
    """Records that are at hand, as a stream."""
    for record in records:
        yield record


def _parcel(records: list[Outgoing]) -> Outgoing:
    if len(records) == 1:
        return records[0]
    body = b"[" + b",".join(record.body for record in records) + b"]"
    return Outgoing(body, tuple(head for record in records for head in record.heads))


def _head(found: Any) -> Head:
    if not isinstance(found, Mapping):
        return Head()
    said = (found.get(name) for name in ("id", "type", "subject"))
    return Head(*(value if isinstance(value, str) else "" for value in said))
