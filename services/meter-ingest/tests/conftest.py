"""A small world to tell the tests' stories in: points, groups and channels, and a value shard in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import plain
import pytest
from out_house import House
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis import migrate
from chassis import store as documents
from chassis.service import Kind
from chassis.testing import START, Outcome, Scenario
from contracts import calendar, policies
from contracts.gateway import v1 as gateway
from contracts.meter_ingest import v1
from contracts.prequal import v1 as prequal
from contracts.registry import v1 as registry
from contracts.values import BiddingZone, Period, Role, make_eic_y, make_gln, make_gsrn
from meter_ingest import shard, store, value_store
from meter_ingest.app import SERVICE, case_shard
from meter_ingest.domain import blocks, checks, erasing, known, lines, quarantine, series, validation
from meter_ingest.domain.readings import Readings
from meter_ingest.domain.series import Decided, Record, SeriesDay
from meter_ingest.domain.values import Minutes, Steps, Version, whatever_came

# asyncio.run makes a text of each task's result; of one that holds all documents it would take most of the time.
Scenario.__repr__ = object.__repr__


def uuid(serial: int) -> str:
    return f"0192f000-0000-7000-8000-{serial:012d}"


def local(text: str, clock: str = "00:00") -> datetime:
    """A local moment, `local("2026-03-29", "10:00")`, as stored."""
    return calendar.at_local(date.fromisoformat(text), clock)


def steps(day: str, resolution: str = "PT15M") -> int:
    """How many values a local day has."""
    return calendar.steps(*calendar.usage_day(date.fromisoformat(day)), resolution)


@dataclass
class MemoryValues:
    """Versions in memory, read as `value_store.StoredValues` reads them."""

    days: dict[SeriesDay, list[Version]] = field(default_factory=dict)
    reads: int = 0

    async def read(
        self,
        by_line: Mapping[str, Sequence[str]],
        windows: Sequence[tuple[datetime, datetime]],
        *,
        as_of: Mapping[str, int],
        steps: Mapping[str, Steps] | None = None,
        begun: object = None,
    ) -> Readings:
        self.reads += 1
        versions: dict[tuple[str, str], dict[date, list[Version]]] = {}
        for (point, line, day), some in self.days.items():
            there = [version for version in some if version.position <= as_of.get(version.shard, 0)]
            versions.setdefault((point, line), {})[day] = there
        return plain.read(versions, by_line, windows, steps or {})

    async def begin(self, *asked: object, **as_of: object) -> None:
        """All is here."""

    async def energies(
        self,
        points: Sequence[str],
        line: str,
        first: date,
        last: date,
        *,
        as_of: Mapping[str, int],
        minutes: Minutes = whatever_came,
    ) -> dict[str, dict[date, int]]:
        self.reads += 1
        wanted = set(points)
        found = (
            version
            for (point, way, day), versions in self.days.items()
            if point in wanted and way == line and first <= day < last
            for version in versions
            if version.position <= as_of.get(version.shard, 0)
        )
        return value_store.energies(found, minutes)

    async def versions(self, keys: Sequence[SeriesDay], *, as_of: Mapping[str, int]) -> list[Version]:
        self.reads += 1
        found = (version for key in keys for version in self.days.get(key, ()))
        return [version for version in found if version.position <= as_of.get(version.shard, 0)]

    async def kept(self, point: str, first: date, last: date, *, as_of: Mapping[str, int]) -> erasing.Kept:
        return erasing.kept(
            version
            for (of, _, day), versions in self.days.items()
            if of == point and first <= day <= last
            for version in versions
            if version.position <= as_of.get(version.shard, 0)
        )


class World:
    """Who there is, and what happens, in short."""

    tso = make_gln(1)
    dso = make_gln(2)
    other_dso = make_gln(3)
    bsp = make_gln(11)
    area = make_eic_y("NO3-NORD")
    other_area = make_eic_y("NO3-SOR")
    group = uuid(1)
    uuid = staticmethod(uuid)
    gsrn = staticmethod(make_gsrn)
    local = staticmethod(local)
    steps = staticmethod(steps)

    def __init__(self) -> None:
        self.values = MemoryValues()
        self.scenario = Scenario(
            case_shard(self.values),
            apart=frozenset(
                {
                    v1.CompletenessCounted,
                    v1.CompletenessChanged,
                    v1.OwedEnded,
                    v1.EnergySummed,
                    v1.AggregatePublished,
                    v1.PointRecounted,
                }
            ),
            ticking=frozenset({store.ADJUSTMENT_DUE}),
        )
        self.position = 0
        self.recorded: dict[str, registry.MeteringPointRecorded] = {}
        self.scenario.given(
            gateway.RegisterOpened(
                operator=make_gln(9),
                operator_name="Register",
                policies=policies.DEFAULTS,
            )
        )

    # What others say

    def points(
        self, *serials: int, dso: str = "", area: str = "", substation: str | None = "T1", power_w: int = 20_000_000
    ) -> list[str]:
        """Metering points that the registry has recorded."""
        for serial in serials:
            self.recorded[make_gsrn(serial)] = registry.MeteringPointRecorded(
                metering_point_id=make_gsrn(serial),
                grid_area=area or self.area,
                zone=BiddingZone.NO3,
                dso=dso or self.dso,
                substation=substation,
                resolution="PT15M",
                agreed_power_w=power_w,
                valid_from=local("2026-01-01"),
            )
            self.fact(make_gsrn(serial))
        return [make_gsrn(serial) for serial in serials]

    def onboarded(self, gln: str, *roles: Role, status: str = "active") -> None:
        """A party that the registry knows."""
        said = {"party": gln, "name": "", "roles": roles, "status": status, "organisation_number": "974760673"}
        self.scenario.given(registry.PartyOnboarded.model_validate(said))

    def fact(self, point: str, *, at: datetime = START, **changes: Any) -> Outcome:
        """The registry says something else of a metering point."""
        event = self.recorded[point].model_copy(update=changes)
        self.recorded[point] = event
        return self.scenario.when(event, at=at)

    def formed(self, group: str = "") -> None:
        self.scenario.given(
            registry.GroupFormed(
                group_id=group or self.group,
                bsp=self.bsp,
                name="",
                zone=BiddingZone.NO3,
                brp_consumption=make_gln(21),
                brp_production=make_gln(21),
            )
        )

    def joined(self, point: str, *, group: str = "", dso: str = "", **changes: Any) -> registry.MemberJoined:
        event = registry.MemberJoined.model_validate(
            {
                "group_id": group or self.group,
                "metering_point_id": point,
                "bsp": self.bsp,
                "zone": BiddingZone.NO3,
                "grid_area": self.area if (dso or self.dso) == self.dso else self.other_area,
                "dso": dso or self.dso,
                "substation": "T1",
                "up_w": 5000,
                "down_w": 5000,
                "valid_from": local("2026-01-06"),
                "declared_up_w": 0,
                "declared_down_w": 0,
                "group_max_w": 5_000_000,
                "point_limit_w": 1_000_000,
                **changes,
            }
        )
        self.scenario.given(event)
        return event

    def grown(self, points: Sequence[str], *, group: str, substations: Sequence[str | None], dso: str = "") -> None:
        """Many join at once: as `joined`, but what is folded is tried for its way through JSON only once."""
        first = self.joined(points[0], group=group, dso=dso, substation=substations[0])
        document = self.scenario.documents[store.GROUP.name, group]
        for number, point in enumerate(points[1:], 1):
            substation = substations[number % len(substations)]
            event = first.model_copy(update={"metering_point_id": point, "substation": substation})
            document.state = known.evolve_group(document.state, event)
        self.joined(points[-1], group=group, dso=dso, substation=substations[(len(points) - 1) % len(substations)])

    def assessed(self, *limits: tuple[str, int], dso: str = "", group: str = "", decision: str = "") -> None:
        members = self.scenario.state(store.GROUP, group or self.group)
        self.scenario.given(
            prequal.GridAssessmentRequested(
                application_id=uuid(50),
                group_id=group or self.group,
                bsp=self.bsp,
                dso=dso or self.dso,
                points=tuple(
                    prequal.AskedPoint(
                        metering_point_id=point,
                        grid_area=self.area,
                        substation=None,
                        up_w=stay.up_w,
                        down_w=stay.down_w,
                    )
                    for point, stays in members.members.items()
                    for stay in stays[-1:]
                    if stay.dso == (dso or self.dso)
                ),
                due_at=local("2026-02-01"),
            ),
            prequal.GridAssessed(
                application_id=uuid(50),
                group_id=group or self.group,
                bsp=self.bsp,
                dso=dso or self.dso,
                decision=decision or ("limited" if limits else "approved"),
                limits=tuple(
                    prequal.GridLimit(metering_point_id=point, up_w=watts, down_w=watts, reason_code="line")
                    for point, watts in limits
                ),
                text="",
                late=False,
                deliverable_up_w=0,
                deliverable_down_w=0,
                still_asked=(),
            ),
        )

    def biddable(self, up_w: int, *, since: str = "2026-01-27", group: str = "") -> None:
        self.scenario.given(
            prequal.BiddableChanged(
                group_id=group or self.group,
                bsp=self.bsp,
                dsos=(self.dso,),
                zone=BiddingZone.NO3,
                valid_from=local(since),
                up_w=up_w,
                down_w=0,
                approved_up_w=up_w,
                approved_down_w=0,
                deliverable_up_w=up_w,
                deliverable_down_w=0,
                below_minimum=False,
            )
        )

    # Commands

    def open(
        self,
        points: Sequence[str],
        *,
        sender: str = "",
        at: datetime | None = None,
        registered: bool = True,
        **changes: Any,
    ) -> Outcome:
        """Open channels from 2026-03-28, of points that are registered with their resolution from then on."""
        for point in points if registered else ():
            found, resolution = self.recorded.get(point), changes.get("resolution", "PT15M")
            if found is not None and found.resolution != resolution:
                self.fact(point, resolution=resolution, valid_from=changes.get("valid_from", local("2026-03-28")))
        command = v1.OpenChannels.model_validate(
            {
                "metering_points": tuple(points),
                "resolution": "PT15M",
                "valid_from": local("2026-03-28"),
                **changes,
            }
        )
        return self.scenario.when(
            command, subject=uuid(900), sender=sender or self.dso, at=at or local("2026-03-27", "10:00")
        )

    def close(self, points: Sequence[str], *, sender: str = "", at: datetime | None = None, **changes: Any) -> Outcome:
        """Close channels at 2026-03-30."""
        command = v1.CloseChannels.model_validate(
            {"metering_points": tuple(points), "valid_to": local("2026-03-30"), **changes}
        )
        return self.scenario.when(
            command, subject=uuid(901), sender=sender or self.dso, at=at or local("2026-03-27", "11:00")
        )

    def order(
        self,
        power_w: int,
        start: datetime,
        end: datetime,
        *,
        at: datetime,
        direction: str = "up",
        group: str = "",
        activation: str = "",
    ) -> Outcome:
        command = v1.OrderActivation(
            group_id=group or self.group, direction=direction, power_w=power_w, period=Period(start=start, end=end)
        )
        return self.scenario.when(command, subject=activation or uuid(70), sender=self.tso, at=at)

    # Values

    def record(self, *some: v1.Series, sender: str = "", at: datetime, offset: int | None = None) -> Record:
        self.position += 1
        offset = self.position if offset is None else offset
        topic = f"ingress.{sender or self.dso}.meter-values.v1"
        return Record(
            sender=sender or self.dso,
            partition=0,
            offset=offset,
            received_at=at,
            position=self.position,
            shard="0",
            ingressposition=f"{topic}/0/{offset}",
            id=f"values-{self.position}",
            salt=b"salt",
            data=v1.SendMeterValues(series=some),
        )

    def decide(self, record: Record) -> Decided:
        """What the value shard makes of a record."""
        documents = self.scenario.documents
        named = [
            (blocks.block_of(one.metering_point_id), lines.line(one.direction, one.product))
            for one in record.data.series
        ]
        points = {block: documents.get((store.POINTS.name, block)) for block, _ in named}
        channels = {blocks.key(*name): documents.get((store.BLOCK.name, blocks.key(*name))) for name in named}
        checked = series.check(
            record,
            points={block: found.state if found else None for block, found in points.items()},
            channels={name: found.state if found else None for name, found in channels.items()},
            oldest=series.oldest_start(record.received_at, 3),
            plan=checks.Plans(self.scenario.state(store.VALIDATION, validation.ID)).at(record.received_at),
            lapses_at=quarantine.lapses_at(record.received_at, 30),
            erased={block: found.state for block in points if (found := documents.get((store.ERASED.name, block)))},
        )
        return series.decide(checked, self.values.days, case_position=self.scenario.position)

    def send(self, *some: v1.Series, sender: str = "", at: datetime) -> tuple[Decided, Outcome | None]:
        """A record comes: the value shard decides, and the case shard hears of it."""
        decided = self.decide(self.record(*some, sender=sender, at=at))
        return decided, self.scenario.when(decided.event, at=at) if decided.event else None


def one_series(
    point: str,
    day: str,
    wh: int | Sequence[int],
    *,
    resolution: str = "PT15M",
    registered_at: datetime | None = None,
    **changes: Any,
) -> v1.Series:
    """A whole local day."""
    start, end = calendar.usage_day(date.fromisoformat(day))
    figures = (wh,) * calendar.steps(start, end, resolution) if isinstance(wh, int) else tuple(wh)
    return v1.Series.model_validate(
        {
            "metering_point_id": point,
            "resolution": resolution,
            "start": start,
            "end": end,
            "values_wh": figures,
            "registered_at": registered_at or end,
            **changes,
        }
    )


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def day_series() -> Any:
    return one_series


@pytest.fixture
async def engine(new_database: Any) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(await new_database())
    await migrate.migrate(engine, [SERVICE], "meter_ingest")
    yield engine
    await engine.dispose()


@pytest.fixture
def take(world: Any, engine: AsyncEngine) -> Any:
    async def fetch(kind: Kind[Any], ids: Iterable[str]) -> Mapping[str, Any]:
        found = ((id_, world.scenario.documents.get((kind.name, id_))) for id_ in ids)
        return {id_: document.state if document else None for id_, document in found}

    async def take(*records: series.Record) -> list[series.Decided]:
        async with engine.begin() as connection:
            # A batch's transaction has always begun: the case shard's position is read first.
            await connection.execute(text("SELECT 1"))
            return await shard.handle_batch(
                connection, records, fetch=fetch, case_position=7, oldest=lambda at: series.oldest_start(at, 3)
            )

    return take


@pytest.fixture
def points(world: Any) -> list[str]:
    points = world.points(1, 2, 3, power_w=2**50)
    world.open(points)
    return points


@pytest.fixture
def stored(engine: AsyncEngine) -> Any:
    """Writes documents of some kinds as the case shard would have."""

    async def stored(world: World, *kinds: str) -> None:
        named = {kind.name: kind for kind in store.KINDS}
        async with engine.begin() as connection:
            for (name, id_), document in world.scenario.documents.items():
                if name in kinds:
                    state = named[name].adapter.dump_json(document.state).decode()
                    await connection.execute(
                        text(
                            f"INSERT INTO {documents.table_of(named[name])} (kind, id, version, state)"
                            " VALUES (:kind, :id, 1, CAST(:state AS json))"
                            " ON CONFLICT (kind, id) DO UPDATE SET state = EXCLUDED.state"
                        ),
                        {"kind": name, "id": id_, "state": state},
                    )
                    if name == store.DATA_ACCESS.name:
                        table = store.DATA_ACCESS_ROWS
                        await connection.execute(table.delete().where(table.c.data_access_id == id_))
                        for row in store.DATA_ACCESS.rows[table](id_, document.state):
                            await connection.execute(table.insert().values(row))

    return stored


@pytest.fixture
def house(world: World, engine: AsyncEngine, stored: Any, take: Any) -> House:
    return House(world, engine, stored, take)
