"""What is decided when an application's time runs out, or nearly has; and the public count of who kept it."""

from __future__ import annotations

from chassis.service import Due
from chassis.work import Work
from contracts.prequal import v1
from prequal import store
from prequal.domain import application_completeness as completeness
from prequal.domain import applying, approval, statistics
from prequal.handlers.following import end_approval, release_more, serve
from prequal.handlers.loading import basis_of, dsos_of, policies_at, there

_NAMES: dict[str, v1.ClockName] = {deadline: clock for clock, deadline in store.CLOCKS.items()}


async def reminder_due(work: Work, due: Due) -> None:
    """A clock will soon have run out."""
    state = there(await work.load(store.APPLICATION, due.id))
    await work.append(*completeness.decide_reminder(state, at=due.at))


async def time_is_up(work: Work, due: Due) -> None:
    """It has run out; that is told."""
    state = there(await work.load(store.APPLICATION, due.id))
    await work.append(*completeness.decide_overdue(state, _NAMES[due.name]))


async def supply_by(work: Work, due: Due) -> None:
    """The BSP did not supply what is missing: the application counts as withdrawn (E21)."""
    state = there(await work.load(store.APPLICATION, due.id))
    dsos = await dsos_of(work, state.group_id)
    await release_more(work, state.application_id, state.group_id)
    await work.append(*applying.decide_withdraw(state, because="missing-not-supplied", dsos=dsos, at=due.at))


async def verify_by(work: Work, due: Due) -> None:
    """What was approved for a time was not verified: it ends."""
    await time_is_up(work, due)
    await _end(work, due, because="not-verified")


async def reassess_by(work: Work, due: Due) -> None:
    """It was not assessed again in time: it is told, and ends where the policy says so (E22)."""
    await time_is_up(work, due)
    if completeness.stops_when_overdue(await policies_at(work), at=due.at):
        await _end(work, due, because="not-reassessed")


async def _end(work: Work, due: Due, *, because: v1.WhyEndsInTime) -> None:
    """An approval is over: what is in ends, what waits for room lapses."""
    state = there(await work.load(store.APPLICATION, due.id))
    if state.status == "admitted":
        await end_approval(work, state.group_id, because=because, at=due.at)
        return
    basis = await basis_of(work, state.group_id, at=due.at)
    await work.append(approval.decide_lapse(state, because=because, basis=basis))
    await serve(work, state.zone, at=due.at)


async def statistic_due(work: Work, due: Due) -> None:
    """What changed in a day is published."""
    state = there(await work.load(store.CLOCK_STATISTIC, due.id))
    await work.append(*statistics.decide_publish(state, statistic=due.id, at=due.at))


DEADLINES = {
    store.REMINDER: reminder_due,
    store.CLOCKS["completeness"]: time_is_up,
    store.CLOCKS["missing-part"]: supply_by,
    store.CLOCKS["decision"]: time_is_up,
    store.CLOCKS["split"]: time_is_up,
    store.CLOCKS["verification"]: verify_by,
    store.CLOCKS["reassessment"]: reassess_by,
    store.PUBLISH: statistic_due,
}
