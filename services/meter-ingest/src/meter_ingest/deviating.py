"""Settlement of deviations: what the case shard does with its commands, and its rows computed again for who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from chassis.service import Incoming
from chassis.work import Work
from contracts.meter_ingest.v1 import AnnulSettlement, PublishSettlement, RunDeviationSettlement
from meter_ingest import store
from meter_ingest.domain import asked, blocks, counting, days, known, profiles, supplied
from meter_ingest.domain.series import SeriesDay
from meter_ingest.domain.settlement import corrected, deviation, prices, runs
from meter_ingest.domain.settlement.deviation import AsOf, Known, OfDay
from meter_ingest.domain.settlement.runs import Run, Settled
from meter_ingest.domain.values import Version
from meter_ingest.handlers import POLICIES_NEEDED, Needed, Values, policies_in_force


class Versions(Protocol):
    """The part of `handlers.Values` that is read here."""

    async def versions(self, keys: Sequence[SeriesDay], *, as_of: Mapping[str, int]) -> Sequence[Version]:
        """All versions of some days of points and lines."""
        ...


def run_needs(incoming: Incoming[RunDeviationSettlement]) -> Needed:
    """The area, what was published of it, and where anything was corrected; of that, what it is, follows."""
    command = incoming.data
    return (
        *POLICIES_NEEDED,
        (store.DEVIATION, (incoming.subject,)),
        (store.GRID_AREA, (command.grid_area,)),
    )


def status_needs(incoming: Incoming[PublishSettlement | AnnulSettlement]) -> Needed:
    """The run."""
    return ((store.DEVIATION, (incoming.subject,)),)


@dataclass(frozen=True, slots=True)
class Deviating:
    """The handlers, of which one reads values."""

    values: Values

    async def run(self, work: Work, incoming: Incoming[RunDeviationSettlement]) -> None:
        """The TSO has a grid area's deviations computed."""
        command = incoming.data
        zone = runs.check(
            command,
            await work.load(store.DEVIATION, incoming.subject),
            await work.load(store.GRID_AREA, command.grid_area),
            at=incoming.at,
            max_age_years=(await policies_in_force(work)).whole("values.max-age-years", at=incoming.at),
        )
        heard = await work.load(store.HEARD, "values")
        as_of = AsOf(incoming.at, heard.positions if heard else {})
        settled = await work.load(store.SETTLED, command.grid_area)
        wanted = runs.dates(command.first_day, command.last_day)
        since = {local: settled.last(local) if settled else None for local in wanted}
        found = await computed(work, self.values, command.grid_area, zone, as_of=as_of, since=since)
        await work.append(
            runs.decide_drafted(command, run_id=incoming.subject, zone=zone, as_of=as_of, settled=settled, found=found)
        )

    async def publish(self, work: Work, incoming: Incoming[PublishSettlement]) -> None:
        """The TSO publishes a draft."""
        state = await work.load(store.DEVIATION, incoming.subject)
        await work.append(*runs.decide_published(state, await _settled(work, state)))

    async def annul(self, work: Work, incoming: Incoming[AnnulSettlement]) -> None:
        """The TSO annuls a run."""
        state = await work.load(store.DEVIATION, incoming.subject)
        await work.append(*runs.decide_annulled(state, await _settled(work, state), incoming.data))


async def again(work: Work, values: Versions, run: Run) -> list[OfDay]:
    """The rows of a run, from exactly what it rested on."""
    since = {date.fromisoformat(local): one for local, one in run.since.items()}
    return await computed(work, values, run.grid_area, run.zone, as_of=run.as_of, since=since)


async def corrected_on(work: Work, locals_: Iterable[date]) -> dict[date, list[tuple[str, str]]]:
    """By day, of which points (with block and line) anything came after the lock."""
    named = list(locals_)
    corrected_ = await work.load_many(store.CORRECTED, (local.isoformat() for local in named))
    names = {local: some.names for local in named if (some := corrected_.get(local.isoformat())) is not None}
    arrived = await work.load_many(
        store.RECEIVED, (blocks.key(local, name) for local, some in names.items() for name in some)
    )
    return {
        local: [(name, point) for name in some for point in corrected.points(name, arrived[blocks.key(local, name)])]
        for local, some in names.items()
    }


async def computed(
    work: Work, values: Versions, grid_area: str, zone: str, *, as_of: AsOf, since: Mapping[date, str | None]
) -> list[OfDay]:
    """What differs in an area on some days. `since`: by day, the published run that is carried on from."""
    touched = await corrected_on(work, since)
    earlier = await work.load_many(store.DEVIATION, (one for one in since.values() if one))
    area = await work.load(store.GRID_AREA, grid_area)
    price_days = await work.load_many(store.PRICES, (prices.key("imbalance-quarter", zone, local) for local in since))
    of_days = await _known(work, values, grid_area, touched, as_of)
    ids = {
        id_ for local, some in of_days.items() for one in some for id_ in asked.needed({local: one.settled}, "PT15M")
    }
    profiles_: profiles.Known = await work.load_many(store.PROFILE, sorted(ids))
    return [
        deviation.of_day(
            of_days.get(local, ()),
            local,
            now=as_of,
            since=run.as_of if (run := earlier.get(one or "")) is not None else None,
            price_days=price_days[prices.key("imbalance-quarter", zone, local)],
            known=profiles_,
            dso=area.dso_at(days.day(local).start) if area else None,
        )
        for local, one in since.items()
    ]


async def _known(
    work: Work, values: Versions, grid_area: str, touched: Mapping[date, Sequence[tuple[str, str]]], as_of: AsOf
) -> dict[date, list[Known]]:
    """What the points of an area are made from, of those that were touched, by day."""
    named = list(dict.fromkeys(name for some in touched.values() for name, _ in some))
    of_blocks = list(dict.fromkeys(name.partition("|")[0] for name in named))
    points: Mapping[str, known.Points | None] = await work.load_many(store.POINTS, of_blocks)
    channels = await work.load_many(store.BLOCK, named)
    supplies: Mapping[str, supplied.Supplies | None] = await work.load_many(store.SUPPLY, of_blocks)
    here: dict[date, list[tuple[str, str, counting.Settled]]] = {}
    for local, some in touched.items():
        for name, point in some:
            block = channels[name]
            periods = block.places.get(blocks.place_of(point), ()) if block else ()
            line = name.partition("|")[2]
            is_ = counting.settled_on(known.versions_of(points, point), periods, line, local)
            if is_.grid_area == grid_area and deviation.is_settled(is_):
                here.setdefault(local, []).append((point, line, is_))
    versions = await _versions(values, here, as_of)
    return {
        local: [
            Known(
                point,
                line,
                versions.get((point, line, local), ()),
                is_,
                found.supplier if (found := supplied.at(supplies, point, days.day(local).start)) else None,
            )
            for point, line, is_ in some
        ]
        for local, some in here.items()
    }


async def _versions(
    values: Versions, here: Mapping[date, Iterable[tuple[str, str, counting.Settled]]], as_of: AsOf
) -> dict[SeriesDay, list[Version]]:
    keys = [(point, line, local) for local, some in here.items() for point, line, _ in some]
    found: dict[SeriesDay, list[Version]] = {}
    for one in await values.versions(keys, as_of=as_of.positions or {}) if keys else ():
        found.setdefault((one.metering_point_id, one.line, one.day), []).append(one)
    return found


async def _settled(work: Work, state: Run | None) -> Settled | None:
    return await work.load(store.SETTLED, state.grid_area) if state else None
