"""Policies are changed by one command, and are followed from their moment."""

import pytest
from pydantic_core import to_jsonable_python

from chassis.asking import in_force
from contracts import policies
from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit

KEY = "group.max-kw"


def put(world, register, value, *, key=KEY, valid_from=None, at=None):
    at = at or world.START
    wish = v1.SetPolicy(value=value, valid_from=valid_from or at, reason="More room.", source="Art. 8a")
    return register.when(wish, subject=key, sender=world.TSO, role="tso", at=at)


def add(world, register, number, *, at):
    wish = v1.AddMembers(metering_points=world.ids(number))
    return register.when(wish, subject=world.uuid(100), sender=world.BSP, at=at)


@pytest.fixture
def full(world, register):
    """A group of 4,500 kW, and a point with 900 kW more."""
    register.given(*world.points(range(1, 6), kw=900), *world.points((6, 7), kw=900))
    wish = v1.FormGroup(zone="NO3", metering_points=world.ids(*range(1, 6)))
    register.when(wish, subject=world.uuid(100), sender=world.BSP)
    return register


def test_a_policy_is_set_with_its_reason_and_what_it_was(world, register):
    put(world, register, 4000, valid_from=world.midnight(3, 1)).then(
        v1.PolicySet(
            key=KEY,
            value=4000,
            unit="kW",
            valid_from=world.midnight(3, 1),
            source="Art. 8a",
            reason="More room.",
            owner="registry",
            former=5000,
        )
    )


def test_the_former_value_is_that_of_the_moment_from_which_the_new_one_is_valid(world, register):
    put(world, register, 4000, valid_from=world.midnight(3, 1))
    (before,) = put(world, register, 4500, valid_from=world.midnight(2, 1)).then_only(v1.PolicySet)
    (after,) = put(world, register, 3000, valid_from=world.midnight(4, 1)).then_only(v1.PolicySet)

    assert (before.former, after.former) == (5000, 4000)


@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_a_changed_limit_is_followed_from_its_moment_and_not_before(world, full):
    put(world, full, 6000, valid_from=world.midnight(3, 1))

    add(world, full, 6, at=world.midnight(2, 28)).refused("GROUP_ABOVE_MAX", limit=5_000_000)
    (joined,) = add(world, full, 6, at=world.midnight(3, 1)).then_only(v1.MemberJoined)
    assert joined.group_max_w == 6_000_000
    add(world, full, 7, at=world.midnight(3, 1)).refused("GROUP_ABOVE_MAX", limit=6_000_000)


def test_what_was_decided_before_stays_decided(world, full):
    put(world, full, 2000)

    assert full.state(store.GROUP, world.uuid(100)).power.up_w == 4_500_000
    add(world, full, 6, at=world.midnight(2, 1)).refused("GROUP_ABOVE_MAX", limit=2_000_000, actual=5_400_000)


def test_a_policy_of_another_service_is_set_here_too(world, register):
    register.given(world.opened(dso__answer_days=28))
    (event,) = put(world, register, 21, key="dso.answer-days").then_only(v1.PolicySet)

    assert (event.owner, event.unit, event.former) == ("prequal", "days", 28)


def test_a_flag_stays_a_flag_and_a_word_a_word(world, register):
    register.given(world.opened(identifiers__strict=True))
    (flag,) = put(world, register, True, key="identifiers.strict").then_only(v1.PolicySet)
    (word,) = put(world, register, "warn", key="group.brp").then_only(v1.PolicySet)

    assert (flag.value, type(flag.value), word.value) == (True, bool, "warn")


def test_the_changes_of_a_policy_stand_in_one_document_each_and_in_one_together(world, register):
    put(world, register, 4000)
    put(world, register, 3, key="group.min-members")

    assert list(register.state(store.POLICY, KEY).by_key) == [KEY]
    assert list(register.state(store.CHANGED_POLICIES, store.POLICIES_ID).by_key) == [KEY, "group.min-members"]


# What is refused


@pytest.mark.rule("POLICY_UNKNOWN")
def test_a_policy_that_there_is_not_cannot_be_set(world, register):
    put(world, register, 1, key="group.colour").refused("POLICY_UNKNOWN", path="/subject", actual="group.colour")


@pytest.mark.rule("POLICY_UNKNOWN")
def test_a_policy_that_an_upgrade_has_not_brought_yet_cannot_be_set(world, register):
    assert "dso.answer-days" in policies.DEFINED
    put(world, register, 21, key="dso.answer-days").refused("POLICY_UNKNOWN")


@pytest.mark.rule("POLICY_VALUE_NOT_ALLOWED")
@pytest.mark.parametrize(
    ("key", "value", "limit"),
    [
        (KEY, 0, "1..1000000"),
        ("group.brp", "double", "single, warn"),
        ("group.min-members", 1, "2..2000"),
    ],
)
def test_a_value_out_of_bounds_is_refused(world, register, key, value, limit):
    put(world, register, value, key=key).refused("POLICY_VALUE_NOT_ALLOWED", path="/value", limit=limit, actual=value)


@pytest.mark.rule("POLICY_VALUE_OF_OTHER_KIND")
@pytest.mark.parametrize(
    ("key", "value", "limit", "actual"),
    [(KEY, "5000", "1234", '"…"'), (KEY, True, "1234", "true/false"), ("group.brp", 1, '"…"', "1234")],
)
def test_a_value_of_another_kind_is_refused_with_how_it_is_written(world, register, key, value, limit, actual):
    refused = put(world, register, value, key=key).refused("POLICY_VALUE_OF_OTHER_KIND", path="/value", limit=limit)
    assert refused.actual == actual
    assert "quotes" in refused.fix_en


@pytest.mark.rule("POLICY_IN_THE_PAST")
def test_a_policy_is_not_changed_for_the_past(world, register):
    at = world.noon(2, 1)
    put(world, register, 4000, valid_from=world.midnight(2, 1), at=at).refused(
        "POLICY_IN_THE_PAST", path="/valid_from", limit="2026-02-01T11:00:00Z", actual="2026-01-31T23:00:00Z"
    )
    put(world, register, 4000, valid_from=at, at=at).then_only(v1.PolicySet)


@pytest.mark.rule("POLICIES_CONTRADICT")
def test_the_least_of_a_group_is_not_above_its_most(world, register):
    refused = put(world, register, 999).refused("POLICIES_CONTRADICT", path="/value")
    assert (refused.limit, refused.actual) == (
        "group.min-kw ≤ group.max-kw",
        "group.min-kw = 1000, 2026-01-04T23:00:00Z",
    )
    put(world, register, 5001, key="group.min-kw").refused("POLICIES_CONTRADICT")
    put(world, register, 5000, key="group.min-kw").then_only(v1.PolicySet)


@pytest.mark.rule("POLICIES_CONTRADICT")
def test_what_is_set_for_later_must_fit_too(world, register):
    put(world, register, 2000, valid_from=world.midnight(6, 1))
    put(world, register, 3000, key="group.min-kw", valid_from=world.midnight(2, 1)).refused(
        "POLICIES_CONTRADICT", actual="group.max-kw = 2000, 2026-05-31T22:00:00Z"
    )
    put(world, register, 2000, key="group.min-kw", valid_from=world.midnight(2, 1)).then_only(v1.PolicySet)


@pytest.mark.rule("POLICIES_CONTRADICT")
def test_the_window_of_a_switch_cannot_be_empty(world, register):
    register.given(world.opened(switch__notice_min_days=14, switch__notice_max_days=28))
    put(world, register, 28, key="switch.notice-min-days").refused("POLICIES_CONTRADICT")
    put(world, register, 27, key="switch.notice-min-days").then_only(v1.PolicySet)


def test_a_policy_is_shown_with_what_it_was_before_its_first_change(world, register):
    put(world, register, 4000, valid_from=world.midnight(3, 1))
    put(world, register, 4500, valid_from=world.midnight(2, 1))
    known = to_jsonable_python(register.state(store.POLICY, KEY))

    values = []
    for at in (world.midnight(1, 20), world.midnight(2, 1), world.midnight(3, 1)):
        [one] = in_force(known, at)["by_key"][KEY]
        values.append(one["value"])

    assert values == [5000, 4500, 4000]
