"""What the case shard does about baselines: load, decide, append."""

from __future__ import annotations

from chassis.service import Answer, Incoming
from chassis.work import Work
from contracts.meter_ingest.v1 import ChooseBaseline, SubmitBaseline
from meter_ingest import store
from meter_ingest.domain import baseline_choice, baseline_rules, baseline_series
from meter_ingest.handlers import POLICIES_NEEDED, Needed, policies_in_force


def choose_needs(incoming: Incoming[ChooseBaseline]) -> Needed:
    """The group, and what was chosen for it."""
    return (store.GROUP, (incoming.subject,)), (store.BASELINES, (incoming.subject,))


async def choose_baseline(work: Work, incoming: Incoming[ChooseBaseline]) -> Answer:
    """The TSO says how a group is verified."""
    event = baseline_choice.decide_chosen(
        await work.load(store.BASELINES, incoming.subject),
        incoming.data,
        group_id=incoming.subject,
        group=await work.load(store.GROUP, incoming.subject),
        at=incoming.at,
    )
    if event is None:
        return Answer((baseline_rules.BASELINE_UNCHANGED.reason(),))
    await work.append(event)
    return Answer()


def submit_needs(incoming: Incoming[SubmitBaseline]) -> Needed:
    """The group, how many versions there are, and the days that the new one is of: it becomes part of them."""
    period = incoming.data.period
    return (
        *POLICIES_NEEDED,
        (store.GROUP, (incoming.subject,)),
        (store.BASELINES, (incoming.subject,)),
        (store.SUBMITTED, baseline_series.names(incoming.subject, period.start, period.end)),
    )


async def submit_baseline(work: Work, incoming: Incoming[SubmitBaseline]) -> None:
    """A BSP says what its group will use."""
    in_force = await policies_in_force(work)
    await work.append(
        baseline_series.decide_submitted(
            await work.load(store.BASELINES, incoming.subject),
            incoming.data,
            group_id=incoming.subject,
            group=await work.load(store.GROUP, incoming.subject),
            sender=incoming.sender,
            ahead_days=in_force.whole("baseline.ahead-days", at=incoming.at),
            at=incoming.at,
        )
    )
