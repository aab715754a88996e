"""What a group says it is made of, held against what the resources behind its members' points are."""

import pytest
from pydantic_core import to_jsonable_python

from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit


def of(world, number, technology, *, other=0):
    """A resource of this technology behind a point."""
    made = world.resource(world.point(number), number=other)
    return made.model_copy(update={"technology": technology})


@pytest.fixture
def mixed(world, register):
    """Points 1 and 2 with batteries, 3 with solar, 4 with solar and a battery, 5 with what does not say what it is."""
    for number in range(1, 6):
        gsrn = world.point(number)
        register.given(world.recorded(gsrn), world.claimed(gsrn), world.supplied(gsrn))
    register.given(of(world, 1, "battery"), of(world, 2, "battery"), of(world, 3, "solar"))
    return register.given(of(world, 4, "solar-with-battery"), of(world, 5, "other"))


def form(world, scenario, *numbers, category, mode="each", number=100):
    wish = v1.FormGroup(zone="NO3", metering_points=world.ids(*numbers), category=category, mode=mode)
    return world.tell(scenario, wish, number=number)


@pytest.mark.rule("GROUP_CATEGORY_DIFFERENT")
def test_a_point_joins_no_group_that_declares_another_category(world, mixed):
    formed = form(world, mixed, 1, 2, 3, 4, 5, category="energy-storage")

    formed.refused_rows((2, "GROUP_CATEGORY_DIFFERENT"), (3, "GROUP_CATEGORY_DIFFERENT"))
    assert [row.actual for row in formed.rows] == ["production", "production"]
    assert set(mixed.state(store.GROUP, world.uuid(100)).members) == set(world.ids(1, 2, 5))
    again = world.tell(mixed, v1.AddMembers(metering_points=world.ids(3)))
    assert again.refused("GROUP_CATEGORY_DIFFERENT").limit == "energy-storage"


@pytest.mark.parametrize("category", ["mixed", None])
def test_a_group_that_is_mixed_or_does_not_say_takes_all(world, mixed, category):
    assert not form(world, mixed, 1, 2, 3, 4, 5, category=category, mode="all").rows


def test_only_what_is_active_counts(world, mixed):
    mixed.given(of(world, 1, "solar", other=1))
    resource_id = of(world, 1, "solar", other=1).resource_id
    mixed.when(v1.PauseResource(reason="test"), subject=resource_id, sender=world.BSP)
    assert not form(world, mixed, 1, 2, category="energy-storage").rows

    active = mixed.when(v1.ActivateResource(), subject=resource_id, sender=world.BSP, at=world.noon(1, 7))
    assert [reason.code for reason in active.reasons] == ["MEMBER_CATEGORY_DIFFERENT"]


@pytest.mark.rule("MEMBER_CATEGORY_DIFFERENT")
def test_what_comes_behind_a_members_point_is_never_refused_for_it_and_is_said(world, mixed):
    form(world, mixed, 1, 2, category="energy-storage")
    wish = v1.RegisterResource(
        metering_point_id=world.point(1),
        technology="wind",
        up_w=1_000,
        down_w=0,
        devices=(v1.Device(make="Acme", model="W", serial="W1"),),
    )
    registered = mixed.when(wish, subject=world.uuid(1), sender=world.BSP, at=world.noon(1, 7))

    assert isinstance(registered.events[0], v1.ResourceRegistered)
    (notice,) = registered.reasons
    assert (notice.code, notice.limit, notice.actual) == ("MEMBER_CATEGORY_DIFFERENT", "energy-storage", "production")
    update = mixed.when(v1.UpdateResource(up_w=2_000), subject=world.uuid(1), sender=world.BSP, at=world.noon(1, 7))
    assert update.reasons == (), "it is said once"
    other = of(world, 2, "battery").resource_id
    turned = mixed.when(v1.UpdateResource(technology="solar"), subject=other, sender=world.BSP, at=world.noon(1, 7))
    assert [reason.code for reason in turned.reasons] == ["MEMBER_CATEGORY_DIFFERENT"]


def test_such_a_member_moves_within_its_category(world, mixed):
    form(world, mixed, 1, 2, category="energy-storage")
    draft = v1.FormGroup(zone="NO3", metering_points=(), category="energy-storage", activate=False)
    world.tell(mixed, draft, number=101)
    mixed.given(of(world, 1, "wind", other=1))

    move = v1.MoveMembers(from_group=world.uuid(100), metering_points=world.ids(1))
    assert not world.tell(mixed, move, number=101).rejected


def test_a_member_does_not_move_into_another_category(world, mixed):
    form(world, mixed, 1, 2, category="mixed")
    wish = v1.FormGroup(zone="NO3", metering_points=(), category="production", activate=False)
    world.tell(mixed, wish, number=101)

    move = v1.MoveMembers(from_group=world.uuid(100), metering_points=world.ids(1))
    world.tell(mixed, move, number=101).refused("GROUP_CATEGORY_DIFFERENT")


def test_a_resource_shows_its_category(world, mixed):
    shown = store.RESOURCE.adapter.dump_python(
        mixed.state(store.RESOURCE, of(world, 4, "solar-with-battery").resource_id)
    )

    assert to_jsonable_python(shown)["category"] == ["production", "energy-storage"]
