"""Who was a member of which group when, as it is known here: what deliveries are verified by."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts.registry import v1 as registry
from contracts.values import BiddingZone, make_eic_y, make_gln, make_gsrn
from meter_ingest.domain import known

pytestmark = pytest.mark.unit

POINT = make_gsrn(1)
FROM, MOVED, LATER, LAST = (datetime.fromisoformat(f"2026-0{month}-01T12:00:00Z") for month in (2, 3, 4, 5))
MOMENT = timedelta(microseconds=1)


def joined(group: str, at: datetime, valid_to: datetime | None = None) -> registry.MemberJoined:
    return registry.MemberJoined(
        group_id=group, metering_point_id=POINT, bsp=make_gln(1), zone=BiddingZone.NO3, grid_area=make_eic_y("A"),
        dso=make_gln(2), substation=None, up_w=5_000, down_w=0, valid_from=at, valid_to=valid_to, declared_up_w=0,
        declared_down_w=0, group_max_w=5_000_000, point_limit_w=1_000_000,
    )  # fmt: skip


def over(group: str, at: datetime, because: registry.WhyOver) -> registry.MembershipEnded:
    return registry.MembershipEnded(
        group_id=group, metering_point_id=POINT, bsp=make_gln(1), dso=make_gln(2), valid_to=at, because=because,
        declared_up_w=0, declared_down_w=0,
    )  # fmt: skip


def announced(group: str, at: datetime, because: registry.WhyEnd) -> registry.MembershipEndAnnounced:
    return registry.MembershipEndAnnounced(
        group_id=group, metering_point_id=POINT, bsp=make_gln(1), dso=make_gln(2), valid_to=at, because=because,
        declared_up_w=0, declared_down_w=0,
    )  # fmt: skip


def folded(*events: known.OfGroup) -> known.Group:
    state: known.Group | None = None
    for event in events:
        state = known.evolve_group(state, event)
    assert state is not None
    return state


ONE, OTHER = ("01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002")


@pytest.mark.parametrize("because", ["moved", "split", "merged"])
def test_a_member_that_goes_on_in_another_group_is_in_one_at_every_moment(because: registry.WhyOver) -> None:
    one = folded(joined(ONE, FROM, LATER), over(ONE, MOVED, because))
    other = folded(joined(OTHER, MOVED, LATER))

    for moment, expected in ((FROM, (1, 0)), (MOVED - MOMENT, (1, 0)), (MOVED, (0, 1)), (LATER, (0, 0))):
        assert (len(known.members_at(one, moment)), len(known.members_at(other, moment))) == expected


def test_who_is_moved_on_in_the_moment_of_joining_was_never_there() -> None:
    group = folded(joined(ONE, FROM), over(ONE, FROM, "moved"))
    assert known.members_at(group, FROM) == {}
    again = folded(joined(ONE, FROM), over(ONE, FROM, "moved"), joined(ONE, FROM))
    assert list(known.members_at(again, FROM)) == [POINT]


def test_of_several_ends_the_first_counts_whichever_is_told_last() -> None:
    group = folded(joined(ONE, FROM), announced(ONE, LATER, "switch"), announced(ONE, LAST, "left"))
    assert known.members_at(group, LATER) == {}

    cancelled = registry.MembershipEndCancelled(
        group_id=ONE, metering_point_id=POINT, bsp=make_gln(1), dso=make_gln(2), because="switch", valid_to=LAST
    )
    group = known.evolve_group(group, cancelled)
    assert list(known.members_at(group, LATER)) == [POINT]
    assert known.members_at(group, LAST) == {}


def cancelled(group: str, because: registry.WhyEnd, valid_to: datetime | None) -> registry.MembershipEndCancelled:
    return registry.MembershipEndCancelled(
        group_id=group, metering_point_id=POINT, bsp=make_gln(1), dso=make_gln(2), because=because, valid_to=valid_to
    )


def test_control_that_is_to_end_ends_the_membership_then_unless_it_is_taken_back() -> None:
    ends = (joined(ONE, FROM), announced(ONE, LATER, "switch"), announced(ONE, MOVED, "control-ended"))
    group = folded(*ends)
    assert list(known.members_at(group, MOVED - MOMENT)) == [POINT]
    assert known.members_at(group, MOVED) == {}

    group = folded(*ends, cancelled(ONE, "control-ended", LATER))
    assert list(known.members_at(group, LATER - MOMENT)) == [POINT]
    assert known.members_at(group, LATER) == {}
    group = folded(*ends, cancelled(ONE, "control-ended", LATER), cancelled(ONE, "switch", None))
    assert list(known.members_at(group, LAST)) == [POINT]


def test_control_that_was_over_before_it_was_told_was_no_membership_since_then() -> None:
    grown = registry.MemberPowerChanged(
        group_id=ONE, metering_point_id=POINT, bsp=make_gln(1), dso=make_gln(2), valid_from=LATER, up_w=9_000, down_w=0,
        declared_up_w=0, declared_down_w=0, group_max_w=5_000_000, point_limit_w=1_000_000,
    )  # fmt: skip
    group = folded(joined(ONE, FROM), grown, announced(ONE, MOVED, "control-ended"), over(ONE, MOVED, "control-ended"))

    assert known.members_at(group, MOVED - MOMENT)[POINT].up_w == 5_000
    for moment in (MOVED, LATER, LAST):
        assert known.members_at(group, moment) == {}
