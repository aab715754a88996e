"""By which methods a group is verified, and what its BSP submits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.service import Kind
from contracts import policies
from contracts.meter_ingest.v1 import (
    ActivationOrdered,
    AmendActivation,
    BaselineChosen,
    BaselineSubmitted,
    ChooseBaseline,
    SubmitBaseline,
)
from contracts.registry.v1 import GroupPassed, PolicySet
from contracts.values import Period, make_gln
from meter_ingest import looking, store
from meter_ingest.domain import activation, baseline_choice, baseline_series, ordering
from meter_ingest.domain.baseline_choice import methods_at, until

pytestmark = pytest.mark.unit

DAY = "2026-03-25"
QUARTER = timedelta(minutes=15)


@pytest.fixture
def choose(world: Any) -> Any:
    world.formed()

    def choose(primary: str, *others: str, since: datetime | None = None, at: datetime, group: str = "") -> Any:
        command = ChooseBaseline.model_validate(
            {"primary": primary, "others": others, "valid_from": since, "reason": "As agreed"}
        )
        return world.scenario.when(command, subject=group or world.group, sender=world.tso, role="tso", at=at)

    return choose


@pytest.fixture
def submit(world: Any) -> Any:
    world.formed()

    def submit(start: datetime, *wh: int, at: datetime, method: str = "plan", **more: Any) -> Any:
        period = Period(start=start, end=more.get("end", start + len(wh) * QUARTER))
        command = SubmitBaseline.model_validate({"method": method, "period": period, "wh": wh})
        sender = more.get("sender", world.bsp)
        return world.scenario.when(command, subject=more.get("group", world.group), sender=sender, role="bsp", at=at)

    return submit


@dataclass
class Documents:
    """What a verification reads, of the world as it is."""

    world: Any

    async def load_many(self, kind: Kind[Any], ids: Iterable[str]) -> dict[str, Any]:
        return {id_: self.world.scenario.state(kind, id_) for id_ in ids}


def of(world: Any, start: datetime, quarters: int = 1, *, ordered_at: datetime) -> baseline_series.Agreed:
    """Of an activation that is ordered then, as it is known now."""
    group = ordering.Group(None, None, world.scenario.state(store.BASELINES, world.group), default(world, start))
    agreed = {**group.agreed(start, ordered_at), "baseline_versions": None}
    event = ActivationOrdered.model_validate(
        {
            "activation_id": world.uuid(70),
            "group_id": world.group,
            "bsp": world.bsp,
            "direction": "up",
            "power_w": 1,
            "period": Period(start=start, end=start + quarters * QUARTER),
            "biddable_w": 1,
            "metering_points": (),
            **agreed,
        }
    )
    return now(world, activation.evolve(None, event))


def now(world: Any, state: activation.Activation | None = None) -> baseline_series.Agreed:
    """How the activation that was ordered is verified."""
    work: Any = Documents(world)
    return asyncio.run(looking.agreed(work, state or world.scenario.state(store.ACTIVATION, world.uuid(70))))


def default(world: Any, start: datetime) -> Any:
    said = (world.scenario.state(kind, policies.ID) for kind in (store.POLICIES, store.CHANGED_POLICIES))
    return baseline_choice.default_of(policies.known(*said).value("baseline.default", at=start))


# The choice


def test_without_a_choice_it_is_what_the_policy_says(world: Any, choose: Any) -> None:
    start = world.local(DAY, "10:00")
    assert of(world, start, ordered_at=start).methods == ("meter-before",)
    world.scenario.given(
        PolicySet(
            key="baseline.default",
            value="sliding-window",
            unit=None,
            valid_from=world.local("2026-03-25"),
            source="ours",
            owner="meter-ingest",
            reason="Heating follows the clock",
            former="meter-before",
        )
    )
    assert of(world, start, ordered_at=start).methods == ("sliding-window",)
    assert of(world, start - timedelta(days=1), ordered_at=start).methods == ("meter-before",)


def test_a_choice_is_valid_from_its_moment_until_the_next_and_never_before_it_was_made(world: Any, choose: Any) -> None:
    made, midnight = world.local("2026-03-20", "12:00"), world.local("2026-03-22")
    (first,) = choose("plan", "meter-before", "zero", since=midnight, at=made).then_only(BaselineChosen)
    assert (first.bsp, first.valid_from, first.recorded_at) == (world.bsp, midnight, made)
    now = world.local("2026-03-21", "09:00")
    (second,) = choose("sliding-window", at=now).then_only(BaselineChosen)
    assert second.valid_from == now
    state = world.scenario.state(store.BASELINES, world.group)
    assert methods_at(state, now - QUARTER) == ("meter-before",)
    assert methods_at(state, now) == ("sliding-window",)
    assert methods_at(state, midnight - QUARTER) == ("sliding-window",)
    assert methods_at(state, midnight) == ("plan", "meter-before", "zero"), "what was dated ahead stands"


def test_what_was_chosen_after_an_activation_was_ordered_does_not_count_for_it(world: Any, choose: Any) -> None:
    start, ordered = world.local(DAY, "10:00"), world.local(DAY, "09:30")
    choose("zero", at=ordered + timedelta(minutes=10)).then_only(BaselineChosen)
    assert of(world, start, ordered_at=ordered).methods == ("meter-before",)
    assert of(world, start, ordered_at=ordered + timedelta(minutes=10)).methods == ("zero",)
    assert until(ordered_at=start + QUARTER, start=start) == start, "an order told late is none the later"


@pytest.mark.rule("BASELINE_GROUP_UNKNOWN")
def test_a_choice_is_of_a_known_group(world: Any, choose: Any) -> None:
    choose("zero", at=world.local(DAY), group=world.uuid(77)).refused("BASELINE_GROUP_UNKNOWN", path="/subject")


@pytest.mark.rule("BASELINE_FROM_PAST")
def test_a_choice_never_reaches_back(world: Any, choose: Any) -> None:
    at = world.local(DAY, "00:01")
    choose("zero", since=world.local(DAY), at=at).refused("BASELINE_FROM_PAST", path="/valid_from")
    choose("zero", since=world.local(DAY), at=world.local(DAY)).then_only(BaselineChosen)
    with pytest.raises(ValidationError, match="no midnight"):
        choose("zero", since=world.local(DAY, "10:00"), at=at)


@pytest.mark.rule("BASELINE_METHOD_TWICE")
def test_a_method_is_named_once(world: Any, choose: Any) -> None:
    choose("zero", "plan", "zero", at=world.local(DAY)).refused(
        "BASELINE_METHOD_TWICE", path="/others/1", actual="zero"
    )


@pytest.mark.rule("BASELINE_UNCHANGED")
def test_the_same_choice_again_changes_nothing(world: Any, choose: Any) -> None:
    choose("meter-before", at=world.local(DAY, "10:00")).then_only(BaselineChosen)
    again = choose("meter-before", at=world.local(DAY, "11:00"))
    assert (again.events, [one.code for one in again.reasons]) == ([], ["BASELINE_UNCHANGED"])
    choose("meter-before", "zero", at=world.local(DAY, "11:00")).then_only(BaselineChosen)


# What the BSP submits


def test_the_version_counts_that_was_recorded_last_before_the_order(world: Any, choose: Any, submit: Any) -> None:
    """§6.5; of each quarter by itself, and what came later is shown beside it."""
    start = world.local(DAY, "10:00")
    choose("plan", "reported", at=world.local("2026-03-20"))
    first, second, third = (world.local(DAY, clock) for clock in ("08:00", "09:00", "09:40"))
    (event,) = submit(start, 500, -100, 300, at=first).then_only(BaselineSubmitted)
    assert (event.version, event.recorded_at, event.wh, event.bsp) == (1, first, (500, -100, 300), world.bsp)
    submit(start + QUARTER, 777, at=second).then_only(BaselineSubmitted)
    submit(start, 900, 900, at=third).then_only(BaselineSubmitted)
    found = of(world, start, 2, ordered_at=second)
    assert found.methods == ("plan", "reported")
    assert found.counting == {
        "plan": {start: 500, start + QUARTER: 777, start + 2 * QUARTER: 300},
        "reported": {},
    }
    assert found.versions == (1, 2)
    assert found.corrected["plan"] == {start: 900, start + QUARTER: 900}
    early = of(world, start, 2, ordered_at=second - timedelta(seconds=1))
    assert (early.versions, early.counting["plan"][start + QUARTER]) == ((1,), -100)
    late = of(world, start, 2, ordered_at=start + timedelta(hours=1))
    assert (late.versions, late.corrected["plan"]) == ((1, 3), {}), "as of the start, when the order is told late"


def test_what_is_submitted_after_the_order_does_not_count_because_the_order_is_amended(
    world: Any, choose: Any, submit: Any
) -> None:
    """Neither where it was ordered, nor where its ramp reaches; of what is ordered anew, what was known of that."""
    choose("plan", at=world.local("2026-03-20"))
    start, ordered = world.local(DAY, "18:00"), world.local(DAY, "09:00")
    submit(start, 100, 100, 100, 100, at=ordered - timedelta(hours=1)).then_only(BaselineSubmitted)
    world.order(4000, start, start + QUARTER, at=ordered)
    submit(start, 999, 999, 999, 999, at=ordered + timedelta(hours=1)).then_only(BaselineSubmitted)
    for length, hours in ((3, 2), (1, 3), (2, 4)):
        period = Period(start=start, end=start + length * QUARTER)
        amend = AmendActivation(direction="up", power_w=4000, period=period)
        world.scenario.when(amend, subject=world.uuid(70), sender=world.tso, at=ordered + timedelta(hours=hours))
    found = now(world)
    assert found.counting["plan"] == {start: 100, start + QUARTER: 100, start + 2 * QUARTER: 999}
    assert found.corrected["plan"] == {start: 999, start + QUARTER: 999}
    assert found.versions == (1, 2)


def test_where_the_clock_stands_still_what_was_decided_before_the_order_counts(
    world: Any, choose: Any, submit: Any
) -> None:
    choose("plan", at=world.local("2026-03-20"))
    start, at = world.local(DAY, "18:00"), world.local(DAY, "09:00")
    submit(start, 461, at=at).then_only(BaselineSubmitted)
    world.order(4000, start, start + QUARTER, at=at)
    submit(start, 470, at=at).then_only(BaselineSubmitted)
    choose("zero", at=at).then_only(BaselineChosen)
    for power_w in (5000, 6000):
        amend = AmendActivation(direction="up", power_w=power_w, period=Period(start=start, end=start + QUARTER))
        world.scenario.when(amend, subject=world.uuid(70), sender=world.tso, at=at)
    found = now(world)
    assert (found.methods, found.counting["plan"], found.corrected["plan"]) == (("plan",), {start: 461}, {start: 470})


def test_versions_are_kept_by_local_day_and_none_is_read_of_a_method_that_was_not_chosen(
    world: Any, choose: Any, submit: Any
) -> None:
    choose("reported", at=world.local("2026-03-20"))
    night = world.local("2026-03-28", "23:45")
    submit(night, 1, 2, 3, method="reported", at=world.local("2026-03-28")).then_only(BaselineSubmitted)
    submit(night, 9, 9, 9, method="plan", at=world.local("2026-03-28")).then_only(BaselineSubmitted)
    found = of(world, night, 2, ordered_at=night)
    assert found.counting == {"reported": {night + index * QUARTER: index + 1 for index in range(3)}}
    assert world.scenario.state(store.SUBMITTED, f"{world.group}|2026-03-28").versions[0].wh == (1,)
    assert world.scenario.state(store.SUBMITTED, f"{world.group}|2026-03-29").versions[0].wh == (2, 3)


@pytest.mark.rule("BASELINE_GROUP_UNKNOWN")
def test_anothers_group_is_answered_as_one_that_there_is_not(world: Any, submit: Any) -> None:
    start, other = world.local(DAY, "10:00"), make_gln(12)
    at = start - QUARTER
    mine = submit(start, 1, at=at, sender=other).refused("BASELINE_GROUP_UNKNOWN")
    none = submit(start, 1, at=at, group=world.uuid(77)).refused("BASELINE_GROUP_UNKNOWN")
    assert mine.model_copy(update={"actual": ""}) == none.model_copy(update={"actual": ""})
    world.scenario.given(
        GroupPassed(
            group_id=world.group,
            bsp=world.bsp,
            successor=other,
            merger_id=world.uuid(5),
            start=world.local(DAY),
        )
    )
    submit(start, 1, at=at).refused("BASELINE_GROUP_UNKNOWN")
    submit(start, 1, at=at, sender=other).then_only(BaselineSubmitted)


@pytest.mark.rule("BASELINE_NOT_QUARTERS")
def test_a_baseline_is_of_whole_quarters(world: Any, submit: Any) -> None:
    start = world.local(DAY, "10:00")
    submit(start + timedelta(minutes=5), 1, at=start).refused("BASELINE_NOT_QUARTERS", path="/period/start")
    submit(start, 1, end=start + timedelta(minutes=20), at=start).refused("BASELINE_NOT_QUARTERS", path="/period/end")


@pytest.mark.rule("BASELINE_BEGUN")
def test_a_baseline_is_submitted_before_its_first_quarter(world: Any, submit: Any) -> None:
    start = world.local(DAY, "10:00")
    submit(start, 1, at=start + timedelta(seconds=1)).refused("BASELINE_BEGUN", path="/period/start")
    submit(start, 1, at=start).then_only(BaselineSubmitted)


@pytest.mark.rule("BASELINE_TOO_FAR")
def test_a_baseline_goes_as_far_as_the_policy(world: Any, submit: Any) -> None:
    at, last = world.local(DAY, "12:00"), world.local("2026-04-02")
    submit(last - QUARTER, 1, 1, at=at).refused("BASELINE_TOO_FAR", path="/period/end")
    submit(last - QUARTER, 1, at=at).then_only(BaselineSubmitted)


@pytest.mark.rule("BASELINE_COUNT")
def test_the_night_of_a_moved_clock_has_as_many_quarters_as_it_has(world: Any, submit: Any) -> None:
    day, after = world.local("2026-03-29"), world.local("2026-03-30")
    submit(day, *[1] * 96, end=after, at=day).refused("BASELINE_COUNT", path="/wh", limit=92, actual=96)
    submit(day, *[1] * 92, at=day).then_only(BaselineSubmitted)


def test_no_group_uses_a_terawatt_hour_in_a_quarter(world: Any, submit: Any) -> None:
    start = world.local(DAY, "10:00")
    submit(start, 1_000_000_000, -1_000_000_000, at=start).then_only(BaselineSubmitted)
    with pytest.raises(ValidationError):
        submit(start, 1_000_000_001, at=start)


# Who is told


def test_the_tso_is_told_what_it_chose_and_not_what_the_bsp_will_use() -> None:
    assert {one.role for one in BaselineChosen.audience if one.role} == {"tso"}
    (alone,) = BaselineSubmitted.audience
    assert (alone.field, alone.role) == ("bsp", None)
    assert store.SUBMITTED.seen is None
    assert store.BASELINES.seen is None
    assert not any("wh" in name for name in baseline_choice.Baselines.__dataclass_fields__)
