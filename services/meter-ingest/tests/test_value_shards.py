"""Value shards beside each other: each has its own order of decisions, and its own place among the events."""

from __future__ import annotations

import pytest

from contracts import topics
from meter_ingest.app import value_shard

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_value_shard_is_told_from_the_others_by_its_number(number: int) -> None:
    one = value_shard(sandbox=False, number=number)
    assert (one.shard, one.source) == (str(number), f"/services/meter-ingest/{number}")
    assert one.partition == topics.VALUE_SHARD + number
    assert one.partition != topics.CASE_SHARD
