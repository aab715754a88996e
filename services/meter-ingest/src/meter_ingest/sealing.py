"""Whether values are gone that a run or a packet would read: what is published of them stands then.

Gone is what was decided to be: erased for an end user (ADR 0038), or kept no longer (D21), whether the bytes are there
or not. So a second run over the log says the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from chassis.work import Work
from contracts.message import Rule
from meter_ingest import looking, store
from meter_ingest.domain import activation, awaited, blocks, days, erasing, erasing_rules, retention
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.evidence import LINES
from meter_ingest.domain.series import SeriesDay


async def of_activation(work: Work, state: Activation) -> Rule | None:
    """By which rule an activation is not verified any more, if values are gone that a verification would read."""
    if state.bsp is None:
        return None
    windows = activation.windows_of(state, await looking.covered_by_others(work, state))
    controls = await work.load_many(store.CONTROL, blocks.by_block(state.points))
    return await of_windows(work, awaited.concerned(state, state.points, controls), windows)


async def of_days(work: Work, keys: Collection[SeriesDay]) -> Rule | None:
    """The same of days of series that are read one by one."""
    by_day: dict[days.Day, set[str]] = {}
    for point, _, local in keys:
        by_day.setdefault(days.day(local), set()).add(point)
    for day, points in by_day.items():
        if found := await of_windows(work, points, ((day.start, day.end),)):
            return found
    return None


async def of_windows(work: Work, points: Iterable[str], windows: Collection[tuple[datetime, datetime]]) -> Rule | None:
    """The same of what points were looked at for."""
    named = blocks.by_block(points)
    some = [point for of in named.values() for point in of]
    if erasing.touches(await work.load_many(store.ERASED, named), some, windows):
        return erasing_rules.VALUES_ERASED
    expired = retention.expired_of((await work.load_many(store.EXPIRY, store.EXPIRIES)).items())
    if not retention.may_touch(expired, windows):
        return None
    channels = await work.load_many(store.BLOCK, (blocks.key(block, line) for block in named for line in LINES))
    retentions = await work.load_many(store.RETENTION, named)
    if any(retention.touches(point, windows, channels, retentions, expired) for point in some):
        return erasing_rules.VALUES_EXPIRED
    return None
