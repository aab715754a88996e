"""Evidence that the TSO asks for: what is decided of a request, and when it is prepared (R46).

Prepared at its deadline or before it, as soon as nothing misses. Until its deadline each other run that comes to stand
is documented as its next version; after it what was documented stands, but where something missed: that is prepared
once more when it has come, which is then late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.calendar import local_text
from contracts.message import Event
from contracts.meter_ingest.v1 import (
    ActivationAmended,
    ActivationCancelled,
    ActivationMemberChanged,
    ActivationOrdered,
    ActivationVerified,
    EvidenceCounts,
    EvidenceMembers,
    EvidenceOwed,
    EvidencePrepared,
    EvidenceRequested,
    ExpectedEffect,
    RequestEvidence,
    VerificationAnnulled,
)
from contracts.values import Period
from meter_ingest.domain import activation_rules, documentation_rules, rules
from meter_ingest.domain.activation import Activation

OF_ACTIVATION: tuple[type[Event], ...] = (
    ActivationOrdered,
    ActivationAmended,
    ActivationCancelled,
    ActivationMemberChanged,
    ActivationVerified,
    VerificationAnnulled,
    ExpectedEffect,
)
_BY_TYPE = {one.type: one for one in OF_ACTIVATION}


@dataclass(frozen=True, slots=True)
class Requested:
    """Evidence that was asked for."""

    evidence_id: str
    activation_id: str
    run: int | None
    requested_at: datetime
    due_at: datetime
    version: int = 0
    """How often it was prepared."""
    whole: bool = False
    late: bool = False
    """Whether it became whole only after its deadline."""
    documented: int | None = None
    """The run of the last version."""
    asked: tuple[str, ...] = ()
    """What each request said, as JSON, in order; nothing where that was not kept from the first."""


@dataclass(frozen=True, slots=True)
class OfActivation:
    """The evidence that was asked for of an activation, by id."""

    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """All that was published of an activation, in order: what each event says, as JSON, by type."""

    events: tuple[tuple[str, str], ...] = ()


def evolve(state: Requested | None, event: EvidenceRequested | EvidencePrepared) -> Requested:
    """The later deadline stands."""
    if isinstance(event, EvidenceRequested):
        said = event.model_dump_json()
        if state is not None:
            return replace(state, due_at=event.due_at, asked=(*state.asked, said) if state.asked else ())
        return Requested(
            event.evidence_id, event.activation_id, event.run, event.requested_at, event.due_at, asked=(said,)
        )
    assert state is not None
    whole = event.result == "whole"
    late = documentation_rules.METER_EVIDENCE_LATE.key in event.findings
    return replace(state, version=event.version, whole=whole, late=late, documented=event.run)


def evolve_of(state: OfActivation | None, event: EvidenceRequested) -> OfActivation:
    """All that was asked for: a run may make another version of it, and an erasure waits for who fetches it."""
    asked = tuple(one for one in (state.asked if state else ()) if one != event.evidence_id)
    return OfActivation((*asked, event.evidence_id))


def evolve_told(state: Told | None, event: Event) -> Told:
    """One more."""
    return Told((*(state.events if state else ()), (event.type, event.model_dump_json())))


def events(state: Told | None) -> list[Event]:
    """What was published."""
    return [_BY_TYPE[type_].model_validate_json(said) for type_, said in (state.events if state else ())]


def requests(state: Requested) -> list[Event]:
    """The requests."""
    return [EvidenceRequested.model_validate_json(said) for said in state.asked]


def due_at(state: Requested) -> datetime | None:
    """Its deadline, as long as it has not been prepared."""
    return None if state.version else state.due_at


def current(told: Sequence[Event], run: int | None) -> ActivationVerified | None:
    """The run of a number; without one, that which counts."""
    found: ActivationVerified | None = None
    for event in told:
        if isinstance(event, ActivationVerified):
            found = event if run in (None, event.run) else found
        elif isinstance(event, VerificationAnnulled) and run is None:
            found = None
    return found


def decide_requested(
    state: Requested | None,
    command: RequestEvidence,
    *,
    evidence_id: str,
    of: Activation | None,
    told: Sequence[Event],
    taken: bool,
    required: bool,
    sender: str,
    at: datetime,
) -> list[Event]:
    """That evidence is asked for, or has more time; the same again is nothing. `taken`: the id is that of another."""
    if not required:
        raise documentation_rules.EVIDENCE_NOT_REQUIRED.refused()
    if of is None:
        raise activation_rules.ACTIVATION_UNKNOWN.refused(path="/activation_id")
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if state is not None:
        if (state.activation_id, state.run) != (command.activation_id, command.run):
            raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
        if state.due_at == command.due_at:
            return []
        if state.version or command.due_at < state.due_at:
            raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if command.due_at <= at:
        raise documentation_rules.EVIDENCE_DUE_PAST.refused(path="/due_at", limit=local_text(at))
    if command.run is not None and current(told, command.run) is None:
        raise documentation_rules.EVIDENCE_RUN_UNKNOWN.refused(path="/run", limit=of.runs, actual=command.run)
    return [
        EvidenceRequested(
            evidence_id=evidence_id,
            activation_id=of.activation_id,
            group_id=of.group_id,
            bsp=of.bsp,
            run=command.run,
            period=Period(start=of.start, end=of.end),
            requested_at=state.requested_at if state else at,
            due_at=command.due_at,
            asked_by=sender,
        )
    ]


def owed(state: Requested, of: Activation, counts: Iterable[EvidenceCounts]) -> Iterator[EvidenceOwed]:
    """What each DSO is told that misses."""
    for one in counts:
        if one.dso is not None and one.points_missing:
            yield EvidenceOwed(
                owed_id=f"{state.evidence_id}/{one.dso}",
                evidence_id=state.evidence_id,
                activation_id=of.activation_id,
                dso=one.dso,
                period=Period(start=of.start, end=of.end),
                due_at=state.due_at,
                points=one.points_missing,
                quarters=one.missing,
            )


def waits_for(state: Requested, found: ActivationVerified | None) -> bool:
    """Whether it is to be prepared now that there is this run: a run that was asked for by its number is what it is."""
    if state.run is not None:
        return not state.version and found is not None
    return not state.whole and is_whole(found)


def is_superseded(state: Requested, found: ActivationVerified | None, *, at: datetime) -> bool:
    """Whether, before its deadline, another run stands than was documented, or none: asked for was what counts."""
    if state.run is not None or not state.version or not is_open(state, at):
        return False
    return (found.run if found else None) != state.documented


def is_open(state: Requested, at: datetime) -> bool:
    """Whether it may be prepared, or prepared again, without any value that missed having come: until its deadline."""
    return not state.version or at < state.due_at


def of_answer(state: Requested) -> int | None:
    """Which run it is of when an answer has come: what was documented as whole stays so."""
    return state.documented if state.whole else state.run


def is_late(state: Requested, *, whole: bool, at: datetime) -> bool:
    """Whether a version is the first that is whole, and after the deadline, or follows on such a one."""
    return whole and (state.late if state.whole else at > state.due_at)


def is_whole(found: ActivationVerified | None) -> bool:
    """Whether a run misses nothing."""
    return found is not None and found.result != "incomplete"


def head(
    state: Requested, of: Activation, found: ActivationVerified | None, *, prepared_at: datetime
) -> dict[str, object]:
    """Which evidence it is: what the event and the packet's manifest both say."""
    return {
        "evidence_id": state.evidence_id,
        "version": state.version + 1,
        "activation_id": of.activation_id,
        "group_id": of.group_id,
        "bsp": of.bsp,
        "run": found.run if found else None,
        "requested_at": state.requested_at,
        "due_at": state.due_at,
        "prepared_at": prepared_at,
    }


def prepared(
    head: dict[str, object],
    *,
    whole: bool,
    late: bool,
    counts: Iterable[EvidenceCounts],
    members: Iterable[EvidenceMembers],
    events: int,
    requests: int,
    root_sha256: str,
    answer_sha256: str | None,
) -> EvidencePrepared:
    """What is published."""
    findings = [
        *((documentation_rules.METER_EVIDENCE_LATE.key,) if late else ()),
        *(() if whole else (documentation_rules.METER_EVIDENCE_INCOMPLETE.key,)),
    ]
    return EvidencePrepared.model_validate(
        {
            **head,
            "result": "whole" if whole else "incomplete",
            "findings": tuple(findings),
            "counts": tuple(counts),
            "members": tuple(members),
            "events": events,
            "requests": requests,
            "root_sha256": root_sha256,
            "answer_sha256": answer_sha256,
        }
    )
