"""Third parties' access: asked for, approved by who stands behind the point, changed, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.testing import Outcome
from contracts import calendar
from contracts.bsp_switch import v1 as bsp_switch
from contracts.meter_ingest import v1
from contracts.registry import v1 as registry
from contracts.values import Role, make_gln
from meter_ingest import store
from meter_ingest.domain import grants

pytestmark = pytest.mark.unit

THIRD, OTHER_THIRD, HUB = make_gln(51), make_gln(52), make_gln(4)
ADDRESS = "https://example.no/tilbake"


class Granting:
    """Who asks, who answers, and who moves where; midnights and noons by their dates."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.point, self.other = world.gsrn(1), world.gsrn(2)
        self.id, self.user, self.neighbour = world.uuid(60), world.uuid(71), world.uuid(72)
        self.lives(self.user, "2025-06-01")

    def lives(self, end_user: str, since: str, point: str = "") -> Outcome:
        return self.world.scenario.when(
            bsp_switch.SupplyRecorded(
                metering_point_id=point or self.point,
                supplier=make_gln(31),
                brp_consumption=make_gln(21),
                brp_production=None,
                end_user=end_user,
                valid_from=self.world.local(since),
            ),
            at=self.world.local("2026-01-06"),
        )

    def say(self, command: Any, role: Role, *, at: str, sender: str = "", id_: str = "") -> Outcome:
        by = sender or {Role.THIRD_PARTY: THIRD, Role.DATAHUB: HUB, Role.TSO: self.world.tso}[role]
        moment = self.world.local(at, "12:00")
        return self.world.scenario.when(command, subject=id_ or self.id, sender=by, role=role.value, at=moment)

    def request(self, *, at: str = "2026-01-07", sender: str = "", id_: str = "", **changes: Any) -> Outcome:
        said = {"metering_point_id": self.point, "valid_from": self.world.local("2026-01-01")}
        said |= {"purpose": "energy-advice", **changes}
        command = v1.RequestDataAccess.model_validate(said)
        return self.say(command, Role.THIRD_PARTY, at=at, sender=sender, id_=id_)

    def approve(self, end_user: str = "", *, at: str = "2026-01-08", role: Role = Role.DATAHUB) -> Outcome:
        return self.say(v1.ApproveDataAccess(end_user=end_user or self.user), role, at=at)

    def reject(self, end_user: str = "", *, at: str = "2026-01-08") -> Outcome:
        return self.say(v1.RejectDataAccess(end_user=end_user or self.user), Role.DATAHUB, at=at)

    def revoke(self, *, at: str, end_user: str | None = None, sender: str = "") -> Outcome:
        role = Role.DATAHUB if end_user else Role.THIRD_PARTY
        return self.say(v1.RevokeDataAccess(end_user=end_user), role, at=at, sender=sender)

    def change(self, level: str, valid_to: str | None, *, at: str, end_user: str | None = None) -> Outcome:
        command = v1.ChangeDataAccess.model_validate(
            {"level": level, "valid_to": self.world.local(valid_to) if valid_to else None, "end_user": end_user}
        )
        return self.say(command, Role.DATAHUB if end_user else Role.THIRD_PARTY, at=at)

    def until(self, text: str, clock: str = "00:00") -> list[Any]:
        return self.world.scenario.until(self.world.local(text, clock)).events

    @property
    def state(self) -> grants.DataAccess:
        return self.world.scenario.state(store.DATA_ACCESS, self.id)

    def holds(self, day: str) -> bool:
        return self.state.holds(self.world.local(day, "12:00"))

    def placed(self, point: str = "") -> list[tuple[str, str | None]]:
        """The periods of a point, as dates."""
        block = self.world.scenario.state(store.GRANTED, (point or self.point)[:15])
        found = block.places.get((point or self.point)[15:], {}).get(self.id, ()) if block else ()
        return [
            (calendar.local_date(start).isoformat(), calendar.local_date(end).isoformat() if end else None)
            for start, end in found
        ]


@pytest.fixture
def access(world: Any) -> Granting:
    return Granting(world)


def types(outcome: Outcome) -> list[str]:
    return [type(event).__name__ for event in outcome.events]


# Asked for, and answered


def test_a_third_party_is_let_in_by_who_stands_behind_the_point(access: Granting) -> None:
    asked = access.request(valid_to=access.world.local("2027-01-01"))
    (event,) = asked.events
    # Wednesday: Thursday, Friday and Monday to answer in.
    assert event.lapses_at == access.world.local("2026-01-13")
    assert not access.holds("2026-01-08")
    approved, placed = access.approve().then_only(v1.DataAccessApproved, v1.DataAccessPlaced)
    assert (approved.end_user, approved.by, approved.level) == (access.user, HUB, "limited")
    assert approved.warn_at == access.world.local("2026-12-04")
    assert placed.metering_point_id == access.point
    assert access.placed() == [("2026-01-01", "2027-01-01")], "to its end"
    assert access.holds("2026-01-09")
    assert not access.holds("2027-01-01")


def test_the_tso_may_serve_an_end_user_too(access: Granting) -> None:
    access.request()
    access.approve(role=Role.TSO).then_only(v1.DataAccessApproved, v1.DataAccessPlaced)


def test_what_nobody_answers_lapses_after_three_working_days(access: Granting) -> None:
    access.request(at="2026-03-31")  # the Tuesday before Easter
    assert access.until("2026-04-08", "23:59") == []
    (lapsed,) = access.until("2026-04-09")
    assert (type(lapsed), lapsed.what) == (v1.DataAccessLapsed, "request")
    access.approve(at="2026-04-09").refused("DATA_ACCESS_NOT_ASKED", actual="lapsed")


def test_a_request_does_not_wait_beyond_its_own_end(access: Granting) -> None:
    (event,) = access.request(valid_to=access.world.local("2026-01-09")).events
    assert event.lapses_at == access.world.local("2026-01-09")


def test_a_point_that_there_is_not_is_asked_for_like_any_other(access: Granting) -> None:
    unknown = access.request(metering_point_id=access.world.gsrn(99))
    assert types(unknown) == ["DataAccessRequested"]
    assert access.request(id_=access.world.uuid(61)).events[0].lapses_at == unknown.events[0].lapses_at


@pytest.mark.rule("DATA_ACCESS_UNKNOWN")
def test_another_end_user_is_answered_like_an_access_that_there_is_not(access: Granting) -> None:
    nothing = access.approve().refused("DATA_ACCESS_UNKNOWN")
    access.request()
    assert access.approve(access.neighbour).refused("DATA_ACCESS_UNKNOWN") == nothing
    assert access.reject(access.neighbour).refused("DATA_ACCESS_UNKNOWN") == nothing
    # It has moved out on that day.
    access.lives(access.neighbour, "2026-01-08")
    assert access.approve().refused("DATA_ACCESS_UNKNOWN") == nothing
    access.approve(access.neighbour).then_only(v1.DataAccessApproved, v1.DataAccessPlaced)
    assert access.revoke(at="2026-01-09", end_user=access.user).refused("DATA_ACCESS_UNKNOWN") == nothing
    assert access.revoke(at="2026-01-09", sender=OTHER_THIRD).refused("DATA_ACCESS_UNKNOWN") == nothing
    wider = access.change("full", None, at="2026-01-09", end_user=access.user)
    assert wider.refused("DATA_ACCESS_UNKNOWN") == nothing


@pytest.mark.rule("DATA_ACCESS_NOT_ASKED")
def test_what_was_answered_is_not_answered_again(access: Granting) -> None:
    access.request()
    (rejected,) = access.reject().then_only(v1.DataAccessRejected)
    assert rejected.what == "request"
    access.approve().refused("DATA_ACCESS_NOT_ASKED", actual="rejected")
    assert access.until("2026-02-01") == []


@pytest.mark.rule("DATA_ACCESS_PERIOD_INVALID")
def test_a_period_is_not_too_far_back_and_ends_ahead(access: Granting) -> None:
    local = access.world.local
    access.request(valid_from=local("2023-01-06")).refused(
        "DATA_ACCESS_PERIOD_INVALID", path="/valid_from", limit="2023-01-07T00:00:00+01:00"
    )
    access.request(valid_to=local("2026-01-07")).refused("DATA_ACCESS_PERIOD_INVALID", path="/valid_to")
    access.request(valid_from=local("2026-02-01"), valid_to=local("2026-02-01")).refused("DATA_ACCESS_PERIOD_INVALID")
    access.request(valid_from=local("2023-01-07"))
    access.approve()
    # The end user has stood behind the point since June.
    assert access.placed() == [("2025-06-01", None)]


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_an_id_is_of_one_access(access: Granting) -> None:
    access.request()
    access.request(sender=OTHER_THIRD).refused("ID_NOT_AVAILABLE")


# Ended, changed


@pytest.mark.rule("DATA_ACCESS_ENDED")
@pytest.mark.parametrize("by", ["the end user", "the third party"])
def test_it_is_revoked_at_once_by_either(access: Granting, by: str) -> None:
    access.request()
    access.approve()
    (ended,) = access.revoke(at="2026-02-01", end_user=access.user if by == "the end user" else None).events
    assert (ended.because, ended.ended_at) == ("revoked", access.world.local("2026-02-01", "12:00"))
    assert not access.holds("2026-02-01")
    access.revoke(at="2026-02-02").refused("DATA_ACCESS_ENDED", actual="revoked")
    access.change("limited", "2026-05-01", at="2026-02-02").refused("DATA_ACCESS_ENDED")
    # Where the end user goes is nobody's business any more.
    assert access.lives(access.neighbour, "2026-03-01").events == []


def test_a_third_party_takes_back_what_it_asks_for(access: Granting) -> None:
    access.request()
    access.revoke(at="2026-01-07").then_only(v1.DataAccessEnded)
    access.approve().refused("DATA_ACCESS_NOT_ASKED", actual="revoked")
    access.revoke(at="2026-01-08").refused("DATA_ACCESS_ENDED", actual="revoked")
    assert access.until("2026-02-01") == []


def test_the_third_party_is_warned_before_it_ends_and_asks_for_a_later_end(access: Granting) -> None:
    access.request(valid_to=access.world.local("2026-05-01"))
    access.approve()
    (warned,) = access.until("2026-04-03")
    assert (type(warned), warned.valid_to) == (v1.DataAccessExpiryApproached, access.world.local("2026-05-01"))
    (asked,) = access.change("limited", "2027-05-01", at="2026-04-14").then_only(v1.DataAccessChangeRequested)
    assert asked.lapses_at == access.world.local("2026-04-18")
    assert access.state.valid_to == access.world.local("2026-05-01"), "not before it is approved"
    changed, _ = access.approve(at="2026-04-15").then_only(v1.DataAccessChanged, v1.DataAccessPlaced)
    assert access.placed() == [("2026-01-01", "2027-05-01")]
    assert (changed.valid_to, changed.warn_at) == (access.world.local("2027-05-01"), access.world.local("2027-04-03"))
    assert access.until("2026-06-01") == []
    assert access.holds("2026-06-01")


def test_it_expires(access: Granting) -> None:
    access.request(valid_to=access.world.local("2026-05-01"))
    access.approve()
    access.until("2026-04-30", "23:59")
    (ended,) = access.until("2026-05-01")
    assert (ended.because, ended.ended_at) == ("expired", access.world.local("2026-05-01"))
    assert not access.holds("2026-05-01")


def test_more_than_it_has_lapses_like_a_request_and_what_it_has_stays(access: Granting) -> None:
    access.request(valid_to=access.world.local("2026-05-01"))
    access.approve()
    access.change("full", "2026-05-01", at="2026-02-02").then_only(v1.DataAccessChangeRequested)
    (lapsed,) = access.until("2026-02-06")
    assert (type(lapsed), lapsed.what) == (v1.DataAccessLapsed, "change")
    access.approve(at="2026-02-06").refused("DATA_ACCESS_NOT_ASKED", actual="granted")
    access.change("full", "2026-05-01", at="2026-02-09")
    (rejected,) = access.reject(at="2026-02-10").then_only(v1.DataAccessRejected)
    assert rejected.what == "change"
    assert (access.state.level, access.holds("2026-02-10")) == ("limited", True)


@pytest.mark.rule("DATA_ACCESS_UNCHANGED")
def test_less_is_at_once_and_the_end_user_gives_more_at_once(access: Granting) -> None:
    access.request(level="full")
    access.approve()
    access.change("full", None, at="2026-01-09").refused("DATA_ACCESS_UNCHANGED")
    access.change("limited", "2026-05-01", at="2026-01-09").then_only(v1.DataAccessChanged, v1.DataAccessPlaced)
    assert access.placed() == [("2026-01-01", "2026-05-01")]
    more = access.change("full", None, at="2026-01-12", end_user=access.user)
    more.then_only(v1.DataAccessChanged, v1.DataAccessPlaced)
    assert access.placed() == [("2026-01-01", None)]
    assert (access.state.level, access.state.valid_to) == ("full", None)
    access.change("limited", "2026-01-12", at="2026-01-12").refused("DATA_ACCESS_PERIOD_INVALID", path="/valid_to")


# Who moves


def test_it_ends_at_a_point_that_the_end_user_leaves(access: Granting) -> None:
    access.request()
    access.approve()
    (placed,) = access.lives(access.neighbour, "2026-03-01").then_only(v1.DataAccessPlaced)
    assert [period.end for period in placed.periods] == [access.world.local("2026-03-01")]
    # Whoever comes back approves anew.
    assert access.lives(access.user, "2026-08-01").events == []
    assert access.placed() == [("2026-01-01", "2026-03-01")]
    # It never moved, after all.
    access.lives(access.user, "2026-03-01").then_only(v1.DataAccessPlaced)
    assert access.placed() == [("2026-01-01", None)]
    assert access.lives(access.user, "2026-04-01", access.other).events == [], "no other point was asked for"


def test_future_points_are_those_that_the_end_user_comes_to(access: Granting) -> None:
    access.lives(access.user, "2025-12-01", access.world.gsrn(3))
    access.request(future_points=True)
    access.approve()
    assert access.lives(access.user, "2025-12-01", access.world.gsrn(3)).events == [], "not the one that it has already"
    access.lives(access.user, "2026-03-01", access.other).then_only(v1.DataAccessPlaced)
    access.lives(access.neighbour, "2026-03-01")
    access.lives(access.neighbour, "2026-06-01", access.other).then_only(v1.DataAccessPlaced)
    access.lives(access.user, "2026-06-01").then_only(v1.DataAccessPlaced)
    assert access.placed() == [("2026-01-01", "2026-03-01"), ("2026-06-01", None)]
    assert access.placed(access.other) == [("2026-03-01", "2026-06-01")]
    # That it came to the other point was wrong.
    access.lives(access.neighbour, "2026-03-01", access.other).then_only(v1.DataAccessPlaced)
    assert access.placed(access.other) == []
    assert access.state.points == (access.point, access.other)


def test_a_later_end_reaches_points_that_the_end_user_comes_to_behind_the_former(access: Granting) -> None:
    access.request(future_points=True, valid_to=access.world.local("2026-05-01"))
    access.approve()
    access.lives(access.user, "2026-03-01", access.world.gsrn(3)).then_only(v1.DataAccessPlaced)
    assert access.placed(access.world.gsrn(3)) == [("2026-03-01", "2026-05-01")]
    assert access.lives(access.user, "2026-06-01", access.other).events == [], "behind its end"
    later = access.change("limited", "2026-08-01", at="2026-04-01", end_user=access.user)
    assert types(later) == ["DataAccessChanged", *["DataAccessPlaced"] * 3]
    assert access.placed() == [("2026-01-01", "2026-08-01")]
    assert access.placed(access.world.gsrn(3)) == [("2026-03-01", "2026-08-01")]
    assert access.placed(access.other) == [("2026-06-01", "2026-08-01")]


def test_an_end_user_that_is_no_more_has_granted_nothing(access: Granting) -> None:
    access.request(valid_to=access.world.local("2026-05-01"))
    access.approve()

    def ended(since: str | None) -> Outcome:
        moment = access.world.local(since) if since else None
        event = bsp_switch.EndUserEndRecorded(end_user=access.user, ended_from=moment, by=HUB)
        return access.world.scenario.when(event, at=access.world.local("2026-02-10", "12:00"))

    (end,) = ended("2026-02-01").then_only(v1.DataAccessEnded)
    assert (end.because, end.ended_at) == ("end-user", access.world.local("2026-02-01"))
    assert not access.holds("2026-02-10")
    assert ended("2026-02-01").events == []
    access.lives(access.neighbour, "2026-02-01")
    ended(None).then_only(v1.DataAccessEndCancelled, v1.DataAccessPlaced)
    assert access.holds("2026-02-10")
    assert access.placed() == [("2026-01-01", "2026-02-01")]


# Return addresses


@pytest.mark.rule("RETURN_ADDRESS_NOT_ALLOWED", "RETURN_ADDRESS_NOT_KNOWN")
def test_end_users_are_sent_back_to_an_address_from_the_list_alone(access: Granting) -> None:
    scenario, at = access.world.scenario, access.world.local("2026-01-06", "12:00")
    allow, withdraw = v1.AllowReturnAddress(address=ADDRESS), v1.WithdrawReturnAddress(address=ADDRESS)
    by: dict[str, Any] = {"subject": THIRD, "sender": access.world.tso, "at": at}
    scenario.when(allow, **by).refused("RETURN_ADDRESS_NOT_KNOWN")
    for gln, role in ((THIRD, Role.THIRD_PARTY), (OTHER_THIRD, Role.THIRD_PARTY)):
        scenario.given(registry.PartyOnboarded(party=gln, name="", roles=(role,)))
    scenario.when(withdraw, **by).refused("RETURN_ADDRESS_NOT_KNOWN")
    access.request(return_address=ADDRESS).refused("RETURN_ADDRESS_NOT_ALLOWED", actual=ADDRESS)
    scenario.when(allow, **by).then(v1.ReturnAddressAllowed(third_party=THIRD, address=ADDRESS))
    scenario.when(allow, **by).then()
    access.request(return_address=f"{ADDRESS}/", sender=THIRD).refused("RETURN_ADDRESS_NOT_ALLOWED")
    access.request(return_address=ADDRESS, sender=OTHER_THIRD).refused("RETURN_ADDRESS_NOT_ALLOWED")
    access.request(return_address=ADDRESS).then_only(v1.DataAccessRequested)
    scenario.when(withdraw, **by).then(v1.ReturnAddressWithdrawn(third_party=THIRD, address=ADDRESS))
    access.request(return_address=ADDRESS, id_=access.world.uuid(61)).refused("RETURN_ADDRESS_NOT_ALLOWED")


@pytest.mark.parametrize(
    "address",
    [
        "http://example.no/",
        "https://example.no/?to=evil",
        "https://example.no/#x",
        "https://user@example.no/",
        "https://example.no/a/../b",
        "https://example.no\\@evil.no",
        "javascript:alert(1)",
        "https://Example.no/",
    ],
)
def test_an_address_is_plain(address: str) -> None:
    with pytest.raises(ValueError, match="return address"):
        v1.AllowReturnAddress(address=address)


def test_who_asks_is_not_told_who_approves() -> None:
    for event in (v1.DataAccessApproved, v1.DataAccessPlaced, v1.DataAccessRequested, v1.DataAccessEnded):
        to_third = [one for one in event.audience if one.field == "third_party"]
        assert to_third
        assert "end_user" not in event.model_fields or to_third[0].without == ("end_user",)


def test_a_moment_before_the_approval_is_none(access: Granting) -> None:
    access.request()
    access.approve()
    assert access.state.approved_at == access.world.local("2026-01-08", "12:00")
    assert not access.state.holds(access.state.approved_at - timedelta(seconds=1))
