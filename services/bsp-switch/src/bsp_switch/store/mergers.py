"""Mergers of BSPs, who succeeds whom, and the points that follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from bsp_switch.domain import merger, point_tree, succession
from chassis.service import SUBJECT, Deadline, Kind
from contracts.bsp_switch import v1

MERGER_MIDNIGHT = "merger-midnight"
"""The deadline of a merger: its midnight."""
POINTS_OF_BSP = "points-of-bsp"
"""The deadline of a round: of the next points it is said who succeeds their BSP."""


def _deadlines(state: merger.Merger) -> Iterable[Deadline]:
    if state.state == "announced":
        yield Deadline(due_at=state.start, name=MERGER_MIDNIGHT)


def _round_deadlines(state: point_tree.Round) -> Iterable[Deadline]:
    if state.next_at is not None:
        yield Deadline(due_at=state.next_at, name=POINTS_OF_BSP)


MERGER = Kind(
    name="merger",
    state=merger.Merger,
    evolve=merger.evolve,
    folds=dict.fromkeys(get_args(merger.About), SUBJECT),
    deadlines=_deadlines,
)
SUCCESSION = Kind(
    name="succession",
    state=merger.Succession,
    evolve=merger.evolve_succession,
    folds={v1.BspMergerAnnounced: merger.sides, v1.BspMergerCancelled: merger.sides},
    remembered=False,
)
"""By BSP: who succeeds it, and whom it succeeds."""
HELD_POINTS = Kind(
    name="held-points",
    state=point_tree.Branch,
    evolve=point_tree.evolve,
    folds={
        v1.ControlClaimed: succession.branches,
        v1.SwitchAnnounced: succession.branches,
        v1.SwitchStalled: succession.branches,
        v1.ControlSuccessionAnnounced: succession.branches,
    },
    remembered=False,
)
"""By BSP, and `BSP|beginning`: how the ids go on of the points that it holds, held, or is or was to hold."""
MERGER_ROUND = Kind(
    name="merger-round",
    state=point_tree.Round,
    evolve=point_tree.evolve_round,
    folds={v1.PointsOfBspFollowed: SUBJECT},
    deadlines=_round_deadlines,
)
"""By BSP that is taken over. Apart from the merger, so that nothing waits for a round."""

KINDS = (MERGER, SUCCESSION, HELD_POINTS, MERGER_ROUND)
