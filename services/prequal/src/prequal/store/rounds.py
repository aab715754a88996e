"""Changes that have not reached all their groups, and whom those reach that no place or party says."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.service import SUBJECT, Deadline, Kind
from contracts.prequal import v1
from prequal.domain import known, spreading

CHANGE_SPREADS = "change-spreads"


def _deadlines(state: spreading.Spreading) -> Iterable[Deadline]:
    yield Deadline(state.next_at, CHANGE_SPREADS)


SPREADING = Kind(
    name="spreading",
    state=spreading.Spreading,
    evolve=spreading.evolve,
    folds={v1.GroupsReached: SUBJECT},
    deadlines=_deadlines,
)
"""By change (`restriction/<id>`): apart from what changes, so that nothing waits for a step that is due."""

APPROVED_IN = Kind(
    name="approved-in",
    state=known.Ids,
    evolve=spreading.evolve_approved,
    folds=dict.fromkeys((v1.VolumeReserved, v1.SinglePointAdmitted, v1.ApplicationQueued), lambda event: event.zone),
    shared=True,
)
"""By zone: the groups and single points that are, or ever were, approved or in the queue."""

KINDS = (SPREADING, APPROVED_IN)
