"""Messages of the gateway, version 1. Those marked *control* stand on every commands topic."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Event, Part, ReceiptData, everyone, party


class PolicyValue(Part):
    """One policy: a number, word or flag that a rule is decided with, valid from a moment, with its legal source."""

    key: str
    value: int | str | bool
    unit: str | None = None
    valid_from: values.UtcTime
    source: str
    owner: str


class RegisterOpened(Event):
    """*Control.* The first message on every commands topic: who operates the register, and the default policies."""

    home: ClassVar[str] = "operator"
    audience: ClassVar[tuple[Audience, ...]] = (party("operator"),)

    operator: values.Gln
    operator_name: str
    policies: tuple[PolicyValue, ...]


class PoliciesAdded(Event):
    """*Control.* An upgrade brought policies that the register did not know."""

    home: ClassVar[str] = "operator"
    audience: ClassVar[tuple[Audience, ...]] = (party("operator"),)

    operator: values.Gln
    policies: tuple[PolicyValue, ...]


class TimePassed(Event):
    """*Control.* Everything received before `until` has been forwarded: what fell due by then can be decided."""

    home: ClassVar[str] = "clock"
    audience: ClassVar[tuple[Audience, ...]] = ()

    clock: str = "clock"
    until: values.UtcTime


class PartyReady(Event):
    """The party's topics exist and are being read."""

    home: ClassVar[str] = "party"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"), everyone(values.Role.OPERATOR))

    party: values.Gln


class DeliveriesRepeated(Event):
    """All that a party was sent of a period has been sent to it again, as it asked with `request-resend`."""

    home: ClassVar[str] = "resend_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"), everyone(values.Role.OPERATOR))

    resend_id: values.Uuid
    """The command's id."""
    party: values.Gln
    count: int
    """How many messages."""


class SecurityEventRecorded(Event):
    """Something came in that no known party can have meant. `count`: how many records it stands for."""

    home: ClassVar[str] = "kind"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(values.Role.OPERATOR),)

    kind: str
    topic: str
    ingressposition: str
    count: int


class Receipt(ReceiptData):
    """A refusal at the door, or the answer to a repetition (a copy of the first answer, `duplicate`)."""

    audience: ClassVar[tuple[Audience, ...]] = (party("sender"),)

    contenthash: str = ""
    """Of what was refused, so that its id cannot be used again for something else."""
