"""Meter values by column: what is read is what was written, and whatever else comes is refused, never a crash."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import ipc

from contracts import columnar
from contracts.message import Refused
from contracts.meter_ingest.v1 import Series, StatusRun
from contracts.values import make_gsrn

pytestmark = pytest.mark.unit

START = datetime(2026, 3, 28, 23, tzinfo=UTC)


def series(serial: int = 1, wh: tuple[int, ...] = (1, 2, 3, 4), **changes: Any) -> Series:
    said = {
        "metering_point_id": make_gsrn(serial),
        "resolution": "PT15M",
        "start": START,
        "end": START + timedelta(hours=1),
        "values_wh": wh,
        "registered_at": START + timedelta(days=1),
    }
    return Series.model_validate(said | changes)


def table(**changes: Any) -> Any:
    """Three rows as a table."""
    some = [series(serial) for serial in (1, 2, 3)]
    found = ipc.open_stream(columnar.write(some, {})).read_all()
    for name, column in changes.items():
        if name in found.column_names:
            found = found.drop_columns([name])
        if column is not None:
            found = found.append_column(name, column)
    return found


def rows(found: columnar.Columns) -> list[Series]:
    each = {int(row): found.series(int(row), group.common) for group in found.groups for row in group.rows}
    return [each[row] for row in range(len(found))]


_MANY = st.lists(
    st.builds(
        series,
        st.integers(1, 10**9),
        st.lists(st.integers(-(2**40), 2**40), max_size=9).map(tuple),
        resolution=st.sampled_from(["PT15M", "PT60M"]),
        direction=st.sampled_from(["consumption", "production"]),
        product=st.sampled_from(["active", "inductive"]),
        status=st.sampled_from(["metered", "temporary"]),
        statuses=st.lists(st.builds(StatusRun, status=st.just("estimated"), count=st.integers(1, 9)), max_size=2),
        confirmed=st.booleans(),
        registered_at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    ),
    min_size=1,
    max_size=12,
)


@given(_MANY)
def test_what_is_written_is_read(some: list[Series]) -> None:
    found = columnar.read(columnar.write(some, {"id": "x", "subject": "æ"}))
    assert rows(found) == some
    assert found.attributes == {"id": "x", "subject": "æ"}


def test_points_may_be_integers_and_texts_need_no_dictionary() -> None:
    ids = [int(make_gsrn(serial)) for serial in (1, 2, 3)]
    plain = table(metering_point_id=pa.array(ids, pa.int64()), status=pa.array(["metered"] * 3), direction=None)
    assert rows(columnar.read(columnar.packed_up(plain, {}))) == [series(serial) for serial in (1, 2, 3)]


def test_rows_in_several_batches_are_one_record() -> None:
    sink = pa.BufferOutputStream()
    whole = table()
    with ipc.new_stream(sink, whole.schema) as stream:
        for row in range(3):
            stream.write_table(whole.slice(row, 1))
    assert rows(columnar.read(sink.getvalue().to_pybytes())) == [series(serial) for serial in (1, 2, 3)]


def test_what_is_no_id_is_no_point() -> None:
    for ids in (
        ["x" * 18, make_gsrn(1), ""],
        ["7" * 19, make_gsrn(1), "\N{ARABIC-INDIC DIGIT SEVEN}" * 18],
        ["-70705750000000001", *[make_gsrn(1)] * 2],
    ):
        found = columnar.read(columnar.packed_up(table(metering_point_id=pa.array(ids)), {}))
        assert [str(point) for point in found.points] == [one if one == make_gsrn(1) else "0" for one in ids]


@pytest.mark.rule("COLUMNS_INVALID")
@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"values_wh": None}, "/values_wh"),
        ({"values_wh": pa.array([[1.5], [1.0], [2.0]])}, "/values_wh"),
        ({"values_wh": pa.array([[1], [None], [2]], pa.list_(pa.int32()))}, "/values_wh"),
        ({"values_wh": pa.array([[1], None, [2]], pa.list_(pa.int32()))}, "/values_wh"),
        ({"values_wh": pa.array([[1] * 10_000, [], []], pa.list_(pa.int32()))}, "/values_wh"),
        ({"start": pa.array([START.replace(tzinfo=None)] * 3, pa.timestamp("us"))}, "/start"),
        ({"end": pa.array([0, 0, -1], pa.timestamp("s", tz="UTC"))}, "/end"),
        ({"registered_at": pa.array([2**62] * 3, pa.timestamp("s", tz="UTC"))}, "/registered_at"),
        ({"resolution": pa.array(["PT15M", "PT1S", "PT15M"])}, "/resolution"),
        ({"resolution": None}, "/resolution"),
        ({"status": pa.array([1, 2, 3])}, "/status"),
        ({"status": pa.array(["metered", None, "metered"])}, "/status"),
        ({"metering_point_id": pa.array([1.0, 2.0, 3.0])}, "/metering_point_id"),
        ({"statuses": pa.array([[{"status": "metered", "count": 0}], [], []])}, "/statuses"),
        ({"confirmed": pa.array([1, 0, 0])}, "/confirmed"),
        ({"confirmed": pa.array([True, None, False])}, "/confirmed"),
        ({"statuses": pa.array([["metered"], [], []])}, "/statuses"),
        ({"more": pa.array([1, 2, 3])}, "/more"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused_by_its_column(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused) as refused:
        columnar.read(columnar.packed_up(table(**changes), {}))
    assert (refused.value.reasons[0].code, refused.value.reasons[0].path) == ("COLUMNS_INVALID", path)


def test_it_is_told_in_norwegian_as_well() -> None:
    with pytest.raises(Refused) as refused:
        columnar.read(columnar.packed_up(table(values_wh=pa.array([[1], [None], [2]], pa.list_(pa.int32()))), {}))
    (reason,) = refused.value.reasons
    assert "forventet et helt tall overalt" in reason.text_nb
    assert "expected a whole number everywhere" in reason.text_en


def test_what_is_damaged_is_not_told_in_the_words_of_its_reader() -> None:
    whole = columnar.write([series(1)], {"id": "x"})
    with pytest.raises(Refused) as refused:
        columnar.read(whole[: len(whole) // 2])
    (reason,) = refused.value.reasons
    assert reason.text_nb.endswith("er ikke slik de skal være: skadet eller avkortet, forventet en Arrow IPC-strøm.")


@pytest.mark.rule("COLUMNS_INVALID")
@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_a_stream_that_is_compressed_inside_is_refused_before_anything_is_made_of_it(codec: str) -> None:
    sink = pa.BufferOutputStream()
    zeros = pa.array([[0] * 9999] * 3, pa.list_(pa.int32()))
    whole = table(values_wh=zeros)
    with ipc.new_stream(sink, whole.schema, options=ipc.IpcWriteOptions(compression=codec)) as stream:
        stream.write_table(whole)
    before = pa.total_allocated_bytes()
    with pytest.raises(Refused, match="COLUMNS_INVALID"):
        columnar.read(sink.getvalue().to_pybytes())
    assert pa.total_allocated_bytes() == before


def test_nothing_that_was_damaged_does_more_than_be_refused() -> None:
    chance = random.Random(7)
    whole = columnar.write([series(serial) for serial in range(1, 6)], {"id": "x"})
    for _ in range(3000):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 1, 2, 8])):
            damaged[chance.randrange(4, len(damaged))] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
        content = bytes(damaged[: chance.choice([len(damaged), chance.randrange(4, len(damaged))])])
        try:
            found = columnar.read(content)
        except Refused:
            continue
        assert len(rows(found)) == len(found)
