"""Documents."""

from __future__ import annotations

from chassis.service import SUBJECT, Kind
from contracts.prequal import v1
from prequal.domain import document

DOCUMENT = Kind(
    name="document",
    state=document.Document,
    evolve=document.evolve,
    folds={v1.DocumentReceived: SUBJECT, v1.DocumentReferred: SUBJECT, v1.DocumentDiscarded: SUBJECT},
)

KINDS = (DOCUMENT,)
