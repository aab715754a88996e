"""Bidding zones."""

from __future__ import annotations

from typing import Any

from chassis.service import SUBJECT, Kind
from contracts.prequal import v1
from prequal.domain import zone


def _zone(event: Any) -> str:
    return str(event.zone)


ZONE = Kind(
    name="zone",
    state=zone.Zone,
    evolve=zone.evolve,
    folds={
        v1.ZoneCapSet: SUBJECT,
        v1.ApplicationQueued: _zone,
        v1.VolumeReserved: _zone,
        v1.ApplicationLapsed: _zone,
        v1.ApplicationWithdrawn: _zone,
        v1.ApprovalEnded: _zone,
    },
)

KINDS = (ZONE,)
