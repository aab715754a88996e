"""Who is involved in a case: what may be commented on, and what documents are evidence in (R28)."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.values import Role
from prequal.domain.application import Application
from prequal.domain.grid import Grid
from prequal.domain.qualification import Qualification


@dataclass(frozen=True, slots=True)
class Involved:
    """The parties of an application or a qualification, beside the TSO, which is involved in every one."""

    on: str
    case_id: str
    bsp: str
    dsos: tuple[str, ...] = ()

    def has(self, party: str, role: str) -> bool:
        """Whether a party is involved in this role."""
        if role == Role.TSO:
            return True
        return (role == Role.BSP and party == self.bsp) or (role == Role.DSO and party in self.dsos)


def involved(
    on: str, *, application: Application | None, grid: Grid, qualification: Qualification | None
) -> Involved | None:
    """Who is involved in what has this id; None where nothing has it."""
    if application is not None:
        return Involved(on, application.group_id, application.bsp, grid.dsos)
    return Involved(on, on, qualification.bsp) if qualification is not None else None
