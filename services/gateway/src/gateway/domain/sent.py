"""What was sent before: the first position and content of every message id, so that the same is answered the same."""

from __future__ import annotations

from dataclasses import dataclass

from contracts import values
from contracts.message import Event, ReceiptData


class Forwarded(Event):
    """Stands for a command that the gateway wrote to a commands topic; it is not published itself."""

    home = "key"

    key: str
    ingressposition: str
    contenthash: str
    service: str  # pyright: ignore[reportIncompatibleVariableOverride] - whose command it is, not who says so


@dataclass(frozen=True, slots=True)
class Sent:
    """The first time that an id came in."""

    ingressposition: str
    contenthash: str
    service: str


def key(source: str, id_: str) -> str:
    """The key of a message: one id of one source."""
    return f"{source} {id_}"


def sent(state: Sent | None, event: Event) -> Sent | None:
    """Fold what the gateway forwarded or refused; the first time counts."""
    if state is not None:
        return state
    if isinstance(event, Forwarded):
        return Sent(event.ingressposition, event.contenthash, event.service)
    contenthash = getattr(event, "contenthash", "")
    if isinstance(event, ReceiptData) and contenthash and not event.duplicate:
        return Sent(event.ingressposition, contenthash, "gateway")
    return state


def answered(_state: ReceiptData | None, event: ReceiptData) -> ReceiptData:
    """Fold a receipt: it is the answer to every repetition of its command."""
    return event


OPERATORS = frozenset({values.Role.OPERATOR})


def refused(state: ReceiptData | None, event: ReceiptData) -> ReceiptData | None:
    """Fold the gateway's own receipts: the first answer stands, a repetition's is a copy of it."""
    return state if event.duplicate else event
