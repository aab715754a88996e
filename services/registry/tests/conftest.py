"""What the tests of `registry` start from: a register with parties, grid areas and points that a BSP holds."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from types import ModuleType

import pytest

from chassis import testing
from chassis.testing import START
from contracts import calendar, values
from contracts.bsp_switch import v1 as bsp_switch
from contracts.gateway import v1 as gateway
from contracts.message import Command
from contracts.registry import v1
from contracts.values import BiddingZone, Role
from registry.app import SERVICE

OPERATOR, TSO, DATAHUB, DSO, BSP, OTHER_BSP, BRP, OTHER_BRP, SUPPLIER = (values.make_gln(n) for n in range(1, 10))
AREA, AREA_ELSEWHERE, NO_AREA = (values.make_eic_y(name) for name in ("MIDT", "OSTLANDET", "NOWHERE"))
END_USER = "01900000-0000-7000-8000-00000000eeee"
POLICIES = {
    "metering-point.group-limit-kw": 1000,
    "group.min-kw": 1000,
    "group.max-kw": 5000,
    "group.min-members": 2,
    "group.warn-margin-kw": 100,
    "group.brp": "single",
    "member.must-leave-days": 28,
    "resource.small-kw": 50,
    "timeline.freeze-days": 14,
}


# What follows from nearly every change of a group, or of a policy, is tested by itself (`test_watching.py`,
# `test_policy_rounds.py`).
Scenario = partial(
    testing.Scenario,
    apart=frozenset({v1.GroupMeasured, v1.GroupTotalled, v1.GroupWarned, v1.GroupWarningCleared, v1.GroupsReached}),
)


def point(number: int) -> str:
    """A metering point's id."""
    return values.make_gsrn(number)


def uuid(number: int) -> str:
    """An id that a sender chose."""
    return f"01900000-0000-7000-8000-{number:012d}"


def midnight(month: int, day: int) -> datetime:
    """The beginning of a date of 2026 in Oslo."""
    return calendar.midnight(date(2026, month, day))


def noon(month: int, day: int) -> datetime:
    """The middle of a date of 2026 in Oslo."""
    return calendar.at_local(date(2026, month, day), "12:00")


def opened(**changed: int | str) -> gateway.RegisterOpened:
    """The register is opened with its policies, some of them perhaps others than the defaults."""
    policies = POLICIES | {key.replace("__", ".").replace("_", "-"): value for key, value in changed.items()}
    return gateway.RegisterOpened(
        operator=OPERATOR,
        operator_name="Register operator",
        policies=tuple(
            gateway.PolicyValue(key=key, value=value, valid_from=midnight(1, 1), source="test", owner="registry")
            for key, value in policies.items()
        ),
    )


def onboarded(party: str, *roles: Role) -> v1.PartyOnboarded:
    """A party takes part."""
    return v1.PartyOnboarded(party=party, name="Someone", roles=roles)


def area(grid_area: str = AREA, zone: str = "NO3") -> v1.GridAreaDefined:
    """A grid area of the DSO's."""
    return v1.GridAreaDefined(grid_area=grid_area, name="Area", zone=BiddingZone(zone), dso=DSO)


def recorded(gsrn: str, *, grid_area: str = AREA, zone: str | None = "NO3") -> v1.MeteringPointRecorded:
    """What a metering point is, since the new year."""
    return v1.MeteringPointRecorded(
        metering_point_id=gsrn,
        grid_area=grid_area,
        zone=BiddingZone(zone) if zone else None,
        dso=DSO if zone else None,
        substation="Moholt",
        resolution="PT15M",
        agreed_power_w=20_000,
        valid_from=midnight(1, 1),
    )


def claimed(gsrn: str, bsp: str = BSP, at: datetime = START) -> bsp_switch.ControlClaimed:
    """A BSP holds a point."""
    return bsp_switch.ControlClaimed(metering_point_id=gsrn, bsp=bsp, valid_from=at, consent_id=uuid(999))


def supplied(gsrn: str, brp: str = BRP, at: datetime | None = None, end_user: str = "") -> bsp_switch.SupplyRecorded:
    """Who stands behind a point from a moment; each has its own end user."""
    return bsp_switch.SupplyRecorded(
        metering_point_id=gsrn,
        supplier=SUPPLIER,
        brp_consumption=brp,
        brp_production=brp,
        end_user=end_user or f"01900000-0000-7000-8002-{gsrn[-12:]}",
        valid_from=at or midnight(1, 1),
    )


def switched(gsrn: str, start: datetime) -> bsp_switch.SwitchAnnounced:
    """The other BSP gets a point at a midnight."""
    return bsp_switch.SwitchAnnounced(
        switch_id=uuid(900),
        metering_point_id=gsrn,
        outgoing=BSP,
        incoming=OTHER_BSP,
        dso=DSO,
        start=start,
        consent_id=uuid(901),
        notice_days=14,
        notice_min_days=14,
    )


def unswitched(gsrn: str, start: datetime, *, valid_to: datetime | None = None) -> bsp_switch.SwitchCancelled:
    """It does not get it after all."""
    return bsp_switch.SwitchCancelled(
        switch_id=uuid(900),
        metering_point_id=gsrn,
        outgoing=BSP,
        incoming=OTHER_BSP,
        dso=DSO,
        start=start,
        because="incoming",
        valid_to=valid_to,
    )


def control_ends(
    gsrn: str,
    valid_to: datetime,
    *,
    bsp: str = BSP,
    since: datetime = START,
    because: bsp_switch.WhyControlEnds = "own",
) -> bsp_switch.ControlEndAnnounced:
    """A BSP holds a point to a midnight only, and nobody follows."""
    return bsp_switch.ControlEndAnnounced(
        metering_point_id=gsrn, bsp=bsp, dso=DSO, valid_from=since, valid_to=valid_to, because=because
    )


def control_goes_on(
    gsrn: str,
    *,
    bsp: str = BSP,
    since: datetime = START,
    because: bsp_switch.WhyControlEnds = "own",
    valid_to: datetime | None = None,
) -> bsp_switch.ControlEndCancelled:
    """It is not ended by that after all."""
    return bsp_switch.ControlEndCancelled(
        metering_point_id=gsrn, bsp=bsp, dso=DSO, valid_from=since, valid_to=valid_to, because=because
    )


def resource(
    gsrn: str, *, kw: int = 5, up_w: int | None = None, down_w: int = 0, number: int = 0, bsp: str = BSP
) -> v1.ResourceRegistered:
    """A resource stands behind a point; its id and serial number follow from the point's, and from `number`."""
    up_w = kw * 1000 if up_w is None else up_w
    return v1.ResourceRegistered(
        resource_id=f"01900000-0000-7000-8001-{gsrn[-8:]}{number:04d}",
        metering_point_id=gsrn,
        bsp=bsp,
        dso=DSO,
        name="",
        technology="battery",
        up_w=up_w,
        down_w=down_w,
        devices=(v1.Device(make="Acme", model="X1", serial=f"{gsrn}-{number}"),),
        behind_up_w=up_w,
        behind_down_w=down_w,
        held_from=START,
    )


def points(numbers: Iterable[int], *, kw: int = 5, zone: str = "NO3", brp: str = BRP, bsp: str = BSP) -> list[object]:
    """Points that a BSP holds, each with a resource and a BRP."""
    grid_area = AREA if zone == "NO3" else AREA_ELSEWHERE
    return [
        event
        for gsrn in map(point, numbers)
        for event in (
            recorded(gsrn, grid_area=grid_area, zone=zone),
            claimed(gsrn, bsp),
            supplied(gsrn, brp),
            resource(gsrn, kw=kw, bsp=bsp),
        )
    ]


def ids(*numbers: int) -> tuple[str, ...]:
    """Metering point ids."""
    return tuple(map(point, numbers))


def tell(
    scenario: testing.Scenario,
    wish: Command,
    *,
    number: int = 100,
    sender: str = BSP,
    role: str = "bsp",
    at: datetime | None = None,
) -> testing.Outcome:
    """A BSP sends a command about the group (or object) of this number."""
    return scenario.when(wish, subject=uuid(number), sender=sender, role=role, at=at or noon(1, 6))


def form(scenario: testing.Scenario, *numbers: int, number: int = 100, zone: str = "NO3") -> testing.Outcome:
    """A BSP forms a group of points."""
    wish = v1.FormGroup(zone=BiddingZone(zone), metering_points=ids(*numbers))
    return tell(scenario, wish, number=number, at=midnight(1, 5))


@pytest.fixture
def world() -> ModuleType:
    """The names above, for the tests."""
    return sys.modules[__name__]


@pytest.fixture
def register() -> testing.Scenario:
    """A register with its policies, parties and grid areas."""
    return Scenario(SERVICE).given(
        opened(),
        onboarded(TSO, Role.TSO),
        onboarded(DSO, Role.DSO),
        onboarded(BSP, Role.BSP),
        onboarded(OTHER_BSP, Role.BSP),
        area(),
        area(AREA_ELSEWHERE, "NO1"),
    )
