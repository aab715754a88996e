"""Rows as a switch of BSP: one metering point a row, in as many commands as it takes, all of one switch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contracts import envelope, identifiers, values
from contracts.bsp_switch.v1 import ExtendSwitch, RequestSwitch
from flexreg import outgoing
from flexreg.importing.table import Row, Unread

COLUMNS: dict[str, str] = dict.fromkeys(
    ("meteringpointid", "meteringpoint", "målepunktid", "målepunkt", "malepunktid", "malepunkt", "gsrn"),
    "metering_point_id",
)
"""What the one column may be called. Case, spaces and punctuation do not count; further columns are let be."""
PART: Final = 2000
"""Points in a command, at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row: the point that it names, or what is wrong with it."""

    row: Row
    point: str = ""
    unread: Unread | None = None


def asked(rows: Iterable[Row]) -> list[Asked]:
    """What the rows ask for. A point that stands twice is asked for once."""
    found: list[Asked] = []
    first: dict[str, int] = {}
    for row in rows:
        point = str(row.cells.get("metering_point_id", ""))
        if unread := row.unread or _wrong(point, first):
            found.append(Asked(row, point, unread))
            continue
        first[point] = row.line
        found.append(Asked(row, point))
    return found


def _wrong(point: str, first: dict[str, int]) -> Unread | None:
    try:
        identifiers.gsrn(point)
    except ValueError:
        return Unread(f"{point!r} er ikke en målepunkt-ID", f"{point!r} is no metering point's id")
    if point in first:
        return Unread(
            f"målepunktet står i linje {first[point]}",
            f"the metering point stands in line {first[point]}",
            "Utelat den ene raden.",
            "Leave one of the rows out.",
        )
    return None


def parts(found: Sequence[Asked], *, size: int = PART) -> list[Sequence[Asked]]:
    """The rows that can be read, by commands."""
    whole = [one for one in found if one.unread is None]
    return [whole[first : first + size] for first in range(0, len(whole), size)]


def command(part: Sequence[Asked], *, gln: str, switch_id: str, start: datetime | None, at: datetime) -> dict[str, Any]:
    """The envelope that requests the switch (with `start`), or extends it.

    Its id is random: the BSPs that give the points up are sent it as the cause of what they are told.
    """
    data: dict[str, Any] = {"metering_points": [one.point for one in part], "mode": "each"}
    if start is not None:
        data["start"] = values.time_text(start)
    return {
        "specversion": envelope.SPECVERSION,
        "id": outgoing.new_id(),
        "source": envelope.party_source(gln),
        "time": values.time_text(at),
        "type": (ExtendSwitch if start is None else RequestSwitch).type,
        "subject": switch_id,
        "data": data,
    }
