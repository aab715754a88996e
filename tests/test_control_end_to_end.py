"""What follows from who holds a point and who is balance responsible for it, through the services, one after another.

The services' own handlers, on documents in memory: each event goes to whoever listens for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest

import bsp_switch.app
import meter_ingest.app
import prequal.app
import prequal.store
import registry.app
from chassis.testing import Scenario
from contracts import calendar, policies, values
from contracts.bsp_switch import v1 as switching
from contracts.gateway.v1 import RegisterOpened
from contracts.message import Command, Event
from contracts.prequal import v1 as prequalifying
from contracts.registry import v1 as registering
from contracts.values import Role
from meter_ingest.domain import control
from meter_ingest.store import CONTROL

pytestmark = pytest.mark.unit

TSO, DSO, BSP_A, BSP_B, BRP, OTHER_BRP, SUPPLIER, OTHER_SUPPLIER, DATAHUB = (values.make_gln(n) for n in range(1, 10))
ROLES = {
    TSO: Role.TSO, DSO: Role.DSO, BSP_A: Role.BSP, BSP_B: Role.BSP, BRP: Role.BRP, OTHER_BRP: Role.BRP,
    SUPPLIER: Role.SUPPLIER, OTHER_SUPPLIER: Role.SUPPLIER, DATAHUB: Role.DATAHUB,
}  # fmt: skip
AREA = values.make_eic_y("CHAIN")
POINTS = tuple(values.make_gsrn(n) for n in range(1, 7))
CHANGING = POINTS[4:]
"""Those of the other supplier."""
MERGER = "0192f000-0000-7000-8000-000000000004"
GROUP, APPLICATION, SWITCH = (f"0192f000-0000-7000-8000-00000000000{n}" for n in range(1, 4))
SERVICES = (registry.app.SERVICE, bsp_switch.app.SERVICE, prequal.app.SERVICE, meter_ingest.app.SERVICE)


def day(month: int, number: int, hour: int = 0) -> datetime:
    return calendar.at_local(date(2026, month, number), f"{hour:02d}:00")


def uuid(kind: int, point: str) -> str:
    return f"0192f00{kind}-0000-7000-8000-{point[-12:]}"


@dataclass
class Chain:
    """The services, and all that they have said since it was last looked at."""

    services: dict[str, Scenario] = field(default_factory=lambda: {one.name: Scenario(one) for one in SERVICES})
    said: list[Event] = field(default_factory=list)

    def tell(self, command: Command, subject: str, sender: str, at: datetime) -> None:
        """A party sends a command, which is accepted."""
        self.until(at)
        scenario = self.services[command.service]
        outcome = scenario.when(command, subject=subject, sender=sender, role=ROLES[sender], at=at)
        assert not outcome.rejected, outcome.reasons
        self._heard(command.service, outcome.events, at)

    def happened(self, *events: Event, at: datetime) -> None:
        """So it was before."""
        for event in events:
            if event.service in self.services and type(event) in self.services[event.service].service.own_folds:
                self.services[event.service].given(event, at=at)
            self._heard(event.service, [event], at)

    def until(self, at: datetime) -> None:
        """Time passes."""
        for name, scenario in self.services.items():
            self._heard(name, scenario.until(at).events, at)

    def _heard(self, name: str, events: list[Event], at: datetime) -> None:
        for event in events:
            self.said.append(event)
            for other, scenario in self.services.items():
                if other != name and type(event) in scenario.service.listens.values():
                    self._heard(other, scenario.when(event, at=at).events, at)

    def since(self, *types: type[Event]) -> list[Any]:
        """What was said of these types, in order; and forget it all."""
        found = [event for event in self.said if type(event) in types]
        self.said.clear()
        return found

    def biddable_w(self, at: datetime) -> int:
        """What may be bid for the group at a moment."""
        state = self.services["prequal"].state(prequal.store.APPROVAL, GROUP)
        return [step for step in state.steps if step.valid_from <= at][-1].biddable.up_w

    def holds(self, bsp: str, point: str, at: datetime) -> bool:
        """Whether a BSP holds a point in a quarter, as the verification of activations sees it."""
        block = point[:15]
        state = self.services["meter-ingest"].state(CONTROL, block)
        return control.held({block: state}, point, bsp=bsp, quarters=[at]) == (True,)


@pytest.fixture
def chain() -> Chain:
    """Six points of 500 kW that BSP A holds, all of one BRP by two suppliers, in a group of which 3 MW may be bid."""
    chain = Chain()
    start = day(1, 5)
    chain.happened(
        RegisterOpened(operator=TSO, operator_name="Operator", policies=tuple(policies.DEFAULTS)),
        *(registering.PartyOnboarded(party=gln, name="Name", roles=(role,)) for gln, role in ROLES.items()),
        registering.GridAreaDefined(grid_area=AREA, name="Area", zone="NO3", dso=DSO),
        at=start,
    )
    for supplier in (SUPPLIER, OTHER_SUPPLIER):
        responsible(chain, supplier, BRP, start, at=start)
    for point in POINTS:
        supplier = OTHER_SUPPLIER if point in CHANGING else SUPPLIER
        chain.happened(
            registering.MeteringPointRecorded(
                metering_point_id=point, grid_area=AREA, zone="NO3", dso=DSO, substation=None, resolution="PT15M",
                agreed_power_w=900_000, valid_from=start,
            ),
            at=start,
        )  # fmt: skip
        supply = switching.RecordSupply(supplier=supplier, end_user=uuid(1, point), valid_from=start)
        chain.tell(supply, point, DATAHUB, start)
        for number, bsp in ((2, BSP_A), (3, BSP_B)):
            consent = switching.RecordConsent(
                metering_point_id=point, end_user=uuid(1, point), proof_sha256="ab" * 32, valid_from=start
            )
            chain.tell(consent, uuid(number, point), bsp, start)
        chain.tell(switching.ClaimControl(start=start), point, BSP_A, start)
        chain.happened(
            registering.ResourceRegistered(
                resource_id=uuid(4, point), metering_point_id=point, bsp=BSP_A, dso=DSO, name="", technology="battery",
                up_w=500_000, down_w=0, devices=(registering.Device(make="A", model="B", serial=point),),
                behind_up_w=500_000, behind_down_w=0, held_from=start,
            ),
            at=start,
        )  # fmt: skip
    chain.happened(
        prequalifying.QualificationRequested(
            qualification_id=uuid(5, POINTS[0]), bsp=BSP_A, product="mFRR", contact_email="a@b.no",
            contract_reference="1",
        ),
        prequalifying.QualificationDecided(
            qualification_id=uuid(5, POINTS[0]), bsp=BSP_A, product="mFRR", decision="qualified", reasons="In order."
        ),
        at=start,
    )  # fmt: skip
    cap = prequalifying.SetZoneCap(cap_w=50_000_000, reasons=("transfer-capacity",), assessment="Enough.")
    chain.tell(cap, "NO3", TSO, day(1, 5, 9))
    chain.tell(registering.FormGroup(zone="NO3", metering_points=POINTS), GROUP, BSP_A, day(1, 5, 10))
    wish = prequalifying.ApplyForPrequalification(group_id=GROUP, up_w=3_000_000, down_w=0, ramp_w_per_minute=200_000)
    chain.tell(wish, APPLICATION, BSP_A, day(1, 6, 9))
    chain.tell(prequalifying.AssessGrid(decision="approved"), APPLICATION, DSO, day(1, 20, 9))
    approval = prequalifying.DecidePrequalification(decision="approved", up_w=3_000_000, down_w=0, reasons="Assessed.")
    chain.tell(approval, APPLICATION, TSO, day(1, 27, 9))
    assert chain.biddable_w(day(4, 1)) == 3_000_000
    chain.said.clear()
    return chain


def responsible(chain: Chain, supplier: str, brp: str, since: datetime, *, at: datetime) -> None:
    for direction in ("consumption", "production"):
        fact = switching.RecordBrpResponsibility(supplier=supplier, direction=direction, brp=brp, valid_from=since)
        chain.tell(fact, AREA, DATAHUB, at)


def leaving(chain: Chain) -> dict[str, registering.MemberMustLeave]:
    return {one.metering_point_id: one for one in chain.since(registering.MemberMustLeave)}


@pytest.mark.parametrize("told", [day(3, 20), day(4, 14)], ids=["ahead", "late"])
def test_a_supplier_that_comes_into_another_balance_takes_its_members_out_of_the_group_at_their_date(
    chain: Chain, told: datetime
) -> None:
    """R44, E14: a fact about supplier and area, and what may be bid weeks later."""
    since, leave_by = day(4, 10), day(5, 8)
    responsible(chain, OTHER_SUPPLIER, OTHER_BRP, since, at=told)
    marks = leaving(chain)
    assert set(marks) == set(CHANGING)
    for mark in marks.values():
        assert (mark.since, mark.because) == (since, "brp")
        assert (mark.brp_consumption, mark.brp_production) == (OTHER_BRP, OTHER_BRP)
        assert mark.proposal == "split-off", "together they are 1 MW"
        assert mark.leave_by == leave_by
    # Until then they count (D9); from then on they do not.
    chain.until(leave_by)
    assert chain.biddable_w(day(5, 7, 23)) == 3_000_000
    assert chain.biddable_w(leave_by) == 2_000_000


def test_a_correction_of_the_brp_alone_lets_them_stay(chain: Chain) -> None:
    responsible(chain, OTHER_SUPPLIER, OTHER_BRP, day(4, 10), at=day(4, 1))
    assert set(leaving(chain)) == set(CHANGING)
    responsible(chain, OTHER_SUPPLIER, BRP, day(4, 10), at=day(4, 2))
    assert {one.metering_point_id for one in chain.since(registering.MemberMayStay)} == set(CHANGING)
    chain.until(day(5, 20))
    assert chain.biddable_w(day(5, 20)) == 3_000_000


def test_one_point_that_comes_to_another_supplier_is_told_to_leave_alone(chain: Chain) -> None:
    """E14: a change of supplier, of which only what it does to the balance matters."""
    responsible(chain, OTHER_SUPPLIER, OTHER_BRP, day(1, 5), at=day(1, 28))
    chain.said.clear()
    point = POINTS[0]
    supply = switching.RecordSupply(supplier=OTHER_SUPPLIER, end_user=uuid(1, point), valid_from=day(4, 10))
    chain.tell(supply, point, DATAHUB, day(4, 1))
    assert leaving(chain)[point].leave_by == day(5, 8)
    assert chain.holds(BSP_A, point, day(6, 1)), "control follows the end user, not the supplier"


def test_a_switch_is_carried_out_ahead_everywhere_and_taken_back_everywhere(chain: Chain) -> None:
    """D26: memberships, what may be bid, and whose the meter values are, dated at the announcement."""
    point, midnight, before = POINTS[0], day(4, 20), day(4, 19, 23)
    wish = switching.RequestSwitch(metering_points=(point,), start=midnight)
    chain.tell(wish, SWITCH, BSP_B, day(4, 1))
    (announced,) = chain.since(switching.SwitchAnnounced)
    assert (announced.dso, announced.brps) == (DSO, (BRP,))
    assert (chain.biddable_w(before), chain.biddable_w(midnight)) == (3_000_000, 2_000_000), "of 2.5 MW that are left"
    assert [chain.holds(bsp, point, at) for at in (before, midnight) for bsp in (BSP_A, BSP_B)] == [
        True, False, False, True,
    ]  # fmt: skip

    chain.tell(switching.CancelSwitch(), SWITCH, BSP_B, day(4, 19))
    chain.until(day(4, 21))
    assert chain.biddable_w(midnight) == 3_000_000
    assert chain.holds(BSP_A, point, midnight)
    assert not chain.since(switching.SwitchTookEffect)


def qualified(chain: Chain, bsp: str, *, at: datetime) -> None:
    of = {"qualification_id": uuid(6, POINTS[0]), "bsp": bsp, "product": "mFRR"}
    chain.happened(
        prequalifying.QualificationRequested(**of, contact_email="a@b.no", contract_reference="1"),
        prequalifying.QualificationDecided(**of, decision="qualified", reasons="In order."),
        at=at,
    )


@pytest.mark.parametrize("is_qualified", [True, False], ids=["qualified", "not"])
def test_a_bsp_is_taken_over_with_its_groups_and_what_was_approved_and_nothing_ends(
    chain: Chain, *, is_qualified: bool
) -> None:
    """One command: points, members, approval and who is counted pass at the midnight; what is not qualified is 0."""
    midnight, before = day(4, 20), day(4, 19, 23)
    if is_qualified:
        qualified(chain, BSP_B, at=day(3, 1))
    chain.said.clear()
    chain.tell(switching.MergeBsp(bsp=BSP_A, into=BSP_B, start=midnight, reason="Fusjon"), MERGER, TSO, day(4, 1))
    ahead = chain.said.copy()
    assert {one.metering_point_id for one in chain.since(switching.ControlSuccessionAnnounced)} == set(POINTS)
    (told,) = [one for one in ahead if isinstance(one, registering.GroupSuccessionAnnounced)]
    assert (told.group_id, told.successor, told.start, told.dsos) == (GROUP, BSP_B, midnight, (DSO,))
    point = POINTS[0]
    assert [chain.holds(bsp, point, at) for at in (before, midnight) for bsp in (BSP_A, BSP_B)] == [
        True, False, True, True,
    ], "an activation that was ordered of the one counts on"  # fmt: skip

    # Until its midnight the group is the one's, from then the other's.
    rename = registering.RenameGroup(name="Nytt navn")
    scenario = chain.services["registry"]
    by_b = scenario.when(rename, subject=GROUP, sender=BSP_B, role=Role.BSP, at=before)
    by_b.refused("GROUP_NOT_YOURS")
    chain.until(midnight)
    chain.tell(rename, GROUP, BSP_B, midnight)
    by_a = scenario.when(rename, subject=GROUP, sender=BSP_A, role=Role.BSP, at=midnight)
    by_a.refused("GROUP_NOT_YOURS")

    (application,) = [one for one in chain.said if isinstance(one, prequalifying.ApplicationPassed)]
    assert (application.application_id, application.successor) == (APPLICATION, BSP_B)
    ends = (registering.MembershipEndAnnounced, registering.MembershipEnded, switching.ControlEndAnnounced)
    assert not [one for one in chain.said if isinstance(one, ends)]
    chain.until(day(6, 1))
    assert chain.biddable_w(before) == 3_000_000
    assert chain.biddable_w(day(4, 21)) == (3_000_000 if is_qualified else 0)
    wish = switching.EndControl(metering_points=(point,), end=day(6, 10))
    chain.tell(wish, uuid(8, point), BSP_B, day(6, 1, 9))
    (ended,) = chain.since(registering.MembershipEndAnnounced)
    assert (ended.bsp, ended.valid_to) == (BSP_B, day(6, 10))


def test_a_merger_that_is_cancelled_leaves_everything_as_it_was(chain: Chain) -> None:
    midnight = day(4, 20)
    before = {name: dict(one.documents) for name, one in chain.services.items()}
    chain.tell(switching.MergeBsp(bsp=BSP_A, into=BSP_B, start=midnight, reason="Fusjon"), MERGER, TSO, day(4, 1))
    chain.tell(switching.CancelBspMerger(reason="Nei"), MERGER, TSO, day(4, 19))
    chain.until(day(5, 1))
    assert [chain.holds(bsp, POINTS[0], midnight) for bsp in (BSP_A, BSP_B)] == [True, False]
    assert chain.biddable_w(day(5, 1)) == 3_000_000
    assert chain.services["registry"].documents["group", GROUP].state == before["registry"]["group", GROUP].state
    assert not chain.since(registering.GroupPassed, prequalifying.ApplicationPassed)


def test_a_switch_and_a_merger_under_way_at_once(chain: Chain) -> None:
    """What the successor had requested of the one goes on; where it comes after the merger nothing leaves the group."""
    point, midnight = POINTS[0], day(4, 20)
    chain.tell(switching.RequestSwitch(metering_points=(point,), start=day(4, 25)), SWITCH, BSP_B, day(4, 1))
    assert len(chain.since(registering.MembershipEndAnnounced)) == 1
    chain.tell(switching.MergeBsp(bsp=BSP_A, into=BSP_B, start=midnight, reason="Fusjon"), MERGER, TSO, day(4, 2))
    assert len(chain.since(registering.MembershipEndCancelled)) == 1
    chain.tell(switching.CancelBspMerger(reason="Nei"), MERGER, TSO, day(4, 10))
    assert len(chain.since(registering.MembershipEndAnnounced)) == 1
