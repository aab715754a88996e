"""What each of them sends, step by step: commands as `flexreg send` takes them, with `type`, `subject` and `data`."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from contracts import calendar
from contracts.bsp_switch import v1 as bsp_switch
from contracts.meter_ingest import v1 as meter_ingest
from contracts.prequal import v1 as prequal
from contracts.registry import v1 as registry
from contracts.values import BiddingZone, time_text
from flexreg.story import cast as who

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.message import Command
    from flexreg.story.cast import Area, Party, Point, Resource

Wish = dict[str, Any]
"""One command: `type`, `subject`, `data`."""

BEGINNING: Final = date(2026, 1, 1)
"""Since when the datahub's facts hold."""
PRODUCT: Final = "mFRR"
OPERATIONS: Final = "Driftssentralen, +47 00 00 00 00, hele døgnet"


def midnight(day: date) -> str:
    """The moment at which this day begins in Oslo, as it stands in a message."""
    return time_text(calendar.midnight(day))


def _wish(command: type[Command], subject: str, **data: object) -> Wish:
    return {"type": command.type, "subject": subject, "data": data}


# 1 and 2: who there is, and the grid


def onboard(parties: Iterable[Party]) -> list[Wish]:
    """Admit them, each in its role."""
    return [_wish(registry.OnboardParty, one.gln, name=one.name, roles=[one.role.value]) for one in parties]


def grid_areas(areas: Iterable[Area]) -> list[Wish]:
    """Say where each area lies and whose it is."""
    return [
        _wish(registry.DefineGridArea, one.eic, name=one.name, zone=one.zone.value, dso=one.dso.gln) for one in areas
    ]


def cap(zone: BiddingZone, cap_w: int, *, reasons: Iterable[str], assessment: str) -> Wish:
    """How much flexibility-group volume a zone takes."""
    return _wish(prequal.SetZoneCap, zone.value, cap_w=cap_w, reasons=list(reasons), assessment=assessment)


def metering_points(points: Iterable[Point]) -> list[Wish]:
    """What each point is."""
    return [
        _wish(
            registry.RecordMeteringPoint,
            one.id,
            grid_area=one.area,
            substation=one.substation,
            resolution=one.resolution,
            agreed_power_w=one.agreed_power_w,
            valid_from=midnight(BEGINNING),
        )
        for one in points
    ]


def supplies(points: Iterable[Point], *, valid_from: date = BEGINNING, brp: Party | None = None) -> list[Wish]:
    """Who stands behind each point: its supplier, end user, and its BRP (or another `brp`)."""
    return [
        _wish(
            bsp_switch.RecordSupply,
            one.id,
            supplier=one.supplier.gln,
            brp_consumption=(brp or one.brp).gln,
            brp_production=(brp or one.brp).gln,
            end_user=one.end_user,
            valid_from=midnight(valid_from),
        )
        for one in points
    ]


# 3 and 4: qualifications, consents, resources, groups


def apply_for_qualification(bsp: Party, qualification_id: str, *, operations: bool = True) -> Wish:
    """A BSP applies. `operations`: whether it says how its operations centre is reached."""
    return _wish(
        prequal.ApplyForQualification,
        qualification_id,
        product=PRODUCT,
        contact_email="vakt@example.no",
        contract_reference=f"mFRR-2026-{bsp.gln[-4:-1]}",
        facts={
            "operations_contact": OPERATIONS if operations else "",
            "settlement_agreement": f"AVR-2026-{bsp.gln[-4:-1]}",
            "balance_responsibility": f"BA-2026-{bsp.gln[-4:-1]}",
        },
    )


def request_missing(qualification_id: str, *missing: str) -> Wish:
    """The TSO finds it incomplete."""
    return _wish(
        prequal.RequestMissing, qualification_id, missing=list(missing), text="Vi må kunne nå dere døgnet rundt."
    )


def complete_qualification(qualification_id: str) -> Wish:
    """The BSP says how its operations centre is reached."""
    return _wish(prequal.CompleteQualification, qualification_id, facts={"operations_contact": OPERATIONS})


def confirm_qualification(qualification_id: str) -> Wish:
    """The TSO finds it complete."""
    return _wish(prequal.ConfirmQualification, qualification_id)


def start_communication_test(qualification_id: str) -> Wish:
    """The TSO wants to know whether the BSP's system answers."""
    return _wish(prequal.StartCommunicationTest, qualification_id)


def answer_communication_test(qualification_id: str, nonce: str) -> Wish:
    """The BSP's system gives back what it was sent."""
    return _wish(prequal.AnswerCommunicationTest, qualification_id, nonce=nonce)


def qualify(qualification_id: str) -> Wish:
    """The TSO says yes."""
    return _wish(
        prequal.DecideQualification,
        qualification_id,
        decision="qualified",
        reasons="Contract signed; identity, contact and exchange of messages tested.",
    )


def consents(points: Iterable[Point], bsp: Party, *, valid_from: date) -> list[Wish]:
    """The end users' consents that a BSP has, with the hash of each proof."""
    return [
        _wish(
            bsp_switch.RecordConsent,
            who.story_id("consent", bsp.gln, one.id),
            metering_point_id=one.id,
            end_user=one.end_user,
            purpose="flexibility",
            proof_sha256=hashlib.sha256(f"{bsp.gln}/{one.end_user}".encode()).hexdigest(),
            valid_from=midnight(valid_from),
        )
        for one in points
    ]


def claims(points: Iterable[Point], *, start: date) -> list[Wish]:
    """Take control of points that nobody holds."""
    return [_wish(bsp_switch.ClaimControl, one.id, start=midnight(start)) for one in points]


def resources(found: Iterable[Resource]) -> list[Wish]:
    """Resources with their devices. They can be turned down, not up: consumption that falls is delivered upwards."""
    return [
        _wish(
            registry.RegisterResource,
            one.id,
            metering_point_id=one.point,
            name=one.name,
            technology=one.technology,
            up_w=one.up_w,
            down_w=0,
            devices=[{"make": each.make, "model": each.model, "serial": each.serial} for each in one.devices],
        )
        for one in found
    ]


def form_group(group_id: str, name: str, points: Iterable[Point], *, zone: BiddingZone = BiddingZone.NO3) -> Wish:
    """Form a group."""
    return _wish(registry.FormGroup, group_id, name=name, zone=zone.value, metering_points=_ids(points))


def add_members(group_id: str, points: Iterable[Point]) -> Wish:
    """Let points join a group."""
    return _wish(registry.AddMembers, group_id, metering_points=_ids(points))


# 5 and 6: prequalification


def apply_for_prequalification(application_id: str, group_id: str, *, up_w: int) -> Wish:
    """A BSP applies for its group."""
    return _wish(
        prequal.ApplyForPrequalification,
        application_id,
        group_id=group_id,
        product=PRODUCT,
        up_w=up_w,
        down_w=0,
        ramp_w_per_minute=up_w // 10,
    )


def approve_grid(application_id: str) -> Wish:
    """A DSO has nothing against it."""
    return _wish(prequal.AssessGrid, application_id, decision="approved")


def limit_grid(application_id: str, limits: dict[str, int]) -> Wish:
    """A DSO allows some points only so many W (0 rejects the point)."""
    return _wish(
        prequal.AssessGrid,
        application_id,
        decision="limited",
        limits=[
            {
                "metering_point_id": point,
                "up_w": up_w,
                "down_w": 0,
                "reason_code": "voltage" if up_w else "transformer",
                "text": "Spenningen i kretsen tåler ikke mer." if up_w else "Transformatoren er full.",
            }
            for point, up_w in limits.items()
        ],
    )


def decide(application_id: str, *, up_w: int) -> Wish:
    """The TSO approves so much."""
    return _wish(
        prequal.DecidePrequalification,
        application_id,
        decision="approved",
        up_w=up_w,
        down_w=0,
        reasons="Tested; the DSOs' limits are kept.",
    )


# 7: channels and activations


def open_channels(name: str, points: Iterable[Point], *, resolution: str, valid_from: date) -> Wish:
    """A DSO will send values of these points."""
    return _wish(
        meter_ingest.OpenChannels,
        who.story_id("channels", "open", name),
        metering_points=_ids(points),
        resolution=resolution,
        valid_from=midnight(valid_from),
    )


def close_channels(name: str, points: Iterable[Point], *, valid_to: date) -> Wish:
    """A DSO sends no more values of these points."""
    return _wish(
        meter_ingest.CloseChannels,
        who.story_id("channels", "close", name),
        metering_points=_ids(points),
        valid_to=midnight(valid_to),
    )


def order(activation_id: str, group_id: str, *, power_w: int, start: datetime) -> Wish:
    """The TSO orders half an hour of it."""
    return _wish(
        meter_ingest.OrderActivation,
        activation_id,
        group_id=group_id,
        direction="up",
        power_w=power_w,
        period={"start": time_text(start), "end": time_text(start + timedelta(minutes=30))},
    )


# 9: a switch of BSP


def request_switch(switch_id: str, points: Iterable[Point], *, start: date) -> Wish:
    """Take points over from another BSP."""
    return _wish(bsp_switch.RequestSwitch, switch_id, metering_points=_ids(points), start=midnight(start))


def _ids(points: Iterable[Point]) -> list[str]:
    return [one.id for one in points]
