"""From what was decided to the exact bytes of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chassis.service import Incoming, Service
from chassis.store import LedgerRow
from chassis.work import Published, Sent
from contracts import envelope as envelopes
from contracts import topics
from contracts.message import Event, Reason, RefusedRow
from contracts.values import time_text

MAX_ROW = 4 * 1024 * 1024
"""What a topic takes; a larger row is refused before it enters the ledger, or the relay would stand still for ever."""


class RowTooLarge(Exception):
    """An event is larger than a topic takes."""


class Cause(NamedTuple):
    """What an output was decided on: it gives the outputs their ids, time, case and trace."""

    service: Service
    position: int
    at: datetime
    id: str
    case: str = ""
    traceparent: str = ""


def rows(cause: Cause, outputs: Sequence[Published | Sent], ledger_position: int) -> list[LedgerRow]:
    """The ledger rows of one input's outputs; positions follow on `ledger_position`."""
    made: list[LedgerRow] = []
    for ordinal, output in enumerate(outputs):
        ledger_position += 1
        if isinstance(output, Sent):
            row = LedgerRow(ledger_position, output.topic, None, output.key, output.id, output.type, 0, output.body)
        else:
            row = _published(cause, output, ordinal, ledger_position)
        if len(row.body) > MAX_ROW:
            message = f"{row.type}: {len(row.body)} bytes; at most {MAX_ROW}"
            raise RowTooLarge(message)
        made.append(row)
    return made


def _published(cause: Cause, output: Published, ordinal: int, position: int) -> LedgerRow:
    event = output.event
    service = cause.service
    # Safe to send to anybody: whoever guesses all of this learns a place in the inbox, not who sent what stands there.
    id_ = envelopes.new_id(cause.at, service.name, service.shard, str(cause.position), str(ordinal))
    subject = event.subject
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": id_,
        "source": service.source,
        "type": event.type,
        "subject": subject,
        "time": time_text(cause.at),
        "datacontenttype": "application/json",
        "correlationid": (str(getattr(event, event.case)) if event.case else cause.case) or id_,
        "causationid": cause.id,
        "sequence": output.sequence,
    }
    if cause.traceparent:
        attributes["traceparent"] = cause.traceparent
    body = envelopes.join(attributes, event.model_dump_json().encode())
    return LedgerRow(
        position, topics.events(service.name), service.partition, subject, id_, event.type, output.sequence, body
    )


def from_envelope(reason: Reason) -> Reason:
    """A service's reason, which points into the data, as a participant reads it: into the message that it sent."""
    if reason.path in ("", "/subject"):
        return reason
    return reason.model_copy(update={"path": f"/data{reason.path}"})


def receipt(
    service: Service,
    incoming: Incoming[Any],
    *,
    reasons: tuple[Reason, ...] = (),
    rows: tuple[RefusedRow, ...] = (),
    rejected: bool = False,
) -> Event:
    """The one final answer to a command."""
    status = "rejected" if rejected else "partly-accepted" if rows else "accepted"
    return service.receipt(
        command_id=incoming.id,
        command_source=incoming.source,
        command_type=incoming.type,
        command_subject=incoming.subject,
        sender=incoming.sender,
        status=status,
        reasons=tuple(map(from_envelope, reasons)),
        rows=rows,
        ingressposition=incoming.ingressposition,
    )
