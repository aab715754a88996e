"""Series by column of which some are not as they should be: the others are read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from contracts import columnar, columnar_rows
from contracts.message import Refused
from contracts.values import make_gsrn

pytestmark = pytest.mark.unit

START, END = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 5, 1, tzinfo=UTC)
STAMP = pa.timestamp("us", tz="UTC")


def table(**changes: Any) -> pa.Table:
    """Three series, with other columns, or without some."""
    columns = {
        "metering_point_id": pa.array([make_gsrn(1), make_gsrn(2), make_gsrn(3)]),
        "start": pa.array([START] * 3, STAMP),
        "end": pa.array([END] * 3, STAMP),
        "registered_at": pa.array([END] * 3, STAMP),
        "resolution": pa.array(["PT60M"] * 3),
        "values_wh": pa.array([[1], [2], [3]], pa.list_(pa.int32())),
    }
    return pa.table(columns | changes)


@pytest.mark.parametrize(
    ("changes", "path", "actual"),
    [
        ({"resolution": pa.array(["PT60M", "PT30M", "PT60M"])}, "resolution", "PT30M"),
        ({"resolution": pa.array(["PT60M", "PT30M", "PT60M"]).dictionary_encode()}, "resolution", "PT30M"),
        ({"resolution": pa.array(["PT60M", None, "PT60M"])}, "resolution", "null"),
        ({"values_wh": pa.array([[1], [4, None], [3]], pa.list_(pa.int32()))}, "values_wh/1", "null"),
        ({"values_wh": pa.array([[1], None, [3]], pa.list_(pa.int64()))}, "values_wh", "null"),
        ({"values_wh": pa.array([[1], [1] * 10_000, [3]], pa.list_(pa.int32()))}, "values_wh", "10000"),
        ({"end": pa.array([0, -1, 0], pa.timestamp("s", tz="UTC"))}, "end", "another year"),
        ({"registered_at": pa.array([END, None, END], STAMP)}, "registered_at", "null"),
        ({"confirmed": pa.array([True, None, False])}, "confirmed", "null"),
        ({"metering_point_id": pa.array([make_gsrn(1), None, make_gsrn(3)])}, "metering_point_id", "null"),
        ({"statuses": pa.array([[], [{"status": "good", "count": 1}], []])}, "statuses", None),
    ],
)
def test_one_bad_row_does_not_sink_the_others(changes: dict[str, Any], path: str, actual: str | None) -> None:
    read = columnar_rows.read(columnar.packed_up(table(**changes), {"subject": "x"}))
    assert (read.count, list(read.faults), read.attributes) == (3, [1], {"subject": "x"})
    assert read.faults[1][0] == path
    assert actual in (None, read.faults[1][2])
    assert read.columns is not None
    assert [str(point) for point in read.columns.points] == [make_gsrn(1), make_gsrn(3)]


def test_where_all_rows_are_bad_none_is_left() -> None:
    read = columnar_rows.read(columnar.packed_up(table(resolution=pa.array(["PT30M"] * 3)), {}))
    assert (read.columns, list(read.faults)) == (None, [0, 1, 2])


@pytest.mark.parametrize(
    "changes", [{"status": pa.array([1, 2, 3])}, {"more": pa.array([1, 2, 3])}, {"values_wh": pa.array([[1.5]] * 3)}]
)
def test_a_column_of_another_type_or_name_sinks_them_all(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="COLUMNS_INVALID"):
        columnar_rows.read(columnar.packed_up(table(**changes), {}))
