"""The rows of a list command, decided one by one: each refused row with its code and figure, each text once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from bsp_switch.domain import rules
from contracts.message import Reason, Refused, RefusedRow

Decided = TypeVar("Decided")


@dataclass(frozen=True, slots=True)
class Rows(Generic[Decided]):
    """What came of the rows."""

    decided: tuple[Decided, ...]
    """Of each row that can happen, in the order of the list."""
    reasons: tuple[Reason, ...] = ()
    """Each once, without figures of its own."""
    refused: tuple[RefusedRow, ...] = ()


def decide(
    points: Sequence[str], one: Callable[[str], Decided], *, mode: Literal["all", "each"] = "all"
) -> Rows[Decided]:
    """Decide row by row; in mode "all" all of them or none.

    Raises: METERING_POINT_REPEATED and what `one` raises, with the rows: in mode "all", and where no row can happen.
    """
    decided: list[Decided] = []
    reasons: dict[str, Reason] = {}
    rows: list[RefusedRow] = []
    seen: set[str] = set()
    for row, metering_point_id in enumerate(points):
        try:
            if metering_point_id in seen:
                raise rules.METERING_POINT_REPEATED.refused()
            seen.add(metering_point_id)
            decided.append(one(metering_point_id))
        except Refused as refused:
            reason = refused.reasons[0]
            rows.append(RefusedRow(row=row, code=reason.code, actual=reason.actual))
            if reason.code not in reasons:
                reasons[reason.code] = reason.model_copy(update={"path": "/metering_points", "actual": None})
    if rows and (mode == "all" or not decided):
        raise Refused(*reasons.values(), rows=tuple(rows))
    return Rows(tuple(decided), tuple(reasons.values()), tuple(rows))
