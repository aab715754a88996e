"""The door: a third party's grants, what one may read of a point, and what the point is."""

from __future__ import annotations

from typing import Any

import pytest
from out_house import House, code
from test_out_values import valid

from contracts.bsp_switch import v1 as bsp_switch
from contracts.meter_ingest import v1
from contracts.values import BiddingZone, Role, make_gln
from meter_ingest.out import rights

pytestmark = pytest.mark.store

THIRD, OTHER, DATAHUB, SUPPLIER = make_gln(51), make_gln(52), make_gln(4), make_gln(31)


@pytest.fixture
def user(house: House, world: Any, points: list[str]) -> str:
    """Who stands behind the first two points, in turn with another."""
    for gln, role in ((THIRD, Role.THIRD_PARTY), (OTHER, Role.THIRD_PARTY), (DATAHUB, Role.DATAHUB)):
        house.party(gln, role)
    house.party(SUPPLIER, Role.SUPPLIER)
    for point, since, whose in ((0, "2026-01-01", 71), (0, "2026-03-01", 72), (0, "2026-06-01", 71)):
        world.scenario.given(
            bsp_switch.SupplyRecorded(
                metering_point_id=points[point],
                supplier=SUPPLIER,
                brp_consumption=None,
                brp_production=None,
                end_user=world.uuid(whose),
                valid_from=world.local(since),
            )
        )
    return world.uuid(72)


def asks_for(world: Any, point: str, number: int, at: str = "2026-03-30", **said: Any) -> str:
    request = v1.RequestDataAccess.model_validate(
        {"metering_point_id": point, "valid_from": world.local("2026-03-15"), "purpose": "research", **said}
    )
    world.scenario.when(
        request, subject=world.uuid(number), sender=THIRD, role="third-party", at=world.local(at, "12:00")
    )
    return world.uuid(number)


def approves(world: Any, id_: str, user: str, at: str = "2026-03-31", **by: Any) -> None:
    by = {"sender": DATAHUB, "role": "datahub", **by}
    world.scenario.when(v1.ApproveDataAccess(end_user=user), subject=id_, at=world.local(at, "12:00"), **by)


async def listed(house: House, party: str, **asked: str) -> list[dict[str, Any]]:
    answer = await house.gets(party, "/grants", **asked)
    assert answer.status_code == 200, answer.text
    valid("Grants", answer.json())
    return answer.json()["grants"]


async def test_a_third_party_sees_what_it_asked_for_and_what_became_of_it(
    house: House, world: Any, points: list[str], user: str
) -> None:
    pending = asks_for(world, points[1], 61)
    ending = asks_for(world, points[0], 62, valid_to=world.local("2026-05-01"))
    approves(world, ending, user)
    revoked = asks_for(world, points[0], 63)
    approves(world, revoked, user)
    world.scenario.when(
        v1.RevokeDataAccess(end_user=user),
        subject=revoked, sender=DATAHUB, role="datahub", at=world.local("2026-04-01", "09:00"),
    )  # fmt: skip
    wider = v1.ChangeDataAccess(level="full", valid_to=None)
    world.scenario.when(wider, subject=ending, sender=THIRD, role="third-party", at=world.local("2026-04-01", "10:00"))
    await house.stands(world.local("2026-04-02"))
    first, second, third = await listed(house, THIRD)
    assert [one["data_access_id"] for one in (first, second, third)] == [pending, ending, revoked]
    assert [one["status"] for one in (first, second, third)] == ["pending", "granted", "revoked"]
    assert (first["points"], first["lapses_at"]) == ([], "2026-04-07T22:00:00Z")
    covers = {"start": "2026-03-14T23:00:00Z", "end": "2026-04-30T22:00:00Z"}
    assert second["points"] == [{"metering_point_id": points[0], "periods": [covers]}]
    assert (second["until"], second["change"]) == ("2026-04-30T22:00:00Z", {"level": "full", "valid_to": None})
    # What has ended is read no more; and who the end user is, it is not told.
    assert third["points"] == [{"metering_point_id": points[0], "periods": []}]
    assert user not in str([first, second, third])
    assert await listed(house, THIRD, end_user=user) == []
    assert await listed(house, OTHER) == await listed(house, world.dso) == []


async def test_what_lapsed_says_so(house: House, world: Any, points: list[str], user: str) -> None:
    id_ = asks_for(world, points[0], 61, at="2026-03-10")
    world.scenario.until(world.local("2026-03-20"))
    await house.stands(world.local("2026-04-02"))
    (one,) = await listed(house, THIRD)
    assert (one["data_access_id"], one["status"], one["lapses_at"]) == (id_, "lapsed", None)


async def test_who_serves_end_users_lists_what_waits_for_one_and_what_it_has_approved(
    house: House, world: Any, points: list[str], user: str
) -> None:
    id_ = asks_for(world, points[0], 61)
    waits = asks_for(world, points[0], 62)
    rejected = asks_for(world, points[0], 63)
    asks_for(world, points[1], 64)
    by = {"sender": DATAHUB, "role": "datahub", "at": world.local("2026-03-31", "12:00")}
    world.scenario.when(v1.RejectDataAccess(end_user=user), subject=rejected, **by)
    later = asks_for(world, points[0], 65, valid_from=world.local("2026-06-15"))
    approves(world, id_, user)
    await house.stands(world.local("2026-04-02"))
    for party in (DATAHUB, world.tso):
        found = [(one["data_access_id"], one["status"]) for one in await listed(house, party, end_user=user)]
        assert found == [(id_, "granted"), (waits, "pending")]
        # Who will stand behind the point when it is to begin answers.
        (other,) = await listed(house, party, end_user=world.uuid(71))
        assert (other["data_access_id"], other["status"]) == (later, "pending")
        assert await listed(house, party, end_user=world.uuid(79)) == await listed(house, party) == []
    assert {one["data_access_id"] for one in await listed(house, THIRD)} >= {id_, waits, rejected, later}
    assert await listed(house, THIRD, end_user=user) == []


async def test_many_grants_are_given_in_pages(house: House, world: Any, points: list[str], user: str) -> None:
    ids = [asks_for(world, points[0], number) for number in (61, 62, 63)]
    await house.stands(world.local("2026-04-02"))
    first = (await house.gets(THIRD, "/grants", most="2")).json()
    second = (await house.asks(THIRD, "GET", first["links"]["next"])).json()
    assert [one["data_access_id"] for one in (*first["grants"], *second["grants"])] == ids
    assert "links" not in second
    for asked in ({"most": "0"}, {"after": "x"}, {"end_user": "'"}, {"third_party": THIRD}):
        assert code(await house.gets(THIRD, "/grants", **asked)) == (400, "QUERY_INVALID")


async def test_each_sees_its_own_rights_to_a_point(house: House, world: Any, points: list[str], user: str) -> None:
    id_ = asks_for(world, points[0], 61)
    approves(world, id_, user)
    house.control(points[0], world.local("2026-03-29"))
    await house.stands(world.local("2026-04-02"))

    async def of(party: str) -> list[tuple[Any, ...]]:
        answer = await house.gets(party, f"/points/{points[0]}/rights")
        assert answer.status_code == 200, answer.text
        valid("Rights", answer.json())
        return [
            (one["role"], one["ground"], one["scope"], one["level"], one["start"], one["end"], one["about"])
            for one in answer.json()["rights"]
        ]

    assert await of(world.dso) == [("dso", "own-grid", "settlement", "full", "2025-12-31T23:00:00Z", None, "")]
    assert await of(world.bsp) == [("bsp", "control", "settlement", "limited", "2026-03-28T23:00:00Z", None, "")]
    until = "2026-05-31T22:00:00Z"
    assert await of(THIRD) == [("third-party", "grant", "active", "limited", "2026-03-14T23:00:00Z", until, id_)]
    nothing = await house.gets(OTHER, f"/points/{points[0]}/rights")
    assert code(nothing) == (404, "VALUES_NOT_FOUND")
    assert (await house.gets(THIRD, f"/points/{world.gsrn(404)}/rights")).json() == nothing.json()


@pytest.mark.rule("FACTS_NOT_GRANTED")
async def test_the_facts_of_a_point_go_with_a_full_grant_alone(
    house: House, world: Any, points: list[str], user: str
) -> None:
    path = f"/points/{points[0]}/facts"
    limited = asks_for(world, points[0], 61)
    approves(world, limited, user)
    house.control(points[0], world.local("2026-03-29"))
    await house.stands(world.local("2026-04-02"))
    assert code(await house.gets(THIRD, path)) == (403, "FACTS_NOT_GRANTED")
    assert code(await house.gets(world.bsp, path)) == (403, "FACTS_NOT_GRANTED")
    assert code(await house.gets(OTHER, path)) == (404, "VALUES_NOT_FOUND")
    full = asks_for(world, points[0], 62, level="full")
    approves(world, full, user)
    world.fact(points[0], valid_from=world.local("2026-04-10"), consumption_type="KB", agreed_power_w=7)
    await house.stands(world.local("2026-04-02"))
    answer = await house.gets(THIRD, path)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    valid("Facts", found)
    # Of its period alone: not what the point was before, nor what it will be when another stands behind it.
    assert [(one["start"], one["end"], one["consumption_type"], one["agreed_power_w"]) for one in found["facts"]] == [
        ("2026-03-14T23:00:00Z", "2026-04-09T22:00:00Z", None, 2**50),
        ("2026-04-09T22:00:00Z", "2026-05-31T22:00:00Z", "KB", 7),
    ]
    assert {(one["grid_area"], one["zone"], one["dso"]) for one in found["facts"]} == {
        (world.area, str(BiddingZone.NO3), world.dso)
    }
    assert found["channels"] == [
        {
            "line": "consumption",
            "product_code": "8716867000030",
            "start": "2026-03-27T23:00:00Z",
            "end": "2026-05-31T22:00:00Z",
            "resolution": "PT15M",
            "dso": world.dso,
        }
    ]


async def test_an_annual_volume_goes_to_who_may_read_all_values_that_it_is_of(
    house: House, world: Any, points: list[str], user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[Any] = []

    async def note(_connection: Any, reader: Any, reads: Any, *, at: Any) -> None:
        noted.extend((reader.party, one.line, one.start, one.end, one.ground, one.about) for one in reads)

    monkeypatch.setattr(rights.permission, "noted", note)
    early = asks_for(world, points[0], 61, level="full")
    late = asks_for(world, points[0], 62, level="full", valid_from=world.local("2026-03-29"))
    approves(world, late, user)
    block, _ = points[0][:-3], points[0][-3:]
    world.scenario.given(
        v1.AnnualVolumeEstimated.model_validate(
            {
                "block": f"{block}|{world.dso}", "dso": world.dso, "as_of": "2026-05-02", "change_pct": 5,
                "volumes": [
                    {
                        "metering_point_id": points[0], "direction": "consumption", "wh": 4711, "method": "days",
                        "days": 35,
                    }
                ],
                "looked_at": 1, "without": 0,
            }
        )
    )  # fmt: skip
    await house.stands(world.local("2026-04-02"))
    path = f"/points/{points[0]}/facts"
    assert (await house.gets(THIRD, path)).json()["annual_volumes"] == []
    assert noted == []
    approves(world, early, user)
    await house.stands(world.local("2026-04-02"))
    assert (await house.gets(THIRD, path)).json()["annual_volumes"] == [
        {"line": "consumption", "wh": 4711, "start": "2026-03-27T23:00:00Z", "end": "2026-05-01T22:00:00Z"}
    ]
    assert {(line, ground) for _, line, _, _, ground, _ in noted} == {("consumption", "grant")}
    assert (min(one[2] for one in noted), max(one[3] for one in noted)) == (
        world.local("2026-03-28"),
        world.local("2026-05-02"),
    )
