"""Log entries for tests, made without a broker."""

from __future__ import annotations

import json
from typing import Any

from flexreg.log import Entry

PREFIX = "no.flexregister"


def entry(topic: str, offset: int, message: dict[str, Any] | bytes, *, stamp: int | None = None) -> Entry:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return Entry(topic, 0, offset, offset if stamp is None else stamp, body)


def command(
    offset: int,
    id_: str,
    *,
    service: str = "registry",
    case: str | None = None,
    cause: str | None = None,
    name: str = "do-this",
    subject: str = "s",
) -> Entry:
    message = {
        "id": id_,
        "source": "/parties/1",
        "type": f"{PREFIX}.{service}.{name}.v1",
        "subject": subject,
        "correlationid": case or id_,
        "data": {},
    }
    return entry(f"commands.{service}.v1", offset, message | ({"causationid": cause} if cause else {}))


def event(
    offset: int,
    id_: str,
    *,
    service: str = "registry",
    name: str = "this-done",
    case: str = "case",
    cause: str = "",
    subject: str = "s",
    sequence: int = 1,
    **data: Any,
) -> Entry:
    message = {
        "id": id_,
        "source": f"/services/{service}",
        "type": f"{PREFIX}.{service}.{name}.v1",
        "subject": subject,
        "correlationid": case,
        "causationid": cause,
        "sequence": sequence,
        "data": data,
    }
    return entry(f"events.{service}.v1", offset, message)


def receipt(offset: int, id_: str, *, command_id: str, position: str = "", service: str = "registry") -> Entry:
    return event(
        offset,
        id_,
        service=service,
        name="receipt",
        case=command_id,
        cause=command_id,
        subject=command_id,
        sequence=0,
        command_id=command_id,
        sender="7080000000012",
        status="accepted",
        ingressposition=position,
    )
