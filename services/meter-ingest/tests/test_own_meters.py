"""Own meters of resources: what a BSP measures by itself, minute by minute, kept beside what is settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contracts import calendar
from contracts.bsp_switch import v1 as bsp_switch
from contracts.meter_ingest import v1
from contracts.registry import v1 as registry
from contracts.values import Role, make_gln, make_gsrn
from meter_ingest import store
from meter_ingest.domain import blocks, own_series, series, values
from meter_ingest.domain.checks import Plans
from meter_ingest.domain.series import Decided, Record

OTHER = make_gln(12)
DAY, SPRING, AUTUMN = "2026-03-28", "2026-03-29", "2026-10-25"
DEVICE = "KH12-0001"


class Own:
    """A battery of the BSP behind metering point 1, which it holds, and its own meters."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.resource = world.uuid(300)
        (self.point,) = world.points(1)
        self.registered(self.resource, self.point)
        world.scenario.given(self.claimed(self.point))

    def registered(self, resource: str, point: str, bsp: str = "") -> None:
        self.world.scenario.given(
            registry.ResourceRegistered(
                resource_id=resource,
                metering_point_id=point,
                bsp=bsp or self.world.bsp,
                dso=self.world.dso,
                name="Batteri",
                technology="battery",
                up_w=5000,
                down_w=5000,
                devices=(),
                behind_up_w=5000,
                behind_down_w=5000,
                held_from=self.world.local("2026-01-06"),
            )
        )

    def claimed(self, point: str, bsp: str = "", since: str = "2026-01-06") -> bsp_switch.ControlClaimed:
        return bsp_switch.ControlClaimed(
            metering_point_id=point,
            bsp=bsp or self.world.bsp,
            valid_from=self.world.local(since),
            consent_id=self.world.uuid(1),
        )

    def switched(self, start: str) -> None:
        self.world.scenario.given(
            bsp_switch.SwitchAnnounced(
                switch_id=self.world.uuid(2),
                metering_point_id=self.point,
                outgoing=self.world.bsp,
                incoming=OTHER,
                dso=self.world.dso,
                start=self.world.local(start),
                consent_id=self.world.uuid(3),
                notice_days=14,
                notice_min_days=14,
            )
        )

    def open(self, *, resource: str = "", sender: str = "", at: datetime | None = None, **changes: Any) -> Any:
        command = v1.OpenOwnMeter.model_validate(
            {"device_id": DEVICE, "resolution": "PT1M", "valid_from": self.world.local(DAY), **changes}
        )
        return self._send(command, resource, sender, at)

    def close(self, *, resource: str = "", sender: str = "", at: datetime | None = None, **changes: Any) -> Any:
        command = v1.CloseOwnMeter.model_validate(
            {"device_id": DEVICE, "valid_to": self.world.local("2026-03-30"), **changes}
        )
        return self._send(command, resource, sender, at)

    def _send(self, command: Any, resource: str, sender: str, at: datetime | None) -> Any:
        return self.world.scenario.when(
            command,
            subject=resource or self.resource,
            sender=sender or self.world.bsp,
            role="bsp",
            at=at or self.world.local("2026-03-27", "10:00"),
        )

    def series(self, start: datetime, wh: Sequence[int], *, resolution: str = "PT1M", **changes: Any) -> v1.Series:
        """Values from a moment on."""
        about = {name: changes.pop(name) for name in ("device_id", "clock_offset_ms", "missing") if name in changes}
        minutes = {"PT1M": 1, "PT5M": 5, "PT15M": 15}[resolution]
        end = start + timedelta(minutes=minutes * len(wh))
        return v1.Series.model_validate(
            {
                "own": {"resource_id": self.resource, **about},
                "resolution": resolution,
                "start": start,
                "end": end,
                "values_wh": tuple(wh),
                "registered_at": end,
                **changes,
            }
        )

    def decide(self, record: Record) -> Decided:
        """What the value shard makes of a record."""
        scenario = self.world.scenario
        named = own_series.resources([record]) or set()
        meters = {one: scenario.state(store.OWN_METERS, one) for one in named}
        block = blocks.block_of(self.point)
        oldest = series.oldest_start(record.received_at, 3)
        checked = series.check(
            record,
            points={block: scenario.state(store.POINTS, block)},
            channels={},
            oldest=oldest,
            plan=Plans(None).at(record.received_at),
            lapses_at=record.received_at,
        )
        standing = own_series.Standing(meters, {block: scenario.state(store.CONTROL, block)})
        own_series.check(checked, standing, oldest=oldest)
        return series.decide(checked, self.world.values.days, case_position=scenario.position)

    def sent(self, *some: v1.Series, sender: str = "", at: datetime | None = None) -> Decided:
        at = at or max(one.end for one in some)
        return self.decide(self.world.record(*some, sender=sender or self.world.bsp, at=at))

    def refused(self, code: str, *some: v1.Series, **more: Any) -> Any:
        decided = self.sent(*some, **more)
        assert (decided.event, decided.versions) == (None, ())
        assert [row.code for row in decided.rows] == [code]
        return decided.reasons[0]


@pytest.fixture
def own(world: Any) -> Own:
    return Own(world)


def opened(outcome: Any) -> v1.OwnMeterOpened:
    (found,) = outcome.events
    assert isinstance(found, v1.OwnMeterOpened)
    return found


# Opening and closing


@pytest.mark.unit
def test_the_register_numbers_the_meters_of_a_point_and_gives_no_number_twice(own: Own) -> None:
    other = own.world.uuid(301)
    own.registered(other, own.point)
    assert opened(own.open()).meter == 1
    assert opened(own.open(device_id="to")).meter == 2
    assert opened(own.open(resource=other)).meter == 3
    assert opened(own.open(direction="production")).meter == 1
    own.close()
    again = opened(own.open(valid_from=own.world.local("2026-03-30"), resolution="PT5M"))
    assert (again.meter, again.metering_point_id) == (1, own.point)
    assert opened(own.open(device_id="tre")).meter == 4


@pytest.mark.unit
@pytest.mark.rule("OWN_METER_RESOURCE_UNKNOWN")
def test_who_does_not_hold_the_point_is_answered_as_if_the_resource_were_unknown(own: Own) -> None:
    unknown = own.open(resource=own.world.uuid(404))
    unknown.refused("OWN_METER_RESOURCE_UNKNOWN")
    own.open(sender=OTHER).refused("OWN_METER_RESOURCE_UNKNOWN")
    own.switched("2026-04-02")
    own.open(valid_from=own.world.local("2026-04-02")).refused("OWN_METER_RESOURCE_UNKNOWN")
    # The point is the other's by then, but the resource is not.
    own.open(sender=OTHER, valid_from=own.world.local("2026-04-02")).refused("OWN_METER_RESOURCE_UNKNOWN")
    opened(own.open(valid_from=own.world.local("2026-04-01")))


@pytest.mark.unit
@pytest.mark.rule("OWN_METER_ALREADY_OPEN", "OWN_METER_NOT_OPEN", "OWN_METER_PERIOD_INVALID")
def test_opening_and_closing_are_two_steps(own: Own) -> None:
    own.close().refused("OWN_METER_NOT_OPEN")
    opened(own.open())
    own.open().refused("OWN_METER_ALREADY_OPEN", actual="2026-03-28")
    own.close(sender=OTHER).refused("OWN_METER_NOT_OPEN")
    own.close(direction="production").refused("OWN_METER_NOT_OPEN")
    own.close(valid_to=own.world.local(DAY)).refused("OWN_METER_PERIOD_INVALID", limit="2026-03-29")
    (closed,) = own.close().events
    assert (closed.meter, closed.valid_to) == (1, own.world.local("2026-03-30"))
    own.close().refused("OWN_METER_NOT_OPEN")
    own.open(valid_from=own.world.local(SPRING)).refused("OWN_METER_ALREADY_OPEN")
    own.open(device_id="to", valid_from=own.world.local("2026-01-07")).refused("OWN_METER_PERIOD_INVALID")


@pytest.mark.unit
@pytest.mark.rule("OWN_METERS_TOO_MANY")
def test_numbers_run_out(own: Own) -> None:
    state = store.NUMBERED.name, own.point
    opened(own.open())
    own.world.scenario.documents[state].state = type(own.world.scenario.documents[state].state)(4094)
    own.open(device_id="to").refused("OWN_METERS_TOO_MANY", limit=4094)
    opened(own.open(direction="production"))


@pytest.mark.unit
def test_no_dso_owes_an_own_meter_and_none_is_told_of_it(own: Own) -> None:
    outcome = own.open()
    assert [type(event) for event in outcome.events] == [v1.OwnMeterOpened]
    assert own.world.scenario.state(store.LINES, blocks.block_of(own.point)) is None
    assert own.world.scenario.state(store.COMPLETENESS, own.world.dso) is None
    decided = own.sent(own.series(own.world.local(DAY), [1] * 1440))
    heard = own.world.scenario.when(decided.event, at=own.world.local(SPRING))
    assert heard.events == []
    assert (decided.event.series, decided.event.together) == ((), ())


# Series


@pytest.mark.unit
def test_minutes_become_quarters_by_sum(own: Own) -> None:
    own.open()
    start = own.world.local(DAY, "10:00")
    decided = own.sent(own.series(start, [*range(15), *[100] * 15]))
    (version,) = decided.versions
    assert (version.line, version.minutes, version.status) == ("consumption.active.1", 15, "metered")
    assert values.decode(version.width, version.wh) == (105, 1500)
    (accepted,) = decided.event.own
    assert (accepted.count, accepted.samples, accepted.short, accepted.sum_wh) == (2, 30, 0, 1605)
    assert accepted.changed
    own.open(device_id="to", resolution="PT5M")
    own.open(device_id="tre", resolution="PT15M")
    assert [
        values.decode(one.width, one.wh)
        for device, resolution in (("to", "PT5M"), ("tre", "PT15M"))
        for one in own.sent(own.series(start, [7, 8, 9], resolution=resolution, device_id=device)).versions
    ] == [(24,), (7, 8, 9)]


@pytest.mark.unit
@pytest.mark.rule("SERIES_SAMPLES_MISSING", "SERIES_MISSING_WRONG", "SERIES_QUARTER_EMPTY")
def test_a_quarter_with_fewer_samples_is_kept_but_is_no_first_class_evidence(own: Own) -> None:
    own.open()
    start = own.world.local(DAY, "10:00")
    wh = [10] * 45
    wh[16] = wh[17] = 0
    decided = own.sent(own.series(start, wh, missing=[{"first": 16, "count": 2}]))
    (reason,) = decided.reasons
    assert (reason.code, reason.limit, reason.actual) == ("SERIES_SAMPLES_MISSING", 15, 13)
    found = [(one.first, one.status, values.samples(one.mark)) for one in decided.versions]
    assert found == [(40, "metered", None), (41, "partly-metered", 13), (42, "metered", None)]
    counted = values.merge(decided.versions, 40, 43)
    assert (counted.wh, counted.quality) == ([150, 130, 150], ["measured", "estimated", "measured"])
    assert decided.event.own[0].short == 1
    # The same energy of all the samples is another statement.
    whole = own.sent(own.series(start, [10] * 15 + [5] * 4 + [10] * 11 + [10] * 15))
    assert values.merge((*decided.versions, *whole.versions), 41, 42).status == ["metered"]
    for wrong in ([(45, 1)], [(16, 1), (16, 1)], [(0, 1)]):
        runs = [{"first": first, "count": count} for first, count in wrong]
        own.refused("SERIES_MISSING_WRONG", own.series(start, wh, missing=runs))
    empty = own.series(start, [0] * 15 + [10] * 15, missing=[{"first": 0, "count": 15}])
    own.refused("SERIES_QUARTER_EMPTY", empty)


@pytest.mark.unit
def test_a_quarter_is_as_certain_as_its_least_certain_sample(own: Own) -> None:
    own.open()
    runs = [
        {"status": "metered", "count": 20},
        {"status": "estimated", "count": 1},
        {"status": "metered", "count": 24},
    ]
    wh = [1] * 44 + [0]
    some = own.series(own.world.local(DAY, "10:00"), wh, statuses=runs, missing=[{"first": 44, "count": 1}])
    found = [(one.status, values.samples(one.mark)) for one in own.sent(some).versions]
    assert found == [("metered", None), ("estimated", None), ("partly-metered", 14)]


@pytest.mark.unit
@pytest.mark.rule("SERIES_CLOCK_DRIFT")
@pytest.mark.parametrize(("offset", "wrong"), [(10_000, False), (-10_000, False), (10_001, True), (-10_001, True)])
def test_a_clock_that_is_wrong_is_marked(own: Own, offset: int, wrong: bool) -> None:
    own.open()
    decided = own.sent(own.series(own.world.local(DAY, "10:00"), [1] * 15, clock_offset_ms=offset))
    assert [reason.code for reason in decided.reasons] == ["SERIES_CLOCK_DRIFT"] * wrong
    assert [values.drifted(one.mark) for one in decided.versions] == [wrong]
    assert decided.event.own[0].clock_offset_ms == offset
    assert decided.status == "accepted"


@pytest.mark.unit
@pytest.mark.rule("SERIES_RESOURCE_UNKNOWN", "SERIES_NOT_AUTHORISED")
def test_only_who_holds_the_point_in_the_whole_period_may_send(own: Own) -> None:
    start = own.world.local(SPRING, "23:30")
    some = own.series(start, [1] * 60)
    unopened = own.refused("SERIES_RESOURCE_UNKNOWN", some)
    own.open()
    assert own.refused("SERIES_RESOURCE_UNKNOWN", some, sender=OTHER) == unopened
    assert own.refused("SERIES_RESOURCE_UNKNOWN", some, sender=own.world.dso) == unopened
    stranger = some.model_copy(update={"own": v1.OwnMeter(resource_id=own.world.uuid(404))})
    assert own.refused("SERIES_RESOURCE_UNKNOWN", stranger) == unopened
    own.refused("SERIES_RESOURCE_UNKNOWN", some.model_copy(update={"own": v1.OwnMeter(resource_id="' OR 1")}))
    assert own.sent(some).event is not None
    own.switched("2026-03-30")
    own.refused("SERIES_NOT_AUTHORISED", some)
    before = own.series(start, [1] * 30)
    assert own.sent(before).event is not None
    # Who holds it now, did not open the meter.
    own.refused("SERIES_RESOURCE_UNKNOWN", own.series(own.world.local("2026-03-30"), [1] * 15), sender=OTHER)


@pytest.mark.unit
def test_who_succeeds_a_bsp_goes_on_with_its_meters(own: Own) -> None:
    own.open()
    own.world.scenario.given(
        bsp_switch.ControlSuccessionAnnounced(
            merger_id=own.world.uuid(8),
            metering_point_id=own.point,
            bsp=own.world.bsp,
            successor=OTHER,
            dso=own.world.dso,
            start=own.world.local(SPRING),
        )
    )
    later = own.series(own.world.local(SPRING), [1] * 15)
    assert own.sent(later, sender=OTHER).event.own[0].meter == 1
    own.refused("SERIES_NOT_AUTHORISED", later)
    before = own.series(own.world.local(DAY), [1] * 15)
    own.refused("SERIES_RESOURCE_UNKNOWN", before, sender=OTHER)
    own.refused("SERIES_NOT_AUTHORISED", before, sender=OTHER, at=later.end)
    (closed,) = own.close(sender=OTHER, at=own.world.local(SPRING, "10:00")).events
    assert closed.bsp == OTHER


@pytest.mark.unit
@pytest.mark.rule("SERIES_RESOURCE_ELSEWHERE", "SERIES_OWN_METER_NOT_OPEN")
def test_a_series_is_of_one_open_meter(own: Own) -> None:
    own.open()
    start = own.world.local(DAY, "10:00")
    assert own.sent(own.series(start, [1] * 15, metering_point_id=own.point)).event is not None
    elsewhere = own.series(start, [1] * 15, metering_point_id=make_gsrn(2))
    own.refused("SERIES_RESOURCE_ELSEWHERE", elsewhere)
    for wrong in (
        own.series(start, [1] * 15, device_id="to"),
        own.series(start, [1] * 15, direction="production"),
        own.series(start, [1] * 15, product="reactive"),
        own.series(own.world.local("2026-03-27"), [1] * 15),
    ):
        own.refused("SERIES_OWN_METER_NOT_OPEN", wrong)
    own.open(device_id="to")
    reason = own.refused("SERIES_OWN_METER_NOT_OPEN", own.series(start, [1] * 15))
    assert (reason.limit, reason.actual) == (1, 2)
    assert own.sent(own.series(start, [1] * 15, device_id="to")).event.own[0].meter == 2
    own.close()
    after = own.series(own.world.local("2026-03-30"), [1] * 15, device_id=DEVICE)
    own.refused("SERIES_OWN_METER_NOT_OPEN", after)


@pytest.mark.unit
def test_a_series_must_be_right_in_form(own: Own) -> None:
    own.open()
    start = own.world.local(DAY, "10:00")
    good = own.series(start, [1] * 15)
    for code, wrong in (
        ("SERIES_NOT_ALIGNED", own.series(start + timedelta(minutes=1), [1] * 15)),
        ("SERIES_NOT_ALIGNED", own.series(start, [1] * 16)),
        ("SERIES_COUNT_WRONG", good.model_copy(update={"values_wh": (1,) * 14})),
        ("SERIES_RESOLUTION_WRONG", own.series(start, [1], resolution="PT15M")),
        ("SERIES_VALUE_NEGATIVE", own.series(start, [1] * 14 + [-1])),
        ("SERIES_STATUSES_WRONG", own.series(start, [1] * 15, statuses=[{"status": "metered", "count": 14}])),
        ("SERIES_PERIOD_INVALID", good.model_copy(update={"end": start})),
    ):
        own.refused(code, wrong, at=own.world.local(SPRING))
    own.refused("SERIES_PERIOD_NOT_OVER", good, at=start)
    ahead = good.model_copy(update={"registered_at": own.world.local("2027-01-01")})
    own.refused("SERIES_REGISTERED_AHEAD", ahead, at=own.world.local(SPRING))


@pytest.mark.unit
def test_one_bad_series_does_not_sink_the_others_and_a_dsos_minutes_are_no_own_meter(own: Own) -> None:
    own.open()
    start = own.world.local(DAY, "10:00")
    good = own.series(start, [1] * 15)
    plain = good.model_copy(update={"own": None, "metering_point_id": own.point})
    nothing = good.model_copy(update={"own": None})
    decided = own.sent(plain, good, own.series(start, [1] * 14), nothing)
    assert [(row.row, row.code) for row in decided.rows] == [
        (0, "SERIES_POINT_UNKNOWN"),
        (2, "SERIES_NOT_ALIGNED"),
        (3, "SERIES_POINT_NO_ID"),
    ]
    assert (decided.status, decided.event.refused, len(decided.event.own)) == ("partly-accepted", 3, 1)


@pytest.mark.unit
def test_the_settlement_meter_alone_decides_what_was_delivered(own: Own, day_series: Any) -> None:
    world = own.world
    own.open()
    world.open([own.point])
    world.formed()
    world.joined(own.point)
    start = world.local(DAY, "10:00")
    world.order(2_000, start, start + timedelta(minutes=15), at=start - timedelta(minutes=15))
    minutes = own.sent(own.series(world.local(DAY), [50] * 1440))
    world.scenario.when(minutes.event, at=world.local(SPRING))
    _, outcome = world.send(day_series(own.point, DAY, 100), at=world.local(SPRING, "06:00"))
    (verified,) = [event for event in outcome.events if isinstance(event, v1.ActivationVerified)]
    assert [quarter.metered_wh for quarter in verified.quarters] == [100]
    again = own.sent(own.series(world.local(DAY), [70] * 1440, registered_at=world.local(SPRING, "00:01")))
    assert world.scenario.when(again.event, at=world.local(SPRING, "08:00")).events == []


@pytest.mark.store
async def test_by_column_an_own_meter_is_named_as_in_json(own: Own, take: Any) -> None:
    from contracts import columnar

    own.open()
    start = own.world.local(DAY, "10:00")
    good = own.series(start, [1] * 4 + [0] + [1] * 10, missing=[{"first": 4, "count": 1}])
    named = good.model_copy(update={"metering_point_id": own.point, "start": start + timedelta(minutes=15)})
    named = named.model_copy(update={"end": start + timedelta(minutes=30)})
    unknown = good.own.model_copy(update={"resource_id": own.world.uuid(999)})
    some = (good, good.model_copy(update={"own": unknown}), good.model_copy(update={"own": None}), named)
    record = own.world.record(*some, sender=own.world.bsp, at=own.world.local(SPRING))
    columns = columnar.read(columnar.write(some, {}))
    as_json = own.decide(record)
    (by_column,) = await take(replace(record, data=v1.SendMeterValues.model_construct(series=()), columns=columns))
    assert [(row.row, row.code) for row in by_column.rows] == [(row.row, row.code) for row in as_json.rows]
    assert by_column.rows[0] == as_json.rows[0]
    assert len(by_column.event.own) == 2
    assert by_column.event.own == as_json.event.own


@pytest.mark.store
@pytest.mark.rule("VALUES_ERASED")
async def test_values_of_days_that_were_erased_are_not_taken_again(own: Own, take: Any) -> None:
    own.open()
    gone = date.fromisoformat(DAY)
    own.world.scenario.given(
        v1.ValuesErased(
            metering_point_id=own.point,
            dso=own.world.dso,
            by=own.world.tso,
            first_day=gone - timedelta(days=9),
            last_day=gone,
            versions=0,
            count=0,
            salted_sha256="00" * 32,
        )
    )
    days = (own.series(own.world.local(day, "10:00"), [1] * 15) for day in (DAY, SPRING))
    record = own.world.record(*days, sender=own.world.bsp, at=own.world.local("2026-04-02"))
    (decided,) = await take(record)
    assert [(row.row, row.code) for row in decided.rows] == [(0, "VALUES_ERASED")]
    assert {version.day.isoformat() for version in decided.versions} == {SPRING}


# Any order


MOMENTS = st.sampled_from([0, 1, 2])
SENT = st.tuples(
    st.sampled_from([DAY, SPRING, AUTUMN]),
    st.integers(0, 24),
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 14)), max_size=3),
    MOMENTS,
    st.sampled_from([0, 20_000]),
    st.integers(0, 2),
)
"""Day, hour, quarters, samples that are missing (quarter, minute), when registered, how wrong the clock, value."""


@pytest.mark.unit
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(sent=st.lists(SENT, min_size=1, max_size=8), order=st.randoms(use_true_random=False))
def test_no_order_of_series_changes_what_counts(world: Any, sent: list[Any], order: Any) -> None:
    own = Own(type(world)())
    own.open()
    at = own.world.local("2026-11-01")
    records: list[tuple[Record, Any]] = []
    for place, (day, hour, count, gaps, moment, drift, value) in enumerate(sent):
        start = calendar.usage_day(date.fromisoformat(day))[0] + timedelta(hours=min(hour, 22))
        gone = sorted({quarter * 15 + minute for quarter, minute in gaps if quarter < count})
        wh = [0 if step in gone else value for step in range(15 * count)]
        some = own.series(
            start,
            wh,
            missing=[{"first": step, "count": 1} for step in gone],
            clock_offset_ms=drift,
            registered_at=at + timedelta(minutes=moment),
        )
        quarters = {
            start + timedelta(minutes=15 * each): (
                sum(wh[15 * each : 15 * each + 15]),
                15 - sum(step // 15 == each for step in gone),
                drift > 10_000,
            )
            for each in range(count)
        }
        record = own.world.record(some, sender=own.world.bsp, at=at + timedelta(minutes=5), offset=place)
        records.append((record, ((moment, place), quarters)))
    model: dict[datetime, Any] = {}
    for _, (_, quarters) in sorted(records, key=lambda one: one[1][0]):
        model |= quarters
    shuffled = [record for record, _ in records]
    order.shuffle(shuffled)
    own.world.values.days.clear()
    for record in [*shuffled, *shuffled[:2]]:
        decided = own.decide(record)
        assert decided.rows == ()
    last, _ = max(records, key=lambda one: one[1][0])
    again = own.decide(last)
    assert [one.changed for one in again.event.own] == [False]
    assert _standing(own) == model


def _standing(own: Own) -> dict[datetime, Any]:
    found: dict[datetime, Any] = {}
    for (_, line, day), versions in own.world.values.days.items():
        assert line == "consumption.active.1"
        start, end = calendar.usage_day(day)
        count = (end - start) // timedelta(minutes=15)
        counted = values.merge(versions, 0, count)
        for place, (wh, by) in enumerate(zip(counted.wh, counted.by, strict=True)):
            if by is not None:
                is_ = (wh, values.samples(by.mark) or 15, values.drifted(by.mark))
                found[start + timedelta(minutes=15 * place)] = is_
    return found


# Stored and read


@pytest.fixture
async def kept(own: Own, take: Any, stored: Any) -> list[Decided]:
    """A day of minutes, one quarter of which misses some; another is sent again, with a wrong clock, and twice."""
    own.open()
    world, start = own.world, own.world.local(DAY)
    wh = [10] * 1440
    wh[15] = wh[16] = 0
    at = world.local(SPRING, "06:30")
    first = own.series(start, wh, missing=[{"first": 15, "count": 2}])
    wrong = own.series(start + timedelta(minutes=30), [10] * 15, clock_offset_ms=-12_000, registered_at=at)
    decided = await take(
        world.record(first, sender=world.bsp, at=at),
        world.record(wrong, sender=world.bsp, at=at),
        world.record(wrong, sender=world.bsp, at=at),
    )
    await stored(world, "points", "control", "own-meters", "resource")
    return decided


@pytest.mark.store
async def test_it_is_read_by_its_resource_by_who_may(own: Own, kept: list[Decided], engine: Any, stored: Any) -> None:
    from meter_ingest import pages

    assert [[one.changed for one in decided.event.own] for decided in kept] == [[True], [True], [False]]
    world = own.world
    period = {"from": world.local(DAY).isoformat(), "to": world.local(SPRING).isoformat()}

    for party, role in ((world.bsp, Role.BSP), (world.dso, Role.DSO), (OTHER, Role.BSP)):
        world.onboarded(party, role)
    await stored(world, "party")

    async def ask(**asked: str) -> Any:
        return await pages.answer(engine, pages.Asked.parse({**period, **asked}))

    found = await ask(resource=own.resource, **{"as": world.bsp})
    (is_,) = found["points"]
    assert (found["line"], is_["metering_point_id"], is_["device_id"]) == ("consumption.active.1", own.point, DEVICE)
    (day,) = is_["days"]
    assert day["values_wh"] == (150, 130, *[150] * 94)
    assert day["status"] == ("metered", "partly-metered", *["metered"] * 94)
    assert day["samples"] == [None, 13, *[None] * 94]
    assert day["clock_wrong"] == [False, False, True, *[False] * 93]
    by_hour = await ask(resource=own.resource, resolution="PT60M", device=DEVICE)
    assert by_hour["points"][0]["days"][0]["values_wh"][0] == 580
    assert by_hour["points"][0]["days"][0]["status"][:2] == ("partly-metered", "metered")
    history = await ask(resource=own.resource, revisions="true", **{"as": world.bsp})
    assert [len(one["changes"]) for one in history["revisions"]] == [1, 1, 94, 1]
    # The grid company sees what the resource's point is settled by, and nothing of the BSP's meter.
    of_dso = await ask(resource=own.resource, **{"as": world.dso})
    assert (of_dso["line"], set(of_dso["points"][0]["days"][0]["values_wh"])) == ("consumption", {None})
    assert await ask(resource=own.resource, device=DEVICE, **{"as": world.dso}) is None
    assert await ask(resource=own.resource, device="to") is None
    assert await ask(resource=world.uuid(404), device="to") is None
    assert await ask(resource=own.resource, **{"as": OTHER}) is None
    with pytest.raises(pages.queries.UnableToRead):
        await ask(point=own.point, line="consumption.active.1", **{"as": world.dso})
    assert (await ask(point=own.point, line="consumption.active.1"))["points"][0]["days"][0]["values_wh"][1] == 130


@pytest.mark.store
async def test_the_view_of_single_values_has_the_line_and_its_samples(kept: list[Decided], engine: Any) -> None:
    async with engine.connect() as connection:
        rows = (
            await connection.execute(
                text(
                    "SELECT meter, wh, status, quality, samples, clock_wrong FROM private.value ORDER BY start LIMIT 4"
                )
            )
        ).all()
    assert [tuple(row) for row in rows] == [
        (1, 150, "metered", "measured", None, False),
        (1, 130, "partly-metered", "estimated", 13, False),
        (1, 150, "metered", "measured", None, True),
        (1, 150, "metered", "measured", None, False),
    ]


@pytest.mark.store
async def test_what_is_stored_is_what_the_events_prove(kept: list[Decided], engine: Any) -> None:
    from meter_ingest import value_proof

    said = sorted(line for one in kept for line in value_proof.said(one.event))
    async with engine.connect() as connection:
        stored = sorted(await value_proof.evidence("0").stored(connection))
    assert len(said) == 3
    assert said == stored
