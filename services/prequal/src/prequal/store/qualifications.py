"""Who is qualified."""

from __future__ import annotations

from chassis.service import SUBJECT, Kind
from contracts.prequal import v1
from prequal.domain import qualification

QUALIFICATION = Kind(
    name="qualification",
    state=qualification.Qualification,
    evolve=qualification.evolve,
    folds={v1.QualificationRequested: SUBJECT, v1.QualificationDecided: SUBJECT},
)


BSP = Kind(
    name="bsp",
    state=qualification.Bsp,
    evolve=qualification.evolve_bsp,
    folds={v1.QualificationDecided: lambda event: event.bsp},
)

KINDS = (QUALIFICATION, BSP)
