"""Public aggregates: one step of adding a day up, and the day as it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chassis.service import Due
from chassis.work import Work
from meter_ingest import store
from meter_ingest.domain import anonymity, blocks, public_days
from meter_ingest.domain.anonymity import Cell, Key
from meter_ingest.domain.values import Minutes
from meter_ingest.handlers import Values, minutes_of


@dataclass(frozen=True, slots=True)
class Publishing:
    """Adding up, with where it reads values."""

    values: Values

    async def public_due(self, work: Work, due: Due) -> None:
        """The next blocks of a day are added up; behind the last, the day is said."""
        state = await work.load(store.PUBLIC, due.id)
        local = public_days.next_day(state) if state else None
        assert state is not None
        assert local is not None
        cells: dict[Key, Cell] = {}
        room = public_days.AT_ONCE
        for dso in state.dsos:
            if dso < state.reached[0]:
                continue
            owing = await work.load(store.COMPLETENESS, dso)
            names = public_days.next_names(state, dso, owing.blocks if owing else ())
            if names:
                some = names[:room]
                cells = public_days.together(cells, await self._cells(work, dso, some, local))
                room -= len(some)
                if len(names) > len(some):
                    step = public_days.decide_summed(state, local, dso=dso, block=some[-1] if some else "", cells=cells)
                    await work.append(step)
                    return
        await work.append(public_days.decide_published(state, local, cells=cells))

    async def _cells(self, work: Work, dso: str, names: list[str], local: date) -> dict[Key, Cell]:
        channels = await work.load_many(store.BLOCK, names)
        arrived = await work.load_many(store.RECEIVED, (blocks.key(local, name) for name in names))
        kinds = await work.load_many(store.TRAITS, dict.fromkeys(name.partition("|")[0] for name in names))
        heard = await work.load(store.HEARD, "values")
        places = public_days.expected(dso, names, local, channels)
        energies: dict[str, Mapping[str, Mapping[date, int]]] = {}
        minutes: dict[str, Minutes] = {}
        for line in anonymity.LINES:
            of_line = (name for name in places if name.endswith(f"|{line}"))
            if points := [name.partition("|")[0] + place for name in of_line for place in places[name]]:
                minutes[line] = await minutes_of(work, points, line)
                energies[line] = await self.values.energies(
                    points,
                    line,
                    local,
                    local + timedelta(days=1),
                    as_of=heard.positions if heard else {},
                    minutes=minutes[line],
                )
        return public_days.cells_of(
            places,
            local,
            kinds=kinds,
            received={name: arrived[blocks.key(local, name)] for name in names},
            energies=energies,
            minutes=minutes,
        )
