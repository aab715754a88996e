"""The value shard's door: what a DSO sends on its own topic, checked as the gateway checks commands.

What is sent twice is answered twice with the same receipt, and decided once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import messages, telemetry
from chassis.record import Record
from chassis.service import Bulk, Decision, Incoming, Kind, Raw
from chassis.work import Work
from contracts import door, packed, quick_values
from contracts.emif import reading
from contracts.message import Reason, Refused
from contracts.meter_ingest import v1
from contracts.parties import Party
from meter_ingest import apart, emif, shard, store

TYPE = v1.SendMeterValues.type
REFUSED = "refused-values"
_ARROW = b"\xff\xff\xff\xff"
"""How an Arrow IPC stream begins."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The first receipt for an id."""

    receipt: v1.Receipt


def answered(state: Answered | None, event: v1.Receipt) -> Answered | None:
    """Fold a receipt: the first one for an id stands."""
    if state is not None or not event.contenthash or event.duplicate:
        return state
    return Answered(event)


def key(source: str, id_: str) -> str:
    """The key of a message: one id of one source."""
    return f"{source} {id_}"


ANSWERED = Kind("answered-values", Answered, answered, {v1.Receipt: lambda e: key(e.command_source, e.command_id)})


def open_values(record: Record) -> Iterable[Raw]:
    """One envelope, XML document or Arrow stream a record, packed or not; anything else is refused as a whole."""
    gln = record.topic.split(".")[1]
    item = _item(record.value)
    reasons = item.reasons or _reasons(item, gln)
    position = f"{record.topic}/{record.part}/{record.off}"
    yield Raw(
        key=("ingress", position),
        type=REFUSED if reasons else TYPE,
        data=replace(item, reasons=reasons),
        subject=item.subject,
        id=item.id or position,
        source=item.source or f"/parties/{gln}",
        sender=gln,
        case=item.correlationid,
        position=position,
        traceparent=item.traceparent,
    )


def _item(raw: bytes) -> door.Item:
    if len(raw) > door.MAX_BYTES:
        return door.Item(reasons=(door.MESSAGE_TOO_LARGE.reason(limit=door.MAX_BYTES, actual=len(raw)),))
    try:
        content = packed.unpack(raw)
    except Refused as refused:
        return door.Item(reasons=refused.reasons)
    if reading.is_xml(content):
        return emif.item(content)
    if content.startswith(_ARROW):
        # What reads it is large, and needed only where it is sent.
        from meter_ingest import arrow  # noqa: PLC0415

        return arrow.item(content)
    return _json(content)


def _json(content: bytes) -> door.Item:
    if (quick := quick_values.opened(content)) is not None:
        return quick
    items = door.open_record(content)
    if len(items) > 1:
        return door.Item(reasons=(door.PARCEL_TOO_LARGE.reason(limit=1, actual=len(items)),))
    return (apart.item(content) if items[0].reasons else None) or items[0]


def _reasons(item: door.Item, gln: str) -> tuple[Reason, ...]:
    if item.source != f"/parties/{gln}":
        return (door.SOURCE_NOT_SENDER.reason(path="/source", limit=f"/parties/{gln}", actual=item.source),)
    if item.type != TYPE:
        return (door.WRONG_TOPIC.reason(path="/type", limit=f"ingress.{gln}.v1"),)
    return ()


def _may(message: Incoming[door.Item], party: Party | None) -> tuple[Reason, ...]:
    """Whether the sender may send values: its topic stays when it may act, or has the role, no longer."""
    if party is None:
        telemetry.SECURITY.add(1, {"kind": "UNKNOWN_SENDER"})
        return (door.SENDER_UNKNOWN.reason(path="/source", actual=message.sender),)
    if not party.is_active:
        return (door.PARTY_NOT_ACTIVE.reason(path="/source", actual=party.status),)
    if not v1.SendMeterValues.senders & set(party.roles):
        limit = ", ".join(sorted(v1.SendMeterValues.senders))
        return (door.ROLE_MISSING.reason(path="/type", limit=limit, actual=", ".join(party.roles)),)
    return ()


async def refuse(work: Work, message: Incoming[door.Item]) -> None:
    """Answer what could not be let in."""
    item = message.data
    own = message.source == f"/parties/{message.sender}"
    before = await work.load(ANSWERED, key(message.source, message.id)) if own else None
    if before is not None:
        await work.append(_again(message, before))
    else:
        await work.append(_receipt(message, item.reasons))


def taking(salt: shard.Salt) -> Bulk:
    """`take` with where its salts come from."""
    return partial(take, salt=salt)


async def take(
    connection: AsyncConnection, work: Work, incoming: Sequence[Incoming[door.Item]], *, salt: shard.Salt
) -> list[Decision]:
    """Decide what is new; answer again what was answered before, in this batch or an earlier one."""
    beside = await shard.case_position(connection)
    standing = await work.load_many(ANSWERED, (key(one.source, one.id) for one in incoming))
    parties = await work.load_many(store.PARTY, {one.sender for one in incoming})
    first: dict[str, Incoming[door.Item]] = {}
    for one in incoming:
        name = key(one.source, one.id)
        if standing[name] is None:
            first.setdefault(name, one)
    fresh = list(first.values())
    refused = {one.ingressposition: _may(one, parties[one.sender]) for one in fresh}
    allowed: list[Incoming[Any]] = [
        replace(one, data=content)
        for one in fresh
        if (content := _content(one)) is not None and not refused[one.ingressposition]
    ]
    taken = iter(await shard.take(connection, work, allowed, salt=salt, case_position=beside) if allowed else ())
    decided = [_decided(one, refused[one.ingressposition], taken) for one in fresh]
    receipts: dict[str, Answered] = {name: state for name, state in standing.items() if state is not None}
    new: dict[str, Decision] = {}
    for one, decision in zip(fresh, decided, strict=True):
        # What the door itself says, or says of an XML document or of columns, points into the message already.
        own = bool(refused[one.ingressposition]) or _emif(one) is not None or hasattr(one.data, "columns")
        reasons = decision.reasons if own else tuple(map(messages.from_envelope, decision.reasons))
        receipt = _receipt(one, reasons, decision=decision)
        receipts[key(one.source, one.id)] = Answered(receipt)
        new[one.ingressposition] = replace(decision, receipt=receipt)
    return [
        replace(
            new.get(one.ingressposition) or Decision(receipt=_again(one, receipts[key(one.source, one.id)])),
            beside=beside,
        )
        for one in incoming
    ]


def _decided(one: Incoming[door.Item], refused: tuple[Reason, ...], taken: Iterator[Decision]) -> Decision:
    if refused:
        return Decision(reasons=refused, rejected=True)
    decision = next(taken) if _content(one) is not None else Decision(rejected=True)
    if (document := _emif(one)) is not None:
        return emif.together(document, decision)
    some: apart.Apart | None = getattr(one.data, "apart", None)
    return apart.together(some, decision) if some else decision


def _content(message: Incoming[Any]) -> Any:
    """The values, by series or by column."""
    item = message.data
    if item.command is None:
        return getattr(item, "columns", None)
    document = _emif(message)
    return item.command if document is None else emif.dated(document, item.command, message.at)


def _emif(message: Incoming[Any]) -> emif.Emif | None:
    return message.data.emif if isinstance(message.data, emif.Item) else None


def _receipt(message: Incoming[Any], reasons: tuple[Reason, ...], *, decision: Decision | None = None) -> v1.Receipt:
    item: door.Item = message.data
    rows = decision.rows if decision else ()
    rejected = decision is None or decision.rejected
    document = _emif(message)
    return v1.Receipt(
        command_id=message.id,
        command_source=message.source,
        command_type=item.type or TYPE,
        command_subject=item.subject,
        sender=message.sender,
        status="rejected" if rejected else "partly-accepted" if rows else "accepted",
        reasons=reasons,
        rows=rows,
        ingressposition=message.ingressposition,
        contenthash=item.contenthash if item.id and message.source == f"/parties/{message.sender}" else "",
        acknowledgements=emif.acknowledgements(document, rows, rejected=rejected, reasons=reasons) if document else (),
    )


def _again(message: Incoming[door.Item], before: Answered) -> v1.Receipt:
    item = message.data
    if item.contenthash != before.receipt.contenthash:
        reused = _receipt(message, (door.ID_REUSED.reason(path="/id", actual=item.id),))
        return reused.model_copy(update={"contenthash": ""})
    return before.receipt.model_copy(update={"duplicate": True, "ingressposition": message.ingressposition})
