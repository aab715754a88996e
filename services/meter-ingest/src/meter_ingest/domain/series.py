"""Whether a series of values is right, and what a record of series means (`metering.md` §4.1, §4.2).

Each series is accepted or refused by itself. What costs time is done for a whole array at once, and what many series
have in common (their period) is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from contracts import calendar
from contracts.message import Reason, RefusedRow, Scalar, trusted
from contracts.meter_ingest.v1 import (
    AcceptedOwnSeries,
    AcceptedSeries,
    AcceptedTogether,
    SendMeterValues,
    Series,
    ValuesAccepted,
    ValuesQuarantined,
)
from meter_ingest.domain import (
    blocks,
    channel,
    checks,
    counting,
    days,
    erasing,
    known,
    lines,
    quarantine,
    refusals,
    rules,
    series_rules,
    values,
)
from meter_ingest.domain.checks import Plan, Verdict
from meter_ingest.domain.refusals import Refusal as Refusal  # noqa: PLC0414 - handed on
from meter_ingest.domain.values import Version

if TYPE_CHECKING:
    # numpy and pyarrow cost 60 MiB of memory: only who is sent columns has them.
    from contracts.columns import Columns

MOST_REASONS: Final = 50
"""Of one record; and one of each code, however many there are. The rows are all named."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SeriesDay = tuple[str, str, date]
"""What versions are looked up by: metering point, line, local day."""
Points = Mapping[str, known.Points | None]
"""By block."""
Channels = Mapping[str, channel.Block | None]
"""By `block|line`."""
Gone = Mapping[str, erasing.Erased | None]
"""By block."""
_NONE_GONE: Final[Gone] = {}


@dataclass(frozen=True, slots=True)
class Record:
    """One record of `ingress.<gln>.meter-values.v1`, let in at the door, with its place in the shard's order."""

    sender: str
    """The DSO whose topic it came on."""
    partition: int
    offset: int
    received_at: datetime
    position: int
    """The shard's position of it."""
    shard: str
    ingressposition: str
    id: str
    salt: bytes
    """Random; given from outside, like a clock."""
    data: SendMeterValues
    rows: tuple[int, ...] | None = None
    """The number of each series, where they are not all of the record's."""
    columns: Columns | None = None
    """What came, where it came by column or is looked at so (`gathered`); then `data` is empty."""

    @property
    def numbered(self) -> Iterable[tuple[int, Series]]:
        """Each series with its number."""
        return enumerate(self.data.series) if self.rows is None else zip(self.rows, self.data.series, strict=True)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a period is in steps: how many, and which of which days (day, first step of the day, number of steps)."""

    aligned: bool
    steps: int
    parts: tuple[tuple[days.Day, int, int], ...]


@dataclass(slots=True)
class Checked:
    """A record after its series have been checked one by one."""

    record: Record
    accepted: list[tuple[Series, int, str, list[Version]]] = field(default_factory=list)
    """(series, sum in Wh, salted hash, its versions)"""
    reasons: dict[tuple[Scalar, ...], Reason] = field(default_factory=dict)
    """By code, place in the series and figures (`say`)."""
    rows: list[RefusedRow] = field(default_factory=list)
    found: quarantine.Found = field(default_factory=quarantine.Found)
    own: list[tuple[list[Version], dict[str, Any]]] = field(default_factory=list)
    """Of own meters (`own_series`): the versions, and what is said of them but whether they were known already."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a record meant: its event, if anything of it was accepted, and the reasons and rows of its receipt."""

    event: ValuesAccepted | None
    reasons: tuple[Reason, ...]
    rows: tuple[RefusedRow, ...]
    versions: tuple[Version, ...]
    quarantined: ValuesQuarantined | None = None
    """If anything of it is kept aside."""
    aside: tuple[Version, ...] = ()
    """What that is."""

    @property
    def status(self) -> Literal["accepted", "partly-accepted", "rejected"]:
        """What the receipt says. What is kept aside was taken in, but not accepted."""
        if self.event is None and self.quarantined is None:
            return "rejected"
        return "partly-accepted" if self.rows else "accepted"


def check(
    record: Record,
    *,
    points: Points,
    channels: Channels,
    oldest: datetime,
    plan: Plan,
    lapses_at: datetime,
    erased: Gone = _NONE_GONE,
) -> Checked:
    """Check every series of a record but own meters'. `oldest`: the earliest start that is taken (three years back).

    `plan`: the validation rules in force; `lapses_at`: until when what is kept aside waits; `erased`: by block, what is
    gone for good.
    """
    checked = Checked(record)
    for row, series in record.numbered:
        if series.own is not None:
            continue
        refusal = _refusal(series, record, points, channels, oldest) or erasing.refusal(
            erased, series.metering_point_id, series.start, series.end
        )
        if refusal is not None:
            say(checked, row, refusal)
            checked.rows.append(RefusedRow(row=row, code=refusal.rule.key, actual=refusal.actual))
            continue
        verdict = _verdict(series, plan, known.point_at(points, series.metering_point_id, series.start))
        before = len(checked.accepted)
        if verdict is checks.NOTHING:
            checked.accepted.append(_versions(row, series, record))
        else:
            _judge(checked, row, series, verdict, lapses_at)
        profiled = counting.profiled_on(series, known.versions_of(points, series.metering_point_id))
        if profiled is not None and len(checked.accepted) > before:
            actual = f"{profiled.isoformat()}, {series.metering_point_id}"
            say(checked, row, Refusal(series_rules.SERIES_PROFILED, "metering_point_id", None, actual))
    return checked


def _verdict(series: Series, plan: Plan, point: known.PointVersion | None) -> Verdict:
    settled = point.settlement if point else None
    limits = plan.limits(series.direction, series.product, series.resolution, settled)
    minutes = days.MINUTES[series.resolution]
    return limits.verdict(series.values_wh, minutes, shape(series.start, series.end, minutes).parts, point)


def _judge(checked: Checked, row: int, series: Series, verdict: Verdict, lapses_at: datetime) -> None:
    """A series that is right, but looks wrong: what was found is said, and it counts, is kept aside or is refused."""
    for one in verdict.findings:
        path = "values_wh" if one.step is None else f"values_wh/{one.step}"
        say(checked, row, Refusal(checks.TEXTS[one.check], path, one.limit, one.actual, one.unit))
    consequence = verdict.after(confirmed=series.confirmed)
    first = verdict.findings[0]
    if consequence == "reject":
        checked.rows.append(RefusedRow(row=row, code=checks.TEXTS[first.check].key, actual=first.actual))
        return
    made = _versions(row, series, checked.record, verdict.hourly)
    if consequence == "quarantine":
        say(checked, row, Refusal(rules.SERIES_QUARANTINED, "values_wh", calendar.local_text(lapses_at), first.rule))
        checked.rows.append(RefusedRow(row=row, code=rules.SERIES_QUARANTINED.key, actual=first.rule))
        checked.found.keep_aside(series, verdict, made[2], made[3], lapses_at)
        return
    checked.found.warn(series, verdict)
    checked.accepted.append(made)


def wanted(checked: Iterable[Checked]) -> list[SeriesDay]:
    """The days of series that a batch touches: their standing versions are looked up before it is decided."""
    return list(
        dict.fromkeys(
            (version.metering_point_id, version.line, version.day)
            for one in checked
            for versions in (*(versions for _, _, _, versions in one.accepted), *(versions for versions, _ in one.own))
            for version in versions
        )
    )


def decide(
    checked: Checked,
    standing: dict[SeriesDay, list[Version]],
    *,
    case_position: int,
    together: tuple[AcceptedTogether, ...] = (),
) -> Decided:
    """What a checked record means on what stands. `standing` gets the record's versions, for the records after it.

    `together`: what of it is accepted as a whole.

    What says the same as what counts already is kept, too (a version with a later registration decides against one that
    comes late), but is marked as no change. What is not metered counts, too, in place of what was, with a notice.
    """
    record = checked.record
    accepted: list[AcceptedSeries] = []
    new: list[Version] = []
    for series, total, salted, versions in checked.accepted:
        joined = values.joins(standing, versions)
        if (worse := joined.downgrade) is not None:
            say(checked, worse.series, Refusal(rules.SERIES_DOWNGRADED, "status", "metered", worse.status))
        if (older := joined.older) is not None:
            times = (calendar.local_text(one.registered_at) for one in (older.by, older.version))
            say(checked, older.version.series, Refusal(series_rules.SERIES_OLDER_THAN_COUNTS, "registered_at", *times))
        new += versions
        accepted.append(_accepted(series, total, salted, changed=joined.changed))
    own: list[AcceptedOwnSeries] = []
    for versions, said in checked.own:
        new += versions
        fields = said | {"changed": values.joins(standing, versions).changed}
        own.append(trusted(AcceptedOwnSeries, fields, set(fields)))
    event = ValuesAccepted(
        record=record.ingressposition,
        shard=record.shard,
        position=record.position,
        sender=record.sender,
        series=tuple(accepted),
        together=together,
        refused=len(checked.rows) - len(checked.found.aside),
        decided_at_case_position=case_position,
        received_at=record.received_at,
        quarantined=len(checked.found.aside),
        warnings=checked.found.counted(),
        confirmed=tuple(checked.found.confirmed),
        own=tuple(own),
    )
    return Decided(
        event if accepted or together or own else None,
        tuple(checked.reasons.values()),
        tuple(checked.rows),
        tuple(new),
        checked.found.event(
            record=record.ingressposition,
            shard=record.shard,
            position=record.position,
            sender=record.sender,
            case_position=case_position,
        ),
        tuple(checked.found.versions),
    )


def _accepted(series: Series, total: int, salted: str, *, changed: bool) -> AcceptedSeries:
    # Each field stood in a command that was checked, or is made here; a point has a channel, so its id is one.
    fields: dict[str, Any] = {
        "metering_point_id": series.metering_point_id,
        "direction": series.direction,
        "product": series.product,
        "start": series.start,
        "end": series.end,
        "resolution": series.resolution,
        "status": series.statuses[0].status if series.statuses else series.status,
        "statuses": series.statuses,
        "registered_at": series.registered_at,
        "count": len(series.values_wh),
        "sum_wh": total,
        "changed": changed,
        "salted_sha256": salted,
    }
    return trusted(AcceptedSeries, fields, _ACCEPTED)


_ACCEPTED = set(AcceptedSeries.model_fields)


@lru_cache(maxsize=8192)
def shape(start: datetime, end: datetime, minutes: int) -> Shape:
    """A period in steps of its resolution, by local day. Ends must be whole hours or quarters (BRS-NO-313 rule 5)."""
    step = timedelta(minutes=minutes)
    if (start - _EPOCH) % step or (end - _EPOCH) % step:
        return Shape(aligned=False, steps=0, parts=())
    parts: list[tuple[days.Day, int, int]] = []
    for day in days.days(start, end):
        first, last = max(start, day.start), min(end, day.end)
        parts.append((day, (first - day.start) // step, (last - first) // step))
    return Shape(aligned=True, steps=(end - start) // step, parts=tuple(parts))


def oldest_start(at: datetime, years: int) -> datetime:
    """The earliest start of a series that comes now (BRS-NO-313 rule 7); from 29 February it is 28 February."""
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return at.replace(year=at.year - years, day=28)


def _refusal(  # noqa: PLR0911 - one return a rule, in the order in which they are tried
    series: Series, record: Record, points: Points, channels: Channels, oldest: datetime
) -> Refusal | None:
    point, start, end = series.metering_point_id, series.start, series.end
    if (untimely := refusals.of_times(series, record.received_at, oldest)) is not None:
        return untimely
    minutes = days.MINUTES[series.resolution]
    is_ = shape(start, end, minutes)
    if not is_.aligned:
        return Refusal(rules.SERIES_NOT_ALIGNED, "start", minutes, refusals.period_text(start, end))
    block = channels.get(f"{blocks.block_of(point)}|{lines.line(series.direction, series.product)}")
    periods = block.places.get(blocks.place_of(point), ()) if block else ()
    standing = channel.covering(periods, start, end)
    if standing is None or standing.dso != record.sender:
        found = known.point_at(points, point, start)
        if found is None or found.dso != record.sender:
            ever = _ever_of(points, point, record.sender)
            return Refusal(rules.SERIES_NOT_AUTHORISED, "metering_point_id") if ever else refusals.of_unknown(point)
        return Refusal(rules.SERIES_NO_CHANNEL, "metering_point_id")
    other = counting.other_than(series, standing.resolution, known.versions_of(points, point), is_.parts)
    if other is not None:
        # What the point is registered as wins over the channel (BRS-NO-313: day by day, also for old days).
        its_own = other == standing.resolution
        rule = rules.SERIES_RESOLUTION_WRONG if its_own else rules.SERIES_RESOLUTION_NOT_REGISTERED
        return Refusal(rule, "resolution", other, series.resolution)
    if len(series.values_wh) != is_.steps:
        return Refusal(rules.SERIES_COUNT_WRONG, "values_wh", is_.steps, len(series.values_wh))
    if series.statuses and (said := sum(run.count for run in series.statuses)) != is_.steps:
        return Refusal(rules.SERIES_STATUSES_WRONG, "statuses", is_.steps, said)
    return refusals.of_values(series.values_wh, minutes)


def _ever_of(points: Points, point: str, dso: str) -> bool:
    """Whether the sender has ever been the point's DSO: then it is told more than of a point that it never had."""
    block = points.get(blocks.block_of(point))
    return block is not None and any(one.dso == dso for one in block.places.get(blocks.place_of(point), ()))


def say(checked: Checked, row: int, what: Refusal) -> None:
    """Each text stands once with its figures, at the first series that it is about; of too many once whatever they are.

    What has a text of its own is found by its path; what has the figures of another has its code in its row.
    """
    code = what.rule.key
    key = (code, what.field, what.limit, what.actual)
    if key in checked.reasons:
        return
    if len(checked.reasons) >= MOST_REASONS:
        key = (code,)
        if any(one.code == code for one in checked.reasons.values()):
            return
    checked.reasons[key] = what.rule.reason(
        path=f"/series/{row}/{what.field}", limit=what.limit, actual=what.actual, unit=what.unit
    )


def _versions(
    row: int, series: Series, record: Record, hourly: frozenset[date] = frozenset()
) -> tuple[Series, int, str, list[Version]]:
    minutes = days.MINUTES[series.resolution]
    whole = series.values_wh
    line = lines.line(series.direction, series.product)
    width, encoded = values.encode(whole)
    made: list[Version] = []
    at = 0
    for day, first, count in shape(series.start, series.end, minutes).parts:
        for status, begin, end in runs_of(series, at, at + count):
            made.append(
                Version(
                    series.metering_point_id,
                    line,
                    day.date,
                    series.registered_at,
                    record.received_at,
                    record.partition,
                    record.offset,
                    row,
                    record.shard,
                    record.position,
                    minutes,
                    first + begin - at,
                    status,
                    width,
                    encoded[begin * width : end * width],
                    record.salt,
                    day.date in hourly,
                )
            )
        at += count
    salted = values.salted(
        record.salt,
        encoded,
        point=series.metering_point_id,
        line=line,
        start=series.start,
        minutes=minutes,
    )
    return series, sum(whole), salted, made


def runs_of(series: Series, first: int, last: int) -> Iterator[tuple[str, int, int]]:
    """The values [first, last) of a series by runs of one status: (status, first, last)."""
    if not series.statuses:
        yield series.status, first, last
        return
    begin = 0
    for run in series.statuses:
        end = begin + run.count
        if begin < last and first < end:
            yield run.status, max(begin, first), min(end, last)
        begin = end
