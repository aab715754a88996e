"""By which methods a group's activations are verified (D20): the TSO's choice, from a moment on, never back in time.

A choice counts for the activations that begin from its moment on, if it was made before they were ordered: whoever has
ordered, or been ordered, can no longer choose how it is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.calendar import local_text
from contracts.meter_ingest.v1 import BaselineChosen, BaselineSubmitted, ChooseBaseline
from meter_ingest.domain import baseline_rules, known
from meter_ingest.domain.baselines import METHODS, Method

Chosen = tuple[Method, ...]
"""The primary method, and what is shown beside it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice."""

    methods: Chosen
    valid_from: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Baselines:
    """All choices of a group, the first made first, and how many versions its BSPs have submitted."""

    choices: tuple[Choice, ...] = ()
    versions: int = 0


def evolve(state: Baselines | None, event: BaselineChosen | BaselineSubmitted) -> Baselines:
    """Every choice is kept: an activation counts those that were made before it was ordered."""
    state = state or Baselines()
    if isinstance(event, BaselineSubmitted):
        return Baselines(state.choices, event.version)
    choice = Choice((event.primary, *event.others), event.valid_from, event.recorded_at)
    return Baselines((*state.choices, choice), state.versions)


def methods_at(
    state: Baselines | None, start: datetime, *, ordered_at: datetime | None = None, default: Method = "meter-before"
) -> Chosen:
    """The methods of an activation that begins at `start`: the primary one first.

    `ordered_at`: None looks at what is chosen by now. `default`: the policy `baseline.default`, where none is.
    """
    known_by = until(ordered_at, start) if ordered_at else None
    found: Choice | None = None
    for choice in state.choices if state else ():
        if choice.valid_from <= start and (known_by is None or choice.recorded_at <= known_by):
            found = choice if found is None or choice.valid_from >= found.valid_from else found
    return found.methods if found else (default,)


def until(ordered_at: datetime, start: datetime) -> datetime:
    """By when a choice, or a baseline, must have been recorded to count: an order may be told after the fact."""
    return min(ordered_at, start)


def default_of(policy: object) -> Method:
    """The method that the policy `baseline.default` names."""
    for method in METHODS:
        if method == policy:
            return method
    raise ValueError(f"no baseline is called {policy!r}")


def decide_chosen(
    state: Baselines | None, command: ChooseBaseline, *, group_id: str, group: known.Group | None, at: datetime
) -> BaselineChosen | None:
    """The choice; None where just this is what is chosen from then on."""
    if group is None:
        raise baseline_rules.BASELINE_GROUP_UNKNOWN.refused(path="/subject", actual=group_id)
    since = command.valid_from or at
    if since < at:
        raise baseline_rules.BASELINE_FROM_PAST.refused(
            path="/valid_from", limit=local_text(at), actual=local_text(since)
        )
    methods = (command.primary, *command.others)
    for index, method in enumerate(methods):
        if method in methods[:index]:
            raise baseline_rules.BASELINE_METHOD_TWICE.refused(path=f"/others/{index - 1}", actual=method)
    later = state is not None and any(choice.valid_from > since for choice in state.choices)
    if state is not None and state.choices and not later and methods_at(state, since) == methods:
        return None
    return BaselineChosen(
        group_id=group_id,
        bsp=group.bsp,
        primary=command.primary,
        others=command.others,
        valid_from=since,
        reason=command.reason,
        recorded_at=at,
    )
