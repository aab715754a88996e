"""Which roles a party has, whether it may act, and what keeps it from leaving."""

import pytest

from contracts.registry import v1
from contracts.values import Role
from registry import store
from registry.domain import holding

pytestmark = pytest.mark.unit


def roles(world, register, party, *given, sender="", at=None):
    wish = v1.ChangePartyRoles(roles=given)
    return register.when(wish, subject=party, sender=sender or world.OPERATOR, role="operator", at=at or world.START)


def status(world, register, party, to, *, sender="", at=None):
    wish = v1.ChangePartyStatus(status=to, reason="As agreed.")
    return register.when(wish, subject=party, sender=sender or world.OPERATOR, role="operator", at=at or world.START)


def standing(register, party):
    state = register.state(store.PARTY, party)
    return state.roles, state.status


# Roles


def test_a_party_gets_other_roles(world, register):
    roles(world, register, world.BSP, Role.BSP, Role.BRP, Role.BRP).then(
        v1.PartyRolesChanged(party=world.BSP, before=(Role.BSP,), after=(Role.BSP, Role.BRP), status="active")
    )
    assert standing(register, world.BSP) == ((Role.BSP, Role.BRP), "active")
    roles(world, register, world.BSP, Role.BRP).then_only(v1.PartyRolesChanged)
    assert standing(register, world.BSP) == ((Role.BRP,), "active")


@pytest.mark.rule("PARTY_UNCHANGED")
def test_the_same_roles_in_another_order_are_the_same(world, register):
    register.given(world.onboarded(world.BRP, Role.BRP, Role.SUPPLIER))
    outcome = roles(world, register, world.BRP, Role.SUPPLIER, Role.BRP)

    outcome.then()
    assert [reason.code for reason in outcome.reasons] == ["PARTY_UNCHANGED"]


@pytest.mark.rule("NO_SUCH_PARTY")
def test_a_party_that_is_not_there_has_no_roles(world, register):
    roles(world, register, world.BRP, Role.BRP).refused("NO_SUCH_PARTY", path="/subject")


@pytest.mark.rule("DSO_HAS_GRID_AREAS")
def test_a_dso_with_grid_areas_stays_one(world, register):
    refused = roles(world, register, world.DSO, Role.BSP).refused("DSO_HAS_GRID_AREAS", path="/roles", limit=2)

    assert refused.actual == f"{world.AREA}, {world.AREA_ELSEWHERE}"
    roles(world, register, world.DSO, Role.DSO, Role.BSP).then_only(v1.PartyRolesChanged)


@pytest.mark.rule("DSO_HAS_GRID_AREAS")
def test_of_many_areas_some_are_named(world, register):
    more = [world.area(world.values.make_eic_y(name)) for name in ("AREA-A", "AREA-B", "AREA-C", "AREA-D", "AREA-E")]
    refused = roles(world, register.given(*more), world.DSO, Role.BSP).refused("DSO_HAS_GRID_AREAS", limit=7)

    assert refused.actual.endswith(", …")
    assert refused.actual.count(",") == 5


@pytest.mark.rule("BSP_HAS_MEMBERS")
@pytest.mark.rule("BSP_HOLDS_POINTS")
def test_a_bsp_with_members_and_points_stays_one_and_is_told_of_both(world, register):
    register.given(*world.points((1, 2)))
    form = v1.FormGroup(zone="NO3", metering_points=world.ids(1, 2))
    register.when(form, subject=world.uuid(100), sender=world.BSP)

    outcome = roles(world, register, world.BSP, Role.BRP)
    outcome.refused("BSP_HAS_MEMBERS", path="/roles", limit=1, actual=world.uuid(100))
    outcome.refused("BSP_HOLDS_POINTS", path="/roles", actual=2)
    roles(world, register, world.OTHER_BSP, Role.BRP).then_only(v1.PartyRolesChanged)


@pytest.mark.rule("BSP_HOLDS_POINTS")
def test_who_gives_up_a_point_holds_it_until_the_midnight_and_who_gets_it_from_the_announcement(world, register):
    start = world.midnight(4, 15)
    register.given(*world.points((1,)), world.switched(world.point(1), start))

    before = world.midnight(4, 14)
    roles(world, register, world.BSP, Role.BRP, at=before).refused("BSP_HOLDS_POINTS", actual=1)
    roles(world, register, world.OTHER_BSP, Role.BRP, at=before).refused("BSP_HOLDS_POINTS", actual=1)
    roles(world, register, world.BSP, Role.BRP, at=start).then_only(v1.PartyRolesChanged)


def test_midnights_long_past_are_forgotten_and_the_count_is_right(world, register):
    numbers = (1, 101, 201)
    register.given(*world.points(numbers))
    starts = [world.midnight(1, 10), world.midnight(1, 10), world.midnight(1, 10).replace(year=2028)]
    register.given(*[world.switched(world.point(n), start) for n, start in zip(numbers, starts, strict=True)])

    def held(bsp):
        return [register.state(store.POINTS_OF_BSP, holding.document(bsp, world.point(number))) for number in numbers]

    assert [one.kept for one in held(world.BSP)] == [0] * 3
    assert {id_: one.ends for some in held(world.BSP) for id_, one in some.watched.items()} == {
        world.point(201): {"switch": starts[2]}
    }
    assert [one.kept for one in held(world.OTHER_BSP)] == [3] * 3


@pytest.mark.rule("BSP_HOLDS_POINTS")
def test_control_that_ends_counts_to_its_end_and_again_when_that_is_cancelled(world, register):
    register.given(*world.points((1, 2)))
    first, last = world.midnight(2, 1), world.midnight(3, 1)
    register.given(
        world.control_ends(world.point(1), last, because="consent"),
        world.control_ends(world.point(1), first, because="own"),
        world.control_ends(world.point(1), first, because="own"),
        world.control_ends(world.point(2), first),
    )

    roles(world, register, world.BSP, Role.BRP, at=world.midnight(1, 31)).refused("BSP_HOLDS_POINTS", actual=2)
    roles(world, register, world.BSP, Role.BSP, Role.BRP, at=first).then_only(v1.PartyRolesChanged)
    register.given(world.control_goes_on(world.point(1), because="own", valid_to=last))
    roles(world, register, world.BSP, Role.BRP, at=first).refused("BSP_HOLDS_POINTS", actual=1)
    register.given(world.control_goes_on(world.point(1), because="consent"))
    roles(world, register, world.BSP, Role.BRP, at=last).refused("BSP_HOLDS_POINTS", actual=1)


@pytest.mark.rule("BSP_HOLDS_POINTS")
def test_who_claims_a_point_again_holds_it_whatever_is_said_late_of_the_former_control(world, register):
    register.given(*world.points((1,)), world.control_ends(world.point(1), world.midnight(2, 1)))
    again = world.midnight(2, 10)
    register.given(
        world.claimed(world.point(1), at=again),
        world.control_ends(world.point(1), world.midnight(1, 20), because="move-out"),
    )

    roles(world, register, world.BSP, Role.BRP, at=again).refused("BSP_HOLDS_POINTS", actual=1)
    register.given(world.control_ends(world.point(1), world.midnight(3, 1), since=again))
    roles(world, register, world.BSP, Role.BRP, at=world.midnight(3, 1)).then_only(v1.PartyRolesChanged)


@pytest.mark.rule("BSP_HOLDS_POINTS")
def test_of_a_cancelled_switch_the_one_has_its_point_back_and_the_other_nothing(world, register):
    start = world.midnight(4, 15)
    register.given(*world.points((1,)), world.switched(world.point(1), start))
    register.given(world.unswitched(world.point(1), start))

    roles(world, register, world.BSP, Role.BRP, at=start).refused("BSP_HOLDS_POINTS", actual=1)
    roles(world, register, world.OTHER_BSP, Role.BRP, at=world.midnight(4, 1)).then_only(v1.PartyRolesChanged)


@pytest.mark.rule("BSP_HAS_MEMBERS")
def test_a_group_without_members_keeps_nobody(world, register):
    start = world.midnight(4, 15)
    register.given(*world.points((1, 2)))
    form = v1.FormGroup(zone="NO3", metering_points=world.ids(1, 2))
    register.when(form, subject=world.uuid(100), sender=world.BSP)
    register.given(*[world.switched(world.point(n), start) for n in (1, 2)])
    register.until(start)

    roles(world, register, world.BSP, Role.BRP, at=start).then_only(v1.PartyRolesChanged)


# Status


@pytest.mark.rule("PARTY_STATUS_NOT_NEXT")
@pytest.mark.parametrize(
    ("before", "to", "limit"),
    [
        ("new", "active", None),
        ("new", "terminated", None),
        ("new", "suspended", "active, terminated"),
        ("active", "suspended", None),
        ("active", "terminated", None),
        ("active", "active", "suspended, terminated"),
        ("suspended", "active", None),
        ("suspended", "terminated", None),
        ("suspended", "suspended", "active, terminated"),
    ],
)
def test_which_status_may_follow_which(world, register, before, to, limit):
    register.given(v1.PartyOnboarded(party=world.BRP, name="Kraft", roles=(Role.BRP,), status=before))
    outcome = status(world, register, world.BRP, to)

    if limit is not None:
        outcome.refused("PARTY_STATUS_NOT_NEXT", path="/status", limit=limit, actual=before)
        return
    outcome.then(
        v1.PartyStatusChanged(party=world.BRP, before=before, after=to, reason="As agreed.", roles=(Role.BRP,))
    )
    assert standing(register, world.BRP) == ((Role.BRP,), to)


@pytest.mark.rule("PARTY_IS_TERMINATED")
def test_who_has_left_does_not_come_back(world, register):
    register.given(world.onboarded(world.BRP, Role.BRP))
    status(world, register, world.BRP, "terminated")

    for to in ("active", "suspended", "terminated"):
        status(world, register, world.BRP, to).refused("PARTY_IS_TERMINATED", path="/subject")
    roles(world, register, world.BRP, Role.BSP).refused("PARTY_IS_TERMINATED")


@pytest.mark.rule("DSO_HAS_GRID_AREAS")
def test_who_is_needed_may_be_suspended_but_not_parted_with(world, register):
    status(world, register, world.DSO, "terminated").refused("DSO_HAS_GRID_AREAS", path="/status")
    status(world, register, world.DSO, "suspended").then_only(v1.PartyStatusChanged)
    status(world, register, world.DSO, "terminated").refused("DSO_HAS_GRID_AREAS")


def test_nobody_acts_for_a_party_that_has_left(world, register):
    register.given(
        world.onboarded(world.BRP, Role.BRP),
        v1.AccessGranted(party=world.BRP, kind="client", member_id="one", rights="admin"),
        v1.AccessGranted(party=world.BRP, kind="person", member_id=world.uuid(1), rights="reader"),
    )

    revoked, other, left = status(world, register, world.BRP, "terminated").then_only(
        v1.AccessRevoked, v1.AccessRevoked, v1.PartyStatusChanged
    )
    assert [(each.member_id, each.kind, each.rights) for each in (revoked, other)] == [
        ("one", "client", "admin"),
        (world.uuid(1), "person", "reader"),
    ]
    assert left.after == "terminated"
    assert register.state(store.PARTY, world.BRP).access == {}


@pytest.mark.rule("NO_SUCH_PARTY")
def test_a_party_that_is_not_there_has_no_status(world, register):
    status(world, register, world.BRP, "suspended").refused("NO_SUCH_PARTY")


# The operator


@pytest.mark.rule("OPERATOR_LOCKS_ITSELF_OUT")
def test_an_operator_neither_stops_itself_nor_gives_up_its_role(world, register):
    register.given(world.onboarded(world.OPERATOR, Role.OPERATOR, Role.TSO))

    for to in ("suspended", "terminated"):
        status(world, register, world.OPERATOR, to).refused("OPERATOR_LOCKS_ITSELF_OUT", path="/status")
    roles(world, register, world.OPERATOR, Role.TSO).refused("OPERATOR_LOCKS_ITSELF_OUT", path="/roles")
    roles(world, register, world.OPERATOR, Role.OPERATOR).then_only(v1.PartyRolesChanged)


def test_another_operator_may(world, register):
    register.given(world.onboarded(world.OPERATOR, Role.OPERATOR), world.onboarded(world.BRP, Role.OPERATOR))

    roles(world, register, world.OPERATOR, Role.TSO, sender=world.BRP).then_only(v1.PartyRolesChanged)
    status(world, register, world.OPERATOR, "suspended", sender=world.BRP).then_only(v1.PartyStatusChanged)


@pytest.mark.rule("ONLY_ONE_IN_ROLE")
@pytest.mark.parametrize("role", [Role.TSO, Role.DATAHUB])
def test_the_only_one_in_a_role_that_somebody_must_have_stays(world, register, role):
    register.given(world.onboarded(world.DATAHUB, Role.DATAHUB))
    only, another = {Role.TSO: world.TSO, Role.DATAHUB: world.DATAHUB}[role], world.OTHER_BRP
    status(world, register, only, "terminated").refused("ONLY_ONE_IN_ROLE", path="/status", limit=role)
    status(world, register, only, "suspended").refused("ONLY_ONE_IN_ROLE", path="/status", limit=role)
    roles(world, register, only, Role.BRP).refused("ONLY_ONE_IN_ROLE", path="/roles", limit=role)

    register.given(v1.PartyOnboarded(party=another, name="Next", roles=(role,), status="new"))
    status(world, register, only, "terminated").refused("ONLY_ONE_IN_ROLE")
    status(world, register, another, "terminated").then_only(v1.PartyStatusChanged)

    register.given(v1.PartyOnboarded(party=world.BRP, name="Next", roles=(role,)))
    status(world, register, world.BRP, "suspended").then_only(v1.PartyStatusChanged)
    status(world, register, only, "terminated").refused("ONLY_ONE_IN_ROLE")
    status(world, register, world.BRP, "active").then_only(v1.PartyStatusChanged)
    status(world, register, only, "terminated").then_only(v1.PartyStatusChanged)
    roles(world, register, world.BRP, Role.BRP).refused("ONLY_ONE_IN_ROLE", limit=role)


@pytest.mark.rule("STANDS_BEHIND_POINTS")
@pytest.mark.rule("BRP_HAS_LEFT")
def test_who_stands_behind_points_may_leave_and_whoever_groups_them_is_told(world, register):
    register.given(world.onboarded(world.BRP, Role.BRP), *world.points((1, 2)))
    left = status(world, register, world.BRP, "terminated")
    assert [(reason.code, reason.actual) for reason in left.reasons] == [("STANDS_BEHIND_POINTS", "brp")]
    assert status(world, register, world.OTHER_BSP, "terminated").reasons == ()

    formed = world.form(register, 1, 2)
    assert not formed.rejected
    assert [(reason.code, reason.limit) for reason in formed.reasons] == [("BRP_HAS_LEFT", None)]
