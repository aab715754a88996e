"""Validation rules: what they find, what comes of it, and how the TSO changes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.testing import Outcome
from contracts.meter_ingest import v1
from contracts.registry import v1 as registry
from contracts.values import BiddingZone
from meter_ingest.domain import checks, days, known, plausible, validation, values

pytestmark = pytest.mark.unit

DAY = "2026-03-28"
REASON = "Mange riktige verdier ble avvist."


@pytest.fixture
def at(world: Any) -> datetime:
    return world.local("2026-03-29", "06:30")


@pytest.fixture
def point(world: Any) -> str:
    """20 kW agreed: 5,000 Wh a quarter."""
    (point,) = world.points(1, power_w=20_000)
    world.open([point])
    world.open([point], direction="production")
    return point


def decide(world: Any, *some: v1.Series, at: datetime) -> Any:
    return world.decide(world.record(*some, at=at))


def codes(decided: Any) -> list[str]:
    return [reason.code for reason in decided.reasons]


def spiky(most: int, *, step: int = 40, other: int = 400) -> tuple[int, ...]:
    """A value alone among small ones that differ from quarter to quarter."""
    return tuple(most if one == step else other + one % 7 for one in range(96))


def set_rule(world: Any, key: str, *, at: datetime, sender: str = "", **changes: Any) -> Outcome:
    """The shipped rule, with these changes, from `at` on."""
    like = changes.pop("like", key)
    shipped = next((one for one in validation.DEFAULTS if one.key == like), None)
    thresholds = {**(shipped.thresholds if shipped else {}), **changes.pop("thresholds", {})}
    plain: dict[str, Any] = (
        {
            "check": shipped.check,
            "consequence": shipped.consequence,
            "directions": shipped.directions,
            "products": shipped.products,
            "resolutions": shipped.resolutions,
        }
        if shipped
        else {}
    )
    wish = v1.SetValidationRule.model_validate(
        {
            **plain,
            "thresholds": [{"name": name, "value": value} for name, value in thresholds.items()],
            "valid_from": at,
            "reason": REASON,
            **changes,
        }
    )
    return world.scenario.when(wish, subject=key, sender=sender or world.tso, role="tso", at=at)


# Against the limits of the point


def test_above_the_agreed_power_is_warned_of_and_counted(world: Any, at: datetime, point: str, day_series: Any) -> None:
    decided = decide(world, day_series(point, DAY, 5001), day_series(point, DAY, 5000), at=at)
    assert (decided.status, codes(decided)) == ("accepted", ["SERIES_VALUE_ABOVE_LIMIT"])
    assert decided.event.warnings == (v1.RuleCount(rule="agreed-power", series=1),)
    assert (decided.event.quarantined, decided.event.confirmed) == (0, ())


def test_far_above_it_a_series_is_refused_with_elhubs_code(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    assert decide(world, day_series(point, DAY, 25_000), at=at).event
    decided = decide(world, day_series(point, DAY, 25_001), at=at)
    assert (decided.status, decided.versions, decided.aside) == ("rejected", (), ())
    (reason,) = decided.reasons
    assert (reason.code, reason.limit, reason.actual, reason.unit) == ("SERIES_VALUE_ABOVE_LIMIT", 25_000, None, "Wh")
    assert [(row.row, row.code) for row in decided.rows] == [(0, "SERIES_VALUE_ABOVE_LIMIT")]
    # What a plant feeds in is not limited by what it may take out.
    fed_in = decide(world, day_series(point, DAY, 25_001, direction="production"), at=at)
    assert (fed_in.status, fed_in.event.refused) == ("accepted", 0)


@pytest.mark.rule("SERIES_VALUE_ABOVE_FUSE")
@pytest.mark.parametrize(("voltage", "watts"), [(None, 17_320), (400, 17_320), (230, 9959)])
def test_the_fuse_is_a_limit_of_its_own(
    world: Any, at: datetime, day_series: Any, voltage: int | None, watts: int
) -> None:
    point = world.gsrn(5)
    world.scenario.given(
        registry.MeteringPointRecorded(
            metering_point_id=point, grid_area=world.area, zone=BiddingZone.NO3, dso=world.dso, substation=None,
            resolution="PT15M", agreed_power_w=0, valid_from=world.local("2026-01-01"),
            fuse_a=25, voltage_level_v=voltage,
        )
    )  # fmt: skip
    world.open([point])
    most = watts // 4
    assert codes(decide(world, day_series(point, DAY, most), at=at)) == []
    warned = decide(world, day_series(point, DAY, most + 1), at=at)
    assert (warned.status, codes(warned)) == ("accepted", ["SERIES_VALUE_ABOVE_FUSE"])
    refused = decide(world, day_series(point, DAY, watts * 2 // 4 + 1), at=at)
    assert (refused.status, refused.reasons[0].limit) == ("rejected", watts * 2 // 4)


def test_a_point_without_a_known_limit_has_none(world: Any, at: datetime, day_series: Any) -> None:
    (point,) = world.points(1, power_w=0)
    world.open([point])
    assert decide(world, day_series(point, DAY, 10**9), at=at).reasons == ()


# What a series looks like


@pytest.mark.rule("SERIES_SPIKE")
@pytest.mark.rule("SERIES_QUARANTINED")
def test_a_spike_is_kept_aside_and_counts_nowhere(world: Any, at: datetime, point: str, day_series: Any) -> None:
    good, bad = day_series(point, DAY, 300, direction="production"), day_series(point, DAY, spiky(6000))
    record = world.record(bad, good, at=at)
    decided = world.decide(record)
    assert decided.status == "partly-accepted"
    assert [(row.row, row.code, row.actual) for row in decided.rows] == [(0, "SERIES_QUARANTINED", "spike")]
    by_code = {reason.code: reason for reason in decided.reasons}
    assert by_code["SERIES_SPIKE"].path == "/series/0/values_wh/40"
    assert "6000" not in str(by_code["SERIES_SPIKE"]), "receipts are for ever, and values are not"
    assert (decided.event.refused, decided.event.quarantined, len(decided.event.series)) == (0, 1, 1)
    (aside,) = decided.quarantined.series
    assert (aside.metering_point_id, aside.count, aside.rules) == (point, 96, ("spike", "agreed-power"))
    assert aside.salted_sha256 == values.salted(
        b"salt", decided.aside[0].wh, point=point, line="consumption", start=bad.start, minutes=15
    )
    assert decided.quarantined.subject == f"{record.ingressposition}/quarantine"
    assert decided.quarantined.lapses_at == world.local("2026-04-29")
    # 30 days after the 29th of March, to the end of that day; and nothing of it stands among what counts.
    assert [key[1] for key in world.values.days] == ["production"]


def test_a_record_of_which_all_is_kept_aside_is_not_called_rejected(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    decided = decide(world, day_series(point, DAY, spiky(6000)), at=at)
    assert (decided.event, decided.status, len(decided.aside)) == (None, "partly-accepted", 1)


def test_what_the_sender_confirms_counts_and_the_log_says_so(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    some = day_series(point, DAY, spiky(6000))
    decide(world, some, at=at)
    decided = decide(world, some.model_copy(update={"confirmed": True}), at=at + timedelta(hours=1))
    assert (decided.status, decided.rows, decided.quarantined) == ("accepted", (), None)
    assert "SERIES_SPIKE" in codes(decided)
    (confirmed,) = decided.event.confirmed
    assert (confirmed.metering_point_id, confirmed.start, confirmed.rules) == (point, some.start, ("spike",))
    assert decided.event.series[0].changed


def test_what_is_refused_stays_refused_though_it_is_confirmed(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    assert decide(world, day_series(point, DAY, spiky(30_000), confirmed=True), at=at).status == "rejected"


@pytest.mark.parametrize(
    ("figures", "found"),
    [
        (spiky(6000), True),
        (spiky(6000, step=0), True),
        (spiky(6000, step=95), True),
        (spiky(5000), False),
        (spiky(6000, other=600), False),
        (tuple(6000 if 40 <= one < 42 else 400 + one % 7 for one in range(96)), False),
    ],
)
def test_a_spike_stands_alone_and_above_the_limit(
    world: Any, at: datetime, point: str, day_series: Any, figures: tuple[int, ...], found: bool
) -> None:
    assert (decide(world, day_series(point, DAY, figures), at=at).quarantined is not None) is found


@pytest.mark.rule("SERIES_ZERO_RUN")
def test_a_day_of_zeros_is_warned_of_where_something_is_consumed(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    decided = decide(world, day_series(point, DAY, 0), at=at)
    (reason,) = decided.reasons
    assert (decided.status, reason.code, reason.limit, reason.actual) == ("accepted", "SERIES_ZERO_RUN", 24, 24)
    broken = tuple(0 if one != 50 else 10 for one in range(96))
    assert decide(world, day_series(point, DAY, broken), at=at).reasons == ()
    assert decide(world, day_series(point, DAY, 0, direction="production"), at=at).reasons == ()


@given(st.lists(st.sampled_from([0, 0, 0, 5]), min_size=1, max_size=80), st.integers(1, 20))
def test_a_run_of_zeros_is_found_wherever_it_lies(figures: list[int], hours: int) -> None:
    rule = validation.ValidationRule(key="x", check="zero-run", consequence="warn", thresholds={"hours": hours})
    found = checks.Plan([rule]).limits("consumption", "active", "PT60M", None).verdict(figures, 60, (), None)
    longest = max(len(run) for run in "".join("0" if one == 0 else " " for one in figures).split(" "))
    assert [one.actual for one in found.findings] == ([longest] if longest >= hours else [])


def divided(day: str, *, offset: int = 0) -> tuple[int, ...]:
    """Hours that differ, each divided by four."""
    hours = len(range(days.day(datetime.fromisoformat(day).date()).quarters)) // 4
    return tuple(quarter for hour in range(hours) for quarter in values.flat(1001 + offset + 37 * hour))


@pytest.mark.rule("SERIES_FLAT_QUARTERS")
@pytest.mark.parametrize("day", [DAY, "2026-03-29", "2026-10-25"])
def test_quarters_that_are_divided_hours_are_no_evidence(world: Any, point: str, day_series: Any, day: str) -> None:
    end = days.day(datetime.fromisoformat(day).date()).end
    decided = decide(world, day_series(point, day, divided(day)), at=end + timedelta(hours=6))
    assert (decided.status, codes(decided)) == ("accepted", ["SERIES_FLAT_QUARTERS"])
    assert [one.hourly for one in decided.versions] == [True]
    counted = values.merge(decided.versions, 0, 4)
    assert (counted.quality, counted.status) == (["derived"] * 4, ["metered"] * 4)


def test_only_the_days_that_look_divided_are_marked(world: Any, point: str, day_series: Any) -> None:
    both = (*divided(DAY), *(400 + 91 * one % 300 for one in range(92)))
    some = day_series(point, DAY, both, end=world.local("2026-03-30"))
    decided = decide(world, some, at=world.local("2026-03-30", "06:00"))
    assert [(one.day.day, one.hourly) for one in decided.versions] == [(28, True), (29, False)]


def test_a_load_that_stays_the_same_says_nothing_of_its_meter(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    steady = tuple(1000 if one < 40 else 600 for one in range(96))
    for figures in (1000, steady):
        assert decide(world, day_series(point, DAY, figures), at=at).reasons == ()


@given(st.lists(st.integers(0, 12), min_size=0, max_size=100))
@settings(max_examples=300, deadline=None)
def test_the_quick_look_finds_what_the_slow_one_does(quarters: list[int]) -> None:
    slow = plausible.flatness(quarters).suspect
    assert plausible.hourly(quarters, share=9000, fewest=6, same=1, levels=1) == slow


def test_a_verification_does_not_rest_on_divided_hours(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point])
    world.formed()
    world.joined(point)
    start = world.local(DAY, "10:00")
    world.order(1_000_000, start, start + timedelta(minutes=30), at=start - timedelta(minutes=15))
    _, outcome = world.send(day_series(point, DAY, divided(DAY)), at=world.local("2026-03-29", "06:00"))
    (run,) = outcome.then_only(v1.ActivationVerified)
    assert (run.result, run.measured_points, run.derived_points) == ("provisional", 0, 1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_order_of_messages_changes_what_counts(world: Any, day_series: Any, data: Any) -> None:
    """Bad, right, confirmed and divided values of one day: what counts is the same in whatever order they come."""
    made_anew = type(world)
    moments = data.draw(st.lists(st.integers(0, 5), min_size=3, max_size=3, unique=True))
    kinds = data.draw(st.lists(st.integers(0, 3), min_size=3, max_size=3))
    counted: list[Any] = []
    for order in permutations(range(3)):
        world = made_anew()
        (point,) = world.points(1, power_w=20_000)
        world.open([point])
        for number in order:
            figures = (spiky(6000), spiky(1000), spiky(7000), divided(DAY))[kinds[number]]
            some = day_series(
                point,
                DAY,
                figures,
                registered_at=world.local("2026-03-29", f"05:0{moments[number]}"),
                confirmed=kinds[number] == 2,
            )
            decide(world, some, at=world.local("2026-03-29", "06:00"))
        versions = [one for found in world.values.days.values() for one in found]
        merged = values.merge(versions, 0, 96)
        counted.append((merged.wh, merged.quality))
    assert all(one == counted[0] for one in counted)


# Rules are changed


def test_the_tso_changes_a_rule_and_it_holds_from_its_moment(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    some = day_series(point, DAY, 25_001)
    set_rule(world, "agreed-power-far", at=at, thresholds={"percent": 600}).then(
        v1.ValidationRuleSet(
            key="agreed-power-far",
            check="agreed-power",
            consequence="reject",
            thresholds=(v1.Threshold(name="percent", value=600),),
            directions=("consumption",),
            products=("active",),
            resolutions=(),
            settlement_methods=(),
            valid_from=at,
            by=world.tso,
            reason=REASON,
            former="reject",
            former_thresholds=(v1.Threshold(name="percent", value=500),),
        )
    )
    assert decide(world, some, at=at - timedelta(seconds=1)).status == "rejected"
    assert decide(world, some, at=at).status == "accepted"


def test_a_rule_is_turned_off_and_another_added_for_some_lines_only(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    set_rule(world, "agreed-power", at=at, consequence="off")
    (event,) = set_rule(
        world,
        "agreed-power-fed-in",
        at=at,
        like="agreed-power",
        thresholds={"percent": 50},
        consequence="quarantine",
        directions=("production",),
    ).then_only(v1.ValidationRuleSet)
    assert (event.former, event.former_thresholds) == (None, ())
    assert decide(world, day_series(point, DAY, 5001), at=at).reasons == ()
    fed_in = day_series(point, DAY, 2501, direction="production")
    assert decide(world, fed_in, at=at).rows[0].actual == "agreed-power-fed-in"


def test_a_rule_for_points_settled_in_one_way_is_for_no_others() -> None:
    only = validation.ValidationRule(
        key="x", check="zero-run", consequence="reject", thresholds={"hours": 1}, settlement_methods=("interval",)
    )
    plan = checks.Plan([only])
    interval = plan.limits("consumption", "active", "PT60M", "interval").verdict((0, 1), 60, (), None)
    assert interval.consequence == "reject"
    for other in ("profiled", None):
        limits = plan.limits("consumption", "active", "PT60M", other)
        assert limits.verdict((0, 1), 60, (), known.PointVersion(interval_from(), None, 1)) == checks.NOTHING


def interval_from() -> datetime:
    return days.day(datetime.fromisoformat(DAY).date()).start


@pytest.mark.rule("VALIDATION_LOOSENED")
def test_a_milder_rule_is_set_with_a_notice(world: Any, at: datetime) -> None:
    milder = set_rule(world, "agreed-power-far", at=at, consequence="quarantine")
    (notice,) = milder.reasons
    assert (notice.code, notice.limit, notice.actual) == ("VALIDATION_LOOSENED", "reject", "quarantine")
    assert set_rule(world, "agreed-power-far", at=at, consequence="reject").reasons == ()


@pytest.mark.rule("VALIDATION_RULE_FIXED")
@pytest.mark.parametrize("key", ["negative", "decimals"])
def test_what_a_value_is_cannot_be_changed(world: Any, at: datetime, key: str) -> None:
    set_rule(world, key, at=at, consequence="off").refused("VALIDATION_RULE_FIXED", actual=key)
    set_rule(world, "spike", like=key, at=at).refused("VALIDATION_RULE_FIXED")


@pytest.mark.rule("VALIDATION_CHECK_OTHER")
def test_a_rule_keeps_its_check(world: Any, at: datetime) -> None:
    set_rule(world, "fuse", like="spike", at=at).refused("VALIDATION_CHECK_OTHER", limit="fuse", actual="spike")
    ahead = at + timedelta(days=9)
    set_rule(world, "mine", like="spike", at=ahead).then_only(v1.ValidationRuleSet)
    set_rule(world, "mine", like="fuse", at=at).refused("VALIDATION_CHECK_OTHER")


@pytest.mark.rule("VALIDATION_THRESHOLDS_OTHER")
def test_each_threshold_is_said_once_and_no_other(world: Any, at: datetime) -> None:
    for thresholds in ([], [("percent", 9)] * 2, [("hours", 9)], [("percent", 9), ("hours", 9)]):
        given_ = [{"name": name, "value": value} for name, value in thresholds]
        wish = v1.SetValidationRule.model_validate(
            {"check": "fuse", "consequence": "warn", "thresholds": given_, "valid_from": at, "reason": REASON}
        )
        outcome = world.scenario.when(wish, subject="fuse", sender=world.tso, role="tso", at=at)
        outcome.refused("VALIDATION_THRESHOLDS_OTHER", limit="percent")


@pytest.mark.rule("VALIDATION_THRESHOLD_NOT_ALLOWED")
@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("fuse", "percent", 0),
        ("fuse", "percent", -5),
        ("spike", "percent", 199),
        ("zero-run", "hours", 9000),
        ("flat-quarters", "share-basis-points", 4999),
        ("flat-quarters", "levels", 0),
    ],
)
def test_a_threshold_that_makes_no_sense_is_refused(world: Any, at: datetime, key: str, name: str, value: int) -> None:
    set_rule(world, key, at=at, thresholds={name: value}).refused("VALIDATION_THRESHOLD_NOT_ALLOWED", actual=value)


@pytest.mark.rule("VALIDATION_RULE_IN_THE_PAST")
def test_a_rule_is_not_changed_back_in_time(world: Any, at: datetime) -> None:
    outcome = set_rule(world, "fuse", at=at, valid_from=at - timedelta(seconds=1))
    outcome.refused("VALIDATION_RULE_IN_THE_PAST")


@pytest.mark.rule("VALIDATION_RULES_CONTRADICT")
def test_the_graver_rule_needs_the_greater_threshold_at_every_moment(world: Any, at: datetime) -> None:
    later = at + timedelta(days=9)
    set_rule(world, "agreed-power-far", at=at, thresholds={"percent": 100}).refused("VALIDATION_RULES_CONTRADICT")
    set_rule(world, "agreed-power", at=at, valid_from=later, thresholds={"percent": 300}).then_only(
        v1.ValidationRuleSet
    )
    far = {"thresholds": {"percent": 250}}
    set_rule(world, "agreed-power-far", at=at, **far).refused("VALIDATION_RULES_CONTRADICT")
    # Of what is fed in there is no graver rule.
    set_rule(world, "agreed-power", at=at, directions=("production",), thresholds={"percent": 900}).then_only(
        v1.ValidationRuleSet
    )
    set_rule(world, "agreed-power", at=later, consequence="off").then_only(v1.ValidationRuleSet)
    set_rule(world, "agreed-power-far", at=later, **far).then_only(v1.ValidationRuleSet)


def test_every_shipped_rule_can_be_said_by_command_or_is_fixed(world: Any, at: datetime) -> None:
    for one in validation.DEFAULTS:
        if one.check not in validation.FIXED:
            (event,) = set_rule(world, one.key, at=at).then_only(v1.ValidationRuleSet)
            said = validation.rule_of(event)
            assert (said.consequence, said.thresholds) == (one.consequence, one.thresholds)
    assert [one.key for one in validation.DEFAULTS] == sorted(one.key for one in validation.DEFAULTS)
    assert {one.check for one in validation.DEFAULTS} == validation.THRESHOLDS.keys()
