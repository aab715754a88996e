"""What is said about qualifying BSPs for products (R41)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

Product = Literal["mFRR"]


class ApplyForQualification(Command):
    """A BSP applies to be qualified for a product. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    product: Product = "mFRR"
    contact_email: values.ShortText
    contract_reference: values.ShortText


class DecideQualification(Command):
    """The TSO qualifies a BSP or does not. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    decision: Literal["qualified", "not-qualified"]
    reasons: values.LongText


class QualificationRequested(Event):
    """A BSP has applied to be qualified."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    contact_email: str
    contract_reference: str


class QualificationDecided(Event):
    """The TSO has decided on a BSP's qualification."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    decision: Literal["qualified", "not-qualified"]
    reasons: str
