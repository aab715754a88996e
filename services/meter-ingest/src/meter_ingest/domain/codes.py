"""Elhub's code for each reason why a series is refused (`metering.md` §3, §4.1)."""

from __future__ import annotations

from typing import Final

from contracts import door_rules
from meter_ingest.domain import erasing_rules, rules, series_rules

SENDER: Final = "E55"
"""Whatever says that this sender may not send this."""

KNOWN: Final = {
    rules.SERIES_POINT_UNKNOWN.key: "E10",
    rules.SERIES_NO_CHANNEL.key: "E10",
    series_rules.SERIES_POINT_NO_ID.key: "E10",
    series_rules.SERIES_POINT_CHECK_DIGIT.key: "E10",
    rules.SERIES_NOT_AUTHORISED.key: "E55",
    rules.SERIES_PERIOD_INVALID.key: "E50",
    series_rules.SERIES_PERIOD_NOT_OVER.key: "E50",
    series_rules.SERIES_PERIOD_TOO_OLD.key: "E50",
    series_rules.SERIES_REGISTERED_AHEAD.key: "E50",
    erasing_rules.VALUES_ERASED.key: "E50",
    # Notices: what they are about is accepted.
    series_rules.SERIES_PROFILED.key: "E86",
    series_rules.SERIES_OLDER_THAN_COUNTS.key: "E50",
    series_rules.SERIES_RESOLUTION_UNKNOWN.key: "EH075",
    series_rules.SERIES_VALUE_INVALID.key: "E86",
    series_rules.SERIES_INVALID.key: "E98",
    rules.SERIES_VALUE_NEGATIVE.key: "E86",
    rules.SERIES_COUNT_WRONG.key: "E87",
    rules.SERIES_STATUSES_WRONG.key: "E87",
    rules.SERIES_VALUE_ABOVE_LIMIT.key: "E90",
    rules.SERIES_VALUE_ABOVE_FUSE.key: "E90",
    series_rules.SERIES_VALUE_IMPOSSIBLE.key: "E90",
    rules.SERIES_SPIKE.key: "E86",
    rules.SERIES_DOWNGRADED.key: "E86",
    rules.SERIES_ZERO_RUN.key: "E86",
    rules.SERIES_FLAT_QUARTERS.key: "E86",
    rules.SERIES_QUARANTINED.key: "E86",
    rules.SERIES_NOT_ALIGNED.key: "EH032",
    rules.SERIES_RESOLUTION_WRONG.key: "EH075",
    rules.SERIES_RESOLUTION_NOT_REGISTERED.key: "EH075",
    door_rules.ID_REUSED.key: "EH055",
}


def of(key: str) -> str:
    """The code of a rule, by its key."""
    return KNOWN.get(key, SENDER)
