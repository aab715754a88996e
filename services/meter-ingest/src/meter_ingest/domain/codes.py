"""Elhub's code for each reason why a series is refused (`metering.md` §3, §4.1)."""

from __future__ import annotations

from typing import Final

from meter_ingest.domain import own_rules, rules

SENDER: Final = "E55"
"""Whatever says that this sender may not send this."""

_CODES: Final = {
    rules.SERIES_POINT_UNKNOWN.key: "E10",
    rules.SERIES_NO_CHANNEL.key: "E10",
    rules.SERIES_NOT_AUTHORISED.key: "E55",
    own_rules.SERIES_RESOURCE_UNKNOWN.key: "E10",
    own_rules.SERIES_RESOURCE_ELSEWHERE.key: "E10",
    own_rules.SERIES_OWN_METER_NOT_OPEN.key: "E10",
    rules.SERIES_PERIOD_INVALID.key: "E50",
    rules.SERIES_VALUE_NEGATIVE.key: "E86",
    rules.SERIES_COUNT_WRONG.key: "E87",
    rules.SERIES_STATUSES_WRONG.key: "E87",
    own_rules.SERIES_MISSING_WRONG.key: "E87",
    own_rules.SERIES_QUARTER_EMPTY.key: "E87",
    rules.SERIES_VALUE_ABOVE_LIMIT.key: "E90",
    rules.SERIES_VALUE_ABOVE_FUSE.key: "E90",
    rules.SERIES_SPIKE.key: "E86",
    rules.SERIES_ZERO_RUN.key: "E86",
    rules.SERIES_FLAT_QUARTERS.key: "E86",
    rules.SERIES_QUARANTINED.key: "E86",
    rules.SERIES_NOT_ALIGNED.key: "EH032",
    rules.SERIES_RESOLUTION_WRONG.key: "EH075",
    rules.SERIES_RESOLUTION_NOT_REGISTERED.key: "EH075",
}


def of(key: str) -> str:
    """The code of a rule, by its key."""
    return _CODES.get(key, SENDER)
