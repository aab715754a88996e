"""Ids that a sender chooses: one id is of one thing, so that everything said of it is counted in one row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bsp_switch import store
from bsp_switch.domain import rules
from bsp_switch.handlers.loading import Wanted
from chassis.service import Answer, Incoming, Kind, On
from chassis.work import Work

KINDS: tuple[Kind[Any], ...] = (
    store.DOCUMENT,
    store.CONSENT,
    store.SWITCH,
    store.OBJECTION,
    store.END_USER,
    store.MERGER,
)
"""What has a UUID that a sender chose."""


def needs_id(incoming: Incoming[Any]) -> Wanted:
    """Whatever may have this id."""
    for kind in KINDS:
        yield kind, (incoming.subject,)


def on_new(
    own: Kind[Any],
    handler: Callable[[Work, Incoming[Any]], Awaitable[Answer | None]],
    needs: Callable[[Incoming[Any]], Wanted],
) -> On:
    """A command that makes something of a kind: with an id that nothing of another kind has."""

    async def decided(work: Work, incoming: Incoming[Any]) -> Answer | None:
        for kind in KINDS:
            if kind is not own and await work.load(kind, incoming.subject) is not None:
                raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
        return await handler(work, incoming)

    def named(incoming: Incoming[Any]) -> Wanted:
        yield from needs(incoming)
        yield from needs_id(incoming)

    return On(decided, named)
