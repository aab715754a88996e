"""What a run of an activation reads, as documents have it: points, windows, what lies beside it, what has come."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.work import Work
from contracts.meter_ingest.v1 import OrderBeside, ValuesAccepted
from meter_ingest import store
from meter_ingest.domain import activation, awaited, baseline_series, blocks, called, days, evidence, together
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.arrived import Arrived, arrived
from meter_ingest.handlers import POLICIES_NEEDED, Needed


@dataclass(frozen=True, slots=True)
class Asked:
    """What is read for a run, and of which documents that follows."""

    of: tuple[object, ...]
    held: Mapping[str, tuple[bool, ...]]
    by_line: Mapping[str, Sequence[str]]
    windows: tuple[tuple[datetime, datetime], ...]
    covered: frozenset[datetime]


async def asked(work: Work, state: Activation, was: Asked | None = None) -> Asked:
    """`was`: what was found before, which holds as long as its documents are the same."""
    named = list(blocks.by_block(state.points))
    controls = await work.load_many(store.CONTROL, named)
    channels = await work.load_many(
        store.BLOCK, (blocks.key(block, line) for block in named for line in evidence.LINES)
    )
    others = (await work.load_many(store.CALLED, called.names(state))).values()
    of = (state, *controls.values(), *channels.values(), *others)
    if was is not None and len(of) == len(was.of) and all(map(operator.is_, of, was.of)):
        return was
    covered = called.covered(state, others)
    held = awaited.concerned(state, state.points, controls)
    by_line = awaited.with_channel(state, held, channels, covered)
    return Asked(of, held, by_line, activation.windows_of(state, covered), covered)


def read_of(state: Activation) -> Needed:
    """All documents that a run is made from, and its policies: asked for at once."""
    named = list(blocks.by_block(state.points))
    yield store.CONTROL, named
    yield store.POINTS, named
    yield store.BLOCK, (blocks.key(block, line) for block in named for line in evidence.LINES)
    yield store.CALLED, called.names(state)
    if {"plan", "reported"}.intersection(state.methods):
        yield store.SUBMITTED, baseline_series.names(state.group_id, *_around(state))
    yield store.HEARD, ("values",)
    yield from POLICIES_NEEDED


def _around(state: Activation) -> tuple[datetime, datetime]:
    return state.start - days.QUARTER, state.end + days.QUARTER


async def covered_by_others(work: Work, state: Activation) -> frozenset[datetime]:
    """The quarters that other activations of its group touch."""
    return called.covered(state, (await work.load_many(store.CALLED, called.names(state))).values())


async def orders_beside(work: Work, state: Activation) -> tuple[OrderBeside, ...]:
    """The other orders of its group that reach into the quarters of an activation, as they stand now."""
    near = called.near(state, (await work.load_many(store.CALLED, called.names(state))).values())
    others = await work.load_many(store.ACTIVATION, near)
    return together.beside(state, (one for one in others.values() if one))


async def agreed(work: Work, state: Activation) -> baseline_series.Agreed:
    """What its BSP had submitted of an activation, by the methods that were chosen when it was ordered."""
    found: Mapping[str, baseline_series.Submitted | None] = {}
    if {"plan", "reported"}.intersection(state.methods):
        names = baseline_series.names(state.group_id, *_around(state))
        found = await work.load_many(store.SUBMITTED, names)
    since = baseline_series.Ordered(state.start, state.end, state.ordered_at or state.start)
    ordered = state.ordered or (since,)
    return baseline_series.agreed(state.methods, found, ordered=ordered, start=state.start, end=state.end)


async def touched(work: Work, event: ValuesAccepted) -> dict[str, set[str]]:
    """The activations whose window a record changed anything in, with the points it brought there."""
    by_block: dict[str, list[Arrived]] = {}
    for came in arrived(event):
        if came.changed:
            for day in days.days(came.start, came.end):
                for block in came.places:
                    by_block.setdefault(blocks.key(day.date, block), []).append(came)
    found: dict[str, set[str]] = {}
    for key, watched in (await work.load_many(store.WATCHED, by_block)).items():
        block = key.rpartition("|")[2]
        for activation_id, (start, end) in watched.windows.items() if watched else ():
            some = [came.places[block] for came in by_block[key] if came.start < end and start < came.end]
            if points := {block + place for places in some for place in places}:
                found.setdefault(activation_id, set()).update(points)
    return found


async def all_there(work: Work, state: Activation) -> bool:
    """Whether the last expected value has come, of the points that its BSP holds.

    As values mostly come in the order of their points, the last block is looked at first: as long as it waits, nothing
    else is loaded.
    """
    named = list(blocks.by_block(state.points).items())
    covered = await covered_by_others(work, state)
    touched = dict.fromkeys(day for window in activation.windows_of(state, covered) for day in days.days(*window))
    for some in (named[-1:], named[:-1]):
        series = [blocks.key(block, line) for block, _ in some for line in evidence.LINES]
        channels = await work.load_many(store.BLOCK, series)
        received = await work.load_many(
            store.RECEIVED, (blocks.key(day.date, name) for day in touched for name in series)
        )
        controls = await work.load_many(store.CONTROL, (block for block, _ in some))
        facts = await work.load_many(store.POINTS, (block for block, _ in some))
        held = [list(awaited.concerned(state, points, controls)) for _, points in reversed(some)]
        if not all(
            awaited.all_there(state, points, channels, received, facts[blocks.block_of(points[0])], covered)
            for points in held
            if points
        ):
            return False
    return True
