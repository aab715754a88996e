"""What a DSO's answer may say: reasons, and limits that are its own, clear, and no higher than declared (R36, R37)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from contracts import calendar, values
from contracts.message import Reason, Refused, RefusedRow, Rule
from contracts.prequal import v1
from prequal.domain import rules
from prequal.domain.power import Power


def check_reasons(command: v1.AssessGrid | v1.ReviseAssessment) -> None:
    """What is limited has a technical reason (R37), and an approval has no limits."""
    if command.decision == "limited" and not command.limits:
        raise rules.LIMIT_REASON_REQUIRED.refused(path="/limits")
    if command.decision == "rejected" and not command.limits and not command.text.strip():
        raise rules.LIMIT_REASON_REQUIRED.refused(path="/text")
    for row, limit in enumerate(command.limits):
        if limit.reason_code == "other" and not limit.text.strip():
            raise rules.LIMIT_REASON_REQUIRED.refused(path=f"/limits/{row}/text")
    if command.decision == "approved" and command.limits:
        raise rules.LIMITS_CONTRADICT_DECISION.refused(path="/limits", actual=command.decision)
    if command.decision == "rejected" and any(limit.up_w or limit.down_w for limit in command.limits):
        raise rules.LIMITS_CONTRADICT_DECISION.refused(path="/limits", actual=command.decision)


def check_limits(
    command: v1.AssessGrid | v1.ReviseAssessment,
    points: Mapping[str, Power],
    *,
    substations: Collection[str],
    at: datetime,
) -> None:
    """Every limit says what it is on, is on its own, to come, and no higher than declared; all wrong rows are told.

    `points`: what they are declared with; `substations`: those that the DSO may limit by.
    """
    reasons: dict[str, Reason] = {}
    rows: list[RefusedRow] = []
    for row, limit in enumerate(command.limits):
        wrong = _wrong(limit, points, substations, at=at)
        if wrong is not None:
            unit = "W" if isinstance(wrong.limit, int) else None
            path = f"/limits/{row}/{wrong.field}"
            reason = wrong.rule.reason(path=path, limit=wrong.limit, actual=wrong.actual, unit=unit)
            reasons.setdefault(wrong.rule.key, reason)
            rows.append(RefusedRow(row=row, code=wrong.rule.key, actual=wrong.actual))
    if rows:
        raise Refused(*reasons.values(), rows=tuple(rows))


class _Wrong(NamedTuple):
    rule: Rule
    field: str
    actual: int | str
    limit: int | str | None = None


def _wrong(
    limit: v1.GridLimit, points: Mapping[str, Power], substations: Collection[str], *, at: datetime
) -> _Wrong | None:
    """What is wrong with a limit, if anything."""
    keys = {"metering-point": limit.metering_point_id, "substation": limit.substation}
    needed = {limit.scope} & keys.keys()
    if {name for name, key in keys.items() if key is not None} != needed or (limit.up_w, limit.down_w) == (None, None):
        return _Wrong(rules.LIMIT_SCOPE_UNCLEAR, "scope", limit.scope)
    for name, moment in (("valid_from", limit.valid_from), ("valid_to", limit.valid_to)):
        if moment is not None and not calendar.is_quarter(moment):
            quarter = calendar.quarter_of(moment)
            return _Wrong(rules.LIMIT_OFF_QUARTER, name, values.time_text(moment), values.time_text(quarter))
    begins = max(limit.valid_from or at, at)
    if limit.valid_to is not None and limit.valid_to <= begins:
        return _Wrong(
            rules.LIMIT_PERIOD_INVALID, "valid_to", values.time_text(limit.valid_to), values.time_text(begins)
        )
    if limit.substation is not None and limit.substation not in substations:
        return _Wrong(rules.LIMIT_NOT_YOUR_SUBSTATION, "substation", limit.substation)
    return _wrong_point(limit, limit.metering_point_id, points) if limit.metering_point_id else None


def _wrong_point(limit: v1.GridLimit, point: str, points: Mapping[str, Power]) -> _Wrong | None:
    power = points.get(point)
    if power is None:
        return _Wrong(rules.LIMIT_NOT_YOUR_POINT, "metering_point_id", point)
    if limit.up_w is not None and limit.up_w > power.up_w:
        return _Wrong(rules.LIMIT_ABOVE_DECLARED, "up_w", limit.up_w, power.up_w)
    if limit.down_w is not None and limit.down_w > power.down_w:
        return _Wrong(rules.LIMIT_ABOVE_DECLARED, "down_w", limit.down_w, power.down_w)
    return None
