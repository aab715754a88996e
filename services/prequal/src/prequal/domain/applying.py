"""What a BSP does with its applications: it applies, completes, amends, withdraws (R3, R9, R25, R42, D6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts import calendar
from contracts.message import Event, Reason
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import application_clocks as clocks
from prequal.domain import evidence, known, rules
from prequal.domain.application import Application
from prequal.domain.document import Document
from prequal.domain.evidence import Recognised
from prequal.domain.power import Power
from prequal.domain.product import Product, offered


@dataclass(frozen=True, slots=True)
class Terms:
    """What the decisions on applications are made with, beside the application."""

    policies: Policies
    at: datetime
    position: int
    recognised: Recognised | None = None
    """The BSP's evidence that approvals rest on."""
    documents: Mapping[str, Document | None] = field(default_factory=dict[str, "Document | None"])
    """Those that its evidence names, as they are stored."""

    product: Product | None = None
    """What the application is for, as the catalogue has it."""

    def asks_for(self, fact: v1.GroupFact) -> bool:
        """Whether the product asks an application for this."""
        return self.product is not None and fact in self.product.terms.group_shows

    def whole(self, key: str) -> int:
        """A policy that is a whole number."""
        return self.policies.whole(key, at=self.at)

    @property
    def minimum_w(self) -> int:
        """The least that may be applied for."""
        return self.whole("group.min-kw") * 1000


def decide_apply(
    command: v1.ApplyForPrequalification,
    *,
    application_id: str,
    bsp: str,
    taken: bool,
    qualified: Iterable[str],
    group: known.Group | None,
    under_way: bool,
    extends: str | None,
    terms: Terms,
) -> list[Event]:
    """A BSP applies for its group or its single point, or for more than that is approved for.

    Refuses with ID_NOT_AVAILABLE, GROUP_NOT_YOURS, GROUP_NOT_ACTIVE, PRODUCT_NOT_OFFERED, BSP_NOT_QUALIFIED,
    APPLICATION_UNDER_WAY, OBJECT_BELOW_MINIMUM, APPLIED_BELOW_MINIMUM, APPLIED_ABOVE_DECLARED, RAMP_REQUIRED,
    EVIDENCE_DATED_AHEAD, EVIDENCE_TOO_OLD, DOCUMENT_HASH_DIFFERS.
    """
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if group is None or group.bsp != bsp:
        raise rules.GROUP_NOT_YOURS.refused(path="/group_id", actual=command.group_id)
    if group.status != "active":
        raise rules.GROUP_NOT_ACTIVE.refused(path="/group_id", actual=command.group_id)
    offered(terms.product, command.product)
    if command.product not in qualified:
        raise rules.BSP_NOT_QUALIFIED.refused(path="/product", actual=command.product)
    if under_way:
        raise rules.APPLICATION_UNDER_WAY.refused(path="/group_id", actual=command.group_id)
    applied = Power(command.up_w, command.down_w)
    declared = _declared(group, applied, terms=terms)
    _check_technical(command.ramp_w_per_minute, command.evidence, terms=terms)
    running = _from_receipt(terms)
    return [
        v1.ApplicationReceived(
            application_id=application_id,
            group_id=command.group_id,
            bsp=bsp,
            zone=group.zone,
            product=command.product,
            up_w=applied.up_w,
            down_w=applied.down_w,
            ramp_w_per_minute=command.ramp_w_per_minute,
            declared_up_w=declared.up_w,
            declared_down_w=declared.down_w,
            complete_at=terms.at,
            position=terms.position,
            decide_by=running[-1].due_at,
            minimum_w=terms.minimum_w,
            extends=extends,
            kind=group.kind,
            evidence=command.evidence,
            reused=evidence.reused(command.evidence, terms.recognised),
            clocks=running,
            not_stored=evidence.not_stored(command.evidence, terms.documents, bsp=bsp),
        )
    ]


def replaces(state: Application, former: Application | None) -> tuple[Reason, ...]:
    """What its BSP should notice: a group has one product, so an approval for another one will be replaced."""
    if former is None or former.product == state.product:
        return ()
    return (rules.PRODUCT_REPLACED.reason(path="/product", limit=former.product, actual=state.product),)


def _declared(group: known.Group, applied: Power, *, terms: Terms) -> Power:
    """What stands behind the application; enough for the least bid, and for what is applied for (R3, R9, D2, D4)."""
    declared = known.total(stay.power for stay in group.points(at=terms.at).values())
    minimum_w = terms.minimum_w
    if group.kind == "single-point" and declared.size_w < minimum_w:
        raise rules.OBJECT_BELOW_MINIMUM.refused(path="/group_id", limit=minimum_w, actual=declared.size_w, unit="W")
    if applied.size_w < minimum_w:
        raise rules.APPLIED_BELOW_MINIMUM.refused(
            path=rules.larger(applied), limit=minimum_w, actual=applied.size_w, unit="W"
        )
    rules.refuse_above(rules.APPLIED_ABOVE_DECLARED, applied, limit=declared)
    return declared


def _check_technical(ramp_w_per_minute: int, documents: Sequence[v1.Evidence], *, terms: Terms) -> None:
    """What SOGL art. 182(2) asks for and the group does not show, and the documents."""
    if ramp_w_per_minute == 0:
        raise rules.RAMP_REQUIRED.refused(path="/ramp_w_per_minute", actual=0, unit="W/min")
    evidence.check(documents, terms.recognised, policies=terms.policies, at=terms.at)


def _from_receipt(terms: Terms) -> tuple[v1.Clock, v1.Clock]:
    """The TSO's clocks from the receipt of a formal application: its word on completeness, and its decision.

    The law gives three months from the confirmation (art. 159(4)) and from the complete application (art. 182(3)). The
    confirmation is never the earlier one, so that the second counts.
    """
    at, days = terms.at, terms.whole("prequalification.reminder-days")
    confirm_by = calendar.after_weeks(at, terms.whole("prequalification.completeness-weeks"))
    decide_by = calendar.after_months(at, terms.whole("prequalification.decide-months"))
    return (
        clocks.begin(
            "completeness", "tso", since=at, due_at=confirm_by, remind_at=clocks.days_before(confirm_by, days)
        ),
        clocks.begin("decision", "tso", since=at, due_at=decide_by, remind_at=clocks.days_before(decide_by, days)),
    )


def decide_complete(state: Application, command: v1.CompleteApplication, *, terms: Terms) -> list[Event]:
    """The BSP supplies what was missing: the application is taken for complete from this message on (D6).

    What the TSO has to read is new, so that its time begins anew. Refuses with RAMP_REQUIRED, EVIDENCE_DATED_AHEAD,
    EVIDENCE_TOO_OLD, DOCUMENT_HASH_DIFFERS.
    """
    new = {one.document_id for one in command.evidence}
    documents = (*(one for one in state.evidence if one.document_id not in new), *command.evidence)
    ramp = state.ramp_w_per_minute if command.ramp_w_per_minute is None else command.ramp_w_per_minute
    _check_technical(ramp, command.evidence, terms=terms)
    running = _from_receipt(terms)
    return [
        v1.ApplicationCompleted(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            evidence=documents,
            reused=evidence.reused(documents, terms.recognised),
            ramp_w_per_minute=ramp,
            text=command.text,
            complete_at=terms.at,
            position=terms.position,
            decide_by=running[-1].due_at,
            clocks=running,
            stopped=clocks.done(state.clocks, "missing-part", at=terms.at),
            not_stored=evidence.not_stored(documents, terms.documents, bsp=state.bsp),
        )
    ]


def decide_amend(state: Application, command: v1.AmendApplication, *, group: known.Group, terms: Terms) -> list[Event]:
    """The BSP changes its application while nobody has said that it is complete.

    For more power in a direction it is complete anew: it would pass others otherwise (D6). For less, or other
    documents, it keeps its place. Refuses with NOTHING_TO_AMEND, and as `decide_apply` does.
    """
    if command == v1.AmendApplication():
        raise rules.NOTHING_TO_AMEND.refused()
    before = state.applied
    applied = Power(
        before.up_w if command.up_w is None else command.up_w,
        before.down_w if command.down_w is None else command.down_w,
    )
    ramp = state.ramp_w_per_minute if command.ramp_w_per_minute is None else command.ramp_w_per_minute
    documents = state.evidence if command.evidence is None else command.evidence
    declared = _declared(group, applied, terms=terms)
    _check_technical(ramp, command.evidence or (), terms=terms)
    keeps = applied.at_most(before) == applied
    anew = not keeps and state.status == "received"
    return [
        v1.ApplicationAmended(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            up_w=applied.up_w,
            down_w=applied.down_w,
            ramp_w_per_minute=ramp,
            evidence=documents,
            reused=evidence.reused(documents, terms.recognised),
            declared_up_w=declared.up_w,
            declared_down_w=declared.down_w,
            complete_at=state.complete_at if keeps else terms.at,
            position=state.position if keeps else terms.position,
            kept_place=keeps,
            minimum_w=terms.minimum_w,
            clocks=_from_receipt(terms) if anew else clocks.others(state.clocks),
            stopped=clocks.over(state.clocks, at=terms.at) if anew else (),
            not_stored=evidence.not_stored(documents, terms.documents, bsp=state.bsp),
        )
    ]


def decide_withdraw(
    state: Application, *, because: str, text: str = "", dsos: tuple[str, ...], at: datetime
) -> list[Event]:
    """An application is taken back, or counts as withdrawn because what is missing was not supplied (E21)."""
    missed: tuple[v1.ClockName, ...] = ("missing-part",) if because == "missing-not-supplied" else ()
    withdrawn = {
        "application_id": state.application_id,
        "group_id": state.group_id,
        "bsp": state.bsp,
        "dsos": dsos,
        "zone": state.zone,
        "because": because,
        "text": text,
        "stopped": clocks.over((*state.clocks, *state.paused), at=at, missed=missed),
    }
    return [v1.ApplicationWithdrawn.model_validate(withdrawn)]
