"""The gateway's documents."""

from __future__ import annotations

from dataclasses import dataclass

from chassis import clock
from chassis.service import SUBJECT, Kind
from contracts import parties
from contracts.bsp_switch import v1 as bsp_switch
from contracts.gateway import v1 as gateway
from contracts.message import ReceiptData
from contracts.meter_ingest import v1 as meter_ingest
from contracts.prequal import v1 as prequal
from contracts.registry import v1 as registry
from gateway.domain import directory, resend, sent

REGISTER_ID = "register"
DIRECTORY_ID = "directory"

PARTY = Kind("party", parties.Party, parties.evolve, dict.fromkeys(parties.STANDING, SUBJECT), of="registry")
DIRECTORY = Kind(
    "directory",
    directory.Directory,
    directory.directory,
    dict.fromkeys(parties.STANDING, lambda _e: DIRECTORY_ID),
    of="registry",
)
REGISTER = Kind(
    "register",
    directory.Register,
    directory.register,
    dict.fromkeys((gateway.RegisterOpened, gateway.PoliciesAdded, gateway.PartyReady), lambda _e: REGISTER_ID),
    shared=True,
)
SENT = Kind(
    "sent",
    sent.Sent,
    sent.sent,
    {
        sent.Forwarded: SUBJECT,
        gateway.Receipt: lambda e: sent.key(e.command_source, e.command_id),
    },
)
RECEIPTS: dict[str, Kind[ReceiptData]] = {
    module.Receipt.service: Kind(
        f"receipt-{module.Receipt.service}",
        module.Receipt,
        sent.answered,
        {module.Receipt: lambda e: sent.key(e.command_source, e.command_id)},
        of=module.Receipt.service,
    )
    for module in (registry, prequal, bsp_switch, meter_ingest)
}
"""The answers of each service, by the command's source and id."""
REFUSALS = Kind(
    "refusal",
    gateway.Receipt,
    sent.refused,
    {gateway.Receipt: lambda e: sent.key(e.command_source, e.command_id)},
)
"""The gateway's own answers."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What a party was sent: the last number given, and what waits until its topics are there."""

    sequence: int = 0
    ready: bool = False
    waiting: tuple[str, ...] = ()


MAILBOX = Kind("mailbox", Mailbox, lambda state, _event: state, {}, of="private")
"""By egress topic."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Repetitions of a command that came before its receipt: their positions."""

    positions: tuple[str, ...] = ()


REPEATS = Kind("repeats", Repeats, lambda state, _event: state, {}, of="private")

RESENDS_ID = "resends"
RESENDS = Kind("resends", resend.Waiting, lambda state, _event: state, {}, of="private")
"""One document: what is to be sent again."""

KINDS = (PARTY, DIRECTORY, REGISTER, SENT, *RECEIPTS.values(), REFUSALS, clock.CLOCK, MAILBOX, REPEATS, RESENDS)
