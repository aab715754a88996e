"""Virtual channels: who sets one up, on what; and sums against main meters."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.meter_ingest.v1 import (
    DefineVirtualChannel,
    EndVirtualChannel,
    SumChecked,
    SumDayPassed,
    VirtualChannelDefined,
    VirtualChannelEnded,
)
from contracts.registry.v1 import GridAreaChanged, GridAreaDefined
from contracts.values import BiddingZone, Role, make_eic_y, make_gln
from meter_ingest import store
from meter_ingest.domain import virtual

pytestmark = pytest.mark.unit

PAPER = make_eic_y("PAPIR-1")
DATAHUB = make_gln(8)
FROM = "2026-03-28"


@pytest.fixture
def points(world: Any) -> list[str]:
    for area, is_virtual, dso in ((PAPER, True, world.other_dso), (world.area, False, world.dso)):
        world.scenario.given(
            GridAreaDefined(grid_area=area, name="x", zone=BiddingZone.NO3, dso=dso, virtual=is_virtual)
        )
    points = world.points(1, 2, 3)
    world.open(points)
    world.open(points, direction="production")
    return points


def term(point: str, direction: str = "consumption", **more: Any) -> dict[str, Any]:
    return {"metering_point_id": point, "direction": direction, **more}


def define(world: Any, *terms: dict[str, Any], channel: int = 500, sender: str = "", **changes: Any) -> Any:
    command = DefineVirtualChannel.model_validate(
        {
            "method": "sum",
            "grid_area": PAPER,
            "terms": terms,
            "valid_from": world.local(FROM),
            "reason": "test",
            **{name: value for name, value in changes.items() if name != "at"},
        }
    )
    sender = sender or world.dso
    role = Role.DATAHUB if sender == DATAHUB else Role.DSO
    at = changes.get("at") or world.local("2026-03-27", "12:00")
    return world.scenario.when(command, subject=world.uuid(channel), sender=sender, role=role, at=at)


def share(world: Any, source: str, among: list[str], *, sharing: str = "equal", **changes: Any) -> Any:
    ppm = changes.pop("ppm", (None,) * len(among))
    named = [{"metering_point_id": one, "share_ppm": part} for one, part in zip(among, ppm, strict=True)]
    return define(
        world,
        term(source, "production"),
        **{
            "method": "share",
            "grid_area": None,
            "direction": "production",
            "sharing": sharing,
            "recipients": named,
            **changes,
        },
    )


def end(world: Any, day: str, *, channel: int = 500, sender: str = "", at: str = "2026-03-27") -> Any:
    command = EndVirtualChannel(valid_to=world.local(day), reason="test")
    return world.scenario.when(
        command, subject=world.uuid(channel), sender=sender or world.dso, role=Role.DSO, at=world.local(at, "13:00")
    )


def test_a_dso_sums_its_points_in_a_virtual_area(world: Any, points: list[str]) -> None:
    outcome = define(world, term(points[0]), term(points[1]))
    (event,) = outcome.then_only(VirtualChannelDefined)
    assert (event.version, event.by, event.dsos) == (1, world.dso, (world.other_dso, world.dso))
    assert (event.product_code, event.said_at) == ("4700000000302", world.local("2026-03-27", "12:00"))
    assert not outcome.beside, "nothing is counted or expected of it"


@pytest.mark.parametrize(
    ("method", "product", "code"),
    [
        ("copy", "active", "8716867000030"),
        ("copy", "inductive", "8716867000146"),
        ("sum", "active", "4700000000302"),
        ("net", "active", "4700000000303"),
        ("share", "active", "4700000000301"),
    ],
)
def test_each_kind_has_its_product_code(method: Any, product: Any, code: str) -> None:
    assert virtual.product_code(method, product) == code


def test_a_new_version_replaces_what_follows_and_an_end_ends(world: Any, points: list[str]) -> None:
    define(world, term(points[0]))
    (event,) = define(world, term(points[1]), valid_from=world.local("2026-04-02")).then_only(VirtualChannelDefined)
    assert event.version == 2
    end(world, "2026-04-05").then_only(VirtualChannelEnded)
    state = world.scenario.state(store.VIRTUAL, world.uuid(500))
    found = virtual.stretches(state, world.local("2026-03-01"), world.local("2026-05-01"))
    assert [(one.start, one.end, one.definition.version) for one in found] == [
        (world.local("2026-03-28"), world.local("2026-04-02"), 1),
        (world.local("2026-04-02"), world.local("2026-04-05"), 2),
    ]
    before = virtual.stretches(
        state, world.local("2026-03-01"), world.local("2026-05-01"), world.local("2026-03-27", "12:30")
    )
    assert [(one.end, one.definition.version) for one in before][-1] == (world.local("2026-05-01"), 2)


@pytest.mark.rule("VIRTUAL_SHAPE_INVALID")
def test_what_a_kind_must_have(world: Any, points: list[str]) -> None:
    one, two = term(points[0]), term(points[1])
    wrong: list[tuple[tuple[dict[str, Any], ...], dict[str, Any], str]] = [
        ((one, two), {"method": "copy"}, "/terms"),
        ((one,), {"method": "copy", "direction": "production"}, "/direction"),
        ((one, one), {}, "/terms/1"),
        ((one, {**two, "minus": True}), {}, "/terms/1/minus"),
        ((one, two), {"method": "net"}, "/terms"),
        (({**one, "product": "reactive"},), {}, "/terms/0/product"),
        (({"direction": "consumption"},), {}, "/terms/0"),
        (({**one, "recipient": points[1]},), {}, "/terms/0/recipient"),
        ((one,), {"grid_area": None}, "/grid_area"),
        ((one,), {"sharing": "equal"}, "/sharing"),
        ((one,), {"recipients": [{"metering_point_id": points[1]}]}, "/recipients"),
        (
            ({"virtual_id": world.uuid(1)},),
            {"check": {"metering_point_id": points[2]}},
            "/check",
        ),
    ]
    for terms, changes, path in wrong:
        define(world, *terms, **changes).refused("VIRTUAL_SHAPE_INVALID", path=path)
    for changes, path in (
        ({"recipients": []}, "/recipients"),
        ({"sharing": None}, "/sharing"),
        ({"direction": "consumption"}, "/direction"),
        ({"grid_area": PAPER}, "/grid_area"),
        ({"ppm": (1_000_000, 0)}, "/recipients/0/share_ppm"),
        ({"sharing": "manual"}, "/recipients/0/share_ppm"),
        ({"recipients": [{"metering_point_id": points[1]}] * 2}, "/recipients"),
    ):
        share(world, points[0], points[1:], **changes).refused("VIRTUAL_SHAPE_INVALID", path=path)


def test_what_is_wrong_with_a_shape_is_a_sentence_in_each_language(world: Any, points: list[str]) -> None:
    taken_off = define(world, term(points[0]), {**term(points[1]), "minus": True}).refused("VIRTUAL_SHAPE_INVALID")
    assert taken_off.text_nb == (
        "Kanalen kan ikke beregnes slik: bare en kanal av typen net har ledd som trekkes fra (minus). Her står true."
    )
    assert taken_off.text_en == (
        "The channel cannot be computed like this: only a channel of the kind net has terms that are taken off (minus)."
        " Here stands true."
    )
    nowhere = define(world, term(points[0]), grid_area=None).refused("VIRTUAL_SHAPE_INVALID")
    assert (nowhere.actual, "Her står null" in nowhere.text_nb) == ("null", True)
    share(world, points[0], points[1:], sharing="manual").refused("VIRTUAL_SHAPE_INVALID", actual="null")
    share(world, points[0], points[1:], direction="consumption").refused("VIRTUAL_SHAPE_INVALID", actual="consumption")


@pytest.mark.rule("VIRTUAL_AREA_NOT_VIRTUAL")
def test_it_lies_in_an_area_that_exists_on_paper_only(world: Any, points: list[str]) -> None:
    for area in (world.area, world.other_area):
        define(world, term(points[0]), grid_area=area).refused("VIRTUAL_AREA_NOT_VIRTUAL", actual=area)


@pytest.mark.rule("VIRTUAL_SOURCE_UNKNOWN")
def test_a_dso_names_only_its_own_points_and_the_datahub_any(world: Any, points: list[str]) -> None:
    theirs = world.points(4, dso=world.other_dso)
    world.open(theirs, sender=world.other_dso)
    refused = define(world, term(points[0]), term(theirs[0])).refused("VIRTUAL_SOURCE_UNKNOWN", path="/terms/1")
    unknown = define(world, term(points[0]), term(world.gsrn(77))).refused("VIRTUAL_SOURCE_UNKNOWN")
    assert (refused.text_en, refused.path) == (unknown.text_en, unknown.path)
    define(world, {"virtual_id": world.uuid(77)}).refused("VIRTUAL_SOURCE_UNKNOWN")
    define(world, term(points[0]), check={"metering_point_id": theirs[0]}).refused("VIRTUAL_SOURCE_UNKNOWN")
    (event,) = define(world, term(points[0]), term(theirs[0]), sender=DATAHUB).then_only(VirtualChannelDefined)
    assert event.dsos == (world.other_dso, world.dso)
    define(world, {"virtual_id": world.uuid(500)}, channel=501, sender=make_gln(4)).refused("VIRTUAL_SOURCE_UNKNOWN")
    define(world, {"virtual_id": world.uuid(500)}, channel=501, sender=world.other_dso).then_only(VirtualChannelDefined)


@pytest.mark.rule("ID_NOT_AVAILABLE")
@pytest.mark.rule("VIRTUAL_UNKNOWN")
def test_anothers_channel_is_not_ones_own_to_change(world: Any, points: list[str]) -> None:
    define(world, term(points[0]))
    theirs = world.points(4, dso=world.other_dso)
    world.open(theirs, sender=world.other_dso)
    define(world, term(theirs[0]), sender=world.other_dso).refused("ID_NOT_AVAILABLE")
    end(world, "2026-04-05", sender=world.other_dso).refused("VIRTUAL_UNKNOWN")
    end(world, "2026-04-05", channel=77).refused("VIRTUAL_UNKNOWN")
    end(world, "2026-03-28").then_only(VirtualChannelEnded)
    end(world, "2026-03-28").refused("VIRTUAL_UNKNOWN")


@pytest.mark.rule("VIRTUAL_SOURCE_WITHOUT_CHANNEL")
def test_every_source_has_a_channel_in_all_of_the_period(world: Any, points: list[str]) -> None:
    define(world, term(points[0], product="reactive"), method="copy").refused("VIRTUAL_SOURCE_WITHOUT_CHANNEL")
    define(world, term(points[0]), valid_from=world.local("2026-03-27")).refused("VIRTUAL_SOURCE_WITHOUT_CHANNEL")
    world.close(points[:1])
    define(world, term(points[0])).refused("VIRTUAL_SOURCE_WITHOUT_CHANNEL")
    define(world, term(points[0]), valid_to=world.local("2026-03-31")).refused("VIRTUAL_SOURCE_WITHOUT_CHANNEL")
    define(world, term(points[0]), valid_to=world.local("2026-03-30")).then_only(VirtualChannelDefined)
    world.open(points[:1], valid_from=world.local("2026-03-30"))
    define(world, term(points[0])).then_only(VirtualChannelDefined)
    later = {"valid_from": world.local("2026-03-27")}
    define(world, {"virtual_id": world.uuid(500)}, channel=501, **later).refused("VIRTUAL_SOURCE_WITHOUT_CHANNEL")
    share(world, points[0], points[1:], channel=502)
    of_share = {"virtual_id": world.uuid(502)}
    define(world, of_share, channel=501).refused("VIRTUAL_SOURCE_WITHOUT_CHANNEL", path="/terms/0")
    define(world, {**of_share, "recipient": points[1]}, channel=501).then_only(VirtualChannelDefined)


@pytest.mark.rule("VIRTUAL_CYCLE")
def test_nothing_rests_on_itself_at_any_moment(world: Any, points: list[str]) -> None:
    define(world, term(points[0]), channel=500)
    define(world, {"virtual_id": world.uuid(500)}, channel=501, valid_to=world.local("2026-05-01"))
    define(world, {"virtual_id": world.uuid(501)}, channel=502, valid_to=world.local("2026-04-20"))
    define(world, {"virtual_id": world.uuid(502)}, channel=500).refused("VIRTUAL_CYCLE")
    define(world, {"virtual_id": world.uuid(500)}, channel=500).refused("VIRTUAL_CYCLE")
    # Nobody rests on it any more by then.
    define(world, term(points[1]), channel=501, valid_from=world.local("2026-04-10"))
    define(world, {"virtual_id": world.uuid(501)}, channel=500, valid_from=world.local("2026-04-10")).then_only(
        VirtualChannelDefined
    )


@pytest.mark.rule("VIRTUAL_TOO_MANY_SOURCES")
def test_how_much_it_may_rest_on(world: Any, points: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meter_ingest.domain.virtual_setup.MOST_SOURCES", 2)
    define(world, term(points[0]), term(points[1])).then_only(VirtualChannelDefined)
    define(world, {"virtual_id": world.uuid(500)}, term(points[2]), channel=501).refused(
        "VIRTUAL_TOO_MANY_SOURCES", limit=2, actual=3
    )


@pytest.mark.rule("VIRTUAL_SHARES_NOT_WHOLE")
def test_fixed_shares_are_the_whole_to_the_millionth(world: Any, points: list[str]) -> None:
    fixed = {"sharing": "manual"}
    share(world, points[0], points[1:], **fixed, ppm=(333_333, 666_666)).refused(
        "VIRTUAL_SHARES_NOT_WHOLE", limit=1_000_000, actual=999_999
    )
    (event,) = share(world, points[0], points[1:], **fixed, ppm=(333_333, 666_667)).then_only(VirtualChannelDefined)
    assert (event.product_code, event.grid_area, event.dsos) == ("4700000000301", None, (world.dso,))


@pytest.mark.rule("VIRTUAL_SHARING_NOT_ELIGIBLE")
@pytest.mark.parametrize("changes", [{"settlement_method": "profiled"}, {"active": False}])
def test_production_is_shared_between_active_interval_points(
    world: Any, points: list[str], changes: dict[str, Any]
) -> None:
    world.fact(points[1], **changes)
    share(world, points[0], points[1:]).refused("VIRTUAL_SHARING_NOT_ELIGIBLE", actual=points[1])
    share(world, points[1], points[2:]).refused("VIRTUAL_SHARING_NOT_ELIGIBLE", path="/terms/0")
    world.fact(points[2], settlement_method="not-settled")
    share(world, points[0], points[2:]).refused("VIRTUAL_SHARING_NOT_ELIGIBLE")
    share(world, points[2], points[:1]).then_only(VirtualChannelDefined)


@pytest.mark.rule("VIRTUAL_PERIOD_INVALID")
def test_the_past_stands_and_a_period_ends_after_it_begins(world: Any, points: list[str]) -> None:
    define(world, term(points[0]), valid_from=world.local("2026-03-12")).refused(
        "VIRTUAL_PERIOD_INVALID", limit="2026-03-13"
    )
    define(world, term(points[0]), valid_to=world.local(FROM)).refused("VIRTUAL_PERIOD_INVALID", path="/valid_to")
    define(world, term(points[0]))
    end(world, "2026-03-29", at="2026-04-20").refused("VIRTUAL_PERIOD_INVALID", limit="2026-04-06")


def test_a_grid_area_passes_to_another_dso(world: Any, points: list[str]) -> None:
    world.scenario.given(
        GridAreaChanged(
            grid_area=PAPER,
            name="x",
            zone=BiddingZone.NO3,
            dso=make_gln(4),
            former_dso=world.other_dso,
            valid_from=world.local("2026-04-01"),
            freeze_days=14,
        )
    )
    (event,) = define(world, term(points[0])).then_only(VirtualChannelDefined)
    assert event.dsos[0] == world.other_dso
    (event,) = define(world, term(points[0]), valid_from=world.local("2026-04-01")).then_only(VirtualChannelDefined)
    assert event.dsos[0] == make_gln(4)


# Sums against main meters


def looked(outcome: Any) -> list[Any]:
    return [one for one in outcome.events if isinstance(one, SumChecked | SumDayPassed)]


def test_a_sum_is_held_against_its_main_meter_twice(world: Any, points: list[str], day_series: Any) -> None:
    check = {"metering_point_id": points[2], "tolerance_wh": 10, "tolerance_basis_points": 100}
    define(world, term(points[0]), term(points[1]), check=check)
    at = world.local("2026-03-29", "06:00")
    values = ((points[0], 10), (points[1], 20), (points[2], 28))
    world.send(*(day_series(point, FROM, wh) for point, wh in values), at=at)
    checked, done = looked(world.scenario.until(world.local("2026-03-29", "07:00")))
    assert (checked.sum_wh, checked.main_wh, checked.tolerance_wh) == (96 * 30, 96 * 28, 26)
    assert (checked.differs, checked.final, done.date) == (True, False, checked.date)
    world.send(day_series(points[2], FROM, 30, registered_at=at), at=world.local("2026-03-30"))
    later = [one for one in looked(world.scenario.until(world.local("2026-04-03"))) if one.date == checked.date]
    assert [(type(one), one.final) for one in later] == [(SumChecked, True), (SumDayPassed, True)]
    assert (later[0].differs, later[0].sum_wh, later[0].main_wh) == (False, 96 * 30, 96 * 30)
    assert not world.scenario.state(store.VIRTUAL, world.uuid(500)).differing


def test_what_differs_as_was_said_is_not_said_again_nor_what_is_missing(
    world: Any, points: list[str], day_series: Any
) -> None:
    define(world, term(points[0]), check={"metering_point_id": points[2]})
    world.send(day_series(points[0], FROM, 1), day_series(points[2], FROM, 2), at=world.local("2026-03-29", "06:00"))
    found = looked(world.scenario.until(world.local("2026-04-03")))
    assert [one.date.isoformat() for one in found if isinstance(one, SumChecked)] == [FROM]
    assert len([one for one in found if isinstance(one, SumDayPassed)]) == 5 + 1


def test_without_a_check_nothing_falls_due(world: Any, points: list[str]) -> None:
    define(world, term(points[0]))
    assert not looked(world.scenario.until(world.local("2026-04-10")))
    define(world, term(points[0]), check={"metering_point_id": points[2]}, at=world.local("2026-04-10", "12:00"))
    world.scenario.until(world.local("2026-04-10", "13:00"))
    end(world, "2026-04-12", at="2026-04-10")
    found = looked(world.scenario.until(world.local("2026-04-30")))
    assert {one.date.isoformat() for one in found if one.final} >= {"2026-04-10", "2026-04-11"}
    assert max(one.date.isoformat() for one in found) == "2026-04-11"
