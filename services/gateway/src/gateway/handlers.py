"""What the gateway does with each input: open what comes in, forward or refuse it, deliver what is published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis import telemetry
from chassis.service import Incoming, Kind
from chassis.work import Work
from contracts import door, policies
from contracts import envelope as envelopes
from contracts.gateway import v1
from contracts.message import COMMANDS, Command, Event, Reason, ReceiptData
from contracts.parties import Party
from contracts.registry.v1 import ResendRequested
from contracts.values import Role, time_text
from gateway import store, topics
from gateway.domain import directory, resend, sent

SERVICES = ("registry", "prequal", "bsp-switch", "meter-ingest")


@dataclass(frozen=True, slots=True)
class Opening:
    """The process asks for the register to be opened."""

    operator: str
    operator_name: str


@dataclass(frozen=True, slots=True)
class Passing:
    """Everything received before `until` has been decided."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """A party's topics exist and are read."""

    party: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """A party has been sent again what it asked for."""

    resend_id: str
    party: str
    count: int


# What comes in


async def ingress(work: Work, message: Incoming[door.Item]) -> None:
    """Forward a command to the service that owns it, or refuse it: each position gets exactly one receipt."""
    item, sender = message.data, message.sender
    register = await work.load(store.REGISTER, store.REGISTER_ID)
    party = await work.load(store.PARTY, sender)
    roles = directory.roles_of(gln=sender, party=party, register=register)
    if not roles:
        await work.append(
            v1.SecurityEventRecorded(
                kind="UNKNOWN_SENDER", topic=message.source, ingressposition=message.ingressposition, count=1
            )
        )
        telemetry.SECURITY.add(1, {"kind": "UNKNOWN_SENDER"})
        return
    if item.id and item.source == f"/parties/{sender}":
        before = await work.load(store.SENT, sent.key(item.source, item.id))
        if before is not None:
            await _again(work, message, before)
            return
    reasons = list(item.reasons) or _may(item, sender=sender, roles=roles, party=party)
    if reasons:
        await _refuse(work, message, tuple(reasons))
        return
    await _forward(work, message, roles)


def _may(item: door.Item, *, sender: str, roles: tuple[Role, ...], party: Party | None) -> list[Reason]:
    command = COMMANDS[item.type]
    if party is not None and not party.is_active:
        return [door.PARTY_NOT_ACTIVE.reason(path="/source", actual=party.status)]
    if item.source != f"/parties/{sender}":
        return [door.SOURCE_NOT_SENDER.reason(path="/source", limit=f"/parties/{sender}", actual=item.source)]
    if acting(command, roles, item.actingas) is None:
        allowed = ", ".join(sorted(command.senders))
        return [door.ROLE_MISSING.reason(path="/type", limit=allowed, actual=item.actingas or ", ".join(roles))]
    if (command.service, command.__name__) == ("meter-ingest", "SendMeterValues"):
        return [door.WRONG_TOPIC.reason(path="/type", limit=f"ingress.{sender}.meter-values.v1")]
    return []


def acting(command: type[Command], roles: tuple[Role, ...], actingas: str) -> Role | None:
    """The one role that a party acts in: the one that may send the type; of several the one it names."""
    able = [role for role in roles if role in command.senders and (not actingas or role == actingas)]
    return able[0] if able else None


async def _again(work: Work, message: Incoming[door.Item], before: sent.Sent) -> None:
    item = message.data
    if item.contenthash != before.contenthash:
        await _refuse(work, message, (door.ID_REUSED.reason(path="/id", actual=item.id),), keep=False)
        return
    key = sent.key(item.source, item.id)
    kind: Kind[Any] = store.RECEIPTS.get(before.service, store.REFUSALS)
    answer: ReceiptData | None = await work.load(kind, key)
    if answer is not None:
        await work.append(_copy(answer, message.ingressposition))
        return
    repeats = await work.load(store.REPEATS, key) or store.Repeats()
    await work.put(store.REPEATS, key, store.Repeats((*repeats.positions, message.ingressposition)))


def _copy(answer: ReceiptData, position: str) -> v1.Receipt:
    return v1.Receipt.model_validate(
        {**answer.model_dump(exclude={"contenthash"}), "duplicate": True, "ingressposition": position}
    )


async def _refuse(work: Work, message: Incoming[door.Item], reasons: tuple[Reason, ...], *, keep: bool = True) -> None:
    item = message.data
    own = item.source == f"/parties/{message.sender}"
    await work.append(
        v1.Receipt(
            command_id=item.id or message.ingressposition,
            command_source=item.source or f"/parties/{message.sender}",
            command_type=item.type,
            command_subject=item.subject,
            sender=message.sender,
            status="rejected",
            reasons=reasons,
            ingressposition=message.ingressposition,
            contenthash=item.contenthash if keep and own and item.id else "",
        )
    )


async def _forward(work: Work, message: Incoming[door.Item], roles: tuple[Role, ...]) -> None:
    item = message.data
    command = COMMANDS[item.type]
    role = acting(command, roles, item.actingas)
    assert role is not None
    received = time_text(message.at)
    added = {
        "sender": message.sender,
        "senderrole": str(role),
        "receivedat": received,
        "ingressposition": message.ingressposition,
        "contenthash": item.contenthash,
    }
    if not item.traceparent and message.traceparent:
        added["traceparent"] = telemetry.child("gateway", message.traceparent, message.id)
    if not item.correlationid:
        added["correlationid"] = item.id
    work.send(
        topic=f"commands.{command.service}.v1",
        key=item.subject,
        id=item.id,
        type=item.type,
        body=envelopes.extend(item.body, added),
    )
    await work.fold(
        sent.Forwarded(
            key=sent.key(item.source, item.id),
            ingressposition=message.ingressposition,
            contenthash=item.contenthash,
            service=command.service,
        )
    )


# What is published


async def deliver(work: Work, message: Incoming[Event]) -> None:
    """Send an event to those who may see it, and answer repetitions that waited for a receipt."""
    event = message.data
    people = await work.load(store.DIRECTORY, store.DIRECTORY_ID)
    register = await work.load(store.REGISTER, store.REGISTER_ID)
    bodies = {frozenset[str](): message.body}
    for gln, without in directory.recipients(event, directory=people, register=register).items():
        party = await work.load(store.PARTY, gln)
        roles = directory.roles_of(gln=gln, party=party, register=register)
        if roles and directory.is_reached(gln=gln, party=party, event=event):
            if without not in bodies:
                bodies[without] = envelopes.without(message.body, without)
            await _post(work, topics.egress(gln, event, roles), message, bodies[without])
    if isinstance(event, ResendRequested):
        waiting = await work.load(store.RESENDS, store.RESENDS_ID)
        await work.put(store.RESENDS, store.RESENDS_ID, resend.asked(waiting, event))
    if isinstance(event, ReceiptData) and not event.duplicate:
        key = sent.key(event.command_source, event.command_id)
        repeats = await work.load(store.REPEATS, key)
        if repeats is not None:
            for position in repeats.positions:
                await work.append(_copy(event, position))
            await work.put(store.REPEATS, key, None)


async def _post(work: Work, topic: str, message: Incoming[Event], body: bytes) -> None:
    box = await work.load(store.MAILBOX, topic) or store.Mailbox()
    sequence = box.sequence + 1
    body = envelopes.extend(body, {"deliverysequence": sequence})
    if box.ready:
        work.send(topic=topic, key=message.subject, id=message.id, type=message.type, body=body)
        await work.put(store.MAILBOX, topic, store.Mailbox(sequence, ready=True))
    else:
        await work.put(store.MAILBOX, topic, store.Mailbox(sequence, waiting=(*box.waiting, body.decode())))


# What the process itself says


async def open_register(work: Work, message: Incoming[Opening]) -> None:
    """The first message on every commands topic; after an upgrade, the policies that are new."""
    register = await work.load(store.REGISTER, store.REGISTER_ID)
    known = set(register.policies) if register else set()
    fresh = tuple(policy for policy in policies.DEFAULTS if policy.key not in known)
    if not fresh:
        return
    event: Event = (
        v1.RegisterOpened(operator=message.data.operator, operator_name=message.data.operator_name, policies=fresh)
        if register is None
        else v1.PoliciesAdded(operator=register.operator, policies=fresh)
    )
    await work.append(event)
    _tell_all(work, event, message)


async def time_passed(work: Work, message: Incoming[Passing]) -> None:
    """Tell every deciding service that what fell due by now can be decided."""
    _tell_all(work, v1.TimePassed(until=message.data.until), message)


def _tell_all(work: Work, event: Event, message: Incoming[Any]) -> None:
    at = message.data.until if isinstance(message.data, Passing) else message.at
    id_ = envelopes.new_id(at, "gateway", message.id, event.type)
    attributes = {
        "specversion": "1.0",
        "id": id_,
        "source": "/services/gateway",
        "type": event.type,
        "subject": event.subject,
        "time": time_text(at),
        "correlationid": id_,
    }
    body = envelopes.join(attributes, event.model_dump_json().encode())
    for service in SERVICES:
        work.send(topic=f"commands.{service}.v1", key=event.subject, id=id_, type=event.type, body=body)


async def party_ready(work: Work, message: Incoming[Made]) -> None:
    """The party's topics are there: say so, and send what has waited."""
    gln = message.data.party
    register = await work.load(store.REGISTER, store.REGISTER_ID)
    if register is None or gln in register.ready:
        return
    for topic in (f"egress.{gln}.v1", f"egress.{gln}.activation.v1"):
        box = await work.load(store.MAILBOX, topic) or store.Mailbox()
        for text in box.waiting:
            body = text.encode()
            head = envelopes.decode(body)
            work.send(topic=topic, key=head.subject, id=head.id, type=head.type, body=body)
        await work.put(store.MAILBOX, topic, store.Mailbox(box.sequence, ready=True))
    await work.append(v1.PartyReady(party=gln))


async def resend_done(work: Work, message: Incoming[Repeated]) -> None:
    """All of it is on the party's topic: say so; the next order is next."""
    said = message.data
    waiting = await work.load(store.RESENDS, store.RESENDS_ID)
    if waiting is None or all(order.resend_id != said.resend_id for order in waiting.orders):
        return
    await work.put(store.RESENDS, store.RESENDS_ID, resend.done(waiting, said.resend_id))
    await work.append(v1.DeliveriesRepeated(resend_id=said.resend_id, party=said.party, count=said.count))
