"""A policy is changed: one command for every policy, whichever service's rule it feeds."""

from __future__ import annotations

from datetime import datetime

from contracts import policies, values
from contracts.gateway.v1 import PolicyValue
from contracts.policies import Definition, Order, Policies
from contracts.registry import v1
from registry.domain import rules


def decide_set(known: Policies, *, key: str, wish: v1.SetPolicy, at: datetime) -> v1.PolicySet:
    """Set a policy from now or later on; what was decided before stays decided.

    Refuses with POLICY_UNKNOWN, POLICY_VALUE_OF_OTHER_KIND, POLICY_VALUE_NOT_ALLOWED, POLICY_IN_THE_PAST,
    POLICIES_CONTRADICT.
    """
    definition = policies.DEFINED.get(key)
    # One that the code knows and the register does not is still on its way: an upgrade brings it (`policies-added`).
    if definition is None or not known.changes(key):
        raise rules.POLICY_UNKNOWN.refused(path="/subject", actual=key)
    if type(wish.value) is not type(definition.value):
        raise rules.POLICY_VALUE_OF_OTHER_KIND.refused(
            path="/value", limit=_kind(definition.value), actual=_kind(wish.value), unit=definition.unit
        )
    if not definition.allowed.takes(wish.value):
        raise rules.POLICY_VALUE_NOT_ALLOWED.refused(
            path="/value", limit=str(definition.allowed), actual=wish.value, unit=definition.unit
        )
    if wish.valid_from < at:
        raise rules.POLICY_IN_THE_PAST.refused(
            path="/valid_from", limit=values.time_text(at), actual=values.time_text(wish.valid_from)
        )
    event = _event(definition, wish, former=known.value(key, at=wish.valid_from))
    changed = Policies((*known.said, policies.evolve(None, event)))
    for order in policies.ORDERED:
        if key in {order.lesser, order.greater}:
            _refuse_contradiction(order, changed, key=key, since=wish.valid_from)
    return event


def evolve(state: policies.Said | None, event: v1.PolicySet) -> policies.Said:
    """A policy's values in the order in which they were said, the one before its first change too."""
    if state is None:
        definition = policies.DEFINED.get(event.key)
        before = PolicyValue(
            key=event.key,
            value=event.former,
            unit=event.unit,
            valid_from=policies.VALID_FROM,
            source=definition.source if definition else "",
            owner=event.owner,
        )
        state = policies.Said({event.key: (before,)})
    return policies.evolve(state, event)


def _kind(value: policies.Value) -> str:
    """What sort of JSON value it is: a text in quotes, though there are digits in it."""
    if isinstance(value, bool):
        return "true/false"
    return "1234" if isinstance(value, int) else '"…"'


def _event(definition: Definition, wish: v1.SetPolicy, *, former: policies.Value) -> v1.PolicySet:
    return v1.PolicySet(
        key=definition.key,
        value=wish.value,
        unit=definition.unit,
        valid_from=wish.valid_from,
        source=wish.source,
        reason=wish.reason,
        owner=definition.owner,
        former=former,
    )


def _refuse_contradiction(order: Order, changed: Policies, *, key: str, since: datetime) -> None:
    """The order must hold from `since` on, at every moment at which one of the two gets a value."""
    other = order.greater if key == order.lesser else order.lesser
    if not changed.changes(other):
        return
    later = {moment for one in (order.lesser, order.greater) for moment in changed.changes(one) if moment > since}
    for moment in sorted({since, *later}):
        lesser, greater = changed.value(order.lesser, at=moment), changed.value(order.greater, at=moment)
        if not order.holds(lesser, greater):
            beside = greater if key == order.lesser else lesser
            raise rules.POLICIES_CONTRADICT.refused(
                path="/value", limit=str(order), actual=f"{other} = {beside}, {values.time_text(moment)}"
            )
