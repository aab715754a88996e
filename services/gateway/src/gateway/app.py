"""The composition of the gateway: what it reads, and what it does beside deciding.

Beside deciding it makes the topics of new parties, and lets time pass.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis import clock, kafka, parking, process
from chassis import store as chassis_store
from chassis.consumer import Consumer
from chassis.record import Record, inputs
from chassis.service import On, Raw, Service
from contracts import door, policies, topics
from contracts.gateway import v1
from contracts.message import EVENTS, Event, ReceiptData
from contracts.registry.v1 import ResendRequested
from contracts.values import Role
from gateway import handlers, resending, store
from gateway.domain import sent
from gateway.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

LOG = logging.getLogger("flexregister")


STANDBY_SECONDS = 10
"""Who has been given nothing to read for so long since its start is a standby."""

# How records are opened into inputs


def open_ingress(record: Record) -> Iterable[Raw]:
    """What a participant sent: a message, or a parcel of them, each with its own position."""
    gln = record.topic.split(".")[1]
    for index, item in enumerate(door.open_record(record.value)):
        position = f"{record.topic}/{record.part}/{record.off}/{index}"
        yield Raw(
            key=("ingress", position),
            type="ingress",
            data=item,
            subject=item.subject,
            id=item.id or position,
            source=item.source or f"/parties/{gln}",
            sender=gln,
            case=item.correlationid,
            position=position,
            traceparent=item.traceparent,
        )


def open_internal(record: Record) -> Iterable[Raw]:
    """What the process says to itself."""
    said = json.loads(record.value)
    data: Any
    match said["type"]:
        case "open":
            data = handlers.Opening(**said["data"])
        case "made":
            data = handlers.Made(**said["data"])
        case "repeated":
            data = handlers.Repeated(**said["data"])
        case _:
            data = handlers.Passing(until=datetime.fromisoformat(said["data"]["until"]))
    yield Raw(key=(said["type"], *said["key"]), type=said["type"], data=data, id="-".join([said["type"], *said["key"]]))


def _replay(message: Mapping[str, Any]) -> Event | None:
    if "ingressposition" not in message:
        return None
    return sent.Forwarded(
        key=sent.key(message["source"], message["id"]),
        ingressposition=message["ingressposition"],
        contenthash=message["contenthash"],
        service=message["type"].split(".")[2],
    )


def service(settings: Settings) -> Service:
    """What the gateway decides."""
    return Service(
        name="gateway",
        kinds=store.KINDS,
        receipt=v1.Receipt,
        reactions={event: On(handlers.deliver, needs=_delivery_needs) for event in EVENTS.values()},
        raw={"ingress.*.v1": open_ingress, clock.TOPIC: clock.opened, parking.INTERNAL: open_internal},
        internal={
            "ingress": On(handlers.ingress, needs=_ingress_needs),
            "clock": clock.MOVED,
            "open": On(handlers.open_register),
            "passing": On(handlers.time_passed),
            "made": On(handlers.party_ready),
            "repeated": On(handlers.resend_done),
        },
        moment=clock.moment if settings.sandbox else None,
        trace_ratio=settings.trace_ratio,
        uncounted=frozenset({v1.Receipt}),
        streams=frozenset(
            {v1.RegisterOpened, v1.PoliciesAdded, v1.PartyReady, v1.SecurityEventRecorded, v1.DeliveriesRepeated}
        ),
        remembers=False,
        replays={f"commands.{name}.v1": _replay for name in handlers.SERVICES},
    )


def _ingress_needs(message: Any) -> Any:
    item = message.data
    return [
        (store.SENT, [sent.key(item.source, item.id)] if item.id else []),
        (store.PARTY, [message.sender]),
        (store.REGISTER, [store.REGISTER_ID]),
        (clock.CLOCK, [clock.ID]),
    ]


def _delivery_needs(message: Any) -> Any:
    event = message.data
    wanted: list[Any] = [(store.DIRECTORY, [store.DIRECTORY_ID]), (store.REGISTER, [store.REGISTER_ID])]
    named = [
        gln
        for audience in event.audience
        if audience.field is not None
        for gln in _listed(getattr(event, audience.field))
    ]
    wanted += [(store.PARTY, named), (store.MAILBOX, [f"egress.{gln}.v1" for gln in named])]
    if isinstance(event, ResendRequested):
        wanted.append((store.RESENDS, [store.RESENDS_ID]))
    if isinstance(event, ReceiptData):
        wanted.append((store.REPEATS, [sent.key(event.command_source, event.command_id)]))
    return wanted


def _listed(named: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (named,) if isinstance(named, str) else named or ()


# Beside deciding


class Clockwork:
    """Makes time pass: for every record of the clock's topic, once everything received before it has been decided."""

    def __init__(self) -> None:
        self._waiting: list[tuple[dict[kafka.TopicPartition, int], str, str]] = []

    async def after(self, consumer: Consumer, records: Sequence[Record]) -> None:
        """Look at what was just decided."""
        for record in records:
            if record.topic == clock.TOPIC:
                move = clock.read(record)
                until = move.value if move else record.received_at
                await self.pass_to(consumer, until, key=str(record.off))
        await self._check(consumer)

    async def pass_to(self, consumer: Consumer, until: datetime, *, key: str) -> None:
        """Let time pass to a moment, when what stands in the log now is decided."""
        ingress = [tp for tp in consumer.client.assignment() if consumer.short(tp.topic).startswith("ingress.")]
        self._waiting.append((dict(await consumer.scout.ends(ingress)), until.isoformat(), key))

    async def _check(self, consumer: Consumer) -> None:
        while self._waiting:
            ends, until, key = self._waiting[0]
            for tp, end in ends.items():
                if tp in consumer.client.assignment() and await _at(consumer, tp) < end:
                    return
            self._waiting.pop(0)
            await say(consumer, "passing", (until, key), {"until": until})


async def _at(consumer: Consumer, tp: kafka.TopicPartition) -> int:
    decided = consumer.decided.get(tp)
    return decided if decided is not None else await consumer.client.position(tp)


async def say(consumer: Consumer, type_: str, key: Sequence[str], data: Mapping[str, Any]) -> None:
    """Give the gateway an input of its own."""
    stamp = int(time.time() * 1000)
    value = json.dumps({"type": type_, "key": list(key), "data": dict(data), "stamp": stamp}).encode()
    record = Record(parking.INTERNAL, 0, 0, stamp, value)
    await consumer.engine.give(list(inputs(consumer.engine.service, record)))


async def resend(running: process.Process) -> None:
    """Send parties again what they were sent, when they asked."""

    async def done(resend_id: str, party: str, count: int) -> None:
        data = {"resend_id": resend_id, "party": party, "count": count}
        await say(running.consumers[0], "repeated", (resend_id,), data)

    await resending.attend(running, done)


async def attend(running: process.Process) -> None:
    """Open the register, make the topics of whoever is onboarded, and let the real clock tick."""
    settings = running.settings
    assert isinstance(settings, Settings)
    consumer = running.consumers[0]
    ticked = 0.0
    started = time.monotonic()
    opened = False
    looked_at: tuple[int, int] | None = None
    made: dict[str, list[Role]] = {}
    begun = asyncio.Event()
    running.awaited.append(begun)
    while True:
        try:
            if await consumer.lead():
                if not opened:
                    await _open(running, settings, consumer)
                    opened = True
                stands = (consumer.engine.epoch, consumer.engine.position)
                if stands != looked_at:
                    # Only what has been decided since can have brought somebody new, or a new role.
                    await _ready(running, settings, consumer, made)
                    looked_at = stands
                begun.set()
                if not settings.sandbox and time.monotonic() - ticked > settings.tick_seconds:
                    ticked = time.monotonic()
                    await _clock(settings, {"tick": True})
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is away comes back; the loop must outlive it
            LOG.warning("gateway: %s: %s", type(error).__name__, error)
        if not consumer.assigned() and time.monotonic() - started > STANDBY_SECONDS:
            # A standby is ready as it is; whoever reads opens the register.
            begun.set()
        await asyncio.sleep(0.1)


async def _open(running: process.Process, settings: Settings, consumer: Consumer) -> None:
    if settings.sandbox and await _document(running, clock.CLOCK, clock.ID) is None:
        await _clock(settings, {"now": settings.sandbox_start.isoformat()})
        while await _document(running, clock.CLOCK, clock.ID) is None:
            await asyncio.sleep(0.02)
    known = await _document(running, store.REGISTER, store.REGISTER_ID)
    wanted = {policy.key for policy in policies.DEFAULTS}
    if known is None or wanted - set(known.policies):
        key = ",".join(sorted(wanted - set(known.policies if known else ())))
        await say(consumer, "open", (key,), {"operator": settings.operator, "operator_name": settings.operator_name})


async def _ready(running: process.Process, settings: Settings, consumer: Consumer, made: dict[str, list[Role]]) -> None:
    """Make the topics of new parties, and of new roles. `made`: for whom, in which roles, this process has made them.

    At a start that is nobody: a later catalogue may have more topics, or other ones.
    """
    register = await _document(running, store.REGISTER, store.REGISTER_ID)
    people = await _document(running, store.DIRECTORY, store.DIRECTORY_ID)
    if register is None:
        return
    roles: dict[str, list[Role]] = {register.operator: [], **(people.roles() if people else {})}
    other = {gln: held for gln, held in roles.items() if made.get(gln) != held}
    if other:
        wanted = [topic for gln, held in other.items() for topic in topics.party_topics(gln, held)]
        await kafka.apply(settings.kafka_bootstrap, settings.namespace, wanted, replication=settings.replication)
        made |= other
    new = [gln for gln in roles if gln not in register.ready]
    if not new:
        return
    await asyncio.wait_for(consumer.know(*(f"ingress.{gln}.v1" for gln in new)), 30)
    await consumer.lead()
    for gln in new:
        await say(consumer, "made", (gln,), {"party": gln})


async def _document(running: process.Process, kind: Any, id_: str) -> Any:
    async with running.database.connect() as connection:
        found = await chassis_store.load(connection, kind, id_)
    return found.state if found else None


async def _clock(settings: Settings, value: dict[str, Any]) -> None:
    async with kafka.producing(settings.kafka_bootstrap, client="gateway-clock") as producer:
        await producer.send_and_wait(topics.full_name(settings.namespace, clock.TOPIC), json.dumps(value).encode())


def compose(settings: Settings, _database: AsyncEngine) -> Sequence[process.Shard]:
    """One shard, over everything that comes in and everything that is published."""
    clockwork = Clockwork()
    return [
        process.Shard(
            service(settings),
            pattern=r"control\.clock\.v1|events\.[a-z-]+\.v1|ingress\.[0-9]+\.v1",
            first=clock.first(sandbox=settings.sandbox),
            after=clockwork.after,
        )
    ]


def main() -> None:
    """`python -m gateway run`."""
    process.main("gateway", "gateway", Settings, compose, alongside=[attend, resend])
