"""Documents that applications rest on: how old they may be, and which are recognised (SOGL art. 155(5), C6, C8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts import calendar
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import rules
from prequal.domain.document import Document

AGES: frozenset[v1.EvidenceKind] = frozenset({"test-result", "measurement-log"})
"""What shows how something behaved at a time; a description does not grow old."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The documents of a BSP's applications by hash, and those that an approval rested on."""

    named: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """By application that is not decided on: the hashes that it names."""
    approved: dict[str, str] = field(default_factory=dict[str, str])
    """By hash: the application that was approved with it, the first one."""


Of = (
    v1.ApplicationReceived
    | v1.ApplicationCompleted
    | v1.ApplicationAmended
    | v1.ApplicationWithdrawn
    | v1.ApplicationLapsed
    | v1.PrequalificationDecided
)


def evolve(state: Recognised | None, event: Of) -> Recognised:
    """Fold an own event."""
    state = state or Recognised()
    if isinstance(event, v1.ApplicationReceived | v1.ApplicationCompleted | v1.ApplicationAmended):
        hashes = tuple(one.sha256 for one in event.evidence)
        return Recognised({**state.named, event.application_id: hashes}, state.approved)
    hashes = state.named.get(event.application_id, ())
    named = {other: found for other, found in state.named.items() if other != event.application_id}
    approved = isinstance(event, v1.PrequalificationDecided) and event.decision == "approved"
    new = dict.fromkeys(hashes, event.application_id) if approved else {}
    return Recognised(named, {**new, **state.approved})


def reused(evidence: Sequence[v1.Evidence], recognised: Recognised | None) -> tuple[v1.ReusedEvidence, ...]:
    """Those that are recognised, and since which application."""
    found = recognised.approved if recognised else {}
    return tuple(
        v1.ReusedEvidence(sha256=one.sha256, application_id=found[one.sha256])
        for one in evidence
        if one.sha256 in found
    )


def not_stored(
    evidence: Sequence[v1.Evidence], documents: Mapping[str, Document | None], *, bsp: str
) -> tuple[str, ...]:
    """Those that the BSP has not brought in; that another has one with this id is not revealed.

    Refuses with DOCUMENT_HASH_DIFFERS.
    """
    missing: list[str] = []
    for row, one in enumerate(evidence):
        document = documents.get(one.document_id)
        if document is None or document.discarded or document.party != bsp:
            missing.append(one.document_id)
        elif document.sha256 != one.sha256:
            raise rules.DOCUMENT_HASH_DIFFERS.refused(
                path=f"/evidence/{row}/sha256", limit=document.sha256, actual=one.sha256
            )
    return tuple(dict.fromkeys(missing))


def check(evidence: Sequence[v1.Evidence], recognised: Recognised | None, *, policies: Policies, at: datetime) -> None:
    """Refuse what is dated ahead, and a test that is too old, unless an approval rested on it before.

    Refuses with EVIDENCE_DATED_AHEAD, EVIDENCE_TOO_OLD.
    """
    months = policies.whole("evidence.max-age-months", at=at)
    known = recognised.approved if recognised else {}
    for row, one in enumerate(evidence):
        path = f"/evidence/{row}/issued_on"
        if one.issued_on > calendar.local_date(at):
            raise rules.EVIDENCE_DATED_AHEAD.refused(path=path, actual=one.issued_on.isoformat())
        too_old = at >= calendar.after_months(calendar.midnight(one.issued_on), months)
        if one.kind in AGES and too_old and one.sha256 not in known:
            raise rules.EVIDENCE_TOO_OLD.refused(
                path=path, limit=months, actual=one.issued_on.isoformat(), unit="months"
            )
