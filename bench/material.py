"""What is sent: the simplest commands and facts of the register, made beforehand: that is not measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from contracts import calendar, policies, topics
from contracts import envelope as envelopes
from contracts.gateway.v1 import RegisterOpened
from contracts.message import Event
from contracts.registry.v1 import MeteringPointRecorded, PartyOnboarded
from contracts.values import make_gsrn, time_text
from flexreg import outgoing
from flexreg.story import cast as who
from flexreg.story import messages

FIRST = 9_800_000_000
"""Norwegian metering points are nowhere near it, and neither are the story's."""
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
AREA = who.LYNGSKAR
Wish = dict[str, Any]


def points(count: int, *, start: int = 0) -> list[who.Point]:
    """Metering points behind one DSO."""
    return [
        who.Point(
            id=make_gsrn(FIRST + serial),
            area=AREA.eic,
            substation=AREA.substations[serial % len(AREA.substations)],
            resolution="PT15M",
            agreed_power_w=13 * who.KW,
            supplier=who.SUPPLIER_1,
            brp=who.BRP_1,
            end_user=who.story_id("bench", serial),
        )
        for serial in range(start, start + count)
    ]


def singles(wishes: Iterable[Wish], *, by: who.Party) -> list[bytes]:
    """Each command as a record of its own."""
    return [outgoing.single(outgoing.filled(wish, gln=by.gln, at=datetime.now(UTC))).body for wish in wishes]


def parcels(bodies: Sequence[bytes], *, most: int) -> list[bytes]:
    """The same, so many to a record."""
    return [b"[" + b",".join(bodies[first : first + most]) + b"]" for first in range(0, len(bodies), most)]


def forwarded(wishes: Iterable[Wish], *, by: who.Party, start: int = 0, at: datetime | None = None) -> list[bytes]:
    """Commands as the gateway puts them on a commands topic, received at a moment (now)."""
    received = time_text(at or datetime.now(UTC))
    made: list[bytes] = []
    for number, wish in enumerate(wishes, start):
        sent = outgoing.filled(wish, gln=by.gln, at=datetime.now(UTC))
        body = envelopes.canonical(sent)
        added = {
            "sender": by.gln,
            "senderrole": str(by.role),
            "receivedat": received,
            "ingressposition": f"{topics.ingress(by.gln)}/0/{number}/0",
            "contenthash": envelopes.content_hash(sent),
            "traceparent": f"00-{number + 1:032x}-{number + 1:016x}-00",
            "correlationid": sent["id"],
        }
        made.append(envelopes.extend(body, added))
    return made


def published(events: Iterable[Event], *, source: str, start: int = 0) -> Iterator[bytes]:
    """Events as a service's relay puts them on a topic."""
    for number, event in enumerate(events, start):
        id_ = envelopes.new_id(AT, source, number)
        attributes = {
            "specversion": envelopes.SPECVERSION,
            "id": id_,
            "source": source,
            "type": event.type,
            "subject": event.subject,
            "time": time_text(AT),
            "correlationid": id_,
        }
        yield envelopes.join(attributes, event.model_dump_json().encode())


def onboarded() -> Iterator[PartyOnboarded]:
    """What registry says of the parties."""
    for party in PARTIES:
        yield PartyOnboarded(party=party.gln, name=party.name, roles=(party.role,))


def recorded(points: Iterable[who.Point]) -> Iterator[MeteringPointRecorded]:
    """What registry says of metering points."""
    for point in points:
        yield MeteringPointRecorded(
            metering_point_id=point.id,
            grid_area=point.area,
            zone=AREA.zone,
            dso=AREA.dso.gln,
            substation=point.substation,
            resolution=point.resolution,
            agreed_power_w=point.agreed_power_w,
            valid_from=calendar.midnight(messages.BEGINNING),
        )


def opening() -> bytes:
    """The first message on every commands topic."""
    event = RegisterOpened(operator=who.OPERATOR.gln, operator_name="Register", policies=policies.DEFAULTS)
    return next(published([event], source=envelopes.service_source("gateway")))


def beginning() -> list[bytes]:
    """What a registry needs before anything else makes sense, as commands on its topic."""
    return [
        opening(),
        *forwarded(messages.onboard(PARTIES), by=who.OPERATOR),
        *forwarded(messages.grid_areas([AREA]), by=who.TSO),
    ]


PARTIES = (who.TSO, who.DATAHUB, who.DSO_1, who.BSP_A, who.BRP_1, who.SUPPLIER_1)


def is_receipt(body: bytes) -> bool:
    """Whether this is a service's answer to a command."""
    return b'.receipt.v1"' in body


def is_accepted(body: bytes) -> bool:
    """Whether a receipt says yes."""
    return b'"status":"accepted"' in body


def command_of(receipt: Mapping[str, Any]) -> str:
    """The id of the command that a receipt answers."""
    return str(receipt["data"]["command_id"])
