"""The rows of a list command that are refused, or noticed: every row with its code and figure, each text once."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.message import Reason, Refused, RefusedRow, Rule, Scalar


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that one row breaks, with the figures."""

    rule: Rule
    limit: Scalar = None
    actual: Scalar = None
    unit: str | None = None


@dataclass(slots=True)
class Rows:
    """Collects what is wrong with the rows of one list command; `path` is the JSON pointer of the list."""

    path: str
    refused: list[RefusedRow] = field(default_factory=list)
    _faults: dict[str, list[tuple[int, Fault]]] = field(default_factory=dict)

    def refuse(self, row: int, fault: Fault) -> None:
        """This row does not happen."""
        self.refused.append(RefusedRow(row=row, code=fault.rule.key, actual=fault.actual))
        self.notice(row, fault)

    def notice(self, row: int, fault: Fault) -> None:
        """This row happens, but its sender is told."""
        self._faults.setdefault(fault.rule.key, []).append((row, fault))

    def reasons(self) -> tuple[Reason, ...]:
        """Each text once. The row and its figure stand in the reason only where it is about a single row."""
        return tuple(self._reason(faults) for faults in self._faults.values())

    def refusal(self, *more: Reason) -> Refused:
        """To raise: the whole command is refused."""
        return Refused(*self.reasons(), *more, rows=tuple(self.refused))

    def _reason(self, faults: list[tuple[int, Fault]]) -> Reason:
        row, fault = faults[0]
        single = len(faults) == 1
        return fault.rule.reason(
            path=f"{self.path}/{row}" if single else self.path,
            limit=fault.limit,
            actual=fault.actual if single else None,
            unit=fault.unit,
        )
