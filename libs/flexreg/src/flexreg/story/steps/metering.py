"""Steps 7 and 8: two activations, and what the meters say about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from contracts import calendar
from contracts.meter_ingest.v1 import (
    ActivationOrdered,
    ActivationVerified,
    ChannelClosed,
    ChannelOpened,
    CompletenessPublished,
    ExpectedEffect,
    ValuesAccepted,
    ValuesReminded,
)
from flexreg.story import cast as who
from flexreg.story import messages, readings
from flexreg.story.readings import ORDINARY_DAY, SHORT_DAY
from flexreg.story.table import kw, mw, percent

if TYPE_CHECKING:
    from flexreg.story.cast import Cast, Party, Point
    from flexreg.story.playing import Data, Play

CLOSED: Final = date(2026, 3, 30)
EFFECT_W: Final = {who.DSO_1.short: (270, 1_336_700), who.DSO_2.short: (146, 663_300)}
"""Of 2,000 kW over 2,020: how many points take part behind each DSO, and what they do together."""


async def activations(play: Play) -> None:
    """Step 7: channels for two days, then the orders and what they do in the grid."""
    play.step("7", "Two activations on the 23-hour day")
    await play.move(date(2026, 3, 27), "09:00")
    await _channels(play)
    await play.move(SHORT_DAY, "06:30")
    await _values_of_the_ordinary_day(play)
    await play.move(SHORT_DAY, "09:45")
    for dso, series, values in ((who.DSO_1, 270, 25_920), (who.DSO_2, 470, 43_392)):
        _complete(play, dso, date=ORDINARY_DAY, series=(series, series), values=(values, values))
    play.events(ValuesReminded, 0)
    await play.say(
        who.TSO,
        "orders 2 MW from A for 10:00 to 10:30",
        [messages.order(who.ACTIVATION_A, who.GROUP_A, power_w=2_000_000, start=readings.START_A)],
        rule="R47",
    )
    await play.say(
        who.TSO,
        "orders 1 MW from B for 12:00 to 12:30",
        [messages.order(who.ACTIVATION_B, who.GROUP_B, power_w=1_000_000, start=readings.START_B)],
        rule="R47",
    )
    await play.follow()
    _effects(play)


async def _channels(play: Play) -> None:
    cast = play.cast
    by_quarter, by_hour = cast.of_b[: -who.HOURLY], cast.hourly
    opened: tuple[tuple[Party, str, tuple[Point, ...], str], ...] = (
        (who.DSO_1, "A", cast.near, "PT15M"),
        (who.DSO_2, "A", cast.far, "PT15M"),
        (who.DSO_2, "B", by_quarter, "PT15M"),
        (who.DSO_2, "B by the hour", by_hour, "PT60M"),
    )
    for dso, name, points, resolution in opened:
        wish = messages.open_channels(f"{dso.short} {name}", points, resolution=resolution, valid_from=ORDINARY_DAY)
        await play.say(dso, f"opens {len(points)} channels at {resolution} from 03-28", [wish], rule="R47")
    for dso, points in ((who.DSO_1, cast.near), (who.DSO_2, (*cast.far, *cast.of_b))):
        wish = messages.close_channels(dso.short, points, valid_to=CLOSED)
        await play.say(dso, f"closes its {len(points)} channels at 03-30", [wish], rule="R47")
    await play.follow()
    found = play.events(ChannelOpened, 740)
    play.expect("channels by the hour", sum(one["resolution"] == "PT60M" for one in found), 24)
    play.events(ChannelClosed, 740)


async def _values_of_the_ordinary_day(play: Play) -> None:
    for dso, series in (
        (who.DSO_1, readings.of_dso_1(play.cast, ORDINARY_DAY)),
        (who.DSO_2, readings.of_dso_2(play.cast, ORDINARY_DAY)),
    ):
        await _send(play, dso, f"sends {len(series)} series of 03-28", series, title="2026-03-28")
    await play.follow()
    counts = [count for record in play.events(ValuesAccepted, 8) for count in _counts(record)]
    play.expect("series and values of 03-28", (len(counts), sum(counts)), (740, 69_312))


def _counts(record: dict[str, Any]) -> Iterator[int]:
    """How many values each series of a record brought, also of those that were taken together."""
    yield from (one["count"] for one in record["series"])
    for together in record["together"]:
        yield from [together["count"]] * len(together["metering_points"])


def _effects(play: Play) -> None:
    for activation, biddable_w, points in ((who.ACTIVATION_A, 2_000_000, 420), (who.ACTIVATION_B, 1_000_000, 320)):
        ordered = play.event(ActivationOrdered, activation_id=activation)
        play.expect_all("the order", ordered, biddable_w=biddable_w, power_w=biddable_w, findings=[])
        play.expect("points of the order", len(ordered["metering_points"]), points)
    shares = shares_of_a(play.cast)
    for dso in (who.DSO_1, who.DSO_2):
        effect = play.event(ExpectedEffect, activation_id=who.ACTIVATION_A, dso=dso.gln)
        points, power_w = _sum(effect)
        play.expect(f"A's effect at {dso.short}", (points, power_w), EFFECT_W[dso.short])
        play.expect(f"A's effect per substation of {dso.short}", _by_substation(effect), shares[dso.short])
        _show_effect(play, effect, dso, "A")
    effect = play.event(ExpectedEffect, activation_id=who.ACTIVATION_B)
    play.expect("B's effect at DSO 2", (effect["dso"], *_sum(effect)), (who.DSO_2.gln, 320, 1_000_000))
    play.expect(
        "B's effect at each point in W", {one["power_w"] / one["points"] for one in effect["substations"]}, {3125}
    )
    _show_effect(play, effect, who.DSO_2, "B")
    play.told(ExpectedEffect, {who.DSO_1: 1, who.DSO_2: 1, who.TSO: 2}, activation_id=who.ACTIVATION_A)
    play.told(ExpectedEffect, {who.DSO_2: 1, who.TSO: 1}, activation_id=who.ACTIVATION_B)
    on = {
        (entry.topic.split(".")[2], entry.envelope["time"] < entry.envelope["data"]["period"]["start"])
        for entry in play.post.found(ExpectedEffect)
    }
    play.expect("where the effects are told, and whether before they start", on, {("activation", True)})


def shares_of_a(cast: Cast) -> dict[str, dict[str, tuple[int, int]]]:
    """2,000 kW over points that can deliver 2,020: 4,950.49 W of every 5 kW and 2,970.29 W of every 3 kW.

    Whole watts: 200 are left when each has its whole part, and go to the first 200 points, which are DSO 1's.
    """
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for dso, points, power_w in (
        (who.DSO_1, cast.near[:200], 4_951),
        (who.DSO_1, cast.near[200:], 4_950),
        (who.DSO_2, cast.limited, 2_970),
        (who.DSO_2, cast.far[34:], 4_950),
    ):
        sums = found.setdefault(dso.short, {})
        for point in points:
            count, total = sums.get(point.substation, (0, 0))
            sums[point.substation] = (count + 1, total + power_w)
    return found


def _by_substation(effect: Data) -> dict[str, tuple[int, int]]:
    return {one["substation"]: (one["points"], one["power_w"]) for one in effect["substations"]}


def _sum(effect: Data) -> tuple[int, int]:
    return sum(one["points"] for one in effect["substations"]), sum(one["power_w"] for one in effect["substations"])


def _show_effect(play: Play, effect: Data, dso: Party, group: str) -> None:
    largest = max(effect["substations"], key=lambda one: one["power_w"])
    play.tell(
        "meter-ingest",
        f"tells {dso.short} what {group}'s activation will do in its grid",
        f"{kw(_sum(effect)[1])} at {len(effect['substations'])} substations; most at {largest['substation']}:"
        f" {kw(largest['power_w'])}",
        "R47",
    )


async def verifications(play: Play) -> None:
    """Step 8: a verification when all is there, at the deadline with what there is, and at every later revision."""
    play.step("8", "What the meters say")
    cast = play.cast
    await play.move(CLOSED, "06:30")
    await _send(play, who.DSO_1, "sends 270 series of 03-29", readings.of_dso_1(cast, SHORT_DAY), title="2026-03-29")
    first_sent = readings.as_first_sent(cast)
    receipts = await _send(
        play,
        who.DSO_2,
        "sends 469 series of 03-29; one is missing, one has 24 hours",
        first_sent,
        title="2026-03-29",
        refused={4: "SERIES_COUNT_WRONG"},
    )
    play.expect_all("the refused series", receipts[4]["reasons"][0], limit=23, actual=24)
    rows = [(one["row"], one["code"]) for one in receipts[4]["rows"]]
    play.expect("the refused row", rows, [(len(first_sent) - who.HOURLY - 400, "SERIES_COUNT_WRONG")])
    await play.follow()
    _verified_a(play)

    await play.move(CLOSED, "07:00")
    _complete(play, who.DSO_1, date=SHORT_DAY, series=(270, 270), values=(24_840, 24_840))
    _complete(play, who.DSO_2, date=SHORT_DAY, series=(468, 470), values=(41_469, 41_584))
    reminded = play.event(ValuesReminded)
    owed = sorted((cast.of_b[readings.MISSING].id, cast.hourly[0].id))
    play.expect("who is reminded of what", (reminded["dso"], reminded["metering_points"]), (who.DSO_2.gln, owed))
    play.told(ValuesReminded, {who.DSO_2: 1})
    play.tell("meter-ingest", "reminds DSO 2", "of 2 points", "R47")

    await play.move(CLOSED, "09:00")
    _verified_b(play, run=1, because="deadline", result="incomplete", points=(295, 23, 2), derived=723,
                delivered=((477_000, 238_060, 9522), (477_000, 238_840, 9554)))  # fmt: skip

    await play.move(date(2026, 3, 31), "09:10")
    await _send(play, who.DSO_2, "sends the 2 series that it owes", readings.afterwards(cast), title="2026-03-29 again")
    await play.follow()
    _verified_b(play, run=2, because="complete", result="provisional", points=(296, 24, 0), derived=750,
                delivered=((480_000, 239_220, 9569), (480_000, 240_000, 9600)))  # fmt: skip
    play.mark()
    corrected = readings.correction(cast, registered_at=calendar.at_local(date(2026, 3, 31), "09:05"))
    await _send(play, who.DSO_2, "corrects a quarter of one of B's points", [corrected], title="2026-03-29 corrected")
    await play.follow()
    _verified_b(play, run=3, because="revision", result="provisional", points=(296, 24, 0), derived=750,
                delivered=((480_000, 240_000, 9600), (480_000, 240_000, 9600)))  # fmt: skip


async def _send(
    play: Play,
    dso: Party,
    said: str,
    series: list[readings.Series],
    *,
    title: str,
    refused: dict[int, str] | None = None,
) -> list[Data]:
    return await play.say(dso, said, readings.records(series, title=title), refused=refused, parcel=1, rule="")


def _complete(play: Play, dso: Party, *, date: date, series: tuple[int, int], values: tuple[int, int]) -> None:
    """How many of how many."""
    found = play.event(CompletenessPublished, dso=dso.gln)
    play.expect_all(
        f"how complete {dso.short} is on {date}",
        found,
        date=str(date),
        complete_series=series[0],
        expected_series=series[1],
        received_values=values[0],
        expected_values=values[1],
    )
    play.told(CompletenessPublished, {dso: 1, who.TSO: 1}, dso=dso.gln)
    play.tell(
        "meter-ingest",
        f"how complete {dso.short}'s values of {date:%m-%d} are",
        f"{series[0]} of {series[1]} series, {values[0]:,} of {values[1]:,} values",
        "R46",
    )


def _verified_a(play: Play) -> None:
    run = play.event(ActivationVerified)
    play.expect_all(
        "the verification of A",
        run,
        activation_id=who.ACTIVATION_A,
        run=1,
        because="complete",
        result="verified",
        points=420,
        measured_points=420,
        derived_points=0,
        estimated_points=0,
        missing_points=0,
        derived_basis_points=0,
        within_tolerance=True,
    )
    expected = _quarters(500_000, ((630_000, 480_000, 9600), (630_000, 490_000, 9800)))
    play.expect("A's quarters", _without_start(run["quarters"]), expected)
    play.expect("when A's quarters begin", [one["start"] for one in run["quarters"]], _starts("08:00", "08:15"))
    play.told(ActivationVerified, {who.BSP_A: 1, who.TSO: 1})
    _show(play, run, "A", 2_000_000)


def _verified_b(
    play: Play,
    *,
    run: int,
    because: str,
    result: str,
    points: tuple[int, int, int],
    derived: int,
    delivered: Iterable[tuple[int, int, int]],
) -> None:
    """`points`: measured, by the hour, missing. `delivered` per quarter: baseline, delivered (Wh), share in 1/100 %."""
    found = play.event(ActivationVerified)
    play.expect_all(
        f"verification {run} of B",
        found,
        activation_id=who.ACTIVATION_B,
        run=run,
        because=because,
        result=result,
        points=320,
        measured_points=points[0],
        derived_points=points[1],
        estimated_points=0,
        missing_points=points[2],
        derived_basis_points=derived,
        within_tolerance=True,
    )
    play.expect(f"B's quarters in run {run}", _without_start(found["quarters"]), _quarters(250_000, delivered))
    play.expect(
        f"when B's quarters begin in run {run}", [one["start"] for one in found["quarters"]], _starts("10:00", "10:15")
    )
    play.told(ActivationVerified, {who.BSP_B: 1, who.TSO: 1})
    _show(play, found, "B", 1_000_000)


def _quarters(ordered_wh: int, delivered: Iterable[tuple[int, int, int]]) -> list[dict[str, int]]:
    return [
        {
            "ordered_wh": ordered_wh,
            "baseline_wh": baseline_wh,
            "metered_wh": baseline_wh - delivered_wh,
            "delivered_wh": delivered_wh,
            "delivered_basis_points": share,
        }
        for baseline_wh, delivered_wh, share in delivered
    ]


def _without_start(quarters: Iterable[Data]) -> list[dict[str, int]]:
    figures = _quarters(0, [(0, 0, 0)])[0]
    return [{name: value for name, value in one.items() if name in figures} for one in quarters]


def _starts(*clocks: str) -> list[str]:
    return [f"2026-03-29T{clock}:00Z" for clock in clocks]


def _show(play: Play, run: Data, group: str, ordered_w: int) -> None:
    shares = " and ".join(percent(one["delivered_basis_points"]) for one in run["quarters"])
    by_hour = f", {percent(run['derived_basis_points'])} by the hour" if run["derived_basis_points"] else ""
    missing = f", {run['missing_points']} points missing" if run["missing_points"] else ""
    play.tell(
        "meter-ingest",
        f"verifies what {group} delivered of {mw(ordered_w)} (run {run['run']}: {run['because']})",
        f"{run['result']}: {shares}{by_hour}{missing}",
        "D19, D20",
    )
