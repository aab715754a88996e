"""The cast: its sums, and that every id is valid."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.registry.v1 import RegisterResource
from contracts.values import EicY, Gln, Gsrn, Uuid
from flexreg.story import cast as who

pytestmark = pytest.mark.unit

CAST = who.cast()


def test_there_are_1200_metering_points_in_the_order_of_their_ids():
    ids = [point.id for point in CAST.points]
    assert len(set(ids)) == 1200
    assert ids == sorted(ids)


def test_every_id_is_valid():
    for point in CAST.points:
        TypeAdapter(Gsrn).validate_python(point.id)
        TypeAdapter(EicY).validate_python(point.area)
        TypeAdapter(Uuid).validate_python(point.end_user)
    for party in (who.OPERATOR, *who.ONBOARDED):
        TypeAdapter(Gln).validate_python(party.gln)
    assert who.OPERATOR.gln == "7080000000012"


def test_one_point_is_in_a_grid_area_that_nobody_defines():
    defined = {area.eic for area in who.AREAS}
    assert [point for point in CAST.points if point.area not in defined] == [CAST.nowhere]


def test_a_sends_464_resources_of_which_460_stand():
    refused = Counter(resource.refused for resource in CAST.resources_of_a)
    assert refused == {
        "": 460,
        "SCHEMA_INVALID": 1,
        "METERING_POINT_NOT_HELD": 1,
        "METERING_POINT_INCOMPLETE": 1,
        "DEVICE_ALREADY_REGISTERED": 1,
    }


def test_the_sums_are_those_of_the_story():
    behind: Counter[str] = Counter()
    for resource in CAST.resources_of_a:
        if not resource.refused:
            behind[resource.point] += resource.up_w
    assert [behind[point.id] for point in CAST.members] == [5_000] * 420
    assert [behind[point.id] for point in CAST.large] == [725_000, 725_000, 725_000, 726_000]
    assert [behind[point.id] for point in CAST.eastern] == [5_000] * 20
    assert [behind[point.id] for point in CAST.other_brp] == [5_000] * 10
    assert behind[CAST.double.id] == 1_000_000
    assert len(CAST.spare) == 4
    assert sum(behind[point.id] for point in (*CAST.members, *CAST.large)) == 5_001_000
    assert sum(resource.up_w for resource in CAST.resources_of_b) == 1_600_000


def test_members_are_in_one_zone_with_one_brp_behind_two_dsos():
    areas = {area.eic: area for area in who.AREAS}
    assert {(areas[point.area].zone.value, point.brp) for point in CAST.members} == {("NO3", who.BRP_1)}
    assert {areas[point.area].dso for point in CAST.near} == {who.DSO_1}
    assert {areas[point.area].dso for point in (*CAST.far, *CAST.of_b)} == {who.DSO_2}
    assert {areas[point.area].zone.value for point in CAST.eastern} == {"NO1"}
    assert {point.brp for point in CAST.other_brp} == {who.BRP_2}


def test_those_who_switch_are_dso_1s_without_a_limit_and_those_who_change_brp_remain():
    limited = {*CAST.limited, *CAST.rejected}
    assert (len(CAST.limited), len(CAST.rejected), len(CAST.switching), len(CAST.changing_brp)) == (30, 4, 60, 5)
    assert limited <= set(CAST.far)
    assert {*CAST.switching, CAST.too_soon} <= set(CAST.near)
    assert not {*CAST.changing_brp} & {*CAST.switching, *limited}


def test_the_refused_ones_are_wrong_in_the_way_that_is_said():
    wrong = {resource.refused: resource for resource in CAST.resources_of_a if resource.refused}
    with pytest.raises(ValidationError, match="check digit"):
        TypeAdapter(Gsrn).validate_python(wrong["SCHEMA_INVALID"].point)
    assert wrong["METERING_POINT_NOT_HELD"].point == CAST.not_held.id
    assert wrong["METERING_POINT_INCOMPLETE"].point == CAST.nowhere.id
    twice = wrong["DEVICE_ALREADY_REGISTERED"]
    earlier = CAST.resources_of_a[: CAST.resources_of_a.index(twice)]
    assert twice.devices[0] in {device for resource in earlier for device in resource.devices}


def test_no_device_and_no_resource_stands_twice_but_the_one():
    standing = [*(one for one in CAST.resources_of_a if not one.refused), *CAST.resources_of_b]
    assert len({one.id for one in (*CAST.resources_of_a, *CAST.resources_of_b)}) == 464 + 320
    assert len({device for one in standing for device in one.devices}) == len(standing)


def test_technologies_are_those_of_the_contract():
    allowed = RegisterResource.model_fields["technology"].annotation
    for resource in (*CAST.resources_of_a, *CAST.resources_of_b):
        TypeAdapter(allowed).validate_python(resource.technology)


def test_the_cast_is_the_same_every_time():
    who.cast.cache_clear()
    assert who.cast() == CAST
