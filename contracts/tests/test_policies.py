"""The default policies, and which value of one is in force."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from contracts import policies
from contracts.gateway.v1 import PoliciesAdded, PolicyValue, RegisterOpened
from contracts.policies import DEFAULTS, DEFINED, ORDERED, VALID_FROM, Policies, PolicyUnknown, Said
from contracts.registry.v1 import PolicySet
from contracts.topics import DECIDING
from contracts.values import make_gln, time_text

pytestmark = pytest.mark.unit

OPENED = RegisterOpened(operator=make_gln(1), operator_name="Operatøren", policies=DEFAULTS)
AT = VALID_FROM + timedelta(days=4)


def opened() -> Policies:
    return policies.known(policies.evolve(None, OPENED), None)


def a_change(value: Any, **changed: Any) -> PolicySet:
    given = {"key": "group.max-kw", "unit": "kW", "valid_from": AT, "source": "D2", "reason": "A try."}
    return PolicySet.model_validate({**given, "value": value, "owner": "registry", "former": 5000, **changed})


def value(**changed: Any) -> PolicyValue:
    given = {"key": "group.max-kw", "value": 6000, "valid_from": VALID_FROM, "source": "D2", "owner": "registry"}
    return PolicyValue.model_validate({**given, **changed})


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("metering-point.group-limit-kw", 1000),
        ("group.min-kw", 1000),
        ("group.max-kw", 5000),
        ("group.min-members", 2),
        ("group.warn-margin-kw", 100),
        ("group.brp", "single"),
        ("bid.step-kw", 1000),
        ("zone.full.growth", "wait"),
        ("zone.queue", "fifo"),
        ("group.below-min.grace-days", 28),
        ("dso.answer-days", 28),
        ("prequalification.decide-months", 3),
        ("switch.notice-min-days", 14),
        ("switch.notice-max-days", 28),
        ("claim.back-days", 7),
        ("claim.ahead-days", 28),
        ("timeline.freeze-days", 14),
        ("member.must-leave-days", 28),
        ("resource.small-kw", 50),
        ("identifiers.strict", True),
        ("verification.tolerance-pct", "90..120"),
        ("baseline.default", "meter-before"),
        ("hour-price.fallback", "mean-of-quarters"),
        ("last-resort.first-days", 42),
        ("retention.values-years", 3),
        ("retention.marked-values-years", 10),
    ],
)
def test_the_defaults_are_those_that_were_decided(key: str, expected: object):
    found = opened().value(key, at=AT)
    assert (found, type(found)) == (expected, type(expected))


def test_every_default_says_whose_it_is_and_where_it_comes_from():
    assert len({policy.key for policy in DEFAULTS}) == len(DEFAULTS)
    for policy in DEFAULTS:
        assert policy.owner in DECIDING
        assert policy.source
        assert policy.unit is not None or not isinstance(policy.value, int) or isinstance(policy.value, bool)
        assert time_text(policy.valid_from) == "2025-12-31T23:00:00Z"


def test_the_value_valid_latest_is_in_force_and_of_two_the_one_learned_last():
    later = AT + timedelta(days=10)
    said = policies.evolve(None, OPENED)
    for one in (value(value=6000, valid_from=later), value(value=5500), value(value=5600)):
        said = policies.evolve(said, PoliciesAdded(operator=make_gln(1), policies=(one,)))
    state = policies.known(said, None)
    assert state.whole("group.max-kw", at=later - timedelta(microseconds=1)) == 5600
    assert state.whole("group.max-kw", at=later) == 6000


def test_what_a_command_changed_is_in_force_from_its_moment():
    changed = policies.evolve(None, a_change(4000))
    state = policies.known(policies.evolve(None, OPENED), changed)
    assert state.whole("group.max-kw", at=AT - timedelta(microseconds=1)) == 5000
    assert state.whole("group.max-kw", at=AT) == 4000
    assert state.whole("group.min-kw", at=AT) == 1000
    assert state.changes("group.max-kw") == {VALID_FROM, AT}


def test_of_two_changes_for_one_moment_the_last_said_counts_though_it_was_said_before():
    changed = None
    for figure in (4000, 4500, 4000):
        changed = policies.evolve(changed, a_change(figure))
    assert policies.known(policies.evolve(None, OPENED), changed).whole("group.max-kw", at=AT) == 4000


def test_a_change_dated_ahead_stands_where_a_nearer_one_is_said_later():
    changed = policies.evolve(None, a_change(4000, valid_from=AT + timedelta(days=10)))
    changed = policies.evolve(changed, a_change(3000))
    state = policies.known(policies.evolve(None, OPENED), changed)
    assert [state.value("group.max-kw", at=AT + timedelta(days=days)) for days in (0, 9, 10)] == [3000, 3000, 4000]


def test_before_the_register_is_opened_there_are_none():
    with pytest.raises(LookupError):
        policies.known(None, None)


def test_what_was_in_force_first_goes_for_what_lies_before_it():
    """Values come three years back, and have deadlines there."""
    changed = policies.evolve(None, a_change(3000, valid_from=VALID_FROM + timedelta(days=1)))
    state = policies.known(policies.evolve(None, OPENED), changed)
    first = state.value("group.max-kw", at=VALID_FROM)
    assert first != 3000
    assert state.value("group.max-kw", at=VALID_FROM - timedelta(days=1100)) == first


def test_a_policy_that_nobody_knows_is_not_guessed():
    state = opened()
    with pytest.raises(PolicyUnknown):
        state.value("group.colour", at=AT)
    for key in ("group.brp", "identifiers.strict"):
        with pytest.raises(TypeError):
            state.whole(key, at=AT)


def test_the_same_news_twice_changes_nothing():
    state = policies.evolve(None, OPENED)
    assert policies.evolve(state, OPENED) == state


def test_the_policies_come_back_from_a_store():
    adapter = TypeAdapter(Said)
    state = policies.evolve(policies.evolve(None, OPENED), a_change(True))
    assert adapter.validate_json(adapter.dump_json(state)) == state


# What a policy may be


def test_every_default_may_be_what_it_is_and_stands_beside_the_others():
    assert all(one.allowed.takes(one.value) for one in DEFINED.values())
    assert all(order.holds(DEFINED[order.lesser].value, DEFINED[order.greater].value) for order in ORDERED)


@pytest.mark.parametrize(
    ("key", "taken", "refused"),
    [
        ("group.max-kw", [1, 5000, 1_000_000], [0, -1, 1_000_001, "5000", True]),
        ("group.min-members", [2, 2000], [1, 2001]),
        ("group.brp", ["single", "warn"], ["Single", "", 1, True]),
        ("identifiers.strict", [True], [False, 1, "true"]),
        (
            "verification.tolerance-pct",
            ["90..120", "0..1000", "100..100"],
            ["120..90", "90..1001", "090..120", "90..120 ", "90-120", "90..", 90, "٩٠..١٢٠"],
        ),
    ],
)
def test_what_a_policy_may_be_changed_to(key: str, taken: list[Any], refused: list[Any]):
    allowed = DEFINED[key].allowed
    assert [one for one in taken if not allowed.takes(one)] == []
    assert [one for one in refused if allowed.takes(one)] == []


def test_some_policies_may_be_equal_and_some_may_not():
    kw, notice = ORDERED[:2]
    assert [kw.holds(*pair) for pair in ((1, 2), (2, 2), (3, 2))] == [True, True, False]
    assert [notice.holds(*pair) for pair in ((1, 2), (2, 2), (3, 2))] == [True, False, False]
