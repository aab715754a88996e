"""Activations, and which values they wait for."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import (
    ActivationAmended,
    ActivationCancelled,
    ActivationOrdered,
    ActivationVerified,
    CapacityEvidenceRequested,
    ExpectedEffect,
    VerificationAnnulled,
)
from meter_ingest.domain import activation, called, capacity_evidence

VERIFICATION_DUE = "verification"


def _verification_deadlines(state: activation.Activation) -> Iterable[Deadline]:
    due = activation.due_at(state)
    return () if due is None else (Deadline(due, VERIFICATION_DUE),)


ACTIVATION = Kind(
    "activation",
    activation.Activation,
    activation.evolve,
    {
        **dict.fromkeys(
            (ActivationOrdered, ActivationAmended, ActivationCancelled, ActivationVerified, VerificationAnnulled),
            SUBJECT,
        ),
        ExpectedEffect: lambda event: event.activation_id,
    },
    deadlines=_verification_deadlines,
)
"""By activation."""

WATCHED = Kind(
    "watched",
    activation.Watched,
    activation.evolve_watched,
    {
        **dict.fromkeys((ActivationOrdered, ActivationAmended), activation.watched),
        CapacityEvidenceRequested: capacity_evidence.watched,
    },
)
"""Which activations values may touch, and which documentation of capacity waits for them, by `date|block`."""

CALLED = Kind(
    "called",
    called.Called,
    called.evolve,
    dict.fromkeys((ActivationOrdered, ActivationAmended, ActivationCancelled), called.parts),
    remembered=False,
)
"""What groups are called for, by `group|date`."""

KINDS = (ACTIVATION, WATCHED, CALLED)
