"""What is decided of the TSO's word on an activation, and which DSOs are told what to expect of it.

The TSO's word is a fact: it is always accepted, what is wrong with it is a finding, the later word counts, and the same
word again changes nothing. A DSO is told of an effect as far as it is known; one that falls out is told of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts import calendar
from contracts.message import Event, Reason, Rule
from contracts.meter_ingest.v1 import (
    ActivationAmended,
    ActivationCancelled,
    ActivationMemberChanged,
    ActivationOrdered,
    AmendActivation,
    ExpectedEffect,
    OrderActivation,
    PartlyMembers,
    VerificationAnnulled,
    VerificationNotRenewed,
    esett_codes,
)
from contracts.registry.v1 import MemberPowerChanged, MemberRelocated
from contracts.values import Period
from meter_ingest.domain import (
    activation,
    activation_rules,
    baseline_choice,
    baselines,
    erasing_rules,
    expected,
    known,
    rules,
)
from meter_ingest.domain.activation import Activation


@dataclass(frozen=True, slots=True)
class Group:
    """What is known of an activation's group."""

    group: known.Group | None
    approval: known.Approval | None
    choice: baseline_choice.Baselines | None = None
    default: baselines.Method = "meter-before"
    """The baseline where none was chosen."""

    def agreed(self, start: datetime, ordered_at: datetime) -> dict[str, object]:
        """How an activation from `start` on, ordered then, is verified; a later choice changes nothing of it."""
        methods = baseline_choice.methods_at(self.choice, start, ordered_at=ordered_at, default=self.default)
        versions = self.choice.versions if self.choice else 0
        return {"baseline_methods": methods, "ordered_at": ordered_at, "baseline_versions": versions}

    def members_in(self, period: Period) -> dict[str, str]:
        """Its members in any quarter of a period, sorted, and in which."""
        return known.members_in(self.group, expected.moments(period)) if self.group else {}

    def effects(self, ordered: Activation) -> list[ExpectedEffect]:
        """What is expected of an activation, for each DSO; nothing, where the group is not known."""
        return list(expected.effects(ordered, self.group, self.approval)) if self.group else []


def decide_ordered(
    state: Activation | None, command: OrderActivation, *, activation_id: str, of: Group, at: datetime
) -> tuple[list[Event], tuple[Reason, ...]]:
    """The activation, and its expected effect for each DSO concerned; the findings are notices to the TSO, too.

    The same order again changes nothing; another one under the same id is refused: it is to be amended.
    """
    if state is not None:
        if state.version == 1 and state.group_id == command.group_id and _same(state, command):
            return [], ()
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    notices = _notices(command, group_id=command.group_id, path="/group_id", of=of, began=at >= command.period.start)
    ordered = ActivationOrdered.model_validate(
        {
            "activation_id": activation_id,
            "group_id": command.group_id,
            "bsp": of.group.bsp if of.group else None,
            **_what(command, of),
            **of.agreed(command.period.start, at),
            "findings": tuple(notice.code for notice in notices),
        }
    )
    told = of.effects(activation.evolve(None, ordered)) if at < ordered.period.end else ()
    return [ordered, *told], tuple(notices)


def decide_amended(
    state: Activation | None, command: AmendActivation, *, of: Group, at: datetime
) -> tuple[list[Event], tuple[Reason, ...]]:
    """What the activation is now, with its effect told anew; what was verified of it before counts no more.

    Refuses an activation that is not known: there is no group that it could be of.
    """
    if state is None:
        raise activation_rules.ACTIVATION_UNKNOWN.refused(path="/subject")
    if not state.cancelled and _same(state, command):
        return [], ()
    began = at >= min(state.start, command.period.start)
    notices = _notices(command, group_id=state.group_id, path="/subject", of=of, began=began)
    if state.cancelled:
        notices.append(activation_rules.WAS_CANCELLED.reason(path="/subject"))
    was = Period(start=state.start, end=state.end)
    agreed = of.agreed(command.period.start, at)
    if was == command.period and state.ordered_at:
        versions = state.ordered[-1].versions if state.ordered else None
        agreed = {"baseline_methods": state.methods, "ordered_at": state.ordered_at, "baseline_versions": versions}
    amended = ActivationAmended.model_validate(
        {
            "activation_id": state.activation_id,
            "version": state.version + 1,
            "group_id": state.group_id,
            "bsp": state.bsp or (of.group.bsp if of.group else None),
            **_what(command, of),
            **agreed,
            "at": at,
            "former_period": was,
            "findings": tuple(notice.code for notice in notices),
        }
    )
    told = of.effects(activation.evolve(state, amended)) if at < amended.period.end else []
    gone = set(state.told) - {one.dso for one in told} if at < max(state.end, amended.period.end) else ()
    withdrawn = expected.withdrawn(state, gone, amended.period, version=amended.version)
    return [amended, *told, *withdrawn, *annulled(state, "amended", at=at)], tuple(notices)


def decide_cancelled(state: Activation | None, *, at: datetime) -> tuple[list[Event], tuple[Reason, ...]]:
    """It was not to be: no DSO expects anything of it, and no verification of it counts. Refuses an unknown one."""
    if state is None:
        raise activation_rules.ACTIVATION_UNKNOWN.refused(path="/subject")
    if state.cancelled:
        return [], ()
    notices = (
        [rules.AFTER_START.reason(path="/subject", actual=calendar.local_text(state.start))]
        if at >= state.start
        else []
    )
    period = Period(start=state.start, end=state.end)
    cancelled = ActivationCancelled.model_validate(
        {
            "activation_id": state.activation_id,
            "version": state.version + 1,
            "group_id": state.group_id,
            "bsp": state.bsp,
            "period": period,
            "findings": tuple(notice.code for notice in notices),
        }
    )
    withdrawn = expected.withdrawn(state, state.told, period, version=cancelled.version)
    return [cancelled, *withdrawn, *annulled(state, "cancelled", at=at)], tuple(notices)


Because = Literal["membership", "place", "power"]
MEMBER_FACTS: Mapping[type[Event], Because] = {MemberRelocated: "place", MemberPowerChanged: "power"}
"""Those that do not say whether a point is a member."""


def decide_member(state: Activation, point: str, because: Because, *, of: Group, at: datetime) -> list[Event]:
    """What a late word on a member changes of an activation: whether it is one, and until it is over, what is expected.

    What is expected of it follows from what is known by then; what had been told already is not told again.
    """
    if state.bsp is None or state.cancelled:
        return []
    period = Period(start=state.start, end=state.end)
    quarters = known.quarters_of(of.group, point, expected.moments(period)) if of.group else ""
    changed = ActivationMemberChanged(
        activation_id=state.activation_id,
        version=state.version + 1,
        group_id=state.group_id,
        bsp=state.bsp,
        period=period,
        baseline_methods=state.methods,
        metering_point_id=point,
        quarters=quarters,
        because=because,
    )
    now = activation.evolve(state, changed)
    told = of.effects(now) if at < state.end else []
    gone = set(state.told) - {one.dso for one in told} if at < state.end else ()
    others = [one for one in told if not activation.has_told(state, one)]
    withdrawn = list(expected.withdrawn(state, gone, period, version=now.version))
    if quarters == activation.quarters_of_member(state, point) and not (others or withdrawn):
        return []
    return [changed, *others, *withdrawn]


def decide_annulled(state: Activation | None, *, at: datetime) -> list[Event]:
    """No run counts, where one did. Refuses an unknown activation."""
    if state is None:
        raise activation_rules.ACTIVATION_UNKNOWN.refused(path="/subject")
    return list(annulled(state, "source-wrong", at=at))


def check_again(state: Activation | None, *, at: datetime) -> Activation:
    """The activation, if it can be verified now; else refuses."""
    if state is None:
        raise activation_rules.ACTIVATION_UNKNOWN.refused(path="/subject")
    if state.bsp is None or state.cancelled or at < state.end:
        raise activation_rules.VERIFY_NOT_OVER.refused(path="/subject", limit=calendar.local_text(state.end))
    return state


def stands(state: Activation) -> str:
    """What is published of an activation, in short."""
    run = state.run
    return f"{state.activation_id}, {f'run {run.number}: {run.result}' if run else 'no run'}"


def decide_not_renewed(state: Activation, gone: Rule, *, sender: str | None, at: datetime) -> Event:
    """What came would have another run made, and what it would read is gone, by a rule: what is published stands."""
    assert state.bsp is not None
    return VerificationNotRenewed(
        notice_id=f"{state.activation_id}/{sender or 'facts'}",
        activation_id=state.activation_id,
        group_id=state.group_id,
        bsp=state.bsp,
        sender=sender,
        because="values-erased" if gone is erasing_rules.VALUES_ERASED else "values-expired",
        run=state.run.number if state.run else None,
        at=at,
    )


def annulled(state: Activation, because: str, *, at: datetime, **said: str) -> Iterator[VerificationAnnulled]:
    """That the current run counts no more, where there is one. `said`: of a source that was wrong as a whole."""
    if state.run is not None:
        assert state.bsp is not None
        yield VerificationAnnulled.model_validate(
            {
                "activation_id": state.activation_id,
                "group_id": state.group_id,
                "bsp": state.bsp,
                "run": state.run.number,
                "because": because,
                "period": Period(start=state.start, end=state.end),
                "at": at,
                **said,
            }
        )


def _notices(
    command: OrderActivation | AmendActivation, *, group_id: str, path: str, of: Group, began: bool
) -> list[Reason]:
    biddable = known.biddable_at(of.approval, command.period.start, command.direction)
    notices: list[Reason] = []
    if of.group is None:
        notices.append(rules.GROUP_UNKNOWN.reason(path=path, actual=group_id))
    if command.power_w > biddable:
        notices.append(rules.ABOVE_BIDDABLE.reason(path="/power_w", limit=biddable, actual=command.power_w, unit="W"))
    if began:
        notices.append(rules.AFTER_START.reason(path="/period/start", actual=calendar.local_text(command.period.start)))
    return notices


def _what(command: OrderActivation | AmendActivation, of: Group) -> dict[str, object]:
    """What the order's and the amendment's events have in common."""
    members = of.members_in(command.period)
    return {
        "direction": command.direction,
        "power_w": command.power_w,
        "period": command.period,
        "biddable_w": known.biddable_at(of.approval, command.period.start, command.direction),
        "metering_points": tuple(members),
        "partly": _partly(members),
        "purpose": command.purpose,
        "activation_type": command.activation_type,
        "esett_codes": esett_codes(command.purpose, command.activation_type),
        "ramp_s": command.ramp_s,
    }


def _partly(members: Mapping[str, str]) -> tuple[PartlyMembers, ...]:
    """Those that are not members throughout, by in which quarters they are."""
    found: dict[str, list[str]] = {}
    for point, quarters in members.items():
        if "0" in quarters:
            found.setdefault(quarters, []).append(point)
    return tuple(
        PartlyMembers(quarters=quarters, metering_points=tuple(points)) for quarters, points in sorted(found.items())
    )


def _same(state: Activation, command: OrderActivation | AmendActivation) -> bool:
    return (
        state.direction,
        state.power_w,
        state.start,
        state.end,
        state.purpose,
        state.activation_type,
        state.ramp_s,
    ) == (
        command.direction,
        command.power_w,
        command.period.start,
        command.period.end,
        command.purpose,
        command.activation_type,
        command.ramp_s,
    )
