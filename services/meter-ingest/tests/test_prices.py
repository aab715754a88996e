"""Published prices, the price of an hour, last resort, Norgespris; and money that adds up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts import calendar
from contracts.meter_ingest import v1
from contracts.values import make_gln
from meter_ingest import store
from meter_ingest.domain import blocks, days
from meter_ingest.domain.settlement import hour_price, last_resort, money, norgespris, prices

pytestmark = pytest.mark.unit

AT = calendar.at_local(date(2026, 3, 27), "13:00")
HOUR = timedelta(hours=1)


def publish(world: Any, start: Any, nok: list[str | None], *, kind: str = "day-ahead-hour", at: Any = AT) -> Any:
    command = v1.PublishPrices.model_validate(
        {"kind": kind, "source": "Nord Pool", "start": start, "prices_nok_mwh": nok}
    )
    return world.scenario.when(command, subject="NO3", sender=world.tso, role="tso", at=at)


def of(world: Any, day: str, kind: Any = "day-ahead-hour", **more: Any) -> list[str | None]:
    local = date.fromisoformat(day)
    known = world.scenario.state(store.PRICES, prices.key(kind, "NO3", local))
    return [one and money.text(one.nok_per_mwh) for one in prices.of_day(known, days.day(local), kind, **more)]


def test_versions_stand_beside_each_other_and_the_newest_counts_hour_by_hour(world: Any) -> None:
    start = world.local("2026-03-29")
    (event,) = publish(world, start, ["100.10"] * 23).events
    assert (event.prices, event.version, event.published_at) == ("day-ahead-hour|NO3", 1, AT)
    later = AT + timedelta(days=3)
    (event,) = publish(world, start + 2 * HOUR, ["7", None, "-3.150"], at=later).events
    assert event.version == 2
    assert of(world, "2026-03-29") == ["100.1"] * 2 + ["7", "100.1", "-3.15"] + ["100.1"] * 18
    assert of(world, "2026-03-29", as_of=AT) == ["100.1"] * 23, "as it was known then"
    assert of(world, "2026-03-28") == [None] * 24


def test_prices_over_midnight_stand_in_the_documents_of_both_days(world: Any) -> None:
    publish(world, world.local("2026-10-25", "23:45"), ["1", "2"], kind="imbalance-quarter")
    assert of(world, "2026-10-25", "imbalance-quarter") == [None] * 99 + ["1"]
    assert of(world, "2026-10-26", "imbalance-quarter")[:2] == ["2", None]


@pytest.mark.rule("PRICES_NOT_ON_STEP")
def test_prices_begin_with_their_step(world: Any) -> None:
    start = world.local("2026-03-28", "00:15")
    publish(world, start, ["1"]).refused("PRICES_NOT_ON_STEP")
    assert not publish(world, start, ["1"], kind="day-ahead-quarter").rejected
    publish(world, start + timedelta(minutes=1), ["1"], kind="day-ahead-quarter").refused("PRICES_NOT_ON_STEP")


@pytest.mark.rule("PRICES_TOO_MANY")
def test_a_message_has_a_month_of_prices_at_most(world: Any) -> None:
    start = world.local("2026-10-01")
    assert not publish(world, start, ["1"] * 745).rejected
    publish(world, start, ["1"] * 746).refused("PRICES_TOO_MANY")


@pytest.mark.parametrize("text", ["1,5", "1e3", ".5", "NaN", "01", "1.1234567", "", 5, 5.5])
def test_a_price_is_a_decimal_text(text: Any) -> None:
    with pytest.raises(ValidationError):
        v1.PublishPrices(kind="day-ahead-hour", source="x", start=AT, prices_nok_mwh=(text,))


def some(*nok: str | None) -> list[prices.Price | None]:
    return [
        None if one is None else prices.Price(Decimal(one), f"v|{place}", "Nord Pool") for place, one in enumerate(nok)
    ]


def test_the_price_of_an_hour_says_what_it_rests_on() -> None:
    published, quarters = some("535.60")[0], some("512.34", "498.11", "530.02", "601.57")
    assert hour_price.of_hour(published, quarters, fallback=hour_price.MEAN).source == "published-hour"
    mean = hour_price.of_hour(None, quarters, fallback=hour_price.MEAN)
    assert (mean.source, mean.versions, mean.origin) == (
        "mean-of-quarters",
        ("v|0", "v|1", "v|2", "v|3"),
        ("Nord Pool",),
    )
    assert hour_price.of_hour(None, quarters, fallback="none") == hour_price.UNPRICED
    assert hour_price.of_hour(None, quarters[:3], fallback=hour_price.MEAN) == hour_price.UNPRICED


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_has_its_hours_where_the_clocks_change(day: str, hours: int) -> None:
    quarters = some(*(str(place) for place in range(4 * hours)))
    found = hour_price.of_day([None] * hours, quarters, fallback=hour_price.MEAN)
    assert [one.nok_per_mwh for one in found] == [Decimal(4 * hour) + Decimal("1.5") for hour in range(hours)]


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_last_resort_changes_after_42_local_days(since: date) -> None:
    terms = last_resort.Terms(42, 5, 8)
    switch = last_resort.switch_at(since, terms)
    assert calendar.is_midnight(switch)
    assert calendar.days_between(since, calendar.local_date(switch)) == 42
    assert (switch - calendar.midnight(since)) / HOUR in {1007, 1008, 1009}
    assert last_resort.surcharge(switch - HOUR, since=since, terms=terms) == Decimal("0.05")
    assert last_resort.surcharge(switch, since=since, terms=terms) == Decimal("0.08")
    assert last_resort.surcharge(calendar.midnight(since) - HOUR, since=since, terms=terms) is None


def test_norgespris_is_a_fact_in_time(world: Any) -> None:
    (point,) = world.points(1)

    def said(start: str, end: str | None) -> None:
        command = v1.RecordNorgespris(valid_from=world.local(start), valid_to=end and world.local(end))
        world.scenario.when(command, subject=point, sender=make_gln(5), role="datahub", at=AT)

    def has(day: str) -> bool:
        return norgespris.has(world.scenario.state(store.NORGESPRIS, blocks.block_of(point)), point, world.local(day))

    said("2026-05-01", None)
    said("2026-03-01", "2026-04-01")
    assert [has(day) for day in ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01", "2026-05-01")] == [
        False,
        True,
        True,
        False,
        True,
    ]
    said("2026-05-01", "2026-05-01")
    assert not has("2026-06-01"), "taken back"


# Money

NOK = st.decimals(-(10**6), 10**6, places=6, allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.lists(NOK, max_size=40))
def test_parts_to_the_ore_add_up_to_the_whole_rounded_once(parts: list[Decimal]) -> None:
    rounded = money.to_ore_together(parts)
    assert sum(rounded, money.ZERO) == money.to_ore(money.total(parts))
    assert all(abs(one - part) < money.ORE for one, part in zip(rounded, parts, strict=True))
    assert all(one == one.quantize(money.ORE) for one in rounded)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**12), 10**12), NOK), max_size=40))
def test_energy_times_price_loses_nothing(some_: list[tuple[int, Decimal]]) -> None:
    """Against integers: Wh · micro-NOK per MWh, which are whole."""
    exact = money.total([money.of(wh, nok) for wh, nok in some_])
    assert int(exact.scaleb(12)) == sum(wh * int(nok.scaleb(6)) for wh, nok in some_)
    assert Decimal(money.text(exact)) == exact


@pytest.mark.parametrize(
    ("amount", "ore"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("-0.004", "0.00"), ("2.675", "2.68"), ("12", "12.00")]
)
def test_rounding_is_half_up_away_from_zero(amount: str, ore: str) -> None:
    assert money.ore_text(Decimal(amount)) == ore


def test_equal_parts_get_what_is_left_from_the_earliest() -> None:
    third = Decimal("0.003")
    assert money.to_ore_together([third] * 4) == [Decimal("0.01"), 0, 0, 0]
