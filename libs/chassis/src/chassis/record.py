"""Records as they come from the broker, and how they become inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import from_json

from chassis import store, telemetry
from chassis.service import Incoming, On, Raw, Service
from contracts.gateway.v1 import TimePassed


@dataclass(slots=True)
class Record:
    """One record; `stamp` is the broker's append time in milliseconds. The topic is without the namespace."""

    topic: str
    part: int
    off: int
    stamp: int
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    """As the sender set them: where a detached signature over the value will stand. Only raw topics have them."""

    @property
    def received_at(self) -> datetime:
        """When the broker appended it."""
        return datetime.fromtimestamp(self.stamp / 1000, UTC)


@dataclass(slots=True)
class Input:
    """One input of a service: what it is, where it came from, and what decides it."""

    key: str
    kind: Literal["command", "event", "time", "internal", "broken"]
    incoming: Incoming[Any]
    record: Record
    on: On | None = None
    error: Exception | None = None
    envelope: dict[str, Any] | None = None


_TYPE = re.compile(rb'"type":"([a-z0-9.-]+)"')
_HEAD = 1000


class UnknownMajor(Exception):
    """A declared type came in a major version that this service does not know: it stops rather than skip it."""


def inputs(service: Service, record: Record) -> Iterable[Input]:
    """Open a record. A message of a type that the service does not declare yields nothing."""
    opener = (service.raw.get(record.topic) or service.raw.get(pattern(record.topic))) if service.raw else None
    if opener is not None:
        yield from _raw(service, record, opener)
        return
    if (head := type_of(record.value)) and head.rpartition(".")[0] not in service.stems and head != TimePassed.type:
        return
    try:
        envelope: dict[str, Any] = from_json(record.value)
        type_ = envelope["type"]
    except (ValueError, KeyError, TypeError) as error:
        # On an internal topic this is a defect of the writer: it parks and shows, and nothing else is disturbed.
        yield _broken(record, error)
        return
    if type_ in service.takes:
        yield _input(service, record, envelope, "command")
    elif type_ == TimePassed.type:
        yield _input(service, record, envelope, "time")
    elif type_ in service.listens:
        yield _input(service, record, envelope, "event")
    elif type_.rpartition(".")[0] in service.stems:
        message = f"{type_} on {record.topic}: {service.name} knows another major version of it"
        raise UnknownMajor(message)


def _raw(service: Service, record: Record, opener: Callable[[Record], Iterable[Raw]]) -> Iterable[Input]:
    try:
        opened = list(opener(record))
    except Exception as error:  # noqa: BLE001 - a defect of the door: this record parks, and others go on
        yield _broken(record, error)
        return
    for raw in opened:
        position = raw.position or f"{record.topic}/{record.part}/{record.off}"
        traceparent = raw.traceparent
        if raw.position and not traceparent:
            traceparent = telemetry.new_traceparent(position, ratio=service.trace_ratio)
        incoming = Incoming(
            data=raw.data,
            type=raw.type,
            id=raw.id,
            source=raw.source or record.topic,
            subject=raw.subject,
            at=record.received_at,
            position=0,
            sender=raw.sender,
            case=raw.case,
            ingressposition=position,
            traceparent=traceparent,
            body=record.value,
        )
        yield Input(store.inbox_key(*raw.key), "internal", incoming, record, service.internal.get(raw.type))


def _broken(record: Record, error: Exception) -> Input:
    incoming = Incoming(None, "?", "?", record.topic, "", record.received_at, 0)
    key = store.inbox_key(record.topic, str(record.part), str(record.off))
    return Input(key, "broken", incoming, record, error=error)


def type_of(value: bytes) -> str:
    """The type of a message whose writer put the attributes before the data; empty where it must be opened to know."""
    found = _TYPE.search(value, 0, _HEAD)
    return "" if found is None or value.find(b'"data":', 0, found.start()) >= 0 else found[1].decode()


def pattern(topic: str) -> str:
    """A party's topic as a pattern: `ingress.7080000000012.v1` → `ingress.*.v1`."""
    first, dot, rest = topic.partition(".")
    return f"{first}.*.{rest.partition('.')[2]}" if dot else topic


def _input(
    service: Service, record: Record, envelope: dict[str, Any], kind: Literal["command", "event", "time"]
) -> Input:
    type_: str = envelope["type"]
    model = service.takes[type_] if kind == "command" else TimePassed if kind == "time" else service.listens[type_]
    error: Exception | None = None
    data: Any = None
    try:
        data = model.model_validate(envelope.get("data"))
    except ValidationError as problem:
        error = problem
    moment: str = envelope.get("receivedat") or envelope["time"] if kind == "command" else envelope["time"]
    incoming = Incoming(
        data=data,
        type=type_,
        id=envelope["id"],
        source=envelope["source"],
        subject=envelope.get("subject", ""),
        at=datetime.fromisoformat(moment),
        position=0,
        sender=envelope.get("sender", ""),
        sender_role=envelope.get("senderrole", ""),
        case=envelope.get("correlationid", ""),
        ingressposition=envelope.get("ingressposition", ""),
        traceparent=envelope.get("traceparent", ""),
        body=record.value,
    )
    on = (service.commands if kind == "command" else service.reactions).get(model)  # type: ignore[call-overload]
    return Input(
        store.inbox_key(incoming.source, incoming.id), kind if error is None else "broken", incoming, record, on, error
    )
