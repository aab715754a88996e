"""What nearly every decision loads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from chassis.service import Kind
from chassis.work import Work
from contracts import policies
from contracts.policies import Policies
from prequal import store
from prequal.domain import involved

Needs = Iterable[tuple[Kind[Any], Iterable[str]]]


State = TypeVar("State")


POLICIES_NEEDED = ((store.POLICIES, (policies.ID,)), (store.CHANGED_POLICIES, (policies.ID,)))


TAKERS: tuple[Kind[Any], ...] = (
    store.APPLICATION,
    store.QUALIFICATION,
    store.GROUP,
    store.DOCUMENT,
    store.COMMENT,
)
"""What has an id that a participant chose."""


async def is_taken(work: Work, id: str) -> bool:  # noqa: A002 - the field's word
    """Whether something already has this id."""
    return any([await work.load(kind, id) is not None for kind in TAKERS])


async def policies_at(work: Work) -> Policies:
    """The policies, as they are known now: what the register opened with, and what was changed since."""
    return policies.known(
        await work.load(store.POLICIES, policies.ID), await work.load(store.CHANGED_POLICIES, policies.ID)
    )


def there(state: State | None) -> State:
    """What must be there, because what was loaded before names it."""
    if state is None:
        msg = "a document that another one names is missing"
        raise LookupError(msg)
    return state


def needs_id(id: str) -> Needs:  # noqa: A002 - the field's word
    """Whatever may have an id that is to be given."""
    for kind in TAKERS:
        yield kind, (id,)


async def involved_in(work: Work, on: str) -> involved.Involved | None:
    """Who is involved in what has this id, if anything has it."""
    return involved.involved(
        on,
        application=await work.load(store.APPLICATION, on),
        qualification=await work.load(store.QUALIFICATION, on),
    )
