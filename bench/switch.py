"""A portfolio switched, a night of supplier changes, and a point with a long life: what bsp-switch itself costs.

By hand: `python -m bench.switch`. No broker and no database: the service's own handlers decide on documents in memory,
and what would be published and stored is made into JSON. The limit is that JSON alone: the same events and documents,
without deciding anything. Times are the process's own on the processor, so others on the machine do not count.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bsp_switch import store
from bsp_switch.app import SERVICE
from bsp_switch.domain import consent
from bsp_switch.domain.consent import Consents
from bsp_switch.domain.point import Point, evolve
from chassis.service import Due, Incoming, Kind
from chassis.testing import Scenario
from chassis.trial import Trial, Tried
from chassis.work import Document, Key
from contracts import calendar, policies, values
from contracts.bsp_switch import v1
from contracts.gateway import v1 as gateway
from contracts.message import Command
from contracts.registry import v1 as registry
from contracts.values import Role

START = calendar.midnight(date(2026, 1, 5))
AT = calendar.at_local(date(2026, 4, 1), "12:00")
MIDNIGHT = calendar.midnight(date(2026, 4, 15))
TSO, DSO, BSP_A, BSP_B, BRP, OTHER_BRP, SUPPLIER, OTHER_SUPPLIER = (values.make_gln(n) for n in range(1, 9))
AREA = values.make_eic_y("BENCH-1")
PART = 2_000


def uuid(n: int) -> str:
    return str(UUID(int=(0x0190 << 112) | (7 << 76) | (2 << 62) | n))


def supply(**fields: Any) -> dict[str, Any]:
    given = {"supplier": SUPPLIER, "brp_consumption": BRP, "brp_production": BRP, "end_user": uuid(1)}
    return {**given, "valid_from": START, **fields}


class Material:
    """Points that A holds, with consents of B."""

    def __init__(self, points: int) -> None:
        self.points = [values.make_gsrn(n) for n in range(points)]
        roles = {SUPPLIER: Role.SUPPLIER, OTHER_SUPPLIER: Role.SUPPLIER, BRP: Role.BRP, OTHER_BRP: Role.BRP}
        scenario = Scenario(SERVICE).given(
            gateway.RegisterOpened(operator=TSO, operator_name="The operator", policies=tuple(policies.DEFAULTS)),
            *(registry.PartyOnboarded(party=gln, name="Name", roles=(role,)) for gln, role in roles.items()),
        )
        self.documents = scenario.documents
        for n, point in enumerate(self.points):
            self._point(n, point)

    def _point(self, n: int, point: str) -> None:
        registered = registry.MeteringPointRecorded(
            metering_point_id=point,
            grid_area=AREA,
            zone=values.BiddingZone.NO3,
            dso=DSO,
            substation="T1",
            resolution="PT15M",
            agreed_power_w=20_000,
            valid_from=START,
        )
        self._put(store.METERING_POINT, point, store.METERING_POINT.evolve(None, registered))
        state: Point | None = None
        claim = v1.ControlClaimed(
            metering_point_id=point, bsp=BSP_A, valid_from=START, consent_id=uuid(1_000_000 + 2 * n)
        )
        for event in (v1.SupplyRecorded(metering_point_id=point, **supply()), claim):
            state = evolve(state, event)
        self._put(store.POINT, point, state)
        for more, bsp in enumerate((BSP_A, BSP_B)):
            given = v1.ConsentRecorded(
                consent_id=uuid(1_000_000 + 2 * n + more),
                metering_point_id=point,
                bsp=bsp,
                end_user=uuid(1),
                purpose="flexibility",
                proof_sha256="ab" * 32,
                valid_from=START,
            )
            one = consent.evolve(None, given)
            self._put(store.CONSENTS, consent.key(metering_point_id=point, bsp=bsp), Consents((one,)))

    def _put(self, kind: Kind[Any], id_: str, state: Any) -> None:
        self.documents[kind.name, id_] = Document(state, 1)


class Bench:
    """The service on that material."""

    def __init__(self, material: Material) -> None:
        async def fetch(wanted: Iterable[tuple[Kind[Any], Sequence[str]]]) -> Mapping[Key, Document]:
            keys = [(kind.name, id_) for kind, ids in wanted for id_ in ids]
            return {key: material.documents[key] for key in keys if key in material.documents}

        async def nothing_due(_to: datetime) -> list[Due]:
            return []

        self.trial = Trial(SERVICE, fetch, nothing_due, AT)

    async def send(self, data: Command, subject: str, *, sender: str, role: Role, at: datetime = AT) -> Tried:
        message = Incoming(data, data.type, "i", "s", subject, at, 1, sender=sender, sender_role=role)
        tried = await self.trial.decide(message)
        assert tried.refused is None, tried.refused
        return tried

    async def due(self, due: Due) -> Tried:
        return await self.trial.fall_due(due)


async def timed(bench: Bench, what: Any) -> tuple[float, float, Tried]:
    """Seconds that it took to decide, seconds of the JSON that would be written, and what came of it."""
    before = dict(bench.trial.work.documents)
    began = time.process_time()
    tried: Tried = await what
    decided = time.process_time()
    for event in tried.events:
        event.model_dump_json()
    for key, document in bench.trial.work.documents.items():
        if document is not before.get(key) and (kind := SERVICE.kind.get(key[0])) and document.version:
            kind.adapter.dump_json(document.state)
    return decided - began, time.process_time() - decided, tried


async def portfolio(points: int) -> None:
    """Announced in parts, effective at once, moved and cancelled whole."""
    material = Material(points)
    switch_id = uuid(2)
    bench = Bench(material)

    async def run(what: str, steps: Iterable[Any], rows: int) -> None:
        took = [await timed(bench, step) for step in steps]
        deciding, writing = (sum(one[place] for one in took) for place in (0, 1))
        longest = max(one[0] + one[1] for one in took)
        print(
            f"{what}: {rows / (deciding + writing):,.0f} points/s   JSON alone {rows / writing:,.0f}/s   "
            f"{writing / (deciding + writing):.2f} of it   longest input {longest:.2f} s"
        )

    def parts() -> Iterable[Any]:
        for first in range(0, points, PART):
            some = tuple(material.points[first : first + PART])
            wish: Command = v1.ExtendSwitch(metering_points=some, mode="each")
            if first == 0:
                wish = v1.RequestSwitch(metering_points=some, start=MIDNIGHT, mode="each")
            yield bench.send(wish, switch_id, sender=BSP_B, role=Role.BSP)

    await run(f"{points:,} points announced in parts of {PART:,}", parts(), points)
    move = v1.MoveSwitch(start=calendar.add_local_days(MIDNIGHT, 1))
    await run("the whole moved", [bench.send(move, switch_id, sender=BSP_B, role=Role.BSP)], points)
    midnight = Due(store.SWITCH.name, switch_id, store.SWITCH_MIDNIGHT, move.start)
    began = time.process_time()
    tried = await bench.due(midnight)
    assert tried.events, "nothing took effect"
    print(f"the midnight, which is one event: {(time.process_time() - began) * 1000:,.1f} ms")
    bench = Bench(material)
    for step in parts():
        await step
    cancel = v1.CancelSwitch(mode="each")
    await run("the whole cancelled", [bench.send(cancel, switch_id, sender=BSP_B, role=Role.BSP)], points)


async def night(changes: int) -> None:
    """Every point gets another supplier, and its BRPs, from one midnight; every tenth another end user, too."""
    material = Material(changes)
    bench = Bench(material)
    deciding = writing = 0.0
    for n, point in enumerate(material.points):
        fields = {"supplier": OTHER_SUPPLIER, "brp_consumption": OTHER_BRP, "valid_from": calendar.next_midnight(AT)}
        fact = v1.RecordSupply(**supply(**fields, end_user=uuid(1 if n % 10 else 3)))
        message = bench.send(fact, point, sender=TSO, role=Role.DATAHUB)
        began = time.process_time()
        tried = await message
        decided = time.process_time()
        for event in tried.events:
            event.model_dump_json()
        store.POINT.adapter.dump_json(bench.trial.work.documents[store.POINT.name, point].state)
        deciding += decided - began
        writing += time.process_time() - decided
    print(
        f"{changes:,} supplier changes in one night: {changes / (deciding + writing):,.0f}/s   "
        f"JSON alone {changes / writing:,.0f}/s   {writing / (deciding + writing):.2f} of it"
    )


async def life(entries: int) -> None:
    """One point whose facts become many: what one more costs, at first and at last."""
    material = Material(1)
    bench = Bench(material)
    took: list[float] = []
    for n in range(entries):
        moment = calendar.add_local_days(START, n + 1)
        fields = {"supplier": OTHER_SUPPLIER if n % 2 else SUPPLIER, "valid_from": moment}
        # Every third is another end user for a day, so that control is looked at, too.
        fact = v1.RecordSupply(**supply(**fields, end_user=uuid(3 if n % 3 == 2 else 1)))
        at = AT + timedelta(seconds=n)
        seconds, more, _ = await timed(
            bench, bench.send(fact, material.points[0], sender=TSO, role=Role.DATAHUB, at=at)
        )
        took.append(seconds + more)
    tenth = max(1, entries // 10)
    first, last = (sum(some) / tenth * 1000 for some in (took[:tenth], took[-tenth:]))
    times = last / first
    print(f"one point, {entries} entries: a fact at first {first:,.2f} ms, at last {last:,.2f} ms ({times:.1f} times)")


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.switch", description=__doc__)
    parser.add_argument("--points", type=int, default=10_000, help="of the portfolio (10000)")
    parser.add_argument("--changes", type=int, default=100_000, help="of supplier in a night (100000)")
    parser.add_argument("--entries", type=int, default=500, help="of one point's timeline (500)")
    given = parser.parse_args()
    await portfolio(given.points)
    await night(given.changes)
    await life(given.entries)


if __name__ == "__main__":
    asyncio.run(main())
