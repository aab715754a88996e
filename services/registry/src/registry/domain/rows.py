"""The rows of a list command that are refused, or noticed: every row with its code and figure, each text once."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.message import Event, Reason, Refused, RefusedRow, Rule, Scalar


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that one row breaks, with the figures."""

    rule: Rule
    limit: Scalar = None
    actual: Scalar = None
    unit: str | None = None


NAMED = 100
"""So many points a row names."""


@dataclass(slots=True)
class Rows:
    """Collects what is wrong with the rows of one list command; `path` is the JSON pointer of the list.

    `places` are the pointers of its rows, where they are others than the list's entries.
    """

    path: str
    places: tuple[str, ...] | None = None
    several: bool = False
    """A row stands for several metering points: those that are refused are named, the first of them."""
    refused: list[RefusedRow] = field(default_factory=list)
    _faults: dict[str, list[tuple[int, Fault]]] = field(default_factory=dict)
    _told: set[tuple[int, str]] = field(default_factory=set)

    def refuse(self, row: int, fault: Fault, metering_point_id: str) -> None:
        """This row does not happen, for one of its points."""
        code, named = fault.rule.key, (metering_point_id,) if self.several else ()
        if self.notice(row, fault):
            self.refused.append(RefusedRow(row=row, code=code, actual=fault.actual, metering_points=named))
            return
        for place, other in enumerate(self.refused):
            if (other.row, other.code) == (row, code) and len(other.metering_points) < NAMED:
                points = (*other.metering_points, *named)
                self.refused[place] = other.model_copy(update={"metering_points": points})

    def notice(self, row: int, fault: Fault) -> bool:
        """This row happens, but its sender is told. A row that stands for many is told once of each rule."""
        if (row, fault.rule.key) in self._told:
            return False
        self._told.add((row, fault.rule.key))
        self._faults.setdefault(fault.rule.key, []).append((row, fault))
        return True

    def reasons(self) -> tuple[Reason, ...]:
        """Each text once. The row and its figure stand in the reason only where it is about a single row."""
        return tuple(self._reason(faults) for faults in self._faults.values())

    def refusal(self, *more: Reason) -> Refused:
        """To raise: the whole command is refused."""
        return Refused(*self.reasons(), *more, rows=tuple(self.refused))

    def _reason(self, faults: list[tuple[int, Fault]]) -> Reason:
        row, fault = faults[0]
        single = len(faults) == 1
        place = self.places[row] if self.places else f"{self.path}/{row}"
        return fault.rule.reason(
            path=place if single else self.path,
            limit=fault.limit,
            actual=fault.actual if single else None,
            unit=fault.unit,
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """What came of a list command: the events, and what is wrong with the rows that did not happen."""

    events: list[Event]
    rows: Rows
