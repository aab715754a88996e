"""Volumes of whole periods (BRS-NO-312): what stands, and what was said of each period, revision by revision.

They are read only: no activation is verified by them. A profiled point's are spread over its days (`spread`), another
point's say what its gaps add up to (`filling`). Which revision of a period counts does not depend on the order they
come in: the greatest (registered at, number). A withdrawal is a revision without a volume (BRS-NO-332).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.calendar import local_text
from contracts.message import Reason
from contracts.meter_ingest.v1 import (
    EnergyDirection,
    PeriodVolumeRecorded,
    PeriodVolumeWithdrawn,
    RecordPeriodVolume,
    ValueStatus,
    WithdrawPeriodVolume,
)
from contracts.values import time_text
from meter_ingest.domain import blocks, days, known, lines, rules


@dataclass(frozen=True, slots=True)
class Stands:
    """The meter's stands at both ends of a period, in Wh."""

    from_wh: int
    to_wh: int


@dataclass(frozen=True, slots=True)
class Volume:
    """One revision of one period: half-open, of whole local days."""

    series: str
    start: datetime
    end: datetime
    number: int
    wh: int | None
    """None: withdrawn."""
    status: ValueStatus
    stands: Stands | None
    dso: str
    registered_at: datetime
    recorded_at: datetime
    record: str
    """Where the message stands: topic/partition/offset."""

    @property
    def order(self) -> tuple[datetime, int]:
        """The greatest counts."""
        return (self.registered_at, self.number)

    @property
    def name(self) -> str:
        """What a value that is made from it calls it by."""
        return f"{self.series}|{time_text(self.start)}|{self.number}"


@dataclass(frozen=True, slots=True)
class Volumes:
    """All that was said of one point and direction, the first said first."""

    revisions: tuple[Volume, ...] = ()


def key(point: str, direction: EnergyDirection = "consumption") -> str:
    """The id of a point's document: it names its line."""
    return blocks.key(point, lines.line(direction))


def standing(volumes: Volumes | None, *, as_of: datetime | None = None) -> list[Volume]:
    """What counts, or counted by time of recording, in time; no two of them overlap."""
    newest: dict[tuple[datetime, datetime], Volume] = {}
    for one in volumes.revisions if volumes else ():
        if as_of is None or one.recorded_at <= as_of:
            before = newest.get((one.start, one.end))
            newest[one.start, one.end] = one if before is None or before.order < one.order else before
    return sorted((one for one in newest.values() if one.wh is not None), key=lambda one: one.start)


def within(volumes: Iterable[Volume], start: datetime, end: datetime) -> list[Volume]:
    """Those of which any lies in a period."""
    return [one for one in volumes if one.start < end and start < one.end]


def decide_recorded(
    state: Volumes | None,
    command: RecordPeriodVolume,
    *,
    point: str,
    sender: str,
    points: known.Points | None,
    oldest: datetime,
    at: datetime,
    record: str,
) -> PeriodVolumeRecorded | None:
    """One more revision of the period; None where just this was said already. `oldest`: the earliest start.

    What says the same with a later `registered_at` is kept: else what lies between, and comes late, would count.
    """
    _look_at(command, point, sender, points, at)
    if command.end > at:
        raise rules.VOLUME_NOT_OVER.refused(path="/end", limit=local_text(at), actual=local_text(command.end))
    if command.start < oldest:
        raise rules.VOLUME_TOO_OLD.refused(path="/start", limit=local_text(oldest), actual=local_text(command.start))
    _look_at_figures(command)
    stands = command.stands
    if stands is not None and stands.to_wh - stands.from_wh != command.wh:
        raise rules.VOLUME_STANDS_CONTRADICT.refused(
            path="/stands", limit=stands.to_wh - stands.from_wh, actual=command.wh, unit="Wh"
        )
    counting = standing(state)
    others = [one for one in within(counting, command.start, command.end) if not _same(one, command)]
    if others:
        raise rules.VOLUME_OVERLAPS.refused(path="/start", actual=_period(others[0].start, others[0].end))
    kept = Stands(stands.from_wh, stands.to_wh) if stands else None
    said = [one for one in state.revisions if _same(one, command)] if state else []
    new = (command.wh, command.status, kept, command.registered_at)
    if any((one.wh, one.status, one.stands, one.registered_at) == new for one in said):
        return None
    return PeriodVolumeRecorded(
        series=key(point, command.direction),
        metering_point_id=point,
        dso=sender,
        direction=command.direction,
        start=command.start,
        end=command.end,
        wh=command.wh,
        stands=stands,
        status=command.status,
        revision=_next(state),
        counts=all(one.registered_at <= command.registered_at for one in said),
        registered_at=command.registered_at,
        recorded_at=at,
        record=record,
    )


def notices(state: Volumes | None, event: PeriodVolumeRecorded) -> tuple[Reason, ...]:
    """What its sender should notice of a revision that was recorded on what stood."""
    if event.counts or state is None:
        return ()
    newest = max(one.registered_at for one in state.revisions if (one.start, one.end) == (event.start, event.end))
    said = {"limit": local_text(newest), "actual": local_text(event.registered_at)}
    return (rules.VOLUME_OLDER_THAN_COUNTS.reason(path="/registered_at", **said),)


def decide_withdrawn(
    state: Volumes | None,
    command: WithdrawPeriodVolume,
    *,
    point: str,
    sender: str,
    points: known.Points | None,
    at: datetime,
    record: str,
) -> PeriodVolumeWithdrawn:
    """The period has no volume any more."""
    _look_at(command, point, sender, points, at)
    before = next((one for one in standing(state) if _same(one, command)), None)
    if before is None or before.registered_at > command.registered_at:
        raise rules.VOLUME_NOT_RECORDED.refused(path="/start", actual=_period(command.start, command.end))
    return PeriodVolumeWithdrawn(
        series=key(point, command.direction),
        metering_point_id=point,
        dso=sender,
        direction=command.direction,
        start=command.start,
        end=command.end,
        reason=command.reason,
        revision=_next(state),
        registered_at=command.registered_at,
        recorded_at=at,
        record=record,
    )


def evolve(state: Volumes | None, event: PeriodVolumeRecorded | PeriodVolumeWithdrawn) -> Volumes:
    """One more revision."""
    recorded = event if isinstance(event, PeriodVolumeRecorded) else None
    stands = recorded.stands if recorded else None
    one = Volume(
        series=event.series,
        start=event.start,
        end=event.end,
        number=event.revision,
        wh=recorded.wh if recorded else None,
        status=recorded.status if recorded else "metered",
        stands=Stands(stands.from_wh, stands.to_wh) if stands else None,
        dso=event.dso,
        registered_at=event.registered_at,
        recorded_at=event.recorded_at,
        record=event.record,
    )
    return Volumes((*state.revisions, one) if state else (one,))


def _look_at(
    command: RecordPeriodVolume | WithdrawPeriodVolume,
    point: str,
    sender: str,
    points: known.Points | None,
    at: datetime,
) -> None:
    start, end = command.start, command.end
    if end <= start or any(days.day_at(one).start != one for one in (start, end)):
        raise rules.VOLUME_NOT_WHOLE_DAYS.refused(path="/start", actual=_period(start, end))
    facts = points.places.get(blocks.place_of(point), ()) if points else ()
    first = known.version_at(points, blocks.place_of(point), start)
    during = [one for one in (first, *(fact for fact in facts if start < fact.valid_from < end)) if one is not None]
    if first is None or any(one.dso != sender for one in during):
        raise rules.VOLUME_NOT_YOUR_POINT.refused()
    if command.registered_at > at:
        raise rules.VOLUME_REGISTERED_AHEAD.refused(
            path="/registered_at", limit=local_text(at), actual=local_text(command.registered_at)
        )


def _look_at_figures(command: RecordPeriodVolume) -> None:
    """What passed is not negative, as of no metered energy; nor is a stand, which only rises (`metering.md` §3)."""
    stands = command.stands
    figures = [("/wh", command.wh)]
    if stands is not None:
        figures += [("/stands/from_wh", stands.from_wh), ("/stands/to_wh", stands.to_wh)]
        if stands.to_wh < stands.from_wh:
            raise rules.VOLUME_STANDS_FALL.refused(
                path="/stands/to_wh", limit=stands.from_wh, actual=stands.to_wh, unit="Wh"
            )
    for path, wh in figures:
        if wh < 0:
            raise rules.VOLUME_NEGATIVE.refused(path=path, limit=0, actual=wh, unit="Wh")


def _same(one: Volume, command: RecordPeriodVolume | WithdrawPeriodVolume) -> bool:
    return (one.start, one.end) == (command.start, command.end)


def _next(state: Volumes | None) -> int:
    return len(state.revisions) + 1 if state else 1


def _period(start: datetime, end: datetime) -> str:
    return f"{local_text(start)}/{local_text(end)}"
