"""Profiles, volumes of periods, annual volumes."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import (
    AnnualVolumeEstimated,
    ChannelClosed,
    ChannelOpened,
    PeriodVolumeRecorded,
    PeriodVolumeWithdrawn,
    ProfilePublished,
)
from meter_ingest.domain import blocks, counting, lines, profiles, volumes, yearly

ANNUAL_DUE = "annual-volume"


def _annual(event: ChannelOpened | ChannelClosed) -> tuple[str, ...]:
    settled = counting.is_settled(lines.line(event.direction, event.product))
    return (blocks.key(blocks.block_of(event.metering_point_id), event.dso),) if settled else ()


def _annual_deadlines(state: yearly.Yearly) -> Iterable[Deadline]:
    due = yearly.due_at(state)
    return () if due is None else (Deadline(due, ANNUAL_DUE),)


PROFILE_VERSIONS = Kind("profile-versions", profiles.Numbered, profiles.evolve_numbered, {ProfilePublished: SUBJECT})
"""By `kind|grid area`."""

PROFILE = Kind("profile", profiles.OfDay, profiles.evolve_day, {ProfilePublished: profiles.by_day}, remembered=False)
"""By `kind|grid area|date`: all that is needed to spread an hour of that day."""

VOLUMES = Kind(
    "period-volumes",
    volumes.Volumes,
    volumes.evolve,
    {PeriodVolumeRecorded: SUBJECT, PeriodVolumeWithdrawn: SUBJECT},
)
"""By `metering point|direction`: the volumes of whole periods."""

ANNUAL = Kind(
    "annual",
    yearly.Yearly,
    yearly.evolve,
    {AnnualVolumeEstimated: SUBJECT, ChannelOpened: _annual, ChannelClosed: _annual},
    deadlines=_annual_deadlines,
)
"""By `block|DSO`: the estimated annual volumes of its points."""

KINDS = (PROFILE_VERSIONS, PROFILE, VOLUMES, ANNUAL)
