"""What a verification reads, one query a line: PostgreSQL puts the rows together, and bytes become columns at once.

To fetch ten thousand rows, a message and seventeen fields each, costs several times what it costs to find them. So of
what came as whole days, in quarters, the fields are put into one text in the server, with the quarters that are looked
at; all else, if there is anything, is fetched whole.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meter_ingest.domain import days, laid, lines, values
from meter_ingest.domain.readings import Lined
from meter_ingest.value_rows import END, HEAD

_DAY_0: Final = date(2000, 1, 1)
"""What PostgreSQL counts from."""
_WIDTH: Final = 4
_IS_WHOLE: Final = f"minutes = 15 AND first = 0 AND width = {_WIDTH} AND length(wh) = {{length}}"
_PACKED: Final = (
    "int8send(metering_point_id) || int8send((position << 15) + series)"
    " || int8send((day - '2000-01-01'::date) + (status::bigint << 16) + (shard::bigint << 32)"
    " + (length(salt)::bigint << 48)) || int8send((off << 16) + part)"
    " || timestamptz_send(registered_at) || timestamptz_send(received_at)"
)
_HEADS: Final = [(name, ">i8") for name in ("point", "record", "what", "off", "registered_at", "received_at")]
_TYPES: Final[Mapping[str, str]] = {
    "metering_point_id": ">i8",
    "day": ">i4",
    "shard": ">i2",
    "position": ">i8",
    "series": ">i2",
    "registered_at": ">i8",
    "received_at": ">i8",
    "part": ">i4",
    "off": ">i8",
    "first": ">i2",
    "status": ">i2",
    "minutes": ">i2",
    "width": ">i2",
}
_LENGTH: Final = struct.Struct(">i")
_AT_FIRST: Final = 64
Range = tuple[int, int, int]
"""The quarters of a day that are looked at, half-open, and how many the day has."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which points versions are fetched, by line."""

    by_line: tuple[tuple[str, tuple[str, ...]], ...]
    windows: laid.Windows
    as_of: Mapping[str, int]

    @classmethod
    def of(cls, by_line: Mapping[str, Sequence[str]], windows: laid.Windows, as_of: Mapping[str, int]) -> Asked:
        """Two that ask for the same are equal."""
        some = tuple((line, tuple(points)) for line, points in by_line.items() if points)
        return cls(some, tuple(windows), dict(as_of))


@dataclass(frozen=True, slots=True)
class Begun:
    """Versions that are being fetched."""

    asked: Asked
    task: asyncio.Task[list[list[laid.Alike]]]


async def fetched(
    raw: Any, points: Sequence[str], line: str, windows: laid.Windows, *, as_of: Mapping[str, int]
) -> list[laid.Alike]:
    """All versions of points in windows, on a driver's connection."""
    found: list[laid.Alike] = []
    rest: list[str] = []
    ranges = [*_by_range(windows).items()]
    named = f"{{{','.join(points)}}}"
    for number, packed, salts, count in await raw.fetch(statement(line, windows, as_of=as_of), named):
        range_, local = ranges[number]
        alike = _unpacked(packed or b"", salts or b"", range_)
        if len(alike.salts):
            found.append(alike)
        if len(alike.salts) < count:
            where = _where(f"'{{{','.join(str(int(point)) for point in points)}}}'", line, local, as_of)
            rest.append(f"{where} AND NOT ({_IS_WHOLE.format(length=_WIDTH * range_[2])})")
    if rest:
        fields = ", ".join((*_TYPES, "salt", "wh"))
        query = " UNION ALL ".join(f"SELECT {fields} FROM private.value_version WHERE {one}" for one in rest)  # noqa: S608
        found += of_any_form(await _copied(raw, query))
    return found


def laid_over(
    points: Sequence[str], line: str, windows: laid.Windows, some: Sequence[laid.Alike], *, steps: values.Steps | None
) -> Lined:
    """What counts of points in windows, of their versions."""
    return laid.laid(line, points, windows, some, day_0=_DAY_0, steps=steps or {})


def statement(line: str, windows: laid.Windows, *, as_of: Mapping[str, int]) -> str:
    """What is asked first, of points as one text: a row for each range of quarters, of all days that it is of.

    Nothing else is a parameter: a whole evening's activations ask the same, which is parsed once.
    """
    return " UNION ALL ".join(
        _select(number, range_, _where("$1::text", line, local, as_of))
        for number, (range_, local) in enumerate(_by_range(windows).items())
    )


def _by_range(windows: laid.Windows) -> dict[Range, list[date]]:
    """The days that are looked at, by what of them: but for one they are like days, and alike."""
    looked: dict[date, Range] = {}
    for start, end in windows:
        for day in days.days(start, end):
            first = max(0, (start - day.start) // days.QUARTER)
            last = min(day.quarters, (end - day.start) // days.QUARTER)
            was = looked.get(day.date, (first, last, day.quarters))
            looked[day.date] = min(first, was[0]), max(last, was[1]), day.quarters
    found: dict[Range, list[date]] = {}
    for local, range_ in looked.items():
        found.setdefault(range_, []).append(local)
    return found


def _where(points: str, line: str, local: Sequence[date], as_of: Mapping[str, int]) -> str:
    """As text, as a COPY has no parameters: there is nothing in it but whole numbers and dates."""
    upto = " OR ".join(f"shard = {int(shard)} AND position <= {int(position)}" for shard, position in as_of.items())
    return (
        f"metering_point_id = ANY(CAST({points} AS bigint[])) AND line = {lines.code(line)}"
        f" AND day = ANY('{{{','.join(map(str, local))}}}'::date[]) AND day BETWEEN '{min(local)}' AND '{max(local)}'"
        f" AND ({upto or 'false'})"
    )


# What came as whole days


def _select(number: int, range_: Range, where: str) -> str:
    first, last, quarters = range_
    whole = _IS_WHOLE.format(length=_WIDTH * quarters)
    cut = f"substring(wh FROM {1 + _WIDTH * first} FOR {_WIDTH * (last - first)})"
    return (
        f"SELECT {number}, string_agg(CASE WHEN {whole} THEN {_PACKED} || {cut} END, ''::bytea),"  # noqa: S608 - numbers and dates
        f" string_agg(CASE WHEN {whole} THEN salt END, ''::bytea), count(*) FROM private.value_version WHERE {where}"
    )


def _unpacked(packed: bytes, salts: bytes, range_: Range) -> laid.Alike:
    first, last, _ = range_
    rows = np.frombuffer(packed, np.dtype([*_HEADS, ("wh", f"V{_WIDTH * (last - first)}")]))
    what, record, off = (rows[name].astype(np.int64) for name in ("what", "record", "off"))
    fields: dict[str, NDArray[Any]] = {
        "metering_point_id": rows["point"],
        "day": what & 0xFFFF,
        "shard": what >> 32 & 0xFFFF,
        "position": record >> 15,
        "series": record & 0x7FFF,
        "registered_at": rows["registered_at"],
        "received_at": rows["received_at"],
        "part": off & 0xFFFF,
        "off": off >> 16,
        "first": np.full(len(rows), first, np.int64),
        "status": what >> 16 & 0xFFFF,
    }
    wh = np.ascontiguousarray(rows["wh"]).view(f"<i{_WIDTH}").reshape(len(rows), last - first)
    return laid.Alike(fields, 15, wh, _salts(salts, what >> 48))


def _salts(salts: bytes, lengths: NDArray[np.int64]) -> NDArray[Any]:
    """One for each: mostly they are all of one length."""
    if len(lengths) and (lengths == lengths[0]).all():
        return np.frombuffer(salts, f"V{lengths[0]}")
    found = np.empty(len(lengths), object)
    found[:] = [salts[begin:end] for begin, end in pairwise(accumulate(lengths.tolist(), initial=0))]
    return found


# All else: parts of days, several statuses, hours, large values


async def _copied(raw: Any, query: str) -> bytes:
    """A binary COPY's rows."""
    pieces: list[bytes] = []

    async def keep(piece: bytes) -> None:
        pieces.append(piece)

    await raw.copy_from_query(query, output=keep, format="binary")
    whole = b"".join(pieces)
    assert whole.startswith(HEAD)
    assert whole.endswith(END)
    return whole[len(HEAD) : -len(END)]


def of_any_form(copied: bytes) -> list[laid.Alike]:
    """The rows of a COPY by column, those of one form together."""
    by_form: dict[tuple[int, int], list[NDArray[Any]]] = {}
    at = 0
    while at < len(copied):
        salt, wh = form = _form(copied, at)
        type_ = np.dtype([*_FIXED, ("|salt|", ">i4"), ("salt", f"V{salt}"), ("|wh|", ">i4"), ("wh", f"V{wh}")])
        rows = np.frombuffer(copied, type_, (len(copied) - at) // type_.itemsize, at)
        # Where the form changes, what is behind was read wrongly: so it is not looked at further than need be.
        most = _AT_FIRST
        while True:
            same = (rows["|salt|"][:most] == salt) & (rows["|wh|"][:most] == wh)
            if not same.all():
                rows = rows[: int(same.argmin())]
                break
            if most >= len(rows):
                break
            most *= 8
        by_form.setdefault(form, []).append(rows)
        at += rows.nbytes
    found: list[laid.Alike] = []
    for some in by_form.values():
        rows = np.concatenate(some)
        kinds = rows["minutes"].astype(np.int64) * 16 + rows["width"]
        for kind in np.unique(kinds).tolist():
            minutes, width = divmod(kind, 16)
            these = rows[kinds == kind]
            wh = np.ascontiguousarray(these["wh"]).view(f"<i{width}").reshape(len(these), -1)
            found.append(laid.Alike(these, minutes, wh, these["salt"]))
    return found


_FIXED: Final = [
    ("columns", ">i2"),
    *(one for name, type_ in _TYPES.items() for one in ((f"|{name}|", ">i4"), (name, type_))),
]
_SALT: Final = np.dtype(_FIXED).itemsize


def _form(copied: bytes, at: int) -> tuple[int, int]:
    """How long a row's salt and values are."""
    (salt,) = _LENGTH.unpack_from(copied, at + _SALT)
    (wh,) = _LENGTH.unpack_from(copied, at + _SALT + _LENGTH.size + salt)
    return salt, wh
