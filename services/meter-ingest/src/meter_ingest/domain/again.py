"""A verification made again, from what its event says that it was made from: pure, so that others can do it, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contracts.message import Event
from contracts.meter_ingest.v1 import ActivationVerified
from meter_ingest.domain import activation, control, left_out, verification
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.values import Steps


@dataclass(frozen=True, slots=True)
class Looked:
    """Of which points a run read which lines, in which resolution, and what other activations covered."""

    held: dict[str, tuple[bool, ...]]
    by_line: dict[str, list[str]]
    covered: frozenset[datetime]
    read_as: dict[tuple[str, str, date], int]
    """By point, line and day: the steps that were read, where what came in others was left out."""

    @property
    def steps(self) -> dict[str, Steps]:
        """The same, as values are read, by line."""
        found: dict[str, dict[str, dict[date, int | None]]] = {}
        for (point, line, local), minutes in self.read_as.items():
            found.setdefault(line, {}).setdefault(point, {})[local] = minutes
        return dict(found)


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
    return Looked(held, by_line, covered, left_out.steps(found.read_as))


def says(run: verification.Run, found: ActivationVerified) -> bool:
    """Whether a run made again gives the figures and hashes of what was published."""
    made = again(run, found)
    # What was submitted too late may have become more since.
    return made.model_copy(update={"others": ()}) == found.model_copy(update={"others": ()})


def again(run: verification.Run, found: ActivationVerified) -> ActivationVerified:
    """What would be published of a run now."""
    made = verification.told(
        run,
        because=found.because,
        tolerance_pct=found.tolerance_pct,
        as_of={one.shard: one.position for one in found.as_of},
        at=found.at,
    )
    # It was read as the run says: what was left out then is not among the values that another has.
    return made.model_copy(update={"read_as": found.read_as})
