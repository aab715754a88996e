"""Every vector of the metering research (`vectors/metering.json`): all are run here.

The vectors are data that was computed apart from this code; each is put through what the service itself uses.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import emif_given
import pytest
from pydantic_core import PydanticCustomError

from chassis.service import Decision
from contracts import calendar, identifiers
from contracts.emif import names, reading
from contracts.meter_ingest import v1
from contracts.values import parse_time, time_text
from meter_ingest import emif, store
from meter_ingest.domain import blocks, codes, counting, coverage, days, ramps, shares, transform, values
from meter_ingest.domain.settlement import deviation, hour_price, last_resort, money, prices

pytestmark = pytest.mark.unit

VECTORS = {
    one["id"]: one
    for one in json.loads((Path(__file__).parent / "vectors" / "metering.json").read_text(encoding="utf-8"))["vectors"]
}

Run = Callable[[Any, Any, Any], None]
RUNS: dict[str, Run] = {}


def vector(id_: str) -> Callable[[Run], Run]:
    def kept(run: Run) -> Run:
        RUNS[id_] = run
        return run

    return kept


def test_every_vector_is_run() -> None:
    assert RUNS.keys() == VECTORS.keys()


@pytest.mark.parametrize("id_", sorted(VECTORS))
def test_vector(id_: str, world: Any) -> None:
    RUNS[id_](VECTORS[id_]["input"], VECTORS[id_]["expected"], world)


def wh(kwh: str) -> int:
    return int(Decimal(kwh) * 1000)


def why(check: Callable[[str], str], text: str) -> tuple[str, str | None]:
    """Which check an identifier fails, and the check digit that it should have."""
    with pytest.raises(PydanticCustomError) as caught:
        check(text)
    return caught.value.type, (caught.value.context or {}).get("expected")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def point_with_channel(world: Any, serial: int = 1, resolution: str = "PT15M") -> str:
    (point,) = world.points(serial)
    start = world.local("2026-01-01")
    world.open([point], resolution=resolution, valid_from=start, at=start)
    return point


@vector("MV-01")
def _gsrn(given: Any, expected: Any, _world: Any) -> None:
    made = [body + identifiers.gs1_check_digit(body) for body in given["bodies_17"]]
    assert made == expected["gsrn"]
    assert [identifiers.gsrn(one) for one in made] == made


@vector("MV-02")
def _gsrn_invalid(_given: Any, expected: Any, _world: Any) -> None:
    names = {
        "gs1_check_digit": "check_digit",
        "gs1_length": "length",
        "gs1_digits": "pattern",
        "gs1_leading_zero": "leading_zero",
    }
    for one in expected["results"]:
        failed, digit = why(identifiers.gsrn, one["gsrn"])
        assert (names[failed], int(digit) if digit else None) == (one["reason"], one["expected_check_digit"])


@vector("MV-03")
def _gln(given: Any, expected: Any, _world: Any) -> None:
    assert [body + identifiers.gs1_check_digit(body) for body in given["bodies_12"]] == expected["gln"]
    for text, valid in zip(given["check"], expected["valid"], strict=True):
        if valid:
            assert identifiers.gln(text) == text
        else:
            assert why(identifiers.gln, text)[0] == "gs1_check_digit"


@vector("MV-04")
def _eic(given: Any, expected: Any, _world: Any) -> None:
    for name, eic in given["eic"].items():
        assert identifiers.eic_y(eic) == eic
        assert identifiers.eic_check_character(eic[:15]) == expected["results"][name]["check_char"]


@vector("MV-05")
def _eic_invalid(_given: Any, expected: Any, _world: Any) -> None:
    for one in expected["results"]:
        failed, character = why(identifiers.eic, one["eic"])
        assert (failed == "eic_length") == (one["reason"] == "length")
        if failed == "eic_check_character":
            assert character == one["computed_check_char"]
        elif "computed_check_char" in one:
            # No EIC by its shape already; its check character would be wrong as well.
            assert identifiers.eic_check_character(one["eic"][:15]) == one["computed_check_char"]


@vector("MV-06")
def _usage_days(_given: Any, expected: Any, _world: Any) -> None:
    for one in expected["results"]:
        day = days.day(date.fromisoformat(one["day"]))
        assert [time_text(day.start), time_text(day.end)] == [one["start_utc"], one["end_utc"]]
        assert (day.quarters, day.quarters // 4) == (one["PT15M"], one["PT60M"])


@vector("MV-07")
@vector("MV-08")
def _sequence(given: Any, expected: Any, _world: Any) -> None:
    day = days.day(date.fromisoformat(given["day"]))
    for one in expected["results"]:
        start = days.step_start(day, one["resolution"], one["sequence"])
        assert time_text(start) == one["start_utc"]
        assert start.astimezone(calendar.OSLO).isoformat() == one["start_local"]


@vector("MV-09")
def _deadline(_given: Any, expected: Any, _world: Any) -> None:
    for one in expected["results"]:
        due = days.complete_by(date.fromisoformat(one["usage_day"]))
        assert (time_text(due), due.astimezone(calendar.OSLO).isoformat()) == (
            one["deadline_utc"],
            one["deadline_local"],
        )


@vector("MV-10")
def _count(given: Any, expected: Any, world: Any) -> None:
    named = {"PT15M": point_with_channel(world), "PT60M": point_with_channel(world, serial=2, resolution="PT60M")}
    found: list[str] = []
    for case in given["cases"]:
        resolution = names.RESOLUTIONS[case["resolution"]]
        series = v1.Series(
            metering_point_id=named[resolution],
            resolution=resolution,
            start=at(case["start"]),
            end=at(case["end"]),
            values_wh=(1,) * case["observations"],
            registered_at=at(case["end"]),
        )
        decided = world.decide(world.record(series, at=at(case["end"])))
        found += [codes.of(row.code) for row in decided.rows] or ["accept"]
    assert found == expected["results"]


ROLE = '<a:EnergyBusinessProcessRole listAgencyIdentifier="{}">{}</a:EnergyBusinessProcessRole>'
ASKS = "<a:RequestPositiveAcknowledgement>true</a:RequestPositiveAcknowledgement>"


def start(text: str) -> str:
    return f"<a:Start>{text}</a:Start>"


def end(text: str) -> str:
    return f"<a:End>{text}</a:End>"


CHANGES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "message is not CollectedData": ({"message": "Other"}, {}),
    "EnergyBusinessProcess != BRS-NO-313": ({"process": "BRS-NO-312"}, {}),
    "DocumentType != E13": ({"type": '<a:DocumentType listAgencyIdentifier="260">E30</a:DocumentType>'}, {}),
    "RequestPositiveAcknowledgement present": ({"asks": ASKS}, {}),
    "role != DDE": ({"role": ROLE.format("6", "DDQ")}, {}),
    "role listAgencyIdentifier != 6": ({"role": ROLE.format("260", "DDE")}, {}),
    "period missing": ({}, {"period": ""}),
    "ResolutionDuration=PT30M": ({}, {"resolution": "PT30M"}),
    "ResolutionDuration=P1D": ({}, {"resolution": "P1D"}),
    "PT15M Start=2026-11-21T10:07:00Z": (
        {},
        {"start": start("2026-11-21T10:07:00Z"), "end": end("2026-11-21T11:00:00Z")},
    ),
    "PT60M Start=2026-11-21T10:15:00Z": (
        {},
        {"resolution": "PT60M", "start": start("2026-11-21T10:15:00Z"), "end": end("2026-11-21T12:00:00Z")},
    ),
    "End == Start": ({}, {"start": start("2026-11-21T10:00:00Z"), "end": end("2026-11-21T10:00:00Z")}),
    "End=2026-11-22T10:00:00Z (future)": ({}, {"end": end("2026-11-22T10:00:00Z")}),
    "Start=2023-11-21T23:00:00Z (more than 3 years ago)": ({}, {"start": start("2023-11-21T23:00:00Z")}),
    "MeterReadingStart present": ({}, {"stands": "<a:MeterReadingStart>12.5</a:MeterReadingStart>"}),
    "product missing": ({}, {"characteristics": ""}),
}
"""What each change of the vector is in a document: of the document itself, or of its payload."""


@vector("MV-11")
def _message_rules(given: Any, expected: Any, world: Any) -> None:
    point = point_with_channel(world)
    now = at(given["now"])

    def code(change: str) -> str | None:
        """Elhub's code in the acknowledgement of what came with this change."""
        of_document, of_payload = CHANGES[change]
        item = emif.item(emif_given.document(emif_given.payload(point, **of_payload), **of_document))
        assert item.emif is not None
        if item.reasons:
            return item.emif.refused[0]
        decision = Decision(rejected=True)
        if item.command is not None:
            decided = world.decide(world.record(*item.command.series, at=now))
            decision = Decision(reasons=decided.reasons, rows=decided.rows, rejected=decided.status == "rejected")
        decision = emif.together(item.emif, decision)
        (said,) = emif.acknowledgements(item.emif, decision.rows, rejected=True, reasons=decision.reasons)
        assert (said.status, said.payload) == ("41", emif_given.payload_id(1))
        return said.reasons[0]

    assert [code(case["change"]) for case in given["cases"]] == expected["results"]
    accepted = emif.item(emif_given.document(emif_given.payload(point)))
    assert world.decide(world.record(*accepted.command.series, at=now)).status == "accepted"


@vector("MV-15")
def _statuses(given: Any, expected: Any, _world: Any) -> None:
    local = date(2026, 1, 5)
    fifth = days.day(date(2026, 1, 10)).end
    for element, said in zip(given["elements"], expected["results"], strict=True):
        attributes = {name: value for name, value in element.items() if name not in {"el", "value"}}
        observed = emif_given.observation(1, element.get("value", "1.000"), element["el"], **attributes)
        raw = emif_given.document(emif_given.payload("707057500000000018", observations=observed))
        (payload,) = reading.read(raw).payloads
        if payload.series is None:
            assert payload.fault is not None
            assert payload.fault.limit == said["error"]
            continue
        status = payload.series.status
        assert status == said["status"].replace("_", "-")
        at_once = values.billing_ready(status, local, days.day(local).end)
        later = values.billing_ready(status, local, fifth)
        assert {(True, True): True, (False, True): "after D+5", (False, False): False}[at_once, later] == said[
            "billing_ready"
        ]


@vector("MV-12")
def _gaps(given: Any, expected: Any, world: Any) -> None:
    point = point_with_channel(world)
    local = date.fromisoformat(given["day"])
    day = days.day(local)

    def after(parts: list[list[int]]) -> coverage.Coverage:
        for first, last in parts:
            start = days.step_start(day, given["resolution"], first)
            series = v1.Series(
                metering_point_id=point,
                resolution=given["resolution"],
                start=start,
                end=days.step_start(day, given["resolution"], last + 1),
                values_wh=(1,) * (last - first + 1),
                registered_at=day.end,
            )
            world.send(series, at=day.end)
        document = world.scenario.state(store.RECEIVED, blocks.key(local, blocks.block_of(point), "consumption"))
        return coverage.of_day(local, given["resolution"], document.places[blocks.place_of(point)])

    first, filled = after(given["received_sequences"]), after(given["then"])
    said = expected["after_first"]
    assert (first.received, first.expected, list(first.missing)) == (
        said["received"],
        said["expected"],
        said["missing"],
    )
    assert (first.percent, first.complete) == (said["completeness_pct"], said["state"] == "complete")
    said = expected["after_fill"]
    assert (filled.received, list(filled.missing)) == (said["received"], said["missing"])
    assert (filled.percent, filled.complete) == (said["completeness_pct"], said["state"] == "complete")


@vector("MV-13")
def _resend(given: Any, expected: Any, world: Any) -> None:
    point = point_with_channel(world)
    day = days.day(date(2026, 1, 15))
    sent = 0
    for message in given["messages"]:
        figures = message["values_kwh"]
        sent += len(figures)
        # The vector's times are of the day's first quarters as if it began at 08:00: only their order matters.
        series = v1.Series(
            metering_point_id=point,
            resolution="PT15M",
            start=day.start,
            end=days.step_start(day, "PT15M", len(figures) + 1),
            values_wh=tuple(wh(figures[str(step)]) for step in range(1, len(figures) + 1)),
            registered_at=at(message["at"]),
        )
        world.decide(world.record(series, at=at(message["at"])))
    ((_, versions),) = world.values.days.items()
    changes = Counter(str(at + 1) for one in values.revisions(versions, 0, 3) for at, *_ in one.quarters)
    assert changes == expected["revisions_per_sequence"]
    assert sent - changes.total() == expected["unchanged_ignored"]
    assert values.merge(versions, 0, 3).wh == [wh(figure) for figure in expected["current_kwh"].values()]


@vector("MV-14")
def _as_of(given: Any, expected: Any, world: Any) -> None:
    point = point_with_channel(world)
    start = at(given["interval_start"])
    for revision in given["revisions"]:
        series = v1.Series(
            metering_point_id=point,
            resolution="PT15M",
            start=start,
            end=start + days.QUARTER,
            values_wh=(wh(revision["kwh"]),),
            status=revision["status"],
            registered_at=at(revision["recorded_at"]),
        )
        world.decide(world.record(series, at=at(revision["recorded_at"])))
    ((_, versions),) = world.values.days.items()
    quarter = (start - days.day_at(start).start) // days.QUARTER

    def counted(moment: str) -> int | None:
        return values.merge(values.as_of(versions, at(moment)), quarter, quarter + 1).wh[0]

    for moment, kwh in expected["as_of"].items():
        assert counted(moment) == (wh(kwh) if kwh else None)
    settled = counted(given["locked_at"])
    assert settled == wh(expected["balance_settled_kwh"])
    now = values.merge(versions, quarter, quarter + 1).wh[0]
    assert now is not None
    assert now - settled == wh(expected["deviation_after_lock_kwh"])


HOUR = datetime(2026, 1, 15, 8, tzinfo=UTC)


@vector("MV-16")
def _flat(given: Any, expected: Any, _world: Any) -> None:
    found = transform.settled(
        [wh(one) for one in given["hour_kwh"]],
        ["metered"] * len(given["hour_kwh"]),
        start=HOUR,
        resolution="PT60M",
        settlement="interval",
        direction="production",
    )
    assert found is not None
    assert list(found.wh) == [wh(one) for quarters in expected["quarters_kwh"] for one in quarters]
    assert set(found.origin) == {"flat"}


@vector("MV-17")
def _profile_6015(given: Any, expected: Any, _world: Any) -> None:
    cases = given["cases"]
    profile = transform.Profile("jip", "area", 3, HOUR, tuple(one for case in cases for one in case["jip_kwh"]))
    found = transform.settled(
        [wh(case["hour_kwh"]) for case in cases],
        ["metered"] * len(cases),
        start=HOUR,
        resolution="PT60M",
        settlement="interval",
        direction="consumption",
        profile=profile,
    )
    assert found is not None
    assert list(found.wh) == [wh(one) for quarters in expected["quarters_kwh"] for one in quarters]
    for number, case in enumerate(cases):
        shaped = sum(case["jip_kwh"]) > 0
        assert found.origin[4 * number] == ("profile-6015" if shaped else "flat")
        assert found.profile[4 * number] == (profile.name if shaped else None)


@vector("MV-18")
def _sums(given: Any, expected: Any, _world: Any) -> None:
    def hours(quarters: list[str], start: datetime) -> list[int | None]:
        came = transform.as_they_came("PT15M", [wh(one) for one in quarters], ["metered"] * len(quarters))
        return list(transform.to_hours(came, start=start).wh)

    assert hours(given["quarters_kwh"], HOUR) == [wh(expected["hour_kwh"])]
    autumn = given["autumn_2026_10_25"]
    starts = [parse_time(text) for text in expected["autumn"]]
    assert starts[0] == calendar.at_local(date(2026, 10, 25), "02:00")
    assert starts[1] == calendar.at_local(date(2026, 10, 25), "02:00", second=True)
    assert hours(autumn["first_02"] + autumn["second_02"], starts[0]) == [
        wh(one) for one in expected["autumn"].values()
    ]
    for month in given["months_2026"]:
        period = calendar.midnight(date(2026, month, 1)), calendar.midnight(date(2026, month + 1, 1))
        assert calendar.steps(*period, "PT60M") == expected["hours_in_month"][f"2026-{month:02}"]
        assert calendar.steps(*period, "PT15M") == expected["quarters_in_month"][f"2026-{month:02}"]
    year = calendar.midnight(date(2026, 1, 1)), calendar.midnight(date(2027, 1, 1))
    assert calendar.steps(*year, "PT60M") == expected["hours_in_year_2026"]


def test_an_estimate_may_be_billed_from_five_days_after() -> None:
    local = date(2026, 2, 3)
    fifth = days.day(date(2026, 2, 8)).end
    assert not values.billing_ready("estimated", local, fifth - timedelta(seconds=1))
    assert values.billing_ready("estimated", local, fifth)
    assert not values.billing_ready("temporary", local, fifth)
    assert values.billing_ready("metered", local, days.day(local).end)


@vector("MV-22")
def _delivered(given: Any, expected: Any, world: Any) -> None:
    start = at("2026-03-28T09:00:00Z")
    for number, (case, found) in enumerate(zip(given["cases"], expected["results"], strict=True)):
        point, group = point_with_channel_of(world, 11 + number, case["asset"]), world.uuid(300 + number)
        world.formed(group)
        world.joined(point, group=group)
        power_w, before, during = int(case["mw"]) * 1_000_000, wh(case["baseline_kwh"]), wh(case["metered_kwh"])
        day = [during if quarter == 40 else before for quarter in range(96)]
        direction, activation = case["direction"], world.uuid(400 + number)
        end = start + timedelta(minutes=15)
        world.order(power_w, start, end, at=start, direction=direction, group=group, activation=activation)
        series = vector_day(point, day, case["asset"])
        (run,) = world.send(series, at=end + timedelta(hours=20))[1].then_only(v1.ActivationVerified)
        (quarter,) = run.quarters
        assert (quarter.ordered_wh, quarter.delivered_wh) == (wh(found["ordered_kwh"]), wh(found["delivered_kwh"]))
        assert quarter.delivered_basis_points == int(Decimal(found["delivery_pct"]) * 100), "reported, never clipped"
    ramp = given["ramp_case"]
    power_w, ramp_s = int(ramp["mw"]) * 1_000_000, ramp["ramp_minutes"] * 60
    end = start + timedelta(minutes=15)
    ordered = ramps.ordered(power_w, start, end, ramp_s)
    exact = ramps.weights(ordered.starts, start, end, ramp_s)
    assert (sum(ordered.block), sum(ordered.ramped)) == (power_w // 4, power_w // 4)
    for name, weight, share in zip(("prev", "this", "next"), exact, ordered.ramped, strict=True):
        kwh = Decimal(power_w * weight) / sum(exact) / 4000
        assert kwh.quantize(Decimal("0.001")) == Decimal(expected["ramp_expected_kwh"][name])
        assert abs(share - kwh * 1000) < 1, "whole watt-hours that add up"
    share = shares.basis_points(ordered.ramped[1], ordered.block[1])
    assert share == int(Decimal(expected["ramp_this_quarter_pct_of_block"]) * 100)


def point_with_channel_of(world: Any, serial: int, asset: str) -> str:
    (point,) = world.points(serial)
    world.open([point], direction=asset)
    return point


def vector_day(point: str, figures: list[int], direction: str = "consumption", **changes: Any) -> v1.Series:
    first, last = calendar.usage_day(date(2026, 3, 28))
    return v1.Series.model_validate(
        {
            "metering_point_id": point,
            "direction": direction,
            "resolution": "PT15M",
            "start": first,
            "end": last,
            "values_wh": tuple(figures),
            "registered_at": last,
            **changes,
        }
    )


@vector("MV-23")
def _evidence(given: Any, expected: Any, world: Any) -> None:
    start = at("2026-03-28T09:00:00Z")
    points = dict(zip("ABCD", world.points(11, 12, 13, 14), strict=True))
    world.open([points[name] for name in "ACD"])
    world.open([points["B"]], resolution="PT60M")
    world.formed()
    for point in points.values():
        world.joined(point)
    world.order(1_000_000, start, start + timedelta(minutes=15), at=start)
    some: list[v1.Series] = []
    for one in given["points"]:
        before, during = wh(one["baseline_kwh"]), one["value_kwh"] and wh(one["value_kwh"])
        day = [during or 0 if quarter == 40 else before for quarter in range(96)]
        series = vector_day(points[one["p"]], day, status="estimated" if "estimated" in one["origin"] else "metered")
        if during is None:
            series = series.model_copy(update={"values_wh": series.values_wh[:40], "end": start})
        if one["origin"].startswith("PT60M"):
            # Of a divided hour the quarters are alike: the hours before and in which it was activated.
            hours = tuple(4 * (during if hour == 10 else before) for hour in range(24))
            series = series.model_copy(update={"values_wh": hours, "resolution": "PT60M"})
        some.append(series)
    world.send(*some, at=start + timedelta(hours=20))
    run = world.scenario.until(world.local("2026-03-29", "09:00")).events[-1]
    (quarter,) = run.quarters
    assert run.result == expected["result"]
    named = {"A": "measured", "B": "derived", "C": "estimated", "D": "missing"}
    assert expected["evidence"] == named
    counted = {name: getattr(quarter, f"{name}_points") for name in named.values()}
    assert counted == dict.fromkeys(named.values(), 1)
    assert run.measured_basis_points == int(Decimal(expected["measured_share_of_baseline_pct"]) * 100)
    assert quarter.measured_wh == wh(expected["delivered_measured_kwh"])
    assert quarter.delivered_wh == wh(expected["delivered_all_reported_kwh"])


@vector("MV-25")
def _report(given: Any, expected: Any, world: Any) -> None:
    local = date.fromisoformat(given["day"])
    day = days.day(local)
    points = world.points(*range(1, len(given["points"]) + 1))
    for point, about in zip(points, given["points"], strict=True):
        world.open([point], resolution=about["resolution"])
    for index, point in enumerate(points):
        resolution = given["points"][index]["resolution"]
        metered = given["received"][index] - given["estimated"][index]
        parts = (
            (0, given["on_time"][index], "06:30"),
            (given["on_time"][index], metered, "08:00"),
            (metered, given["received"][index], "08:01"),
        )
        for first, last, clock in parts:
            if first == last:
                continue
            series = v1.Series(
                metering_point_id=point,
                resolution=resolution,
                start=days.step_start(day, resolution, first + 1),
                end=days.step_start(day, resolution, last + 1),
                values_wh=(1,) * (last - first),
                status="estimated" if first == metered else "metered",
                registered_at=day.end,
            )
            world.send(series, at=calendar.at_local(local + calendar.DAY, clock))
    world.scenario.until(calendar.at_local(local + calendar.DAY, "09:00"))
    counts = world.scenario.state(store.SCOPE_DAY, f"dso/{world.dso}/{local}").counts
    quarterly, hourly = world.scenario.state(store.OWED, f"dso/{world.dso}").on(local)
    total = quarterly * day.quarters + hourly * day.quarters // 4
    assert total == expected["expected_total"] == sum(expected["expected"])
    assert shares.percent(counts.received_values, total) == expected["received_pct"]
    assert shares.percent(counts.on_time_values, total) == expected["on_time_pct"]
    estimated = shares.percent(counts.estimated_values, counts.received_values)
    assert estimated == expected["estimated_pct_of_received"]
    assert counts.complete_series == expected["complete_points"]
    assert shares.percent(counts.complete_series, quarterly + hourly) == expected["complete_points_pct"]


NO_MONEY = {"published-hour": "nordpool_hour", "mean-of-quarters": "mean_of_quarters", "unpriced": "unpriced"}
"""What the research calls where a price is from."""


def priced(some: list[str | None]) -> list[prices.Price | None]:
    return [None if one is None else prices.Price(Decimal(one), "v", "Nord Pool") for one in some]


@vector("MV-19")
def _mean(given: Any, expected: Any, _world: Any) -> None:
    for quarters, one in zip(given["quarter_prices_nok_mwh"], expected["results"], strict=True):
        found = hour_price.of_hour(None, priced(quarters), fallback=hour_price.MEAN)
        assert found.nok_per_mwh is not None
        assert money.text(found.nok_per_mwh) == one["mean_nok_mwh"]
        assert money.text(found.nok_per_mwh.scaleb(-3)) == one["kr_per_kwh_exact"]
        assert str(found.nok_per_kwh) == one["kr_per_kwh_4dec_half_up"]


@vector("MV-20")
def _last_resort(given: Any, expected: Any, _world: Any) -> None:
    since = date.fromisoformat(given["supply_start_local_date"])
    terms = last_resort.Terms(first_days=42, first_ore=5, then_ore=8)
    switch = last_resort.switch_at(since, terms)
    assert switch.astimezone(calendar.OSLO).isoformat() == expected["switch_at"]
    assert (switch - calendar.midnight(since)) / timedelta(hours=1) == expected["hours_in_first_period"]
    found = [
        Decimal(price) + (last_resort.surcharge(at(hour), since=since, terms=terms) or 0)
        for price, hour in zip(given["hour_price_kr_kwh"], given["hour_start"], strict=True)
    ]
    assert [str(one) for one in found] == expected["price_kr_kwh"]


@vector("MV-21")
def _source(given: Any, expected: Any, _world: Any) -> None:
    for case, one in zip(given["cases"], expected["results"], strict=True):
        published = case["published_hour"] and money.text(Decimal(case["published_hour"]).scaleb(3))
        found = hour_price.of_hour(priced([published])[0], priced(case["quarters_nok_mwh"]), fallback=hour_price.MEAN)
        assert NO_MONEY[found.source] == one["source"]
        assert (None if found.nok_per_kwh is None else str(found.nok_per_kwh)) == one["price"]


@vector("MV-24")
def _deviation(given: Any, expected: Any, _world: Any) -> None:
    """Through what a run computes: values as locked and as corrected, of a day whose other quarters do not differ."""
    local = date(2026, 3, 28)
    day, settled = days.day(local), counting.Settled("interval", "PT15M", "PT15M", "none", "area")
    rest = [0] * (day.quarters - len(given["settled_kwh"]))

    def version(kwh: list[str], received_at: datetime, position: int) -> values.Version:
        figures = [wh(one) for one in kwh] + rest
        width, encoded = values.encode(figures)
        order = (received_at, received_at, 0, position, 0)
        return values.Version("1", "consumption", local, *order, "0", position, 15, 0, "metered", width, encoded, b"")

    versions = [
        version(given["settled_kwh"], day.end + timedelta(hours=5), 1),
        version(given["corrected_kwh"], day.end + timedelta(days=9), 2),
    ]
    nok = tuple(map(Decimal, given["imbalance_price_nok_mwh"]))
    published = prices.Published(1, day.start, "eSett", day.start, nok)
    found = deviation.of_day(
        [deviation.Known("1", "consumption", versions, settled, "supplier")],
        local,
        now=deviation.AsOf(day.end + timedelta(days=20), {"0": 2}),
        since=None,
        price_days=prices.OfDay("imbalance-quarter", "NO3", (published,)),
        known={},
        dso="dso",
    )
    lines_ = {(one.start - day.start) // days.QUARTER: one for one in found.lines}
    assert [lines_[n].energy_wh if n in lines_ else 0 for n in range(4)] == [wh(one) for one in expected["delta_kwh"]]
    exact = [lines_[n].amount if n in lines_ else money.ZERO for n in range(4)]
    assert [money.text(one) for one in exact] == expected["amount_nok_exact"]
    assert [money.ore_text(one) for one in exact] == expected["amount_nok_2dec"]
    assert money.ore_text(money.total([money.to_ore(one) for one in exact])) == expected["sum_of_rounded"]
    (pair,) = deviation.pairs([found], {})
    assert money.ore_text(pair.amount) == expected["rounded_sum"], "ours: the exact sum, rounded once"
