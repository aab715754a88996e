"""A party has itself sent again what it was sent: of a period that has been, not too much at once, not too often."""

from datetime import timedelta

import pytest

from contracts.registry import v1
from registry.domain import resend

pytestmark = pytest.mark.unit

DAY = timedelta(days=1)


def ask(world, register, *, party="", sender="", role="bsp", start=None, end=None, at=None):
    end = end or world.START
    wish = v1.RequestResend(start=start or end - DAY, end=end)
    return register.when(
        wish, subject=party or world.BSP, sender=sender or world.BSP, role=role, at=at or world.START, id=world.uuid(1)
    )


def requested(world, party, *, start=None, end=None):
    end = end or world.START
    return v1.ResendRequested(
        party=party, resend_id=world.uuid(1), start=start or end - DAY, end=end, requested_at=world.START
    )


def test_a_party_asks_for_itself_and_the_operator_for_it(world, register):
    ask(world, register).then(requested(world, world.BSP))
    ask(world, register, sender=world.OPERATOR, role="operator").then(requested(world, world.BSP))


@pytest.mark.rule("NO_SUCH_PARTY")
def test_nobody_has_another_party_sent_anything(world, register):
    ask(world, register, party=world.DSO).refused("NO_SUCH_PARTY")


@pytest.mark.rule("RESEND_PERIOD_EMPTY")
def test_a_period_has_a_length(world, register):
    ask(world, register, start=world.START).refused("RESEND_PERIOD_EMPTY", path="/end")


@pytest.mark.rule("RESEND_NOT_PAST")
def test_what_is_still_to_be_sent_is_not_sent_again(world, register):
    ask(world, register, end=world.START + timedelta(seconds=1)).refused("RESEND_NOT_PAST", path="/end")


@pytest.mark.rule("RESEND_TOO_LONG")
def test_of_so_many_days_at_a_time(world, register):
    longest = world.START - resend.LONGEST_DAYS * DAY
    ask(world, register, start=longest).then(requested(world, world.BSP, start=longest))
    too_long = longest - timedelta(seconds=1)
    ask(world, register, start=too_long).refused("RESEND_TOO_LONG", limit=resend.LONGEST_DAYS)


@pytest.mark.rule("RESEND_TOO_OFTEN")
def test_a_party_asks_so_often_a_day_and_the_next_day_again(world, register, monkeypatch):
    monkeypatch.setattr(resend, "MOST_A_DAY", 2)
    ask(world, register)
    ask(world, register)
    ask(world, register).refused("RESEND_TOO_OFTEN", limit=2, actual=2)
    ask(world, register, party=world.DSO, sender=world.OPERATOR, role="operator").then(requested(world, world.DSO))
    assert not ask(world, register, end=world.START, at=world.START + DAY).rejected
