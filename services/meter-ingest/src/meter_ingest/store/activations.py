"""Activations, and which values they wait for."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import (
    ActivationAmended,
    ActivationCancelled,
    ActivationMemberChanged,
    ActivationOrdered,
    ActivationVerified,
    CapacityEvidenceRequested,
    ExpectedEffect,
    PointRecounted,
    SourceAnnulled,
    VerificationAnnulled,
)
from meter_ingest.domain import activation, annulment, called, capacity_evidence, recounted

VERIFICATION_DUE = "verification"
ANNULMENT_DUE = "annulment"
RECOUNT_DUE = "recount"


def _verification_deadlines(state: activation.Activation) -> Iterable[Deadline]:
    due = activation.due_at(state)
    return () if due is None else (Deadline(due, VERIFICATION_DUE),)


def _annulment_deadlines(state: annulment.Annulment) -> Iterable[Deadline]:
    return () if state.next_at is None else (Deadline(state.next_at, ANNULMENT_DUE),)


def _recount_deadlines(state: recounted.Recount) -> Iterable[Deadline]:
    return () if state.next_at is None else (Deadline(state.next_at, RECOUNT_DUE),)


ACTIVATION = Kind(
    "activation",
    activation.Activation,
    activation.evolve,
    {
        **dict.fromkeys(
            (
                ActivationOrdered,
                ActivationAmended,
                ActivationCancelled,
                ActivationMemberChanged,
                ActivationVerified,
                VerificationAnnulled,
            ),
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
        **dict.fromkeys((ActivationOrdered, ActivationAmended, ActivationMemberChanged), activation.watched),
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

CALLED_LAST = Kind(
    "called-last",
    called.Last,
    called.evolve_last,
    dict.fromkeys((ActivationOrdered, ActivationAmended), lambda event: event.group_id),
    remembered=False,
)
"""Until when groups were ever called for, by group: what is said of later times touches no activation."""

ANNULMENT = Kind(
    "annulment",
    annulment.Annulment,
    annulment.evolve,
    {SourceAnnulled: SUBJECT},
    deadlines=_annulment_deadlines,
)
"""By annulment of a source: how far it has come."""

RECOUNT = Kind(
    "recount",
    recounted.Recount,
    recounted.evolve,
    {PointRecounted: lambda event: event.metering_point_id},
    deadlines=_recount_deadlines,
)
"""By metering point: how far its days are looked at anew."""

KINDS = (ACTIVATION, WATCHED, CALLED, CALLED_LAST, ANNULMENT, RECOUNT)
