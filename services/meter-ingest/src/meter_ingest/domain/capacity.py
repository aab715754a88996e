"""What meters show of a group's capacity over a period: from facts and values alone, so that anyone can do it again.

A member counts in the quarters in which its stay lasts and the group's BSP holds it, and shows something in those in
which it misses nothing. What it shows is never more than it declared:

    up    min(declared up, load)
    down  min(declared down, production + room), room = agreed power - load, none where agreed power is not known

Load and production are the mean power of the quarter. What a battery could feed in no meter shows, so *up* may be more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from contracts.meter_ingest.v1 import CapacityCalled, CapacityFacts, CapacityShown, EvidenceCounts
from contracts.values import Period, time_text
from meter_ingest.domain import days, left_out, packet_values, values
from meter_ingest.domain.evidence import LINES
from meter_ingest.domain.readings import WORST
from meter_ingest.domain.spans import Span, both, joined
from meter_ingest.domain.values import Quality

FORMULAS: Final[Mapping[str, str]] = {
    "shown up": "per quarter, over the members that miss nothing: min(declared up, 4 · consumption), W",
    "shown down": "likewise: min(declared down, 4 · production + max(0, agreed power - 4 · consumption)), W;"
    " where agreed power is not known: min(declared down, 4 · production)",
    "short": "quarters in which less is shown than could be bid, of those in which something could be, and which no"
    " activation of the group touches, nor half of its ramp before and after",
}
_RANK: Final[Mapping[Quality, int]] = {quality: rank for rank, quality in enumerate(WORST)}


@dataclass(frozen=True)
class Documented:
    """All that follows from facts and values."""

    facts: CapacityFacts
    completeness: dict[str, dict[str, Any]]
    power: dict[str, Any]
    counts: tuple[EvidenceCounts, ...]
    up: CapacityShown
    down: CapacityShown

    @cached_property
    def whole(self) -> bool:
        """Whether nothing misses, of members that there are."""
        return bool(self.completeness) and not any(one.missing for one in self.counts)


def reached(called: CapacityCalled) -> Span:
    """From where to where an activation is not at rest: with its ramps."""
    half = timedelta(seconds=called.ramp_s) / 2
    return called.period.start - half, called.period.end + half


def within(spans: Iterable[Span], periods: Iterable[Period]) -> list[Span]:
    """Where both are."""
    return joined(sorted(both(spans, ((one.start, one.end) for one in periods))))


def stays(facts: CapacityFacts) -> dict[str, list[Span]]:
    """In which parts of the period each point counts, by point, in order."""
    start, end = facts.period.start, facts.period.end
    found: dict[str, list[Span]] = {}
    for one in facts.members:
        span = max(one.valid_from, start), end if one.valid_to is None else min(one.valid_to, end)
        for point in one.metering_points if span[0] < span[1] else ():
            found.setdefault(point, []).append(span)
    held = {point: one.held for one in facts.apart for point in one.metering_points}
    counted = {
        point: within(spans, held[point]) if point in held else joined(sorted(spans))
        for point, spans in sorted(found.items())
    }
    return {point: spans for point, spans in counted.items() if spans}


def series(facts: CapacityFacts) -> dict[str, dict[str, list[Span]]]:
    """In which parts of the period values of each point are looked at, by line and point."""
    apart = {
        point: {"consumption": one.consumption, "production": one.production}
        for one in facts.apart
        for point in one.metering_points
    }
    found: dict[str, dict[str, list[Span]]] = {line: {} for line in LINES}
    for point, spans in stays(facts).items():
        if point not in apart:
            found["consumption"][point] = spans
            continue
        for line, periods in apart[point].items():
            if some := within(spans, periods):
                found[line][point] = some
    return found


def told(facts: CapacityFacts, versions: packet_values.Versions) -> list[dict[str, Any]]:
    """What counts of the group's points, as a packet has it. `versions`: all that came."""
    counted = left_out.steps(facts.read_as)
    counting = {key: values.in_steps(some, counted.get(key)) for key, some in versions.items()}
    return [
        run
        for line, points in series(facts).items()
        for point, spans in points.items()
        for run in packet_values.of_series(counting, point, line, spans)
    ]


def shown(facts: CapacityFacts, content: Sequence[Mapping[str, Any]]) -> Documented:
    """All that follows. Raises `KeyError`, `ValueError` or `TypeError` where the values cannot be read."""
    count = (facts.period.end - facts.period.start) // days.QUARTER
    looked = series(facts)
    read = _read(facts, content, looked, count)
    columns = _Columns(count)
    completeness: dict[str, dict[str, Any]] = {}
    tally: dict[str, Counter[str]] = {}
    missing: set[tuple[str, str]] = set()
    stay = stays(facts)
    for one in facts.members:
        dso = one.dso or ""
        for point, up_w, down_w, agreed_w in zip(
            one.metering_points, one.up_w, one.down_w, one.agreed_power_w, strict=True
        ):
            here = [(one.valid_from, one.valid_to or facts.period.end)]
            for first, last in _places(facts, both(stay.get(point, ()), here)):
                quality = columns.add(read.get(point, {}), first, last, up_w, down_w, agreed_w)
                of_point = completeness.setdefault(point, {"quarters": Counter[str](), "missing": []})
                of_point["quarters"].update(quality)
                of_point["missing"] += _holes(facts, quality, first)
                tally.setdefault(dso, Counter()).update(quality)
                if "missing" in quality:
                    missing.add((dso, point))
    power = columns.told(facts)
    points = Counter(dict.fromkeys(tally, 0))
    for dso, named in _by_dso(facts, stay).items():
        points[dso] = len(named)
    lacking = Counter(dso for dso, _ in missing)
    return Documented(
        facts,
        {
            point: {"quarters": dict(sorted(of["quarters"].items())), "missing": of["missing"]}
            for point, of in sorted(completeness.items())
        },
        power,
        tuple(
            EvidenceCounts(
                dso=dso or None,
                points=points[dso],
                points_missing=lacking[dso],
                measured=each["measured"],
                estimated=each["estimated"],
                derived=each["derived"],
                missing=each["missing"],
            )
            for dso, each in sorted(tally.items())
        ),
        _whole(power, "up"),
        _whole(power, "down"),
    )


def _by_dso(facts: CapacityFacts, stay: Mapping[str, Sequence[Span]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in facts.members:
        here = [(one.valid_from, one.valid_to or facts.period.end)]
        named = (point for point in one.metering_points if both(stay.get(point, ()), here))
        found.setdefault(one.dso or "", set()).update(named)
    return found


def _places(facts: CapacityFacts, spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    for start, end in spans:
        yield (start - facts.period.start) // days.QUARTER, (end - facts.period.start) // days.QUARTER


def _holes(facts: CapacityFacts, quality: Sequence[Quality], first: int) -> list[list[str]]:
    """The stretches of which nothing came, or not everything."""
    found: list[list[str]] = []
    at = 0
    while at < len(quality):
        until = at + 1
        while until < len(quality) and (quality[until] == "missing") == (quality[at] == "missing"):
            until += 1
        if quality[at] == "missing":
            found.append([time_text(facts.period.start + (first + place) * days.QUARTER) for place in (at, until)])
        at = until
    return found


@dataclass(slots=True)
class _Line:
    """One line of a point: Wh and how good by quarter; how good is None where nothing is expected."""

    wh: list[int]
    rank: list[int | None]


def _read(
    facts: CapacityFacts,
    content: Sequence[Mapping[str, Any]],
    looked: Mapping[str, Mapping[str, Sequence[Span]]],
    count: int,
) -> dict[str, dict[str, _Line]]:
    found: dict[str, dict[str, _Line]] = {}
    for line, points in looked.items():
        for point, spans in points.items():
            rank: list[int | None] = [None] * count
            for first, last in _places(facts, spans):
                rank[first:last] = [0] * (last - first)
            found.setdefault(point, {})[line] = _Line([0] * count, rank)
    for one in content:
        here = found[one["metering_point_id"]][one["line"]]
        first = (datetime.fromisoformat(one["start"]) - facts.period.start) // days.QUARTER
        last = first + len(one["wh"])
        good = values.quality(one["minutes"], one["status"], hourly=one["looks_hourly"])
        if good != one["evidence"]:
            raise ValueError(f"{one['metering_point_id']} is {good} from {one['start']} on, not {one['evidence']}")
        if first < 0 or here.rank[first:last] != [0] * len(one["wh"]):
            raise ValueError(f"{one['metering_point_id']} is of no quarter of the group from {one['start']} on")
        here.wh[first:last] = one["wh"]
        here.rank[first:last] = [_RANK[good]] * len(one["wh"])
    return found


_SUMS: Final = (
    "members", "missing", "consumption_wh", "production_wh",
    "declared_up_w", "declared_down_w", "shown_up_w", "shown_down_w",
)  # fmt: skip


class _Columns:
    """The group's sums, quarter by quarter."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.sums: dict[str, list[int]] = {name: [0] * count for name in _SUMS}

    def add(
        self, lines: Mapping[str, _Line], first: int, last: int, up_w: int, down_w: int, agreed_w: int
    ) -> list[Quality]:
        """A member in some quarters; how good each of them is of it."""
        nothing = _Line([0] * last, [None] * last)
        consumed, produced = (lines.get(line, nothing) for line in LINES)
        members, missing, consumption, production, ups, downs, shown_up, shown_down = self.sums.values()
        found: list[Quality] = []
        for at in range(first, last):
            members[at] += 1
            ups[at] += up_w
            downs[at] += down_w
            one, other = consumed.rank[at], produced.rank[at]
            rank = other if one is None else one if other is None else min(one, other)
            found.append(WORST[rank or 0])
            if not rank:
                missing[at] += 1
                continue
            used, made = consumed.wh[at], produced.wh[at]
            consumption[at] += used
            production[at] += made
            shown_up[at] += min(up_w, 4 * used)
            shown_down[at] += min(down_w, 4 * made + max(0, agreed_w - 4 * used))
        return found

    def told(self, facts: CapacityFacts) -> dict[str, Any]:
        """As a packet has it: with what was approved, and where the group was called for."""
        approved: list[tuple[int | None, int | None, int, int]] = []
        starts = [facts.period.start + at * days.QUARTER for at in range(self.count)]
        upcoming = sorted(facts.approved, key=lambda one: one.valid_from)
        now: tuple[int | None, int | None, int, int] = (0, 0, 0, 0)
        for start in starts:
            while upcoming and upcoming[0].valid_from <= start:
                one = upcoming.pop(0)
                now = one.approved_up_w, one.approved_down_w, one.biddable_up_w, one.biddable_down_w
            approved.append(now)
        names = ("approved_up_w", "approved_down_w", "biddable_up_w", "biddable_down_w")
        return {
            "start": time_text(facts.period.start),
            "minutes": 15,
            **self.sums,
            **{name: [one[place] for one in approved] for place, name in enumerate(names)},
            "called": [
                int(any(begins < start + days.QUARTER and start < ends for begins, ends in map(reached, facts.called)))
                for start in starts
            ],
        }


def _whole(power: Mapping[str, Any], direction: str) -> CapacityShown:
    bid, found = power[f"biddable_{direction}_w"], power[f"shown_{direction}_w"]
    looked = [at for at, watts in enumerate(bid) if watts and not power["called"][at]]
    return CapacityShown(
        quarters=len(looked),
        short=sum(found[at] < bid[at] for at in looked),
        least_w=min((found[at] for at in looked), default=None),
    )
