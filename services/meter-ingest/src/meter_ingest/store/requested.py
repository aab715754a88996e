"""Evidence that the TSO asks for, and what was published of activations, which it is made from."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import EvidencePrepared, EvidenceRequested
from meter_ingest.domain import documentation

EVIDENCE_DUE = "evidence"


def _deadlines(state: documentation.Requested) -> Iterable[Deadline]:
    due = documentation.due_at(state)
    return () if due is None else (Deadline(due, EVIDENCE_DUE),)


EVIDENCE = Kind(
    "evidence",
    documentation.Requested,
    documentation.evolve,
    dict.fromkeys((EvidenceRequested, EvidencePrepared), SUBJECT),
    deadlines=_deadlines,
)
"""By its id."""

EVIDENCE_OF = Kind(
    "evidence-of",
    documentation.OfActivation,
    documentation.evolve_of,
    dict.fromkeys((EvidenceRequested, EvidencePrepared), lambda event: event.activation_id),
    remembered=False,
)
"""By activation: what waits for a run."""

ACTIVATION_TOLD = Kind(
    "activation-told",
    documentation.Told,
    documentation.evolve_told,
    dict.fromkeys(documentation.OF_ACTIVATION, lambda event: event.activation_id),
    remembered=False,
)
"""By activation: its events, for a run is made again from them."""

KINDS = (EVIDENCE, EVIDENCE_OF, ACTIVATION_TOLD)
