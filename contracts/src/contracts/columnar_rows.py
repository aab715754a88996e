"""Series by column of which some are not as they should be: these are named by row, the others are read.

Looked for only where a stream cannot be read as it is. What is wrong with a column as a whole (its name, its type)
is wrong with every row, and refuses them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute

from contracts import columnar
from contracts.columnar import Columns
from contracts.message import Refused

Fault = tuple[str, str, str]
"""The column, and the place in its list; what was expected; what stands there."""
pc: Any = pyarrow.compute
"""Its functions are made when it is imported: no type checker knows them."""
_ANY: Final = "a value in every row"


@dataclass(frozen=True, slots=True)
class Read:
    """What could be read of a stream, and what is wrong with its other rows."""

    attributes: dict[str, str]
    columns: Columns | None
    """Of the rows without a fault, in order; None where there is none."""
    count: int
    """Of all its rows."""
    faults: Mapping[int, Fault] = field(default_factory=dict[int, Fault])


def read(content: bytes) -> Read:
    """The series of a stream. Raises `Refused` where it is none, or where a column is not as it should be."""
    table = columnar.opened(content)
    attributes = columnar.attributes_of(table)
    try:
        columns = columnar.of_table(table)
    except Refused:
        try:
            faults = dict(_faults(table)) if table.num_rows <= columnar.MAX_SERIES else {}
        except columnar.DAMAGED:
            faults = {}
        if not faults:
            raise
        whole = [row for row in range(table.num_rows) if row not in faults]
        columns = columnar.of_table(table.take(pa.array(whole, pa.int64()))) if whole else None
        return Read(attributes, columns, table.num_rows, faults)
    return Read(attributes, columns, table.num_rows)


def _faults(table: Any) -> Iterator[tuple[int, Fault]]:
    """The rows that are not as they should be, as far as their columns are; of two faults the last one is said."""
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        if name == "own":
            yield from _own(column)
        elif column.null_count:
            yield from ((row, (name, _ANY, "null")) for row in _where(column.is_null()))
        if name in columnar.TEXTS:
            yield from _texts(name, column, columnar.TEXTS[name][0])
        elif name in columnar.MOMENTS:
            yield from _moments(name, column)
        elif name == "values_wh":
            yield from _values(column)
        elif name == "statuses":
            yield from _statuses(column)


def _texts(name: str, column: Any, allowed: Sequence[str]) -> Iterator[tuple[int, Fault]]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return
    known = pc.is_in(column, value_set=pa.array(allowed, column.type))
    for row in _where(pc.and_(column.is_valid(), pc.invert(known))):
        yield row, (name, ", ".join(allowed), column[row].as_py()[:100])


def _moments(name: str, column: Any) -> Iterator[tuple[int, Fault]]:
    if not pa.types.is_timestamp(column.type) or column.type.tz is None:
        return
    first, last = (pa.scalar(moment, pa.timestamp("s", "UTC")).cast(column.type) for moment in columnar.YEARS)
    outside = pc.or_(pc.less(column, first), pc.greater_equal(column, last))
    limit = f"{columnar.YEARS[0].year} to {columnar.YEARS[1].year - 1}"
    yield from ((row, (name, limit, "another year")) for row in _where(pc.fill_null(outside, False)))


def _values(column: Any) -> Iterator[tuple[int, Fault]]:
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return
    lengths = pc.fill_null(pc.list_value_length(column), 0)
    limit = f"at most {columnar.MAX_VALUES} values"
    for row in _where(pc.greater(lengths, columnar.MAX_VALUES)):
        yield row, ("values_wh", limit, str(lengths[row].as_py()))
    parents, inner = pc.list_parent_indices(column), pc.list_flatten(column)
    for row in dict.fromkeys(parents.filter(inner.is_null()).to_pylist()):
        place = column[row].as_py().index(None)
        yield row, (f"values_wh/{place}", "a whole number", "null")


def _statuses(column: Any) -> Iterator[tuple[int, Fault]]:
    for row, runs in enumerate(column.to_pylist()):
        if runs is not None and (wrong := columnar.wrong_runs(runs)) is not None:
            yield row, ("statuses", *wrong)


def _own(column: Any) -> Iterator[tuple[int, Fault]]:
    if not pa.types.is_struct(column.type):
        return
    for row, said in enumerate(column.to_pylist()):
        if said is not None and columnar.own_meter(said) is None:
            yield row, ("own", "{resource_id, device_id, clock_offset_ms, missing}", str(said)[:100])


def _where(mask: Any) -> list[int]:
    return pc.indices_nonzero(mask).to_pylist()
