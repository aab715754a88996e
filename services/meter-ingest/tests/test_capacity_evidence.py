"""Documentation of a group's capacity: what meters show over a period, and its packet, checked without the register."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from evidence_given import DAY, NEXT, NOTHING, Maker, erased, of, renewed, required
from out_house import code
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.bsp_switch.v1 import ControlClaimed
from contracts.meter_ingest.v1 import (
    CapacityEvidenceOwed,
    CapacityEvidencePrepared,
    CapacityEvidenceRequested,
    ChooseBaseline,
    OrderActivation,
    RequestCapacityEvidence,
    RequestEvidence,
    SubmitBaseline,
)
from contracts.registry.v1 import MembershipEnded
from contracts.values import Period
from meter_ingest import packing
from meter_ingest.domain import packet_check

AFTER = "2026-03-30"
SOME = [1000, 1100, 900, 1000] * 24
"""Wh per quarter: 3.6 kW at the least."""


def grouped(world: Any) -> list[str]:
    """Two members stay, the third leaves as the fourth joins: at midnight between the two days. Each declares 5 kW."""
    points = world.points(1, 2, 3, 4, power_w=9_000)
    world.open(points)
    world.formed()
    for point in points[:3]:
        world.joined(point)
    world.scenario.given(
        MembershipEnded(
            group_id=world.group,
            bsp=world.bsp,
            metering_point_id=points[2],
            dso=world.dso,
            valid_to=world.local(NEXT),
            because="left",
            declared_up_w=0,
            declared_down_w=0,
        )
    )
    world.joined(points[3], valid_from=world.local(NEXT))
    required(world)
    return points


def ask(world: Any, at: Any, due: Any, *, number: int = 80, start: Any = None, end: Any = None, group: str = "") -> Any:
    period = Period(start=start or world.local(DAY), end=end or world.local(AFTER))
    command = RequestCapacityEvidence(group_id=group or world.group, period=period, due_at=due)
    return world.scenario.when(command, subject=world.uuid(number), sender=world.tso, at=at)


def days_of(day_series: Any, points: list[str]) -> list[Any]:
    """All that is expected: of each the days that it is a member on."""
    return [
        *(day_series(point, DAY, SOME) for point in points[:3]),
        *(day_series(point, NEXT, SOME[:92]) for point in (points[0], points[1], points[3])),
    ]


@pytest.mark.unit
@pytest.mark.rule("EVIDENCE_GROUP_UNKNOWN")
@pytest.mark.rule("EVIDENCE_NOT_QUARTERS")
@pytest.mark.rule("EVIDENCE_TOO_LONG")
@pytest.mark.rule("EVIDENCE_DUE_PAST")
def test_what_cannot_be_documented_is_refused(world: Any) -> None:
    grouped(world)
    at, due = world.local(AFTER, "10:00"), world.local("2026-06-01")
    ask(world, at, due, group=world.uuid(7)).refused("EVIDENCE_GROUP_UNKNOWN")
    ask(world, at, due, start=world.local(DAY, "00:05")).refused("EVIDENCE_NOT_QUARTERS")
    ask(world, at, due, end=world.local("2026-04-04", "00:15")).refused("EVIDENCE_TOO_LONG")
    ask(world, at, at).refused("EVIDENCE_DUE_PAST")
    ahead = world.local("2026-04-04")
    ask(world, at, ahead, end=ahead).refused("EVIDENCE_DUE_PAST")
    assert ask(world, at, due, end=ahead).events, "7 days, that are not over"
    ask(world, at, due, end=world.local(AFTER)).refused("ID_NOT_AVAILABLE")
    start = world.local(DAY, "10:00")
    world.order(4000, start, start + timedelta(minutes=30), at=start)
    world.scenario.until(at)
    of_activation = RequestEvidence(activation_id=world.uuid(70), due_at=due)
    world.scenario.when(of_activation, subject=world.uuid(80), sender=world.tso, at=at).refused("ID_NOT_AVAILABLE")
    world.scenario.when(of_activation, subject=world.uuid(81), sender=world.tso, at=at)
    ask(world, at, due, number=81).refused("ID_NOT_AVAILABLE")


@pytest.mark.unit
@pytest.mark.rule("EVIDENCE_NOT_REQUIRED")
def test_nothing_is_documented_before_the_duty_is_in_force(world: Any) -> None:
    world.formed()
    ask(world, world.local(AFTER), world.local("2026-06-01")).refused("EVIDENCE_NOT_REQUIRED")


@pytest.mark.unit
def test_it_is_prepared_at_once_where_nothing_misses(world: Any, day_series: Any) -> None:
    points = grouped(world)
    world.biddable(11_000)
    world.send(*days_of(day_series, points), at=world.local(AFTER, "06:30"))
    outcome = ask(world, world.local(AFTER, "10:00"), world.local("2026-04-02"))
    requested, done = outcome.then_only(CapacityEvidenceRequested, CapacityEvidencePrepared)
    assert (requested.bsp, requested.metering_points) == (world.bsp, tuple(points))
    assert (done.version, done.result, done.findings) == (1, "whole", ())
    assert [(one.dso, one.points, one.points_missing, one.measured) for one in done.counts] == [
        (world.dso, 4, 0, 3 * (96 + 92))
    ]
    stays = {point: (one.valid_from, one.valid_to) for one in done.facts.members for point in one.metering_points}
    assert stays[points[2]][1] == stays[points[3]][0] == world.local(NEXT)
    assert [(one.approved_up_w, one.biddable_up_w) for one in done.facts.approved] == [(11_000, 11_000)]
    assert [one.methods for one in done.facts.baselines] == [("meter-before",)]
    # A quarter of 900 Wh is 3.6 kW of load; 10.8 kW are there where 11 kW could be bid.
    assert (done.up.quarters, done.up.short, done.up.least_w) == (188, 24 + 23, 10_800)
    assert (done.down.quarters, done.down.short, done.down.least_w) == (0, 0, None), "nothing could be bid"
    assert not of(CapacityEvidencePrepared, world.scenario.until(world.local("2026-04-03")))


@pytest.mark.unit
@pytest.mark.rule("METER_EVIDENCE_INCOMPLETE")
@pytest.mark.rule("METER_EVIDENCE_LATE")
def test_at_its_deadline_it_says_what_misses_and_again_when_that_has_come(world: Any, day_series: Any) -> None:
    points = grouped(world)
    world.biddable(11_000)
    first, *rest = days_of(day_series, points)
    world.send(*rest, at=world.local(AFTER, "06:30"))
    due = world.local("2026-04-01")
    _, owed = ask(world, world.local(AFTER, "10:00"), due).then_only(CapacityEvidenceRequested, CapacityEvidenceOwed)
    assert (owed.dso, owed.points, owed.quarters) == (world.dso, 1, 96)
    assert ask(world, world.local(AFTER, "10:01"), due).events == [], "the same again"
    later = world.local("2026-04-02")
    assert ask(world, world.local(AFTER, "10:02"), later).events[0].due_at == later
    (done,) = of(CapacityEvidencePrepared, world.scenario.until(world.local("2026-04-03")))
    assert (done.prepared_at, done.result, done.findings) == (later, "incomplete", ("METER_EVIDENCE_INCOMPLETE",))
    assert done.events == 2, "both requests are within"
    assert done.up.least_w == 7_200, "what was not measured shows nothing"
    ask(world, world.local("2026-04-03"), world.local("2026-04-09")).refused("ID_NOT_AVAILABLE")
    _, after = world.send(first, at=world.local("2026-04-03", "06:30"))
    (whole,) = of(CapacityEvidencePrepared, after)
    assert (whole.version, whole.result, whole.findings) == (2, "whole", ("METER_EVIDENCE_LATE",))
    revised = day_series(points[0], DAY, [2 * one for one in SOME], registered_at=world.local("2026-04-03"))
    _, more = world.send(revised, at=world.local("2026-04-03", "07:00"))
    assert not of(CapacityEvidencePrepared, more), "what was documented is"


@pytest.mark.unit
def test_of_a_period_that_lies_ahead_it_waits_for_the_last_value(world: Any, day_series: Any) -> None:
    points = grouped(world)
    asked = ask(world, world.local(DAY, "09:00"), world.local("2026-04-02"))
    assert [type(one) for one in asked.events] == [CapacityEvidenceRequested], "nobody owes what has not been"
    first, *rest = days_of(day_series, points)
    _, outcome = world.send(first, *rest[:-1], at=world.local(AFTER, "06:30"))
    assert not of(CapacityEvidencePrepared, outcome)
    _, outcome = world.send(rest[-1], at=world.local(AFTER, "06:31"))
    assert [one.result for one in of(CapacityEvidencePrepared, outcome)] == ["whole"]


@pytest.mark.unit
def test_what_misses_of_a_period_that_lay_ahead_is_told_when_it_is_over(world: Any, day_series: Any) -> None:
    points = grouped(world)
    due = world.local("2026-04-02")
    ask(world, world.local(DAY, "09:00"), due)
    first, *rest = days_of(day_series, points)
    world.send(*rest, at=world.local(AFTER, "06:31"))
    told = of(CapacityEvidenceOwed, world.scenario.until(world.local(AFTER, "09:00")))
    assert [(one.dso, one.points, one.quarters, one.due_at) for one in told] == [(world.dso, 1, 96, due)]
    assert not of(CapacityEvidenceOwed, world.scenario.until(world.local(AFTER, "23:00"))), "once"
    _, outcome = world.send(first, at=world.local(AFTER, "23:30"))
    assert [one.result for one in of(CapacityEvidencePrepared, outcome)] == ["whole"]


@pytest.mark.unit
@pytest.mark.parametrize("extended", [(DAY, "10:00"), (NEXT, "23:59"), (AFTER, "00:30"), (AFTER, "07:59")])
def test_with_more_time_what_misses_is_told_though_it_was_first_due_before_that(
    world: Any, day_series: Any, extended: tuple[str, str]
) -> None:
    points = grouped(world)
    due = world.local("2026-04-02")
    ask(world, world.local(DAY, "09:00"), world.local(AFTER, "08:00"))
    world.scenario.until(world.local(*extended))
    more = ask(world, world.local(*extended), due)
    assert [type(one) for one in more.events] == [CapacityEvidenceRequested], "what is not due yet, nobody owes"
    world.send(*days_of(day_series, points)[1:], at=world.local(AFTER, "08:30"))
    told = of(CapacityEvidenceOwed, world.scenario.until(world.local(AFTER, "09:00")))
    assert [(one.dso, one.points, one.quarters, one.due_at) for one in told] == [(world.dso, 1, 96, due)]
    assert not of(CapacityEvidenceOwed, world.scenario.until(world.local(AFTER, "23:00"))), "once"


@pytest.mark.unit
def test_where_nobody_owes_what_misses_of_a_period_that_lay_ahead_it_is_prepared(world: Any) -> None:
    world.formed()
    required(world)
    ask(world, world.local(DAY, "09:00"), world.local("2026-04-02"))
    (done,) = of(CapacityEvidencePrepared, world.scenario.until(world.local("2026-04-03")))
    assert (done.result, done.prepared_at) == ("incomplete", world.local("2026-03-30", "09:00"))


@pytest.mark.unit
def test_a_group_without_members_or_channels_is_documented_as_missing(world: Any) -> None:
    world.formed()
    required(world)
    ask(world, world.local(AFTER), world.local("2026-04-02"))
    (done,) = of(CapacityEvidencePrepared, world.scenario.until(world.local("2026-04-03")))
    assert (done.result, done.counts, done.facts.members) == ("incomplete", (), ())
    (point,) = world.points(5)
    world.joined(point)
    ask(world, world.local("2026-04-03"), world.local("2026-04-04"), number=81)
    (done,) = of(CapacityEvidencePrepared, world.scenario.until(world.local("2026-04-05")))
    assert [(one.points_missing, one.missing) for one in done.counts] == [(1, 188)]


@pytest.mark.unit
def test_activations_are_named_and_left_out_of_what_is_short(world: Any, day_series: Any) -> None:
    points = grouped(world)
    world.biddable(11_000)
    start = world.local(DAY, "00:30")
    world.order(4000, start, start + timedelta(minutes=15), at=start - timedelta(minutes=15))
    world.send(*days_of(day_series, points), at=world.local(AFTER, "06:30"))
    (done,) = of(CapacityEvidencePrepared, ask(world, world.local(AFTER, "10:00"), world.local("2026-04-02")))
    assert [(one.activation_id, one.period.start) for one in done.facts.called] == [(world.uuid(70), start)]
    assert (done.up.quarters, done.up.short) == (185, 46), "nor the quarters that its ramps reach into"


@pytest.mark.unit
def test_what_ramps_reach_into_is_not_short_also_of_activations_outside_the_period(world: Any, day_series: Any) -> None:
    """One ends as the period begins, one begins as it ends; a block reaches nowhere."""
    points = grouped(world)
    world.biddable(11_000)
    quarter = timedelta(minutes=15)
    first, last = world.local(DAY), world.local(AFTER)
    world.order(4000, first - quarter, first, at=first - 2 * quarter)
    world.order(4000, last, last + quarter, at=last - quarter, activation=world.uuid(71))
    start = world.local(DAY, "12:00")
    block = OrderActivation(
        group_id=world.group, direction="up", power_w=4000, period=Period(start=start, end=start + quarter), ramp_s=0
    )
    world.scenario.when(block, subject=world.uuid(72), sender=world.tso, at=start - quarter)
    world.order(4000, first - 3 * quarter, first - 2 * quarter, at=first - 4 * quarter, activation=world.uuid(73))
    figures = [[0, *SOME[1:]], [*SOME[:91], 0]]
    (one, *_) = points
    rest = [each for each in days_of(day_series, points) if each.metering_point_id != one]
    world.send(day_series(one, DAY, figures[0]), day_series(one, NEXT, figures[1]), *rest, at=last + 27 * quarter)
    world.scenario.until(world.local(AFTER, "09:00"))
    (done,) = of(CapacityEvidencePrepared, ask(world, world.local(AFTER, "10:00"), world.local("2026-04-02")))
    assert [one.activation_id for one in done.facts.called] == [world.uuid(number) for number in (70, 72, 71)]
    assert done.up.quarters == 188 - 3
    assert done.up.least_w == 3 * 3600, "neither the first quarter nor the last is looked at"


@pytest.mark.unit
def test_a_member_counts_while_the_groups_bsp_holds_it(world: Any, day_series: Any) -> None:
    points = grouped(world)
    claimed = ControlClaimed(
        metering_point_id=points[0], bsp=world.bsp, valid_from=world.local(NEXT), consent_id=world.uuid(1)
    )
    world.scenario.given(claimed)
    _, *rest = days_of(day_series, points)
    world.send(*rest, at=world.local(AFTER, "06:30"))
    (done,) = of(CapacityEvidencePrepared, ask(world, world.local(AFTER, "10:00"), world.local("2026-04-02")))
    assert done.result == "whole", "its first day is not waited for"
    assert [(one.metering_points, [each.start for each in one.held]) for one in done.facts.apart] == [
        ((points[0],), [world.local(NEXT)])
    ]


async def packed(world: Any, take: Any, day_series: Any, *, missing: int = 0) -> None:
    """The values are both in memory, where the case shard reads them, and in PostgreSQL."""
    points = grouped(world)
    world.biddable(11_000)
    choose = ChooseBaseline(primary="plan", others=("zero",), reason="A plan", valid_from=world.local(DAY))
    world.scenario.when(choose, subject=world.group, sender=world.tso, at=world.local("2026-03-27"))
    for wh in ((4000,) * 4, (5000,) * 4):
        period = Period(start=world.local(DAY, "10:00"), end=world.local(DAY, "11:00"))
        submit = SubmitBaseline(method="plan", period=period, wh=wh)
        world.scenario.when(submit, subject=world.group, sender=world.bsp, at=world.local("2026-03-27", "12:00"))
    record = world.record(*days_of(day_series, points)[missing:], at=world.local(AFTER, "06:30"))
    world.scenario.when(world.decide(record).event, at=world.local(AFTER, "06:30"))
    await take(record)
    ask(world, world.local(AFTER, "10:00"), world.local("2026-04-01"))
    world.scenario.until(world.local("2026-04-02"))


@pytest.fixture
def make(world: Any, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> Maker:
    return Maker(world, engine, monkeypatch)


@pytest.mark.store
async def test_a_packet_holds_and_every_flipped_byte_is_found(
    world: Any, engine: AsyncEngine, take: Any, day_series: Any, make: Maker
) -> None:
    await packed(world, take, day_series)
    made = await make()
    assert made.file == (await make()).file, "the same bytes again"
    checks = packet_check.check(made.file, root=made.prepared.root_sha256)
    assert [(one.name, one.detail) for one in checks if not one.holds] == []
    assert [one.name for one in checks] == [
        "hashes", "root", "events", "request", "plans", "values", "completeness", "power", "summary",
    ]  # fmt: skip
    parts = packet_check.opened(made.file).parts
    assert list(parts["plans"]["plan"].values()) == [5000] * 4, "what was submitted last"
    assert parts["power"]["members"] == [3] * 188
    assert parts["power"]["consumption_wh"] == [3 * wh for wh in (*SOME, *SOME[:92])]
    assert parts["completeness"][world.gsrn(3)] == {"quarters": {"measured": 96}, "missing": []}
    assert {point for point, _, _, _ in made.reads} == set(world.recorded)
    for at in range(0, len(made.file), 23):
        broken = bytearray(made.file)
        broken[at] ^= 1
        assert not all(one.holds for one in packet_check.check(bytes(broken))), f"byte {at}"
    world.scenario.when(
        SubmitBaseline(
            method="plan", period=Period(start=world.local("2026-04-03"), end=world.local("2026-04-04")), wh=(1,) * 96
        ),
        subject=world.group,
        sender=world.bsp,
        at=world.local("2026-04-02", "12:00"),
    )
    assert made.file == (await make()).file, "whatever comes after it"
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM private.value_version"))
    with pytest.raises(packing.Differs, match=made.prepared.root_sha256):
        await make()
    erased(world, *world.recorded)
    with pytest.raises(packing.KeptNoLonger, match="kept no longer"):
        await make()


@pytest.mark.store
async def test_a_packet_of_what_is_missing_holds_and_says_what(
    world: Any, take: Any, day_series: Any, make: Maker
) -> None:
    await packed(world, take, day_series, missing=1)
    made = await make()
    assert made.prepared.result == "incomplete"
    assert [one for one in packet_check.check(made.file) if not one.holds] == []
    assert packet_check.opened(made.file).parts["completeness"][world.gsrn(1)] == {
        "quarters": {"measured": 92, "missing": 96},
        "missing": [["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"]],
    }


def _value(content: Any) -> None:
    content[-1]["wh"][0] += 100


def _status(content: Any) -> None:
    content[0] |= {"status": "estimated", "evidence": "estimated"}


def _alone(content: Any) -> None:
    content[0]["status"] = "estimated"


def _late_member(content: Any) -> None:
    content["members"][0]["valid_from"] = "2026-03-28T12:00:00Z"


def _period(content: Any) -> None:
    content["period"]["end"] = "2026-03-29T21:45:00Z"


def _declared(content: Any) -> None:
    content["members"][0]["up_w"][0] = 1


def _power(content: Any) -> None:
    content["approved_up_w"][0] += 1


def _summary(content: Any) -> None:
    content["up"]["short"] = 0


def _completeness(content: Any) -> None:
    next(iter(content.values()))["missing"] = [["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"]]


def _plan(content: Any) -> None:
    content["plan"] = {"2026-04-03T10:00:00Z": 1}


def _method(content: Any) -> None:
    content["reported"] = content.pop("plan")


def _says(**what: Any) -> Any:
    return lambda manifest: manifest["capacity"].update(what)


OTHER = "019b8d2b-8c00-7b54-9129-a6ca5b925999"
EDITS = [
    ("manifest", _says(capacity_evidence_id=OTHER), "request"),
    ("manifest", _says(group_id=OTHER), "request"),
    ("manifest", _says(bsp="7080099000016"), "request"),
    ("manifest", _says(due_at="2026-04-05T10:00:00Z"), "request"),
    ("manifest", _says(prepared_at="2026-03-05T10:00:00Z"), "request"),
    ("manifest", lambda manifest: manifest["capacity"].update(run=1), "request"),
    ("plans", _plan, "plans"),
    ("plans", _method, "plans"),
    ("plans", lambda _: NOTHING, "plans"),
    ("values", _value, "power"),
    ("values", _status, "completeness"),
    ("values", _alone, "values"),
    ("facts", _late_member, "values"),
    ("facts", _period, "request"),
    ("facts", _declared, "power"),
    ("power", _power, "power"),
    ("summary", _summary, "summary"),
    ("completeness", _completeness, "completeness"),
]


@pytest.mark.store
async def test_what_is_edited_with_renewed_hashes_is_found_by_recomputing(
    world: Any, take: Any, day_series: Any, make: Maker
) -> None:
    await packed(world, take, day_series)
    made = await make()
    assert renewed(made.file, "values", lambda _: None) == made.file
    for part, change, name in EDITS:
        edited = renewed(made.file, part, change)
        found = packet_check.check(edited)
        assert not [one for one in found if "Error" in one.detail], "in words"
        failing = {one.name for one in found if not one.holds}
        assert name in failing, (part, change, failing)
        assert "hashes" not in failing
        assert "root" in {
            one.name for one in packet_check.check(edited, root=made.prepared.root_sha256) if not one.holds
        }


@pytest.mark.store
async def test_at_the_door_it_is_the_tsos_alone_and_noted(
    world: Any, house: Any, day_series: Any, make: Maker, take: Any
) -> None:
    await packed(world, take, day_series)
    await house.stands()
    path = f"/evidence/{world.uuid(80)}"
    for gln in (world.bsp, world.dso):
        assert code(await house.asks(gln, "GET", path)) == (403, "EVIDENCE_NOT_YOURS"), gln
    answer = await house.asks(world.tso, "GET", path)
    made = await make()
    assert (answer.status_code, answer.content) == (200, made.file)
    assert answer.headers["etag"] == f'"{made.prepared.root_sha256}"'
    async with house.engine.begin() as connection:
        rows = (
            await connection.execute(text("SELECT metering_point_id, party, ground, about FROM private.read_log"))
        ).all()
        assert {tuple(row) for row in rows} == {
            (int(point), world.tso, "evidence", world.uuid(80)) for point in world.recorded
        }
        await connection.execute(
            text("DELETE FROM private.value_version WHERE metering_point_id = :point"),
            {"point": int(min(world.recorded))},
        )
    with pytest.raises(packing.Differs):
        await house.asks(world.tso, "GET", path)
    erased(world, min(world.recorded))
    await house.stands()
    gone = await house.asks(world.tso, "GET", path)
    assert code(gone) == (410, "EVIDENCE_GONE")
    assert "erased" in gone.json()["text_en"]
    assert made.prepared.root_sha256 in gone.json()["text_en"]


@pytest.mark.unit
def test_what_came_in_another_resolution_than_counts_is_left_out_and_named(world: Any, day_series: Any) -> None:
    points = grouped(world)
    world.biddable(11_000)
    at = world.local(AFTER, "06:30")
    world.send(*days_of(day_series, points), at=at)
    for point in points[:2]:
        # Both days by the hour, of which the second came so, and was registered before the quarters.
        world.fact(point, resolution="PT60M", valid_from=world.local(DAY), at=at + timedelta(minutes=1))
    hours = [day_series(point, NEXT, 3600, resolution="PT60M", registered_at=world.local(NEXT)) for point in points[:2]]
    world.send(*hours, at=at + timedelta(minutes=2))
    asked = ask(world, world.local(AFTER, "10:00"), world.local("2026-04-02"))
    (owed,) = of(CapacityEvidenceOwed, asked)
    assert (owed.points, owed.quarters) == (2, 2 * 96), "what came by the quarter is as if it had not come"
    (done,) = of(CapacityEvidencePrepared, world.scenario.until(world.local("2026-04-03")))
    (said,) = done.facts.read_as
    assert (said.line, said.date.isoformat(), said.through.isoformat()) == ("consumption", DAY, NEXT)
    assert (said.resolution, said.metering_points) == ("PT60M", tuple(points[:2]))
    (counts,) = done.counts
    assert (counts.missing, counts.derived, counts.measured) == (2 * 96, 2 * 92, 96 + 92)
    assert done.up.least_w == 3_600, "of the third point alone, on the first day"
