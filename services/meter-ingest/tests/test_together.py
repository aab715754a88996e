"""Orders of one group beside and over each other: each is held against its part of what was delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from evidence_given import Maker, required
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine
from test_baselines_worked import DOCUMENT
from test_recounting import ask as ask  # noqa: PLC0414 - a fixture
from test_verification_runs import ACTIVATION, DAY, GROUP, MORNING, prepared, runs

from contracts.meter_ingest.v1 import (
    ActivationVerified,
    AmendActivation,
    CancelActivation,
    ChooseBaseline,
    ImbalanceAdjusted,
    OrderActivation,
    RequestEvidence,
    SubmitBaseline,
    VerifiedQuarter,
)
from contracts.values import Period, make_gln, make_gsrn
from meter_ingest.domain import again, days, packet_check, ramps, together, verification
from meter_ingest.domain.activation import Activation, windows_of
from meter_ingest.domain.values import Reading

MORNING_AFTER = "2026-03-29"
LEVEL = 5_000_000
"""Wh a quarter, as planned."""
Order = tuple[str, int, int, str]
"""When, for how many quarters, W, and the direction."""


def planned(world: Any, orders: Sequence[Order], *, ramp_s: int = 600) -> str:
    """A group of one point whose plan is level, and what was ordered of it."""
    (point,) = prepared(world)
    first = world.local(DAY, "10:00")
    choice = ChooseBaseline(primary="plan", others=("zero",), reason="Agreed")
    world.scenario.when(choice, subject=world.group, sender=world.tso, at=first - timedelta(hours=20))
    plan = SubmitBaseline(
        method="plan", period=Period(start=world.local(DAY, "08:00"), end=world.local(DAY, "13:00")), wh=(LEVEL,) * 20
    )
    world.scenario.when(plan, subject=world.group, sender=world.bsp, at=first - timedelta(hours=3))
    for number, (clock, quarters, power, direction) in enumerate(orders, 70):
        start = world.local(DAY, clock)
        command = OrderActivation(
            group_id=world.group,
            direction=direction,
            power_w=power,
            period=Period(start=start, end=start + quarters * days.QUARTER),
            ramp_s=ramp_s,
        )
        at = first - timedelta(hours=1)
        world.scenario.when(command, subject=world.uuid(number), sender=world.tso, at=at)
    return point


def perfect(world: Any, orders: Sequence[Order], *, ramp_s: int = 600) -> list[int]:
    """What is metered when each is delivered as it was ordered."""
    metered = [LEVEL] * 96
    for clock, quarters, power, direction in orders:
        start = world.local(DAY, clock)
        found = ramps.ordered(power, start, start + quarters * days.QUARTER, ramp_s)
        for quarter, wh in zip(found.starts, found.ramped, strict=True):
            metered[(quarter - world.local(DAY)) // days.QUARTER] -= wh if direction == "up" else -wh
    return metered


def verified(world: Any, day_series: Any, point: str, metered: list[int]) -> list[ActivationVerified]:
    found = runs(world.send(day_series(point, DAY, metered), at=world.local(MORNING_AFTER, MORNING))[1])
    return sorted(found, key=lambda one: one.activation_id)


def _activation(
    number: int, start: datetime, length: timedelta, *, power_w: int, direction: Any, ramp_s: int = 600
) -> Activation:
    id_ = f"019b8d2b-8c00-7b54-9129-{number:012d}"
    return Activation(id_, GROUP, make_gln(11), direction, power_w, start, start + length, (), ramp_s=ramp_s)


def share(one: VerifiedQuarter) -> int:
    return one.delivered_wh if one.share_wh is None else one.share_wh


MW = 1_000_000
SETS: dict[str, list[Order]] = {
    "a pair": [("10:00", 1, MW, "up"), ("10:15", 1, MW, "up")],
    "three": [("10:00", 1, MW, "up"), ("10:15", 1, MW, "up"), ("10:30", 1, MW, "up")],
    "three that rise and fall": [("10:00", 1, MW, "up"), ("10:15", 2, 5 * MW, "up"), ("10:45", 1, 2 * MW, "up")],
    "up after down": [("10:00", 1, MW, "down"), ("10:15", 1, MW, "up")],
    "little up after much down": [("10:00", 1, 12 * MW, "down"), ("10:15", 1, MW, "up"), ("10:30", 1, 9 * MW, "down")],
    "with a quarter between": [("10:00", 1, MW, "up"), ("10:30", 1, MW, "up")],
    "with two between": [("10:00", 1, MW, "up"), ("10:45", 1, MW, "up")],
    "two at once": [("10:00", 1, MW, "up"), ("10:00", 1, MW, "up")],
    "two at once, of 1 and 3 MW": [("10:00", 2, MW, "up"), ("10:00", 2, 3 * MW, "up")],
    "up and down at once": [("10:00", 1, MW, "up"), ("10:00", 1, MW, "down")],
    "more up than down at once": [("10:00", 2, 3 * MW, "up"), ("10:00", 2, MW, "down")],
    "partly at once": [("10:00", 2, MW, "up"), ("10:15", 2, 2 * MW, "up")],
    "partly at once, up and down": [("10:00", 2, 2 * MW, "up"), ("10:15", 2, MW, "down")],
    "one within another": [("10:00", 4, MW, "up"), ("10:15", 1, 2 * MW, "up")],
}


@pytest.mark.unit
@pytest.mark.parametrize("ramp_s", [0, 600, 900])
@pytest.mark.parametrize("name", SETS)
def test_what_is_delivered_as_ordered_is_whole_in_each(world: Any, day_series: Any, name: str, ramp_s: int) -> None:
    orders = SETS[name]
    point = planned(world, orders, ramp_s=ramp_s)
    found = verified(world, day_series, point, perfect(world, orders, ramp_s=ramp_s))
    assert len(found) == len(orders)
    for one, (_, quarters, power, _) in zip(found, orders, strict=True):
        assert one.whole is not None
        assert (one.within_tolerance, one.whole.basis_points) == (True, 10_000)
        assert one.whole.ordered_wh == one.whole.expected_wh == one.whole.with_neighbours_wh == power * quarters // 4


@pytest.mark.unit
@pytest.mark.parametrize("orders", SETS.values(), ids=SETS)
def test_the_shares_are_what_was_delivered_and_points_and_adjustment_have_each_quarter_once(
    world: Any, day_series: Any, orders: list[Order]
) -> None:
    """Delivered any way: of each quarter the orders' shares add up to what the group delivered, to the Wh."""
    point = planned(world, orders)
    metered = [wh - 17_003 * (quarter % 7) + 901 for quarter, wh in enumerate(perfect(world, orders))]
    found = verified(world, day_series, point, metered)
    shares: dict[datetime, int] = {}
    group: dict[datetime, int] = {}
    touched: dict[datetime, int] = {}
    for one, (*_, direction) in zip(found, orders, strict=True):
        sign = 1 if direction == "up" else -1
        for each in (*one.quarters, *one.neighbours):
            shares[each.start] = shares.get(each.start, 0) + sign * share(each)
            assert group.setdefault(each.start, sign * each.delivered_wh) == sign * each.delivered_wh
        touched |= {each.start: group[each.start] for each in one.quarters}
        assert one.whole is not None
        assert one.whole.delivered_wh == sum(map(share, one.quarters))
        assert one.whole.with_neighbours_wh == sum(map(share, (*one.quarters, *one.neighbours)))
        assert one.whole.basis_points != 10_000
    assert shares == group
    events = world.scenario.until(world.local(MORNING_AFTER, "10:00")).events
    (draft,) = [one for one in events if isinstance(one, ImbalanceAdjusted)]
    assert {one.start: one.delivered_wh for one in draft.quarters} == touched, "each quarter once, as it was delivered"


def _documented() -> list[tuple[str, list[int]]]:
    section = DOCUMENT.read_text().partition("## Orders beside each other")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("| 1")]
    return [(first, [int(one) for one in rest]) for first, *rest in rows]


@pytest.mark.unit
@pytest.mark.parametrize(("orders", "expected"), _documented())
def test_what_is_expected_is_as_documented(orders: str, expected: list[int]) -> None:
    since = datetime.fromisoformat("2026-03-25T09:00:00+00:00")
    states = [
        _activation(
            number,
            since + timedelta(minutes=int(one[3:5])),
            timedelta(minutes=15),
            power_w=2 * MW if "of 2 MW" in one else MW,
            direction="down" if "down" in one else "up",
        )
        for number, one in enumerate(orders.split(", "))
    ]
    found: dict[datetime, int] = {}
    for state in states:
        sign = 1 if state.direction == "up" else -1
        own = ramps.ordered(state.power_w, state.start, state.end, state.ramp_s)
        for start, alone, one in zip(
            own.starts, own.ramped, together.asked(state, together.beside(state, states)), strict=True
        ):
            wh = sign * (one.together_wh if one else alone)
            assert found.setdefault(start, wh) == wh, "the same, whichever of them is asked"
    starts = [since + (place - 1) * days.QUARTER for place in range(len(expected))]
    assert [found.get(start, 0) for start in starts] == expected


@pytest.mark.unit
def test_what_is_short_is_of_whom_the_quarter_is_as_documented(world: Any, day_series: Any) -> None:
    point = planned(world, SETS["a pair"])
    metered = perfect(world, SETS["a pair"])
    metered[40] = LEVEL - 200_000
    first, second = verified(world, day_series, point, metered)
    assert [one.share_wh for one in first.quarters] == [208_333 - 29_167]
    assert [one.whole and (one.whole.with_neighbours_wh, one.whole.basis_points) for one in (first, second)] == [
        (250_000 - 29_167, 8833),
        (250_000, 10_000),
    ]
    assert (first.within_tolerance, second.within_tolerance) == (False, True)


@pytest.mark.unit
def test_what_is_short_of_two_at_once_is_as_documented(world: Any, day_series: Any) -> None:
    point = planned(world, SETS["two at once"])
    metered = perfect(world, SETS["two at once"])
    metered[40] = LEVEL - 400_000
    found = verified(world, day_series, point, metered)
    assert [one.whole and one.whole.basis_points for one in found] == [9667, 9667]


@pytest.mark.unit
def test_between_two_of_the_same_power_there_is_no_ramp_and_each_answers_for_its_own_quarter(
    world: Any, day_series: Any
) -> None:
    """Of three in a row the middle one is delivered to the full, and nothing in the others."""
    orders = SETS["three"]
    point = planned(world, orders)
    metered = [LEVEL] * 96
    metered[41] -= 250_000
    first, second, third = verified(world, day_series, point, metered)
    (quarter,) = second.quarters
    assert (quarter.together_wh, quarter.delivered_wh, quarter.expected_wh) == (250_000, 250_000, 208_333)
    assert [(one.expected_wh, one.share_wh) for one in second.neighbours] == [(20_834, 20_834), (20_833, 20_833)]
    assert second.whole is not None
    assert (second.whole.basis_points, second.within_tolerance) == (10_000, True)
    assert first.whole is not None
    assert third.whole is not None
    assert {first.whole.with_neighbours_wh, third.whole.with_neighbours_wh} <= {-1, 0, 1}
    assert [one.within_tolerance for one in (first, third)] == [False, False]
    assert [one.activation_id for one in second.beside] == [world.uuid(70), world.uuid(72)]


@pytest.mark.unit
def test_what_is_short_of_two_at_once_is_short_of_each_in_proportion(world: Any, day_series: Any) -> None:
    """1 and 3 MW up for half an hour, of which nine tenths are delivered; another baseline is shared likewise."""
    orders = SETS["two at once, of 1 and 3 MW"]
    point = planned(world, orders, ramp_s=0)
    metered = [LEVEL] * 40 + [LEVEL - 900_000] * 2 + [LEVEL] * 54
    one, three = verified(world, day_series, point, metered)
    for found, part in ((one, 225_000), (three, 675_000)):
        assert [each.share_wh for each in found.quarters] == [part, part]
        assert [each.delivered_wh for each in found.quarters] == [900_000, 900_000]
        assert [each.delivered_basis_points for each in found.quarters] == [9000, 9000]
        assert [each.expected_basis_points for each in found.quarters] == [9000, 9000]
        assert found.whole is not None
        assert (found.whole.basis_points, found.within_tolerance) == (9000, True)
    (zero,) = one.others
    assert [(each.delivered_wh, each.share_wh) for each in zero.quarters] == [(-4_100_000, -1_025_000)] * 2
    assert [each.delivered_basis_points for each in zero.quarters] == [-41_000] * 2


@pytest.mark.unit
def test_of_up_and_down_at_once_what_is_short_of_one_is_more_of_the_other(world: Any, day_series: Any) -> None:
    orders = SETS["more up than down at once"]
    point = planned(world, orders, ramp_s=0)
    metered = [LEVEL] * 40 + [LEVEL - 400_000] * 2 + [LEVEL] * 54
    up, down = verified(world, day_series, point, metered)
    assert [one.share_wh for one in up.quarters] == [750_000 - 75_000] * 2
    assert [one.share_wh for one in down.quarters] == [250_000 + 25_000] * 2


@pytest.mark.unit
def test_an_isolated_one_has_no_share_and_is_as_it_was(world: Any, day_series: Any) -> None:
    orders: list[Order] = [("10:00", 1, MW, "up"), ("11:00", 1, MW, "up")]
    point = planned(world, orders)
    for one in verified(world, day_series, point, perfect(world, orders)):
        assert one.beside == ()
        assert {(each.share_wh, each.together_wh) for each in (*one.quarters, *one.neighbours)} == {(None, None)}


@pytest.mark.unit
def test_with_meter_before_two_after_each_other_are_within(world: Any, day_series: Any) -> None:
    """The quarter before is one of the four that the baseline is the mean of (D20): as for one alone, but less."""
    (point,) = prepared(world)
    for number, (clock, *_) in enumerate(SETS["three"], 70):
        start = world.local(DAY, clock)
        world.order(MW, start, start + days.QUARTER, at=start - days.QUARTER, activation=world.uuid(number))
    found = verified(world, day_series, point, perfect(world, SETS["three"]))
    assert [(one.within_tolerance, one.whole and one.whole.basis_points) for one in found] == [
        (True, 9583),
        (True, 9792),
        (True, 9583),
    ]


@pytest.mark.unit
def test_who_was_verified_is_so_anew_when_the_one_beside_it_is_ordered_amended_or_cancelled_late(
    world: Any, day_series: Any
) -> None:
    """Also where it is ordered of the same quarters as before, with another power."""
    orders = SETS["a pair"]
    point = planned(world, orders[:1])
    (alone,) = verified(world, day_series, point, perfect(world, orders))
    assert not alone.within_tolerance
    start, at = world.local(DAY, "10:15"), world.local(MORNING_AFTER, "10:00")
    late = world.order(MW, start, start + days.QUARTER, at=at, activation=world.uuid(71))

    def first_of(outcome: Any) -> ActivationVerified:
        (one,) = [one for one in runs(outcome) if one.activation_id == world.uuid(70)]
        return one

    second = first_of(late)
    assert (second.run, second.because, second.within_tolerance) == (2, "revision", True)
    period = Period(start=start, end=start + days.QUARTER)
    world.scenario.until(at)
    amended = AmendActivation(direction="up", power_w=2 * MW, period=period)
    third = first_of(world.scenario.when(amended, subject=world.uuid(71), sender=world.tso, at=at))
    assert (third.covered, third.beside[0].power_w) == (second.covered, 2 * MW)
    gone = world.scenario.when(CancelActivation(), subject=world.uuid(71), sender=world.tso, at=at)
    fourth = first_of(gone)
    assert (fourth.beside, fourth.whole) == ((), alone.whole)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3600), st.integers(60, 3600), st.integers(1, 10**7), st.booleans(), st.integers(0, 900)
        ),
        min_size=1,
        max_size=5,
    ),
    st.lists(st.integers(-(10**7), 10**7), min_size=16, max_size=16),
)
@pytest.mark.unit
def test_every_quarter_is_shared_out_whatever_the_orders(orders: list[Any], delivered: list[int]) -> None:
    """Random periods, powers, directions and ramps: shares add up to what was delivered; a perfect one is perfect."""
    since = datetime.fromisoformat("2026-03-25T09:00:00+00:00")
    by_start = {since + (place - 2) * days.QUARTER: wh for place, wh in enumerate(delivered)}
    states = [
        _activation(
            place,
            since + timedelta(seconds=first),
            timedelta(seconds=length),
            power_w=power_w,
            direction="up" if up else "down",
            ramp_s=ramp_s,
        )
        for place, (first, length, power_w, up, ramp_s) in enumerate(orders)
    ]
    shares: dict[datetime, int] = {}
    reached: set[datetime] = set()
    for state in states:
        sign = 1 if state.direction == "up" else -1
        own = ramps.ordered(state.power_w, state.start, state.end, state.ramp_s)
        found = together.asked(state, together.beside(state, reversed(states)))
        for start, expected, one in zip(own.starts, own.ramped, found, strict=True):
            wh = sign * by_start[start]
            if one is None:
                shares[start] = shares.get(start, 0) + by_start[start]
            else:
                shares[start] = shares.get(start, 0) + sign * one.share(wh)
                assert one.share(one.together_wh) == expected
            if expected or start in own.starts[1:-1]:
                reached.add(start)
    assert {start: shares[start] for start in reached} == {start: by_start[start] for start in reached}


@pytest.mark.store
async def test_runs_of_shared_quarters_are_made_again_and_their_packets_hold(
    world: Any, engine: AsyncEngine, take: Any, day_series: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of three, one over the others: from the values in PostgreSQL, and from the packet alone."""
    orders = SETS["partly at once"] + [("10:45", 1, MW, "down")]
    point = planned(world, orders)
    required(world)
    at = world.local(MORNING_AFTER, MORNING)
    record = world.record(day_series(point, DAY, perfect(world, orders)), at=at)
    world.scenario.when(world.decide(record).event, at=at)
    await take(record)
    make = Maker(world, engine, monkeypatch)
    due = world.local("2026-04-02")
    for number in (70, 71, 72):
        answer = await ask(activation_id=world.uuid(number))
        assert answer["agrees"] is True
        assert answer["run"]["whole"]["basis_points"] == 10_000
        command = RequestEvidence(activation_id=world.uuid(number), due_at=due)
        later = world.local(MORNING_AFTER, "10:00")
        world.scenario.when(command, subject=world.uuid(number + 20), sender=world.tso, at=later)
        made = await make(number + 20)
        checks = packet_check.check(made.file, root=made.prepared.root_sha256)
        assert [one for one in checks if not one.holds] == []
        assert "result" in [one.name for one in checks]


@pytest.mark.unit
def test_a_run_made_again_without_the_others_is_not_what_was_said() -> None:
    """What it was held with is part of what it was made from, and of its hash."""
    start = datetime.fromisoformat("2026-03-25T09:00:00+00:00")
    point = make_gsrn(1)
    one, other = (
        Activation(ACTIVATION[:-1] + last, GROUP, make_gln(11), "up", 4000, begins, begins + days.QUARTER, (point,))
        for last, begins in (("0", start), ("1", start + days.QUARTER))
    )
    covered = frozenset({other.start})
    read = sum((last - first) // days.QUARTER for first, last in windows_of(one, covered))
    reading = Reading((1000,) * read, ("measured",) * read, ("a",), (b"salt",))
    held = {point: (True,)}
    beside = together.beside(one, (other,))
    run = verification.Run(one, {(point, "consumption"): reading}, held, covered=covered, beside=beside)
    (event,) = verification.decide_verified(run, because="complete", tolerance_pct="90..120")
    assert isinstance(event, ActivationVerified)
    assert again.says(run, event)
    alone = verification.Run(one, {(point, "consumption"): reading}, held, covered=covered)
    assert not again.says(alone, event)
    assert alone.revisions_sha256 != run.revisions_sha256
