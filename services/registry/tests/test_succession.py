"""A BSP is taken over: its groups, resources and what it said ahead are its successor's (ADR 0022)."""

import pytest

from contracts.bsp_switch import v1 as bsp_switch
from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit


def merger(world, cancelled=False):
    about = {"merger_id": world.uuid(800), "bsp": world.BSP, "into": world.OTHER_BSP, "start": world.midnight(5, 1)}
    if cancelled:
        return bsp_switch.BspMergerCancelled(**about, reason="x")
    return bsp_switch.BspMergerAnnounced(**about, reason="x", notice_days=30, notice_min_days=14)


def succeeded(world, number, cancelled=False):
    kind = bsp_switch.ControlSuccessionCancelled if cancelled else bsp_switch.ControlSuccessionAnnounced
    return kind(
        metering_point_id=world.point(number),
        merger_id=world.uuid(800),
        bsp=world.BSP,
        successor=world.OTHER_BSP,
        start=world.midnight(5, 1),
        dso=world.DSO,
    )


def holders(scenario, world, number, *days):
    holder = scenario.state(store.HOLDER, world.point(number))
    return [holder.who(world.noon(*day)) for day in days]


def test_a_group_that_is_formed_after_the_announcement_passes_too_and_an_ended_one_does_not(world, register):
    register.given(*world.points((1, 2, 3, 4)))
    world.form(register, 1, 2, number=100)
    (said,) = register.when(merger(world), at=world.noon(4, 1)).then_only(v1.GroupSuccessionAnnounced)
    assert (said.group_id, said.bsp, said.successor) == (world.uuid(100), world.BSP, world.OTHER_BSP)
    formed = v1.FormGroup(zone="NO3", metering_points=world.ids(3, 4))
    events = world.tell(register, formed, number=101, at=world.noon(4, 2)).events
    assert [each.group_id for each in events if isinstance(each, v1.GroupSuccessionAnnounced)] == [world.uuid(101)]
    register.when(merger(world), at=world.noon(4, 3)).then_only()
    passed = register.until(world.midnight(5, 1)).events
    assert {each.group_id for each in passed if isinstance(each, v1.GroupPassed)} == {world.uuid(100), world.uuid(101)}
    assert register.state(store.GROUPS_OF_BSP, world.BSP).groups == ()
    assert set(register.state(store.GROUPS_OF_BSP, world.OTHER_BSP).groups) == {world.uuid(100), world.uuid(101)}


def test_cancelled_the_groups_stay_and_can_be_announced_again(world, register):
    register.given(*world.points((1, 2)))
    world.form(register, 1, 2, number=100)
    before = register.state(store.GROUP, world.uuid(100))
    register.when(merger(world), at=world.noon(4, 1))
    register.when(merger(world, cancelled=True), at=world.noon(4, 2)).then_only(v1.GroupSuccessionCancelled)
    assert register.state(store.GROUP, world.uuid(100)) == before
    assert register.until(world.midnight(6, 1)).events == []


def test_the_point_is_the_successors_from_the_midnight_and_no_membership_ends(world, register):
    register.given(*world.points((1, 2)))
    world.form(register, 1, 2, number=100)
    register.when(merger(world), at=world.noon(4, 1))
    register.when(succeeded(world, 1), at=world.noon(4, 1)).then_only()
    assert holders(register, world, 1, (4, 30), (5, 1)) == [world.BSP, world.OTHER_BSP]
    register.until(world.midnight(5, 1))
    wish = v1.RegisterResource(
        metering_point_id=world.point(1),
        technology="battery",
        up_w=1000,
        down_w=0,
        devices=(v1.Device(make="Acme", model="X1", serial="S1"),),
    )
    events = world.tell(register, wish, number=901, sender=world.OTHER_BSP, at=world.noon(5, 1)).events
    (resource,) = [each for each in events if isinstance(each, v1.ResourceRegistered)]
    assert resource.bsp == world.OTHER_BSP
    assert world.tell(register, wish, number=902, at=world.noon(5, 1)).rejected
    # Who has it now gives the point up: the membership, begun under the other, ends with that.
    end = bsp_switch.ControlEndAnnounced(
        metering_point_id=world.point(1),
        bsp=world.BSP,
        successor=world.OTHER_BSP,
        dso=world.DSO,
        valid_from=world.START,
        valid_to=world.midnight(6, 1),
        because="own",
    )
    told = register.when(end, at=world.noon(5, 2)).events
    (over,) = [each for each in told if isinstance(each, v1.MembershipEndAnnounced)]
    assert (over.bsp, over.valid_to) == (world.OTHER_BSP, world.midnight(6, 1))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_in_whatever_order_it_is_heard_the_same_is_known(world, register, order):
    """The point's switch to a third, its succession, and its claim."""
    third = "7080000000999"
    said = (
        world.claimed(world.point(1)),
        succeeded(world, 1),
        world.switched(world.point(1), world.midnight(5, 10)).model_copy(update={"incoming": third}),
    )
    for place in order:
        register.when(said[place], at=world.noon(4, 1))
    assert holders(register, world, 1, (4, 30), (5, 1), (5, 10)) == [world.BSP, world.OTHER_BSP, third]
    register.when(succeeded(world, 1, cancelled=True), at=world.noon(4, 2))
    assert holders(register, world, 1, (4, 30), (5, 1), (5, 10)) == [world.BSP, world.BSP, third]
