"""`prequal`, put together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.service import Incoming, Kind, On, Service
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import handlers, store

Needs = Iterable[tuple[Kind[Any], Iterable[str]]]


def _application(incoming: Incoming[Any]) -> Needs:
    yield store.APPLICATION, (incoming.subject,)
    yield from handlers.POLICIES_NEEDED


def _qualification(incoming: Incoming[Any]) -> Needs:
    yield store.QUALIFICATION, (incoming.subject,)
    yield store.APPLICATION, (incoming.subject,)
    yield store.GROUP, (incoming.subject,)


def _apply(incoming: Incoming[v1.ApplyForPrequalification]) -> Needs:
    yield store.BSP, (incoming.sender,)
    yield store.APPLICATION, (incoming.subject,)
    yield store.QUALIFICATION, (incoming.subject,)
    yield store.GROUP, (incoming.subject, incoming.data.group_id)
    yield store.APPROVAL, (incoming.data.group_id,)
    yield from handlers.POLICIES_NEEDED


def _zone(incoming: Incoming[Any]) -> Needs:
    yield store.ZONE, (incoming.subject,)
    yield from handlers.POLICIES_NEEDED


def _member(incoming: Incoming[Any]) -> Needs:
    yield store.GROUP, (incoming.data.group_id,)
    yield store.APPROVAL, (incoming.data.group_id,)
    yield from handlers.POLICIES_NEEDED


SERVICE = Service(
    name="prequal",
    kinds=store.KINDS,
    receipt=v1.Receipt,
    commands={
        v1.ApplyForQualification: On(handlers.apply_for_qualification, _qualification),
        v1.DecideQualification: On(handlers.decide_qualification, _qualification),
        v1.SetZoneCap: On(handlers.set_zone_cap, _zone),
        v1.ApplyForPrequalification: On(handlers.apply_for_prequalification, _apply),
        v1.AssessGrid: On(handlers.assess_grid, _application),
        v1.DecidePrequalification: On(handlers.decide_prequalification, _application),
    },
    reactions={
        registry.MemberJoined: On(handlers.membership_changed, _member),
        registry.MembershipEndAnnounced: On(handlers.membership_changed, _member),
        registry.MembershipEndCancelled: On(handlers.membership_changed, _member),
        registry.MemberPowerChanged: On(handlers.membership_changed, _member),
        registry.MembershipEnded: On(handlers.membership_changed, _member),
    },
    deadlines={
        store.DSO_ANSWER: handlers.dso_answer_due,
        store.DECIDE_BY: handlers.decision_due,
        store.QUEUE_LAPSE: handlers.queued_falls_below_minimum,
        store.APPROVAL_END: handlers.grace_is_over,
    },
)


def main() -> None:
    """Run the process in the role that the command line names."""
    from chassis import process  # noqa: PLC0415 - brings broker and database, which a test of the rules does not need
    from prequal.settings import Settings  # noqa: PLC0415 - likewise

    process.main("prequal", "prequal", Settings, SERVICE)
