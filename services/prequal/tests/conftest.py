"""A small world to begin tests from: a register with policies, grid areas, parties, and groups of known members."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.testing import Outcome, Scenario
from chassis.work import Document
from contracts import calendar, policies, values
from contracts.gateway import v1 as gateway
from contracts.message import Command
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store
from prequal.app import SERVICE
from prequal.domain import known, readiness

TSO, DSO_1, DSO_2, DSO_ABOVE, BSP_A, BSP_B, BRP = (values.make_gln(n) for n in range(1, 8))
AREA_1, AREA_2, AREA_ABOVE = (values.make_eic_y(f"PREQUAL-{n}") for n in range(1, 4))
ZONE = "NO3"


BESIDE = frozenset(
    {
        v1.MegawattStepWarned,
        v1.MegawattStepWarningCleared,
        v1.MegawattStepLookSet,
        v1.LocationReadinessChanged,
        v1.ZoneVolumeChanged,
        v1.ClockStatisticPublished,
        v1.GridAssessmentReminded,
    }
)
"""What follows from nearly every change of what may be bid, of a zone, or from a DSO being asked."""


class World:
    """The scenario, with words of its own for what tests say often."""

    TSO, DSO_1, DSO_2, DSO_ABOVE, BSP_A, BSP_B = TSO, DSO_1, DSO_2, DSO_ABOVE, BSP_A, BSP_B
    AREA_1, AREA_2, AREA_ABOVE, ZONE = AREA_1, AREA_2, AREA_ABOVE, ZONE

    def __init__(self) -> None:
        self.scenario = Scenario(
            SERVICE,
            apart=BESIDE,
            ticking=frozenset({store.PUBLISH, store.DSO_REMINDER}),
        )
        self.scenario.given(
            gateway.RegisterOpened(operator=TSO, operator_name="The operator", policies=tuple(policies.DEFAULTS)),
            self.area(AREA_1, DSO_1),
            self.area(AREA_2, DSO_2),
        )

    @staticmethod
    def oslo(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
        """A local time of 2026."""
        return calendar.at_local(date(2026, month, day), f"{hour:02d}:{minute:02d}")

    @staticmethod
    def id(n: int) -> str:
        """A UUID."""
        return str(UUID(int=(0x0190 << 112) | (7 << 76) | (2 << 62) | n))

    @staticmethod
    def point(n: int) -> str:
        """A metering point."""
        return values.make_gsrn(n)

    @staticmethod
    def area(area: str, dso: str, *, parent: str | None = None) -> registry.GridAreaDefined:
        """A grid area of a DSO."""
        return registry.GridAreaDefined(grid_area=area, name="Area", zone=ZONE, dso=dso, parent=parent)

    def group(
        self,
        group_id: str,
        *,
        bsp: str = BSP_A,
        points: Iterable[int] = (),
        in_area_2: Iterable[int] = (),
        up_w: int = 5_000,
        down_w: int = 0,
        zone: str = ZONE,
    ) -> str:
        """A group of `bsp` with these metering points in it, DSO 1's but for those in area 2."""
        formed = registry.GroupFormed(
            group_id=group_id, bsp=bsp, name="Group", zone=zone, brp_consumption=BRP, brp_production=BRP
        )
        # Folded at once: hundreds of arrivals, each with its document read back from JSON, would take seconds.
        state = known.evolve_group(None, formed)
        self.found(formed)
        for n in points:
            place = {"area": AREA_2, "dso": DSO_2} if n in in_area_2 else {}
            joined = self.joined(group_id, n, bsp=bsp, up_w=up_w, down_w=down_w, **place)
            state = known.evolve_group(state, joined)
            self.found(joined)
        self.scenario.documents[store.GROUP.name, group_id] = Document(state, 0)
        return group_id

    def found(self, event: registry.GroupFormed | registry.MemberJoined) -> None:
        """The group is found by what the event says."""
        for kind in (store.GROUPS_WITH, store.GROUPS_IN_AREA):
            for key in kind.parts(event) if type(event) in kind.folds else ():
                former = self.scenario.documents.get((kind.name, key), Document(None, 0))
                self.scenario.documents[kind.name, key] = Document(kind.evolve(former.state, event), 0)

    def joined(self, group_id: str, n: int, **over: Any) -> registry.MemberJoined:
        """A metering point joins a group."""
        fields = {
            "bsp": BSP_A,
            "zone": ZONE,
            "grid_area": over.pop("area", AREA_1),
            "dso": DSO_1,
            "substation": None,
            "up_w": 5_000,
            "down_w": 0,
            "valid_from": self.oslo(1, 5),
            "declared_up_w": 0,
            "declared_down_w": 0,
            "group_max_w": 5_000_000,
            "point_limit_w": 1_000_000,
        }
        return registry.MemberJoined(group_id=group_id, metering_point_id=self.point(n), **(fields | over))

    def join(self, group_id: str, n: int, **over: Any) -> None:
        """It has joined."""
        self.scenario.given(self.joined(group_id, n, **over))

    def leaves(self, group_id: str, n: int, valid_to: datetime) -> registry.MembershipEndAnnounced:
        """A metering point's leave is announced."""
        return registry.MembershipEndAnnounced(
            group_id=group_id, metering_point_id=self.point(n), bsp=BSP_A, dso=DSO_1, valid_to=valid_to,
            because="switch", declared_up_w=0, declared_down_w=0,
        )  # fmt: skip

    def stays(self, group_id: str, n: int) -> registry.MembershipEndCancelled:
        """The leave is taken back."""
        return registry.MembershipEndCancelled(
            group_id=group_id, metering_point_id=self.point(n), bsp=BSP_A, dso=DSO_1, because="switch"
        )

    def counts(self, group_id: str, n: int, *, up_w: int) -> registry.MemberPowerChanged:
        """A member counts otherwise."""
        return registry.MemberPowerChanged(
            group_id=group_id, metering_point_id=self.point(n), bsp=BSP_A, dso=DSO_1, valid_from=self.oslo(2, 1),
            up_w=up_w, down_w=0, declared_up_w=0, declared_down_w=0, group_max_w=5_000_000, point_limit_w=1_000_000,
        )  # fmt: skip

    def left(self, group_id: str, n: int, valid_to: datetime) -> registry.MembershipEnded:
        """A metering point has left."""
        return registry.MembershipEnded(
            group_id=group_id, metering_point_id=self.point(n), bsp=BSP_A, dso=DSO_1, valid_to=valid_to,
            because="switch", declared_up_w=0, declared_down_w=0,
        )  # fmt: skip

    def qualified(self, *bsps: str) -> None:
        """These BSPs are qualified."""
        for n, bsp in enumerate(bsps):
            self.scenario.given(
                v1.QualificationRequested(
                    qualification_id=self.id(900 + n), bsp=bsp, product="mFRR", contact_email="vakt@bsp.example",
                    contract_reference="K-1",
                ),
                v1.QualificationDecided(
                    qualification_id=self.id(900 + n), bsp=bsp, product="mFRR", decision="qualified",
                    reasons="In order.",
                ),
            )  # fmt: skip

    def cap(self, cap_w: int, *, at: datetime | None = None, zone: str = ZONE, **over: Any) -> Outcome:
        """The TSO sets the cap."""
        fields = {"reasons": ("transfer-capacity",), "assessment": "What the grid takes."} | over
        command = v1.SetZoneCap(cap_w=cap_w, **fields)
        return self.scenario.when(command, subject=zone, sender=TSO, at=at or self.oslo(1, 5))

    def apply(
        self,
        application_id: str,
        group_id: str,
        up_w: int,
        down_w: int = 0,
        *,
        bsp: str = BSP_A,
        at: datetime | None = None,
        **over: Any,
    ) -> Outcome:
        """A BSP applies for its group."""
        fields = {"group_id": group_id, "up_w": up_w, "down_w": down_w, "ramp_w_per_minute": 200_000, **over}
        command = v1.ApplyForPrequalification(**fields)
        return self.scenario.when(command, subject=application_id, sender=bsp, at=at or self.oslo(1, 6, 9))

    def assess(
        self,
        application_id: str,
        dso: str,
        decision: str = "approved",
        *,
        limits: Iterable[v1.GridLimit] = (),
        text: str = "",
        points: Iterable[str] = (),
        at: datetime | None = None,
        **more: Any,
    ) -> Outcome:
        """A DSO answers."""
        command = v1.AssessGrid(decision=decision, limits=tuple(limits), text=text, points=tuple(points), **more)
        return self.scenario.when(command, subject=application_id, sender=dso, at=at or self.oslo(1, 20, 9))

    def limit(self, n: int, up_w: int, down_w: int = 0, **over: Any) -> v1.GridLimit:
        """A limit on a metering point."""
        fields = {"reason_code": "transformer"} | over
        return v1.GridLimit(metering_point_id=self.point(n), up_w=up_w, down_w=down_w, **fields)

    def substation(self, substation_id: str, *, parent: str | None = None) -> registry.SubstationDefined:
        """A substation of DSO 1."""
        return registry.SubstationDefined(
            substation_id=substation_id, name="Substation", voltage_v=22_000, grid_area=AREA_1, dso=DSO_1, parent=parent
        )

    def restrict(
        self, command: Any, restriction_id: str, *, sender: str = DSO_1, at: datetime | None = None
    ) -> Outcome:
        """A DSO or the TSO sets, changes or lifts a temporary limit or a suspension."""
        role = "tso" if sender == TSO else "dso"
        return self.scenario.when(command, subject=restriction_id, sender=sender, role=role, at=at or self.oslo(2, 1))

    def limit_for_a_time(
        self,
        limit_id: str,
        substation: str | None = None,
        *,
        sender: str = DSO_1,
        at: datetime | None = None,
        **over: Any,
    ) -> Outcome:
        """A temporary limit, on a substation if nothing else is said, on 10 February from 6 to 10."""
        fields = {
            "scope": "substation", "substation": substation, "valid_from": self.oslo(2, 10, 6),
            "valid_to": self.oslo(2, 10, 10), "reason_code": "line",
        }  # fmt: skip
        return self.restrict(v1.SetTemporaryLimit(**(fields | over)), limit_id, sender=sender, at=at)

    def biddable(self, group_id: str, at: datetime) -> Any:
        """What may be bid for a group at a moment, as published."""
        return readiness.in_force(self.scenario.state(store.APPROVAL, group_id).steps, at)

    def decide(
        self,
        application_id: str,
        decision: str = "approved",
        up_w: int = 0,
        down_w: int = 0,
        *,
        at: datetime | None = None,
        **over: Any,
    ) -> Outcome:
        """The TSO decides."""
        codes = () if decision == "approved" else ("other",)
        fields = {"reason_codes": codes, "reasons": "Assessed.", **over}
        command = v1.DecidePrequalification(decision=decision, up_w=up_w, down_w=down_w, **fields)
        return self.scenario.when(command, subject=application_id, sender=TSO, at=at or self.oslo(1, 27, 9))

    def tso(self, application_id: str, command: Command, *, at: datetime | None = None) -> Outcome:
        """The TSO says something of an application."""
        return self.scenario.when(command, subject=application_id, sender=TSO, at=at or self.oslo(1, 10, 9))

    def bsp(self, application_id: str, command: Command, *, bsp: str = BSP_A, at: datetime | None = None) -> Outcome:
        """A BSP says something of an application."""
        return self.scenario.when(command, subject=application_id, sender=bsp, at=at or self.oslo(1, 10, 9))


@pytest.fixture
def world() -> World:
    """A register with policies and grid areas; BSP A and B are qualified."""
    world = World()
    world.qualified(BSP_A, BSP_B)
    return world


@pytest.fixture(scope="session")
def another_world() -> type[World]:
    """For tests that make many."""
    return World
