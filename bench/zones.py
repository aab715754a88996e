"""A zone's queue served after its cap is raised: the decision alone, in this process, on documents in memory.

By hand: `python -m bench.zones`. No broker and no database: what one input costs that lets hundreds of groups in.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.service import Due, Kind
from chassis.testing import Scenario
from chassis.trial import Step, Trial
from chassis.work import Document, Key
from contracts import calendar, policies, values
from contracts.gateway import v1 as gateway
from contracts.prequal import v1
from contracts.registry import v1 as registry
from contracts.values import Role
from flexreg.story import cast as who
from prequal import store
from prequal.app import SERVICE
from prequal.domain.known import Group, Membership
from prequal.domain.power import Power

START = calendar.at_local(date(2026, 1, 5), "08:00")
TSO, DSO, BSP = who.TSO.gln, who.DSO_1.gln, who.BSP_A.gln
AREA = values.make_eic_y("BENCH-1")
ZONE = values.BiddingZone.NO3


def uuid(n: int) -> str:
    return str(UUID(int=(0x0190 << 112) | (7 << 76) | (2 << 62) | n))


class Material:
    """A zone with groups that are in and groups that wait, decided by the service's own handlers."""

    def __init__(self, *, groups: int, waiting: int, members: int, places: int = 0) -> None:
        self.members = members
        self.places = [who.story_id("bench-substation", n) for n in range(places)]
        self.scenario = Scenario(SERVICE).given(
            gateway.RegisterOpened(operator=TSO, operator_name="The operator", policies=tuple(policies.DEFAULTS)),
            registry.GridAreaDefined(grid_area=AREA, name="Area", zone=ZONE, dso=DSO, parent=None),
            v1.QualificationRequested(
                qualification_id=uuid(1), bsp=BSP, product="mFRR", contact_email="a@b.example", contract_reference="K"
            ),
            v1.QualificationDecided(
                qualification_id=uuid(1), bsp=BSP, product="mFRR", decision="qualified", reasons="In order."
            ),
        )
        top = who.story_id("bench-top")
        for place in (top, *self.places) if places else ():
            parent = None if place == top else top
            self.scenario.given(
                registry.SubstationDefined(
                    substation_id=place, name="S", voltage_v=22_000, grid_area=AREA, dso=DSO, parent=parent
                )
            )
        self.send(self.cap(groups), ZONE.value, TSO, Role.TSO, START)
        for n in range(groups + waiting):
            self.group(n, START + timedelta(minutes=n))

    @staticmethod
    def cap(groups: int) -> v1.SetZoneCap:
        return v1.SetZoneCap(cap_w=groups * 1_000_000, reasons=("transfer-capacity",), assessment="What it takes.")

    def send(self, command: Any, subject: str, sender: str, role: Role, at: datetime) -> None:
        outcome = self.scenario.when(command, subject=subject, sender=sender, role=role, at=at)
        assert not outcome.rejected, outcome.reasons

    def group(self, n: int, at: datetime) -> None:
        """One of 1 MW; it is in, or it waits."""
        group, application = uuid(10_000 + n), uuid(20_000 + n)
        power = Power(-(-1_000_000 // self.members), 0)
        points = [values.make_gsrn(n * self.members + m) for m in range(self.members)]
        stays = {
            point: (
                Membership(
                    grid_area=AREA,
                    dso=DSO,
                    substation=self.places[m % len(self.places)] if self.places else None,
                    power=power,
                    valid_from=START,
                ),
            )
            for m, point in enumerate(points)
        }
        state = Group(bsp=BSP, zone=ZONE, members=stays)
        self.scenario.documents[store.GROUP.name, group] = Document(replace(state), 0)
        wish = v1.ApplyForPrequalification(group_id=group, up_w=1_000_000, down_w=0, ramp_w_per_minute=1)
        self.send(wish, application, BSP, Role.BSP, at)
        self.send(v1.AssessGrid(decision="approved"), application, DSO, Role.DSO, at)
        decision = v1.DecidePrequalification(decision="approved", up_w=1_000_000, reasons="So.")
        self.send(decision, application, TSO, Role.TSO, at)

    def trial(self, at: datetime) -> Trial:
        """A copy to decide on."""
        documents = self.scenario.documents

        async def fetch(wanted: Iterable[tuple[Kind[Any], Sequence[str]]]) -> Mapping[Key, Document]:
            keys = [(kind.name, id_) for kind, ids in wanted for id_ in ids]
            return {key: documents[key] for key in keys if key in documents}

        async def nothing_due(_to: datetime) -> list[Due]:
            return []

        return Trial(SERVICE, fetch, nothing_due, at)


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.zones", description=__doc__)
    parser.add_argument("--groups", type=int, default=400, help="that are in (400)")
    parser.add_argument("--waiting", type=int, default=200, help="that wait (200)")
    parser.add_argument("--members", type=int, default=100, help="of each group (100)")
    parser.add_argument("--repeat", type=int, default=5, help="so many times, of which the median counts (5)")
    given = parser.parse_args()
    began = time.perf_counter()
    material = Material(groups=given.groups, waiting=given.waiting, members=given.members)
    print(f"material in {time.perf_counter() - began:.1f} s")
    at = START + timedelta(days=1)
    for what, groups in (
        ("all served", given.groups + given.waiting),
        ("half served, half told another place", given.groups + given.waiting // 2),
        ("nobody served", given.groups),
    ):
        took: list[float] = []
        events = entered = 0
        for _ in range(given.repeat):
            step = Step(message=material.cap(groups), subject=ZONE.value, sender=TSO, role=Role.TSO, at=at)
            trial = material.trial(at)
            began = time.perf_counter()
            [tried] = await trial.give(step)
            took.append(time.perf_counter() - began)
            events = len(tried.events)
            entered = sum(isinstance(event, v1.VolumeReserved) for event in tried.events)
        middle, most = statistics.median(took) * 1000, max(took) * 1000
        print(f"{what}: {entered} entered, {events} events, median {middle:,.1f} ms, most {most:,.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
