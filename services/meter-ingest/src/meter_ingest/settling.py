"""What the case shard does about how points are settled: load, decide, append."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chassis.service import Answer, Due, Incoming
from chassis.work import Work
from contracts.meter_ingest.v1 import CountingChannelChanged, PublishProfile, RecordPeriodVolume, WithdrawPeriodVolume
from contracts.registry.v1 import MeteringPointRecorded
from meter_ingest import store
from meter_ingest.domain import annual, blocks, counting, known, profile_rules, profiles, rules, series, volumes, yearly
from meter_ingest.handlers import POLICIES_NEEDED, Needed, Values, minutes_of, policies_in_force


def point_needs(incoming: Incoming[MeteringPointRecorded]) -> Needed:
    """What the point is, and its channels."""
    point = incoming.data.metering_point_id
    return (store.POINTS, (blocks.block_of(point),)), (store.CHANNEL, (point,))


async def point_recorded(work: Work, incoming: Incoming[MeteringPointRecorded]) -> Sequence[CountingChannelChanged]:
    """What a point is was said, perhaps late: tell on which days another channel counts than was said."""
    point = incoming.data.metering_point_id
    channels = await work.load(store.CHANNEL, point)
    if channels is None:
        return ()
    points = await work.load_many(store.POINTS, (blocks.block_of(point),))
    facts = known.versions_of(points, point)
    changed = counting.decide_changed(point, facts, channels.lines, channels.told)
    await work.append(*changed)
    return changed


def profile_needs(incoming: Incoming[PublishProfile]) -> Needed:
    """How many versions there are, and whether the grid area is known."""
    name = profiles.name(incoming.data.kind, incoming.subject)
    return (store.PROFILE_VERSIONS, (name,)), (store.GRID_AREA, (incoming.subject,))


async def publish_profile(work: Work, incoming: Incoming[PublishProfile]) -> Answer:
    """The datahub publishes a profile."""
    command, grid_area = incoming.data, incoming.subject
    state = await work.load(store.PROFILE_VERSIONS, profiles.name(command.kind, grid_area))
    await work.append(profiles.decide_published(state, command, grid_area=grid_area, at=incoming.at))
    # What the datahub says is taken: the area may be defined later.
    if await work.load(store.GRID_AREA, grid_area) is None:
        return Answer((profile_rules.PROFILE_AREA_UNKNOWN.reason(path="/subject", actual=grid_area),))
    return Answer()


def volume_needs(incoming: Incoming[RecordPeriodVolume | WithdrawPeriodVolume]) -> Needed:
    """What the point is, and what was said of its volumes."""
    return (
        *POLICIES_NEEDED,
        (store.POINTS, (blocks.block_of(incoming.subject),)),
        (store.VOLUMES, (volumes.key(incoming.subject, incoming.data.direction),)),
    )


async def record_volume(work: Work, incoming: Incoming[RecordPeriodVolume]) -> Answer:
    """A DSO says, or corrects, what passed in a period."""
    command, point = incoming.data, incoming.subject
    in_force = await policies_in_force(work)
    state = await work.load(store.VOLUMES, volumes.key(point, command.direction))
    event = volumes.decide_recorded(
        state,
        command,
        point=point,
        sender=incoming.sender,
        points=await work.load(store.POINTS, blocks.block_of(point)),
        oldest=series.oldest_start(incoming.at, in_force.whole("values.max-age-years", at=incoming.at)),
        at=incoming.at,
        record=incoming.ingressposition,
    )
    if event is None:
        return Answer((rules.VOLUME_UNCHANGED.reason(),))
    await work.append(event)
    return Answer(volumes.notices(state, event))


async def withdraw_volume(work: Work, incoming: Incoming[WithdrawPeriodVolume]) -> None:
    """A DSO takes a period's volume back."""
    command, point = incoming.data, incoming.subject
    await work.append(
        volumes.decide_withdrawn(
            await work.load(store.VOLUMES, volumes.key(point, command.direction)),
            command,
            point=point,
            sender=incoming.sender,
            points=await work.load(store.POINTS, blocks.block_of(point)),
            at=incoming.at,
            record=incoming.ingressposition,
        )
    )


@dataclass(frozen=True, slots=True)
class Estimating:
    """Estimates from values."""

    values: Values

    async def annual_due(self, work: Work, due: Due) -> None:
        """A block's day of the month: what its points' annual volumes are now, of all that was heard of."""
        state = await work.load(store.ANNUAL, due.id)
        as_of = yearly.next_day(state) if state else None
        assert state is not None
        assert as_of is not None
        heard = await work.load(store.HEARD, "values")
        first = as_of - timedelta(days=annual.YEAR_DAYS)
        positions = heard.positions if heard else {}
        energies = {
            line: await self.values.energies(
                points, line, first, as_of, as_of=positions, minutes=await minutes_of(work, points, line)
            )
            for line, points in yearly.asked(state, as_of).items()
        }
        in_force = await policies_in_force(work)
        change_pct = in_force.whole("annual-volume.change-pct", at=due.at)
        await work.append(yearly.decide_estimated(state, energies, as_of=as_of, change_pct=change_pct))
