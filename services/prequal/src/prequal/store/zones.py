"""Bidding zones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.service import SUBJECT, Deadline, Kind
from contracts.prequal import v1
from prequal.domain import zone

CAP_CHANGE = "cap-change"


def _cap_deadline(state: zone.Zone) -> Iterable[Deadline]:
    if (due_at := state.change_due) is not None:
        yield Deadline(due_at, CAP_CHANGE)


def _zone(event: Any) -> str:
    return str(event.zone)


ZONE = Kind(
    name="zone",
    state=zone.Zone,
    evolve=zone.evolve,
    folds={
        v1.ZoneCapSet: SUBJECT,
        v1.ZoneCapWithdrawn: SUBJECT,
        v1.ZoneCapTookEffect: SUBJECT,
        v1.ZoneVolumeChanged: SUBJECT,
        v1.ApplicationQueued: _zone,
        v1.VolumeReserved: _zone,
        v1.ApplicationLapsed: _zone,
        v1.ApplicationWithdrawn: _zone,
        v1.ApprovalReduced: _zone,
        v1.ApprovalEnded: _zone,
    },
    deadlines=_cap_deadline,
)

KINDS = (ZONE,)
