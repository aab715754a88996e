"""A verification made again, from what its event says that it was made from: pure, so that others can do it, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.message import Event
from contracts.meter_ingest.v1 import ActivationVerified
from meter_ingest.domain import activation, control, verification
from meter_ingest.domain.activation import Activation


@dataclass(frozen=True, slots=True)
class Looked:
    """Of which points a run read which lines, and what other activations covered."""

    held: dict[str, tuple[bool, ...]]
    by_line: dict[str, list[str]]
    covered: frozenset[datetime]


def before(told: Sequence[Event], found: ActivationVerified) -> Activation:
    """The activation as it was when a run of it was made."""
    state: Activation | None = None
    for event in told:
        if event == found:
            break
        state = activation.evolve(state, event)  # pyright: ignore[reportArgumentType] - those that the kind folds
    assert state is not None
    return state


def looked_at(state: Activation, found: ActivationVerified) -> Looked:
    """What a run looked at."""
    quarters = control.quarters_of(state.start, state.end)
    parts = {point: (one.quarters, one.lines) for one in found.apart for point in one.metering_points}
    usual = "1" * len(quarters), ("consumption",)
    held: dict[str, tuple[bool, ...]] = {}
    by_line: dict[str, list[str]] = {}
    for point in state.points:
        bits, lines = parts.get(point, usual)
        if "1" in bits:
            held[point] = tuple(bit == "1" for bit in bits)
            for line in lines:
                by_line.setdefault(line, []).append(point)
    covered = frozenset(quarter for one in found.covered for quarter in control.quarters_of(one.start, one.end))
    return Looked(held, by_line, covered)


def says(run: verification.Run, found: ActivationVerified) -> bool:
    """Whether a run made again gives the figures and hashes of what was published."""
    made = again(run, found)
    # What was submitted too late may have become more since.
    return made.model_copy(update={"others": ()}) == found.model_copy(update={"others": ()})


def again(run: verification.Run, found: ActivationVerified) -> ActivationVerified:
    """What would be published of a run now."""
    return verification.told(
        run,
        because=found.because,
        tolerance_pct=found.tolerance_pct,
        as_of={one.shard: one.position for one in found.as_of},
        at=found.at,
    )
