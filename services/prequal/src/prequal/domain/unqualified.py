"""An approval whose BSP is not qualified keeps its volume for so many days, unless it is qualified again (R41)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import clocks
from prequal.domain.application import Application
from prequal.domain.limits import Limit


def decide(
    until: datetime | None,
    application: Application,
    limits: Iterable[Limit],
    *,
    dsos: tuple[str, ...],
    days: int,
    at: datetime,
) -> list[Event]:
    """Announce the end of an approval, or take it back. `until`: as it stands announced; `limits`: all that hold."""
    is_lost = any(
        limit.kind == "qualification" and limit.product == application.product and limit.holds(at) for limit in limits
    )
    if is_lost == (until is not None):
        return []
    of: dict[str, Any] = {
        "group_id": application.group_id,
        "application_id": application.application_id,
        "bsp": application.bsp,
        "dsos": dsos,
        "zone": application.zone,
        "because": "not-qualified",
    }
    if not is_lost:
        return [v1.ApprovalEndCancelled(**of)]
    return [v1.ApprovalEndAnnounced(**of, ends_at=clocks.grace(at, days=days), days=days)]
