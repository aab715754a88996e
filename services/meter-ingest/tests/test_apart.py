"""One bad series never sinks the others, however it is bad: as JSON and by column."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from chassis.service import Decision
from contracts import columnar, values
from contracts.columnar import Columns
from meter_ingest import apart, arrow, door
from meter_ingest.domain import codes, columns
from meter_ingest.domain.series import MOST_REASONS

pytestmark = pytest.mark.unit

DAY, AT = "2026-03-28", "2026-03-29"
HEAD = {
    "specversion": "1.0",
    "id": "0190a5c0-0000-7000-8000-000000000001",
    "type": door.TYPE,
    "subject": "2026-03-28",
    "time": "2026-03-29T05:00:00Z",
}


@pytest.fixture
def good(world: Any, day_series: Any) -> dict[str, Any]:
    (point,) = world.points(1)
    world.open([point])
    return day_series(point, DAY, 1).model_dump(mode="json", exclude_defaults=True)


def envelope(*some: Any, **changed: Any) -> bytes:
    head = {**HEAD, "source": f"/parties/{values.make_gln(2)}"}
    return json.dumps({**head, "data": {"series": some}, **changed}).encode()


def answered(world: Any, raw: bytes) -> Decision:
    """What the door and the value shard make of a record."""
    item = door._item(raw)
    assert isinstance(item, apart.Item)
    assert item.apart is not None
    decision = Decision(rejected=True)
    if item.command is not None:
        decided = world.decide(world.record(*item.command.series, at=world.local(AT, "06:30")))
        decision = Decision(reasons=decided.reasons, rows=decided.rows, rejected=decided.status == "rejected")
    return apart.together(item.apart, decision)


@pytest.mark.rule("SERIES_RESOLUTION_UNKNOWN")
@pytest.mark.rule("SERIES_VALUE_INVALID")
@pytest.mark.rule("SERIES_INVALID")
@pytest.mark.parametrize(
    ("changed", "code", "elhub", "path"),
    [
        ({"resolution": "PT30M"}, "SERIES_RESOLUTION_UNKNOWN", "EH075", "resolution"),
        ({"values_wh": [1] * 95 + [None]}, "SERIES_VALUE_INVALID", "E86", "values_wh/95"),
        ({"values_wh": [1.5] * 96}, "SERIES_VALUE_INVALID", "E86", "values_wh/0"),
        ({"values_wh": [10**19] + [1] * 95}, "SERIES_VALUE_INVALID", "E86", "values_wh/0"),
        ({"values_wh": "1, 2"}, "SERIES_INVALID", "E98", "values_wh"),
        ({"values_wh": [1] * 10_000}, "SERIES_INVALID", "E98", "values_wh"),
        ({"direction": "sideways"}, "SERIES_INVALID", "E98", "direction"),
        ({"start": "yesterday"}, "SERIES_INVALID", "E98", "start"),
        ({"wattage": 1}, "SERIES_INVALID", "E98", "…"),
        ({"metering_point_id": "7\0"}, "SERIES_INVALID", "E98", "metering_point_id"),
    ],
)
def test_a_series_that_does_not_fit_the_schema_is_refused_by_itself(
    world: Any, good: dict[str, Any], changed: dict[str, Any], code: str, elhub: str, path: str
) -> None:
    short = {**good, "values_wh": [1]}
    decision = answered(world, envelope(good, {**good, **changed}, short))
    assert not decision.rejected
    assert [(row.row, row.code) for row in decision.rows] == [(1, code), (2, "SERIES_COUNT_WRONG")]
    by_code = {reason.code: reason for reason in decision.reasons}
    assert by_code[code].path == f"/series/1/{path}"
    assert by_code["SERIES_COUNT_WRONG"].path == "/series/2/values_wh"
    assert codes.of(code) == elhub


def test_what_is_no_object_or_says_a_name_twice_is_refused_by_itself(world: Any, good: dict[str, Any]) -> None:
    raw = envelope(None, good, 7).replace(b'"resolution":', b'"status": "metered", "status": "metered", "resolution":')
    decision = answered(world, raw)
    assert decision.rejected
    assert [(row.row, row.code) for row in decision.rows] == [(place, "SERIES_INVALID") for place in range(3)]


def test_what_may_be_a_persons_is_not_said_again(world: Any, good: dict[str, Any]) -> None:
    raw = envelope("Kari Nordmann", good, {**good, "Ola Nordmann": 1})
    raw = raw.replace(b'"resolution":', b'"Per Nordmann": 1, "Per Nordmann": 2, "resolution":', 1)
    decision = answered(world, raw)
    assert [(row.row, row.actual) for row in decision.rows] == [(0, "…"), (1, "…"), (2, "…")]
    assert "Nordmann" not in "".join(reason.model_dump_json() for reason in decision.reasons)
    assert "det kan ha: metering_point_id, direction" in decision.reasons[2].text_nb


def test_the_envelopes_own_errors_refuse_the_whole(good: dict[str, Any]) -> None:
    bad = {**good, "resolution": "PT30M"}
    for raw, code in (
        (envelope(bad, time="now"), "NOT_AN_ENVELOPE"),
        (envelope(bad, sender="me"), "ATTRIBUTE_RESERVED"),
        (envelope(bad)[:-1], "NOT_JSON"),
        (envelope(bad, data={"series": [bad], "more": 1}), "SCHEMA_INVALID"),
    ):
        item = door._item(raw)
        assert (item.command, code in {reason.code for reason in item.reasons}) == (None, True), code


def test_all_rows_are_named_and_reasons_are_bounded(world: Any, good: dict[str, Any]) -> None:
    some = [{**good, "resolution": number} for number in range(100, 400)]
    decision = answered(world, envelope(*some, good))
    assert [row.row for row in decision.rows] == list(range(300))
    assert len(decision.reasons) <= MOST_REASONS
    assert decision.reasons[7].path == "/series/7/resolution"


def test_the_same_record_again_is_the_same(good: dict[str, Any]) -> None:
    raw = envelope({**good, "resolution": "PT30M"}, good)
    assert door._item(raw).contenthash == door._item(raw).contenthash != door._item(raw + b" ").contenthash


def test_a_bad_row_by_column_is_refused_by_itself(world: Any, good: dict[str, Any]) -> None:
    stamp = pa.timestamp("us", tz="UTC")
    table = pa.table(
        {
            "metering_point_id": [good["metering_point_id"]] * 3,
            **{
                name: pa.array([values.parse_time(good[name])] * 3, stamp) for name in ("start", "end", "registered_at")
            },
            "resolution": ["PT30M", "PT15M", "PT15M"],
            "values_wh": pa.array([[1] * 48, [1] * 96, [None] * 96], pa.list_(pa.int32())),
        }
    )
    item = arrow.item(columnar.packed_up(table, {**HEAD, "source": f"/parties/{world.dso}"}))
    assert item.reasons == ()
    assert isinstance(item.columns, Columns)
    assert item.apart is not None
    assert len(item.columns) == 1
    decision = apart.together(item.apart, Decision())
    assert [(row.row, row.code) for row in decision.rows] == [
        (0, "SERIES_RESOLUTION_UNKNOWN"),
        (2, "SERIES_VALUE_INVALID"),
    ]
    assert [reason.path for reason in decision.reasons] == ["/series/0/resolution", "/series/2/values_wh/0"]
    assert set(columns.named(item.columns))
