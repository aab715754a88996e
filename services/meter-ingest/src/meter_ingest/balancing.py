"""The net loss of grid areas: what each record of values changes in the sums, and what is said of whole days.

Where no area is followed, one document says so, and nothing else is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chassis.service import Incoming
from chassis.work import Work
from contracts.meter_ingest.v1 import BalanceGridArea, ValuesAccepted
from contracts.values import Role
from meter_ingest import store
from meter_ingest.domain import blocks, known, net_loss, owed, validation
from meter_ingest.domain.net_loss import Day, Followed, Place
from meter_ingest.domain.virtual_setup import Sender
from meter_ingest.handlers import Needed, Values, minutes_of


def balance_needs(incoming: Incoming[BalanceGridArea]) -> Needed:
    """The area, how it is followed, and the points that are named."""
    named = list(blocks.by_block(incoming.data.exchange))
    return (
        (store.GRID_AREA, (incoming.subject,)),
        (store.BALANCE, (incoming.subject,)),
        (store.FOLLOWED, (net_loss.ID,)),
        (store.POINTS, named),
        (store.EXCHANGE, named),
    )


async def balance_grid_area(work: Work, incoming: Incoming[BalanceGridArea]) -> None:
    """A grid area's net loss is followed, or no longer."""
    command = incoming.data
    await work.append(
        net_loss.decide_balanced(
            command,
            grid_area=incoming.subject,
            sender=Sender(incoming.sender, is_datahub=incoming.sender_role == Role.DATAHUB),
            area=await work.load(store.GRID_AREA, incoming.subject),
            followed=await work.load(store.FOLLOWED, net_loss.ID),
            points=await work.load_many(store.POINTS, blocks.by_block(command.exchange)),
            at=incoming.at,
        )
    )


def values_needs(_incoming: Incoming[ValuesAccepted]) -> Needed:
    """Whether any area is followed at all."""
    return ((store.FOLLOWED, (net_loss.ID,)),)


@dataclass(frozen=True, slots=True)
class Balancing:
    """Counting, which reads values where a record alone does not say what counts of a day."""

    values: Values

    async def values_came(self, work: Work, incoming: Incoming[ValuesAccepted]) -> None:
        """Values came: the sums of the areas that they count for; called when what has come is counted."""
        followed = await work.load(store.FOLLOWED, net_loss.ID)
        if followed is None:
            return
        came = net_loss.came(incoming.data)
        scopes = await _scopes(work, came, followed)
        keys = {day: blocks.key(day.date, blocks.block_of(day.point), day.line) for day in scopes}
        before = await work.load_many(store.ENERGY, dict.fromkeys(keys.values()))
        now = await self._now(work, {day: came[day] for day in scopes}, keys, scopes)
        events = net_loss.decide_counted(incoming.id, now=now, before=before)
        await work.append(*events)
        touched = dict.fromkeys((scope.partition("/")[0], day.date) for day, found in scopes.items() for scope in found)
        for area, local in touched:
            await _say(work, followed, area, local, at=incoming.at)

    async def _now(
        self,
        work: Work,
        came: Mapping[Day, tuple[int, str] | None],
        keys: Mapping[Day, str],
        scopes: Mapping[Day, tuple[str, ...]],
    ) -> dict[Day, Place]:
        arrived = await work.load_many(store.RECEIVED, dict.fromkeys(keys.values()))
        found: dict[Day, int] = {}
        asked: dict[tuple[str, date], list[str]] = {}
        minutes = {
            line: await minutes_of(work, (day.point for day in came if day.line == line), line)
            for line in dict.fromkeys(day.line for day in came)
        }
        for day, said in came.items():
            steps, of_both = minutes[day.line](day.point, day.date), arrived[keys[day]]
            of_day = of_both.of_point(blocks.place_of(day.point), steps) if of_both else None
            if not net_loss.is_whole(of_day, day):
                continue
            if said is not None and net_loss.is_alone(of_day, day, said[1]):
                found[day] = said[0]
            else:
                asked.setdefault((day.line, day.date), []).append(day.point)
        heard = await work.load(store.HEARD, "values") if asked else None
        for (line, local), points in asked.items():
            energies = await self.values.energies(
                points,
                line,
                local,
                local + timedelta(days=1),
                as_of=heard.positions if heard else {},
                minutes=minutes[line],
            )
            found |= {Day(point, line, local): by_day[local] for point, by_day in energies.items() if local in by_day}
        return {day: Place(found[day], scopes[day]) for day in came if day in found}


async def _scopes(work: Work, came: Iterable[Day], followed: Followed) -> dict[Day, tuple[str, ...]]:
    named = dict.fromkeys(blocks.block_of(day.point) for day in came)
    points: Mapping[str, known.Points | None] = await work.load_many(store.POINTS, named)
    exchange = await work.load_many(store.EXCHANGE, named)
    found: dict[Day, tuple[str, ...]] = {}
    for day in came:
        block = blocks.block_of(day.point)
        moment = net_loss.begins(day)
        version = known.version_at(points[block], blocks.place_of(day.point), moment)
        scopes = net_loss.scopes_of(day, followed=followed, version=version, exchange=exchange[block])
        if scopes:
            found[day] = scopes
    return found


async def _say(work: Work, followed: Followed, area: str, local: date, *, at: datetime) -> None:
    since = followed.at(area, net_loss.begins_on(local))
    if since is None:
        return
    scope = blocks.scope("grid-area", area, since.dso)
    owing: Any = await work.load(store.OWED, scope)
    come = await work.load(store.SCOPE_DAY, owed.name(scope, local))
    expected = sum(owing.on(local)) if owing else 0
    if come is None or come.counts.complete_series < expected:
        return
    rules = validation.in_force(await work.load(store.VALIDATION, validation.ID), at)
    state = await work.load(store.AREA_DAY, net_loss.name(area, local))
    await work.append(*net_loss.decide_checked(state, area, local, since=since, rules=rules))
