"""Why a series is refused before anything is looked up: its period, and when it was registered; and what is no id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from contracts import calendar, values
from contracts.message import Rule, Scalar
from contracts.meter_ingest.v1 import Series
from meter_ingest.domain import rules, series_rules
from meter_ingest.domain.values import any_negative

AHEAD: Final = timedelta(minutes=5)
"""So much may a sender's clock be ahead of ours. Ours: the sources name no tolerance."""


MOST_W: Final = 4_000_000_000
"""No point of the grid takes or gives more: 10^9 Wh a quarter. Ours: the largest plants have less, and sums of what
comes stay far within what JSON's numbers hold."""


def most_wh(minutes: int) -> int:
    """The greatest value that a step may have at all."""
    return MOST_W * minutes // 60


class Refusal(NamedTuple):
    """Why a series is refused, or what its sender should notice."""

    rule: Rule
    field: str
    limit: Scalar = None
    actual: Scalar = None
    unit: str | None = None


def of_times(series: Series, received_at: datetime, oldest: datetime) -> Refusal | None:
    """Of a period that is backwards, not over or too old, and of what was registered in the future."""
    start, end = series.start, series.end
    if end <= start:
        return Refusal(rules.SERIES_PERIOD_INVALID, "end", calendar.local_text(start), calendar.local_text(end))
    if end > received_at:
        at = calendar.local_text(received_at)
        return Refusal(series_rules.SERIES_PERIOD_NOT_OVER, "end", at, calendar.local_text(end))
    if start < oldest:
        return Refusal(
            series_rules.SERIES_PERIOD_TOO_OLD, "start", calendar.local_text(oldest), calendar.local_text(start)
        )
    latest = received_at + AHEAD
    if series.registered_at > latest:
        actual = calendar.local_text(series.registered_at)
        return Refusal(series_rules.SERIES_REGISTERED_AHEAD, "registered_at", calendar.local_text(latest), actual)
    return None


def period_text(start: datetime, end: datetime) -> str:
    """A period as its sender is told of it."""
    return f"{calendar.local_text(start)}/{calendar.local_text(end)}"


def of_values(values_wh: Sequence[int], minutes: int) -> Refusal | None:
    """Of a value that is negative, or more than any point can have in a step."""
    most = most_wh(minutes)
    if not any_negative(values_wh) and max(values_wh) <= most:
        return None
    if (least := min(values_wh)) < 0:
        return Refusal(rules.SERIES_VALUE_NEGATIVE, f"values_wh/{values_wh.index(least)}", 0, None, "Wh")
    place = values_wh.index(max(values_wh))
    return Refusal(series_rules.SERIES_VALUE_IMPOSSIBLE, f"values_wh/{place}", most, _said(values_wh[place]), "Wh")


def _said(wh: int) -> int | str:
    """A figure as a receipt may say it: JSON's numbers do not hold all that columns do."""
    return wh if abs(wh) <= values.SAFE_INTEGER else str(wh)


def of_unknown(point: str) -> Refusal:
    """Of a point that is nobody's: what can be seen in the id itself is said, nothing else."""
    field = "metering_point_id"
    if len(point) != 18 or not (point.isascii() and point.isdigit()) or point.startswith("0"):
        return Refusal(series_rules.SERIES_POINT_NO_ID, field, 18)
    if (right := values.gs1_check_digit(point[:-1])) != point[-1]:
        return Refusal(series_rules.SERIES_POINT_CHECK_DIGIT, field, right, point[-1])
    return Refusal(rules.SERIES_POINT_UNKNOWN, field)
