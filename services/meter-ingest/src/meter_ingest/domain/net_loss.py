"""The net loss of grid areas that are followed: sums of whole days, folded from `EnergyCounted`, and what is said.

Nothing is added up by looking at everything. A whole day that came once has the sum that its record says; of any other
the day's energy is read, for that point alone. What flows into the grid (production) counts in, what is taken out
(consumption) out; a point of another area counts the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, NamedTuple

from contracts.calendar import local_text
from contracts.meter_ingest.v1 import (
    BalanceGridArea,
    EnergyCounted,
    EnergyOfBlock,
    EnergyOfDay,
    GridAreaBalanced,
    NetLossChecked,
    ValuesAccepted,
)
from meter_ingest.domain import blocks, days, known, lines, virtual_rules
from meter_ingest.domain.areas import GridArea
from meter_ingest.domain.received import Received
from meter_ingest.domain.validation import Rules
from meter_ingest.domain.virtual_setup import Sender

ID: Final = "areas"
"""The id of the document that says which areas are followed."""
LINES: Final = ("consumption", "production")
_AT_ONCE: Final = 100
"""So many blocks an event has at most."""


# Which areas are followed


@dataclass(frozen=True, slots=True)
class Since:
    """From a midnight on: whether, whose area it is, and the points of other areas."""

    valid_from: datetime
    followed: bool
    dso: str
    exchange: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """Each area that ever was followed, by what was said of it last for each moment."""

    areas: dict[str, tuple[Since, ...]]

    def at(self, area: str, moment: datetime) -> Since | None:
        """How an area is followed at a moment; None: it is not."""
        found = None
        for one in self.areas.get(area, ()):
            if one.valid_from <= moment:
                found = one
        return found if found is not None and found.followed else None


def evolve_followed(state: Followed | None, event: GridAreaBalanced) -> Followed:
    """What is said last stands from its midnight on."""
    areas = state.areas if state else {}
    before = (one for one in areas.get(event.grid_area, ()) if one.valid_from < event.valid_from)
    said = Since(event.valid_from, event.followed, event.dso, event.exchange)
    return Followed({**areas, event.grid_area: (*before, said)})


@dataclass(frozen=True, slots=True)
class Exchange:
    """Of which other areas points of a block were ever said to measure the exchange, by place. By block."""

    places: dict[str, tuple[str, ...]]


def evolve_exchange(state: Exchange | None, part: tuple[str, tuple[str, ...]]) -> Exchange:
    """An area more for some places; whether it still is so is for `Followed` to say."""
    area, places = part
    standing = state.places if state else {}
    more = {place: tuple(sorted({*standing.get(place, ()), area})) for place in places}
    return Exchange({**standing, **more})


def exchange_blocks(event: GridAreaBalanced) -> dict[str, tuple[str, tuple[str, ...]]]:
    """By block: the area, and the places of its points."""
    return {
        block: (event.grid_area, tuple(map(blocks.place_of, points)))
        for block, points in blocks.by_block(event.exchange).items()
    }


# What is counted


class Place(NamedTuple):
    """A point's whole day: its energy, and for which scopes it counts."""

    wh: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Energy:
    """What a block has been counted with on one day, in one line, by place. By `date|block|line`."""

    places: dict[str, Place]


def evolve_energy(state: Energy | None, parts: list[EnergyOfBlock]) -> Energy:
    """It replaces what was, point by point."""
    places = dict(state.places) if state else {}
    for part in parts:
        places |= {place: Place(wh, part.scopes) for place, wh in zip(part.places, part.wh, strict=True)}
    return Energy(places)


def energy_blocks(event: EnergyCounted) -> dict[str, list[EnergyOfBlock]]:
    """By `date|block|line`."""
    found: dict[str, list[EnergyOfBlock]] = {}
    for one in event.blocks:
        found.setdefault(blocks.key(one.date, one.block), []).append(one)
    return found


@dataclass(frozen=True, slots=True)
class AreaDay:
    """The sums of a grid area's day, and the net loss that was said last, if it was negative. By `area/date`."""

    produced_wh: int = 0
    consumed_wh: int = 0
    imported_wh: int = 0
    exported_wh: int = 0
    exchange: tuple[str, ...] = ()
    said: int | None = None

    @property
    def net_loss_wh(self) -> int:
        """What came in, less what was taken out."""
        return self.produced_wh + self.imported_wh - self.exported_wh - self.consumed_wh


def evolve_area_day(state: AreaDay | None, part: EnergyOfDay | NetLossChecked) -> AreaDay:
    """Count, or say."""
    state = state or AreaDay()
    if isinstance(part, NetLossChecked):
        return replace(state, said=part.net_loss_wh if part.negative else None)
    return AreaDay(
        state.produced_wh + part.produced_wh,
        state.consumed_wh + part.consumed_wh,
        state.imported_wh + part.imported_wh,
        state.exported_wh + part.exported_wh,
        tuple(sorted({*state.exchange, *part.exchange})),
        state.said,
    )


def area_days(event: EnergyCounted) -> dict[str, EnergyOfDay]:
    """By `area/date`."""
    return {name(one.grid_area, one.date): one for one in event.days}


def name(area: str, local: date) -> str:
    """The id of an area's day."""
    return blocks.scope(area, local.isoformat())


class Day(NamedTuple):
    """A local day of a point in one line."""

    point: str
    line: str
    date: date


def begins(day: Day) -> datetime:
    """The moment at which it is looked where a point lies."""
    return begins_on(day.date)


def begins_on(local: date) -> datetime:
    """The start of a local day."""
    return days.day(local).start


def came(event: ValuesAccepted) -> dict[Day, tuple[int, str] | None]:
    """The days of points that a record touches: where it has the whole day once, its sum and its order; else None."""
    found: dict[Day, tuple[int, str] | None] = {}
    for one in event.series:
        line = lines.line(one.direction, one.product)
        if line in LINES:
            _note(found, (one.metering_point_id,), (one.sum_wh,), line, one.start, one.end, one.registered_at, event)
    for many in event.together:
        line = lines.line(many.direction, many.product)
        if line in LINES:
            points, sums = many.metering_points, many.sums_wh
            _note(found, points, sums, line, many.start, many.end, many.registered_at, event)
    return found


def _note(
    found: dict[Day, tuple[int, str] | None],
    points: Sequence[str],
    sums: Sequence[int],
    line: str,
    start: datetime,
    end: datetime,
    registered_at: datetime,
    event: ValuesAccepted,
) -> None:
    order = f"{_micros(registered_at):017d}|{_micros(event.received_at):017d}|{event.position:012d}"
    for day in days.days(start, end):
        is_whole = day.start == start and day.end == end
        for point, wh in zip(points, sums, strict=True):
            key = Day(point, line, day.date)
            found[key] = (wh, order) if is_whole and key not in found else None


def is_whole(arrived: Received | None, day: Day) -> bool:
    """Whether all of a day has come. `arrived`: in the resolution that counts."""
    every = (1 << days.day(day.date).quarters) - 1
    return arrived is not None and arrived.places.get(blocks.place_of(day.point), 0) & every == every


def is_alone(arrived: Received | None, day: Day, order: str) -> bool:
    """Whether of a whole day nothing counts but what this version says (its order as `received` has it)."""
    place = blocks.place_of(day.point)
    return arrived is not None and [key for key, layer in arrived.layers.items() if place in layer] == [order]


def scopes_of(
    day: Day, *, followed: Followed, version: known.PointVersion | None, exchange: Exchange | None
) -> tuple[str, ...]:
    """The scopes that a point's day counts for: its own area, and others that it measures the exchange of."""
    moment = days.day(day.date).start
    found: list[str] = []
    area = version.grid_area if version else None
    if area is not None and followed.at(area, moment):
        found.append(blocks.scope(area, "own"))
    for other in exchange.places.get(blocks.place_of(day.point), ()) if exchange else ():
        since = followed.at(other, moment)
        if since is not None and day.point in since.exchange and other != area:
            found.append(blocks.scope(other, "exchange"))
    return tuple(found)


_FIELDS: Final = {
    ("own", "production"): "produced_wh",
    ("own", "consumption"): "consumed_wh",
    ("exchange", "production"): "exported_wh",
    ("exchange", "consumption"): "imported_wh",
}


def decide_counted(cause: str, *, now: Mapping[Day, Place], before: Mapping[str, Energy | None]) -> list[EnergyCounted]:
    """What an input changed. `before`: by `date|block|line`. Nothing, where nothing changed."""
    told: dict[tuple[str, date, tuple[str, ...]], list[tuple[str, int]]] = {}
    changes: dict[tuple[str, date], dict[str, int]] = {}
    seen: dict[tuple[str, date], set[str]] = {}
    for day, place in now.items():
        block = blocks.key(blocks.block_of(day.point), day.line)
        stood = before.get(blocks.key(day.date, block))
        was = stood.places.get(blocks.place_of(day.point)) if stood else None
        if was == place or (was is None and not place.scopes):
            continue
        told.setdefault((block, day.date, place.scopes), []).append((blocks.place_of(day.point), place.wh))
        for one, sign in ((was, -1), (place, 1)):
            for scope in one.scopes if one else ():
                area, _, kind = scope.partition("/")
                sums, of = changes.setdefault((area, day.date), {}), _FIELDS[kind, day.line]
                sums[of] = sums.get(of, 0) + sign * (one.wh if one else 0)
                if kind == "exchange":
                    seen.setdefault((area, day.date), set()).add(day.point)
    parts = [
        EnergyOfBlock(
            block=block,
            date=local,
            scopes=scopes,
            places=tuple(place for place, _ in some),
            wh=tuple(wh for _, wh in some),
        )
        for (block, local, scopes), some in sorted(told.items())
    ]
    of_days = tuple(
        EnergyOfDay(grid_area=area, date=local, **sums, exchange=tuple(sorted(seen.get((area, local), ()))))
        for (area, local), sums in sorted(changes.items())
    )
    return [
        EnergyCounted(
            # The same input is counted for completeness, too, under its id alone.
            cause=f"energy/{cause}/{first // _AT_ONCE}" if first else f"energy/{cause}",
            blocks=tuple(parts[first : first + _AT_ONCE]),
            days=of_days if not first else (),
        )
        for first in range(0, len(parts), _AT_ONCE)
    ]


# What is said


def decide_balanced(
    command: BalanceGridArea,
    *,
    grid_area: str,
    sender: Sender,
    area: GridArea | None,
    followed: Followed | None,
    points: Mapping[str, known.Points | None],
    at: datetime,
) -> GridAreaBalanced:
    """A DSO follows its area, or the datahub any. `points` by block.

    Refuses with NET_LOSS_AREA_NOT_YOURS, NET_LOSS_NOT_AHEAD, NET_LOSS_POINT_NOT_BESIDE.
    """
    dso = area.dso_at(command.valid_from) if area and not area.virtual else None
    if dso is None or not (sender.is_datahub or dso == sender.gln):
        raise virtual_rules.NET_LOSS_AREA_NOT_YOURS.refused(actual=grid_area)
    if command.valid_from <= at:
        raise virtual_rules.NET_LOSS_NOT_AHEAD.refused(
            path="/valid_from", limit=local_text(at), actual=local_text(command.valid_from)
        )
    for place, point in enumerate(command.exchange):
        version = known.point_at(points, point, command.valid_from)
        known_to = version is not None and (sender.is_datahub or version.dso == sender.gln)
        if version is None or not known_to or version.grid_area in (None, grid_area):
            raise virtual_rules.NET_LOSS_POINT_NOT_BESIDE.refused(path=f"/exchange/{place}", actual=point)
    before = followed.at(grid_area, command.valid_from) if followed else None
    return GridAreaBalanced(
        grid_area=grid_area,
        dso=dso,
        by=sender.gln,
        exchange=command.exchange,
        dropped=tuple(sorted({*before.exchange} - {*command.exchange})) if before else (),
        followed=command.followed,
        valid_from=command.valid_from,
        reason=command.reason,
    )


def decide_checked(
    state: AreaDay | None, area: str, local: date, *, since: Since, rules: Rules
) -> Iterable[NetLossChecked]:
    """What is said of a whole day's net loss: nothing, where that is what was said. `rules`: those in force."""
    state = state or AreaDay()
    if set(since.exchange) - set(state.exchange):
        # What is missing is never zero.
        return
    comes_in = state.produced_wh + state.imported_wh
    found = [one for one in rules if one.check == "net-loss"]
    for rule in found:
        limit = -max(rule.thresholds["wh"], comes_in * rule.thresholds["basis-points"] // 10_000)
        is_negative = rule.consequence != "off" and state.net_loss_wh < limit
        if (state.net_loss_wh if is_negative else None) != state.said:
            yield NetLossChecked(
                area_day=name(area, local),
                grid_area=area,
                dso=since.dso,
                date=local,
                produced_wh=state.produced_wh,
                consumed_wh=state.consumed_wh,
                imported_wh=state.imported_wh,
                exported_wh=state.exported_wh,
                net_loss_wh=state.net_loss_wh,
                limit_wh=limit,
                rule=rule.key,
                negative=is_negative,
            )
        return


def _micros(at: datetime | None) -> int:
    return round(at.timestamp() * 1_000_000) if at else 0
