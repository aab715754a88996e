"""Where a metering point lies: who says what, what counts, and what its group is told (R19)."""

from itertools import combinations

import pytest

from contracts import values
from contracts.registry import v1
from contracts.values import Role
from registry import store
from registry.domain import location

pytestmark = pytest.mark.unit

OTHER_DSO = values.make_gln(50)
OTHER_AREA = values.make_eic_y("MIDT-VEST")
WHO = {"grid-model": Role.TSO, "connecting-dso": Role.DSO, "other-dso": Role.DSO, "system": Role.OPERATOR}


@pytest.fixture
def recorded(world, register):
    """A point in the DSO's area, without a word of where it lies."""
    register.given(world.recorded(world.point(1)).model_copy(update={"substation": None}))
    return register


def locate(world, register, source, *, number=1, at=None, quality="confirmed", **said):
    sender = {Role.TSO: world.TSO, Role.OPERATOR: world.OPERATOR}.get(WHO[source])
    sender = sender or (world.DSO if source == "connecting-dso" else OTHER_DSO)
    said = {"nominal_voltage_v": 230} | (said or {"substation_name": source})
    return register.when(
        v1.RecordLocation(quality=quality, **said),
        subject=world.point(number),
        sender=sender,
        role=WHO[source],
        at=at or world.noon(1, 10),
    )


def lies(world, register, *, number=1, at=None):
    return location.location_of(register.state(store.METERING_POINT, world.point(number)), at=at or world.noon(1, 20))


def test_what_someone_says_is_kept_with_what_they_are_to_the_point(world, recorded):
    position = v1.Position(latitude_microdeg=63_430_500, longitude_microdeg=10_395_100)
    outcome = locate(world, recorded, "connecting-dso", substation_id=world.uuid(7), position=position)

    outcome.then(
        v1.LocationRecorded(
            metering_point_id=world.point(1),
            by=world.DSO,
            source="connecting-dso",
            dso=world.DSO,
            substation_id=world.uuid(7),
            nominal_voltage_v=230,
            position=position,
            quality="confirmed",
            valid_from=world.noon(1, 10),
            effective=True,
            effective_source="connecting-dso",
            effective_substation=world.uuid(7),
        )
    )


ORDER = ("grid-model", "connecting-dso", "metering-point", "other-dso", "system")


@pytest.mark.rule("LOCATION_OUTRANKED")
@pytest.mark.parametrize(("strong", "weak"), list(combinations(ORDER, 2)))
def test_of_two_sources_the_stronger_counts_whichever_speaks_last(world, register, strong, weak):
    for first, second in ((strong, weak), (weak, strong)):
        number = 1 if first == strong else 2
        text = "metering-point" if "metering-point" in (strong, weak) else None
        register.given(world.recorded(world.point(number)).model_copy(update={"substation": text}))
        for source in (first, second):
            if source == "metering-point":
                continue
            # Even a guess of the stronger one.
            quality = "guessed" if source == strong else "confirmed"
            outcome = locate(world, register, source, number=number, quality=quality)
            (event,) = outcome.then_only(v1.LocationRecorded)
            outranked = source == weak and strong in {first, text}
            assert [(each.code, each.limit) for each in outcome.reasons] == (
                [("LOCATION_OUTRANKED", strong)] if outranked else []
            )
            assert (event.source, event.effective) == (source, not outranked)
        assert lies(world, register, number=number) == strong


def test_of_one_source_what_is_confirmed_counts_and_then_what_was_said_last(world, recorded):
    third = values.make_gln(51)
    wish = v1.RecordLocation(substation_name="B", nominal_voltage_v=230, quality="guessed")
    locate(world, recorded, "other-dso", substation_name="A", quality="guessed")
    recorded.when(wish, subject=world.point(1), sender=third, role=Role.DSO, at=world.noon(1, 11))
    assert lies(world, recorded) == "B"
    locate(world, recorded, "other-dso", substation_name="A", at=world.noon(1, 12))
    assert lies(world, recorded) == "A"
    again = wish.model_copy(update={"nominal_voltage_v": 400})
    recorded.when(again, subject=world.point(1), sender=third, role=Role.DSO, at=world.noon(1, 13))
    assert lies(world, recorded) == "A"
    confirmed = wish.model_copy(update={"quality": "confirmed"})
    recorded.when(confirmed, subject=world.point(1), sender=third, role=Role.DSO, at=world.noon(1, 14))
    assert lies(world, recorded) == "B"


def test_a_party_corrects_itself_and_the_past_stays_what_it_was(world, recorded):
    locate(world, recorded, "connecting-dso", substation_name="A")
    locate(world, recorded, "connecting-dso", substation_name="B", at=world.noon(1, 15))

    assert lies(world, recorded) == "B"
    assert lies(world, recorded, at=world.noon(1, 12)) == "A"
    assert lies(world, recorded, at=world.noon(1, 9)) is None


def test_the_same_again_says_nothing_new(world, recorded):
    locate(world, recorded, "connecting-dso")
    locate(world, recorded, "connecting-dso", at=world.noon(1, 11)).then()


def test_a_guess_of_the_system_is_the_worst_case(world, recorded):
    (event,) = locate(world, recorded, "system", quality="guessed").then_only(v1.LocationRecorded)
    assert (event.effective, event.effective_substation) == (True, None)
    assert lies(world, recorded) is None

    locate(world, recorded, "system", at=world.noon(1, 11))
    assert lies(world, recorded) == "system"
    assert lies(world, recorded, at=world.noon(1, 1)) is None


@pytest.mark.rule("SUBSTATION_UNKNOWN")
def test_a_substation_that_is_not_defined_is_noticed(world, recorded):
    outcome = locate(world, recorded, "connecting-dso", substation_id=world.uuid(7))
    assert [(each.code, each.actual) for each in outcome.reasons] == [("SUBSTATION_UNKNOWN", world.uuid(7))]
    assert lies(world, recorded) == world.uuid(7)

    define = v1.DefineSubstation(name="Moholt", voltage_v=22_000, grid_area=world.AREA)
    recorded.when(define, subject=world.uuid(7), sender=world.DSO, role=Role.DSO)
    outcome = locate(world, recorded, "connecting-dso", substation_id=world.uuid(7), substation_name="Moholt")
    assert outcome.reasons == ()


@pytest.mark.rule("METERING_POINT_UNKNOWN")
def test_a_point_that_nobody_recorded_lies_nowhere(world, register):
    locate(world, register, "connecting-dso").refused("METERING_POINT_UNKNOWN", path="/subject")


def test_whose_word_weighs_more_follows_the_points_dso(world, recorded):
    locate(world, recorded, "other-dso", substation_name="theirs")
    locate(world, recorded, "connecting-dso", substation_name="ours", quality="guessed")
    assert lies(world, recorded) == "ours"

    recorded.given(world.onboarded(OTHER_DSO, Role.DSO))
    change = v1.ChangeGridArea(valid_from=world.midnight(2, 1), dso=OTHER_DSO)
    recorded.when(change, subject=world.AREA, sender=world.TSO, role=Role.TSO)
    assert lies(world, recorded, at=world.midnight(2, 1)) == "theirs"
    assert lies(world, recorded, at=world.noon(1, 31)) == "ours"


# What a group is told


@pytest.fixture
def grouped(world, register):
    """A group of points 1 and 2, since 5 January, behind the substation Moholt."""
    register.given(world.onboarded(OTHER_DSO, Role.DSO), *world.points((1, 2, 3)))
    wish = v1.FormGroup(zone="NO3", metering_points=world.ids(1, 2))
    register.when(wish, subject=world.uuid(100), sender=world.BSP, at=world.midnight(1, 5))
    return register


def relocated(world, number=1, **changes):
    fields = {
        "group_id": world.uuid(100),
        "metering_point_id": world.point(number),
        "bsp": world.BSP,
        "dso": world.DSO,
        "grid_area": world.AREA,
        "substation": "Moholt",
    }
    return v1.MemberRelocated(**(fields | changes))


def record(world, register, *, valid_from, at, number=1, **said):
    said = {"grid_area": world.AREA, "substation": "Moholt"} | said
    wish = v1.RecordMeteringPoint(resolution="PT15M", agreed_power_w=20_000, valid_from=valid_from, **said)
    return register.when(wish, subject=world.point(number), at=at)


def told(outcome):
    return [event for event in outcome.events if isinstance(event, v1.MemberRelocated)]


def test_a_group_is_told_at_once_of_another_substation(world, grouped):
    outcome = locate(world, grouped, "grid-model", substation_id=world.uuid(7))

    assert told(outcome) == [relocated(world, substation=world.uuid(7), valid_from=world.noon(1, 10))]
    assert grouped.state(store.GROUP, world.uuid(100)).members[world.point(1)].substation == world.uuid(7)
    # What does not change what counts is not told.
    assert told(locate(world, grouped, "connecting-dso", at=world.noon(1, 11))) == []
    assert told(locate(world, grouped, "grid-model", number=3)) == []


def test_who_joins_lies_where_the_strongest_source_says(world, grouped):
    locate(world, grouped, "grid-model", number=3, substation_id=world.uuid(7))
    add = v1.AddMembers(metering_points=world.ids(3))
    (joined,) = grouped.when(add, subject=world.uuid(100), sender=world.BSP, at=world.noon(1, 11)).then_only(
        v1.MemberJoined
    )
    assert joined.substation == world.uuid(7)


def test_what_is_known_ahead_is_told_when_the_moment_has_come(world, grouped):
    change = v1.ChangeGridArea(valid_from=world.midnight(4, 15), dso=OTHER_DSO)
    outcome = grouped.when(change, subject=world.AREA, sender=world.TSO, role=Role.TSO, at=world.noon(4, 1))
    assert told(outcome) == []
    assert grouped.state(store.GROUP, world.uuid(100)).members[world.point(1)].dso == world.DSO

    grouped.until(world.noon(4, 14)).then()
    there = {"dso": OTHER_DSO, "former_dso": world.DSO, "valid_from": world.midnight(4, 15)}
    grouped.until(world.midnight(4, 15)).then(relocated(world, **there), relocated(world, 2, **there))
    assert grouped.state(store.GROUP, world.uuid(100)).members[world.point(1)].dso == OTHER_DSO
    grouped.until(world.midnight(6, 1)).then()


def test_of_what_is_wrong_now_and_what_is_known_ahead_only_the_first_is_told_now(world, grouped):
    record(world, grouped, substation="Later", valid_from=world.midnight(4, 15), at=world.noon(4, 1))
    outcome = record(world, grouped, substation="Now", valid_from=world.midnight(4, 1), at=world.noon(4, 2))

    assert [each.substation for each in told(outcome)] == ["Now"]
    (later,) = grouped.until(world.midnight(4, 15)).then_only(v1.MemberRelocated)
    assert (later.substation, later.valid_from) == ("Later", world.midnight(4, 15))


def test_a_member_in_another_grid_area_is_measured_there(world, grouped):
    grouped.given(world.area(OTHER_AREA))
    outcome = record(world, grouped, grid_area=OTHER_AREA, valid_from=world.midnight(2, 1), at=world.noon(2, 1))
    assert told(outcome) == [relocated(world, grid_area=OTHER_AREA, valid_from=world.midnight(2, 1))]
    (measured,) = [event for event in outcome.beside if isinstance(event, v1.GroupMeasured)]
    assert (measured.grid_areas, measured.grid_area_hhi_ppm) == (2, 500_000)


def test_what_is_corrected_before_the_moment_is_not_told(world, grouped):
    for substation in ("Ny", "Moholt"):
        record(world, grouped, substation=substation, valid_from=world.midnight(4, 15), at=world.noon(4, 1))
    grouped.until(world.midnight(6, 1)).then()


def test_a_late_fact_tells_all_that_followed_from_then_on(world, grouped):
    record(world, grouped, substation="C", valid_from=world.midnight(3, 1), at=world.noon(3, 1))
    outcome = record(world, grouped, substation="B", valid_from=world.midnight(2, 1), at=world.noon(3, 2))

    assert told(outcome) == [
        relocated(world, substation="B", valid_from=world.midnight(2, 1)),
        relocated(world, substation="C", valid_from=world.midnight(3, 1)),
    ]
    assert grouped.state(store.GROUP, world.uuid(100)).members[world.point(1)].substation == "C"


def test_where_a_member_lay_before_it_joined_is_not_told(world, grouped):
    outcome = record(world, grouped, substation="B", valid_from=world.midnight(1, 2), at=world.noon(1, 6))
    assert told(outcome) == [relocated(world, substation="B", valid_from=world.midnight(1, 5))]


def test_a_member_that_becomes_incomplete_lies_where_it_lay(world, grouped):
    outcome = record(world, grouped, grid_area=world.NO_AREA, valid_from=world.midnight(2, 1), at=world.noon(2, 1))
    assert told(outcome) == []
    grouped.until(world.midnight(6, 1)).then()


def test_who_leaves_by_then_is_not_told_to_lie_elsewhere(world, grouped):
    grouped.given(world.switched(world.point(1), world.midnight(4, 10)))
    record(world, grouped, substation="Ny", valid_from=world.midnight(4, 10), at=world.noon(4, 1))
    grouped.until(world.midnight(6, 1)).then_only(v1.MembershipEnded)
