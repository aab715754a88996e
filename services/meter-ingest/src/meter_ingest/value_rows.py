"""The rows of a binary COPY of versions, each written in one step: a driver would look at each of its seventeen fields.

PostgreSQL's binary COPY is the same bytes whoever makes them; by column they are made in `value_columns`.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Container, Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from meter_ingest.domain import lines, values
from meter_ingest.domain.reading import STATUSES
from meter_ingest.domain.retention import MARKED, ORDINARY
from meter_ingest.domain.values import Version

HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END: Final = b"\xff\xff"
_PIECE: Final = 512 * 1024
_MOMENT_0: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DAY_0: Final = date(2000, 1, 1).toordinal()
"""What PostgreSQL counts from."""
_STATUS: Final = {name: number for number, name in enumerate(STATUSES)}
_FIXED: Final = "hqhihqhqqiqhhhh"
"""From `keep_years` to `width`, as `value_store.COLUMNS` has them; then come two of any length, `wh` and `salt`."""
_ROW: Final = struct.Struct(">h" + "".join(f"i{one}" for one in _FIXED) + "i")
_SIZES: Final = tuple(struct.calcsize(f">{one}") for one in _FIXED)
_LENGTH: Final = struct.Struct(">i")


def copied(versions: Iterable[Version], marked: Container[str]) -> bytes:
    """All of a COPY, nothing where there are no versions. `marked`: the points whose values are kept longer."""
    k, p, ln, d, sh, po, se, rg, rc, pt, of, mi, fi, st, wi = _SIZES
    made: list[bytes] = []
    for (
        point,
        line,
        day,
        registered_at,
        received_at,
        partition,
        offset,
        series,
        shard,
        position,
        minutes,
        first,
        status,
        width,
        wh,
        salt,
        hourly,
        mark,
    ) in versions:
        row = _ROW.pack(
            *(17, k, MARKED if point in marked else ORDINARY, p, int(point), ln, lines.code(line)),
            *(d, day.toordinal() - _DAY_0, sh, int(shard), po, position, se, series),
            *(rg, microseconds(registered_at), rc, microseconds(received_at), pt, partition, of, offset),
            *(mi, minutes, fi, first, st, _STATUS[status] + values.HOURLY * hourly + mark, wi, width),
            len(wh),
        )
        made += (row, wh, _LENGTH.pack(len(salt)), salt)
    return b"".join((HEAD, *made, END)) if made else b""


async def pieces(whole: bytes) -> AsyncIterator[memoryview]:
    """What is to be sent, in pieces that the connection can hold."""
    some = memoryview(whole)
    for begin in range(0, len(some), _PIECE):
        yield some[begin : begin + _PIECE]


@lru_cache(maxsize=4096)
def microseconds(moment: datetime) -> int:
    """A moment as PostgreSQL has it."""
    passed = moment - _MOMENT_0
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
