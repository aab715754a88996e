"""What came, or was corrected, after the balance of its day was locked: an index by local day, of blocks and lines.

Folded from `ValuesAccepted` alone; nearly all records are of yesterday, and bring nothing here. Of which points, the
received map says (`domain.received`).
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.meter_ingest.v1 import ValuesAccepted
from meter_ingest.domain import blocks, counting, days, received
from meter_ingest.domain.arrived import arrived
from meter_ingest.domain.settlement import deviation


@dataclass(frozen=True, slots=True)
class Corrected:
    """`block|line`, sorted."""

    names: tuple[str, ...]


def of_days(event: ValuesAccepted) -> dict[str, frozenset[str]]:
    """What each day's document gets of a record, by date."""
    at = event.received_at
    if at is None:
        return {}
    locked = days.day(deviation.last_locked(at)).end
    found: dict[str, set[str]] = {}
    for came in arrived(event):
        if came.start < locked and came.changed and counting.is_settled(came.line):
            names = {blocks.key(block, came.line) for block in came.places}
            for day in days.days(came.start, min(came.end, locked)):
                found.setdefault(day.date.isoformat(), set()).update(names)
    return {local: frozenset(names) for local, names in found.items()}


def evolve(state: Corrected | None, names: frozenset[str]) -> Corrected:
    """Add what is new."""
    standing = frozenset(state.names if state else ())
    return state if state and names <= standing else Corrected(tuple(sorted(standing | names)))


def points(name: str, of_day: received.Received | None) -> list[str]:
    """Those of a block and line of which something came, or was said otherwise, after the fifth day."""
    block = name.partition("|")[0]
    parts = (of_day, of_day.hours) if of_day else ()
    places = {place for one in parts if one for bits in (one.later, one.revised_later) for place in bits}
    return [block + place for place in sorted(places)]
