"""The default policies, and which value of one is in force."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from contracts import policies
from contracts.gateway.v1 import PoliciesAdded, PolicyValue, RegisterOpened
from contracts.policies import DEFAULTS, VALID_FROM, Policies, PolicyUnknown
from contracts.topics import DECIDING
from contracts.values import make_gln, time_text

pytestmark = pytest.mark.unit

OPENED = RegisterOpened(operator=make_gln(1), operator_name="Operatøren", policies=DEFAULTS)
AT = VALID_FROM + timedelta(days=4)


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
        ("identifiers.strict", True),
        ("verification.tolerance-pct", "90..120"),
        ("baseline.default", "meter-before"),
        ("retention.values-years", 3),
        ("retention.marked-values-years", 10),
    ],
)
def test_the_defaults_are_those_that_were_decided(key: str, expected: object):
    found = policies.evolve(None, OPENED).value(key, at=AT)
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
    state = policies.evolve(None, OPENED)
    for one in (value(value=6000, valid_from=later), value(value=5500), value(value=5600)):
        state = policies.evolve(state, PoliciesAdded(operator=make_gln(1), policies=(one,)))
    assert state.whole("group.max-kw", at=later - timedelta(microseconds=1)) == 5600
    assert state.whole("group.max-kw", at=later) == 6000


def test_a_policy_that_is_not_in_force_is_not_guessed():
    state = policies.evolve(None, OPENED)
    with pytest.raises(PolicyUnknown):
        state.value("group.max-kw", at=VALID_FROM - timedelta(microseconds=1))
    with pytest.raises(PolicyUnknown):
        state.value("group.colour", at=AT)
    for key in ("group.brp", "identifiers.strict"):
        with pytest.raises(TypeError):
            state.whole(key, at=AT)


def test_the_same_news_twice_changes_nothing():
    state = policies.evolve(None, OPENED)
    assert policies.evolve(state, OPENED) == state


def test_the_policies_come_back_from_a_store():
    adapter = TypeAdapter(Policies)
    state = policies.evolve(None, OPENED)
    assert adapter.validate_json(adapter.dump_json(state)) == state
