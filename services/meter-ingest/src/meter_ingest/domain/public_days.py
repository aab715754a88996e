"""Adding up a local day of the whole country, some blocks at a time, and saying it once (ADR 0036).

Nothing is added up as values come. When the fifth day after a day is over, what counts is read point by point, some
hundred blocks in a step and a step at a time, so that nobody waits for it; the last step says the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from contracts import calendar
from contracts.meter_ingest.v1 import (
    AggregatePublished,
    CompletenessPublished,
    EnergySummed,
    PublicFigure,
    SummedCell,
)
from meter_ingest.domain import anonymity, blocks, channel, days, known, traits
from meter_ingest.domain.anonymity import Cell, Key
from meter_ingest.domain.values import Minutes

ID: Final = "public"
"""The id of the document that says how far it has come."""
AT_ONCE: Final = 200
"""Blocks of a line in one step: at most so many hundred points."""
_AFTER_DAYS: Final = 6
_CLOCK: Final = "04:00"
"""When the fifth day is over, and little comes."""
_BETWEEN: Final = timedelta(seconds=20)
"""Between two steps."""


@dataclass(frozen=True, slots=True)
class Public:
    """Who owes values, of which days, and how far the next day is added up."""

    dsos: tuple[str, ...] = ()
    first: date | None = None
    """The first day that values were owed of."""
    last: date | None = None
    """The last one, so far."""
    through: date | None = None
    """The last day that was said."""
    steps: int = 0
    reached: tuple[str, str] = "", ""
    """DSO and `block|line`, up to which it is added up."""
    sums: dict[str, Cell] = field(default_factory=dict[str, Cell])
    """By `line|zone|grid area|type`."""


OfPublic = CompletenessPublished | EnergySummed | AggregatePublished


def evolve(state: Public | None, event: OfPublic) -> Public:
    """Who owes is heard of each morning; a step adds, and the last begins anew."""
    state = state or Public()
    if isinstance(event, CompletenessPublished):
        dsos = state.dsos if event.dso in state.dsos else tuple(sorted((*state.dsos, event.dso)))
        first = min(state.first or event.date, event.date)
        return replace(state, dsos=dsos, first=first, last=max(state.last or event.date, event.date))
    if isinstance(event, EnergySummed):
        cells = {_key(one.cell): _heard(one) for one in event.cells}
        sums = {blocks.key(*key): cell for key, cell in together(_sums(state), cells).items()}
        return replace(state, steps=state.steps + 1, reached=(event.dso, event.block), sums=sums)
    return replace(state, through=event.date, steps=0, reached=("", ""), sums={})


def next_day(state: Public) -> date | None:
    """The next day that is said: each after the one before it, as far as any values were owed."""
    if state.first is None or state.last is None:
        return None
    local = state.through + timedelta(days=1) if state.through else state.first
    return local if local <= state.last else None


def due_at(state: Public) -> datetime | None:
    """When the next step is taken."""
    local = next_day(state)
    if local is None:
        return None
    return calendar.at_local(local + timedelta(days=_AFTER_DAYS), _CLOCK) + state.steps * _BETWEEN


def next_names(state: Public, dso: str, named: Iterable[str]) -> list[str]:
    """Of a DSO's blocks (`block|line`, sorted) those that are left, in the lines that are added up."""
    reached, name = state.reached
    return [
        one
        for one in named
        if one.partition("|")[2] in anonymity.LINES and (dso > reached or (dso == reached and one > name))
    ]


def expected(
    dso: str, names: Sequence[str], local: date, channels: Mapping[str, channel.Block | None]
) -> dict[str, list[str]]:
    """The places, by `block|line`, that a DSO owes a day's values of."""
    return {
        name: list(dict.fromkeys(place for place, _ in channel.expected(standing, local, dso)))
        for name in names
        if (standing := channels.get(name)) is not None
    }


def cells_of(
    places: Mapping[str, Sequence[str]],
    local: date,
    *,
    kinds: Mapping[str, traits.Traits | None],
    received: Mapping[str, known.Received | None],
    energies: Mapping[str, Mapping[str, Mapping[date, int]]],
    minutes: Mapping[str, Minutes],
) -> dict[Key, Cell]:
    """The cells of some blocks' points: each counts where it lay and as what it was at the day's start.

    `places` and `received` by `block|line`, `kinds` by block, `energies` and `minutes` by line.
    """
    start = days.day(local).start
    found: dict[Key, Cell] = {}
    for name, some in places.items():
        block, _, line = name.partition("|")
        known_of, arrived = kinds.get(block), received.get(name)
        for place in some:
            trait = known_of.at(place, start) if known_of else None
            key = trait.key(line) if trait else None
            if key is None:
                continue
            wh = energies.get(line, {}).get(block + place, {}).get(local)
            of_it = arrived.of_point(place, minutes[line](block + place, local)) if arrived else None
            estimated = of_it is not None and of_it.estimated.get(place, 0) != 0
            one = Cell(missing=1) if wh is None else Cell(1, wh, int(estimated))
            found[key] = found.get(key, Cell()).plus(one)
    return found


def together(one: Mapping[Key, Cell], other: Mapping[Key, Cell]) -> dict[Key, Cell]:
    """The sums."""
    return {key: one.get(key, Cell()).plus(other.get(key, Cell())) for key in sorted({*one, *other})}


def decide_summed(state: Public, local: date, *, dso: str, block: str, cells: Mapping[Key, Cell]) -> EnergySummed:
    """A step that is not the last."""
    return EnergySummed(
        cause=f"{local.isoformat()}/{state.steps}",
        date=local,
        dso=dso,
        block=block,
        cells=tuple(
            SummedCell(
                cell=blocks.key(*key),
                points=cell.points,
                wh=cell.wh,
                estimated_points=cell.estimated,
                missing_points=cell.missing,
            )
            for key, cell in sorted(cells.items())
        ),
    )


def decide_published(state: Public, local: date, *, cells: Mapping[Key, Cell]) -> AggregatePublished:
    """The last step: the day is said."""
    return AggregatePublished(
        aggregate_id=name(local),
        date=local,
        figures=tuple(
            PublicFigure.model_validate(
                {
                    "zone": one.zone,
                    "line": one.line,
                    "dimension": one.dimension,
                    "key": one.key,
                    "points": one.cell.points,
                    "wh": one.cell.wh,
                    "estimated_points": one.cell.estimated,
                    "missing_points": one.cell.missing,
                }
            )
            for one in anonymity.figures(together(_sums(state), cells))
        ),
    )


def name(local: date) -> str:
    """The id of what is said of a day."""
    return f"energy/{local.isoformat()}"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What was said of a day."""

    day: date
    figures: tuple[PublicFigure, ...]


def evolve_aggregate(_: Aggregate | None, event: AggregatePublished) -> Aggregate:
    """It is said once."""
    return Aggregate(event.date, event.figures)


def _sums(state: Public) -> dict[Key, Cell]:
    return {_key(text): cell for text, cell in state.sums.items()}


def _key(text: str) -> Key:
    return Key(*text.split("|"))


def _heard(one: SummedCell) -> Cell:
    return Cell(one.points, one.wh, one.estimated_points, one.missing_points)
