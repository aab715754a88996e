"""Who may command what is behind a metering point, and what the others are answered (R13, R28, D26)."""

from __future__ import annotations

from datetime import datetime

from contracts import values
from contracts.message import Refused, Rule
from registry.domain import rules
from registry.domain.holder import Holder


def not_held(
    holder: Holder | None,
    bsp: str,
    at: datetime,
    *,
    path: str = "",
    otherwise: Rule = rules.METERING_POINT_NOT_HELD,
) -> Refused:
    """To raise: the BSP does not hold the point now. One that will is told from when.

    Unknown and not held are answered alike: what others have is not revealed.
    """
    coming = holder.coming(bsp, at) if holder else None
    if coming is not None:
        return rules.METERING_POINT_NOT_HELD_YET.refused(path=path, limit=values.time_text(coming.valid_from))
    return otherwise.refused(path=path)
