"""The rules' texts."""

import asyncio
import contextlib

import pytest

from bsp_switch.app import SERVICE
from bsp_switch.domain import rules
from chassis.service import Incoming
from chassis.work import Work
from contracts.bsp_switch import v1
from contracts.message import Refused

pytestmark = pytest.mark.unit

OF_ROWS = (
    rules.CONTROL_END_STANDS,
    rules.CONTROL_NOT_GIVEN_UP,
    rules.METERING_POINT_CLOSED,
    rules.METERING_POINT_NOT_IN_SWITCH,
    rules.METERING_POINT_NOT_YOURS,
    rules.OBJECTION_STANDS,
    rules.CONSENT_MISSING,
    rules.METERING_POINT_ALREADY_YOURS,
    rules.METERING_POINT_NOT_HELD,
    rules.METERING_POINT_REPEATED,
    rules.METERING_POINT_UNKNOWN,
    rules.SUPPLY_INCOMPLETE,
    rules.SWITCH_PENDING,
)


@pytest.mark.parametrize("rule", OF_ROWS, ids=lambda rule: rule.key)
def test_a_text_that_stands_once_for_many_rows_has_no_figure_of_one_row(rule):
    assert "{actual}" not in rule.text_nb + rule.text_en + rule.fix_nb + rule.fix_en


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.key)
def test_both_languages_say_the_same_figures(rule):
    for figure in ("{limit}", "{actual}", "{unit}"):
        assert (figure in rule.text_nb) == (figure in rule.text_en)
        assert (figure in rule.fix_nb) == (figure in rule.fix_en)


def test_every_rule_is_listed_once():
    listed = {name for name, value in vars(rules).items() if isinstance(value, rules.Rule)}

    assert listed == {rule.key for rule in rules.ALL}
    assert len(rules.ALL) == len(listed)


def test_what_a_command_needs_is_named_before_it_is_decided(world):
    """As far as the command alone tells it: whoever holds a point, and what switch it came by, the point tells."""
    points, start = (world.point, world.other_point), world.day("01-20")
    wishes = {
        world.gsrn(1): world.record_supply(),
        world.other_point: world.record_supply(brp_consumption=None, brp_production=None),
        world.grid_area: world.record_responsibility(),
        world.gsrn(7): v1.ClaimControl(start=start),
        world.gsrn(3): v1.ClaimControlByOperator(bsp=world.bsp_a, start=start, reason="x"),
        world.gsrn(4): v1.EndControlByOperator(end=start, reason="x"),
        world.gsrn(5): v1.KeepControlByOperator(end=start, reason="x"),
        world.uuid(1): v1.RecordConsent(
            metering_point_id=world.point,
            end_user=world.end_user,
            proof_sha256=world.proof,
            proof_document_id=world.uuid(20),
            valid_from=start,
        ),
        world.uuid(2): v1.WithdrawConsent(),
        world.uuid(3): v1.EndControl(metering_points=points),
        world.uuid(4): v1.KeepControl(metering_points=points),
        world.uuid(5): v1.RequestSwitch(metering_points=points, start=start),
        world.uuid(12): v1.ExtendSwitch(metering_points=points),
        world.uuid(6): v1.MoveSwitch(start=start),
        world.uuid(7): v1.CancelSwitch(),
        world.uuid(8): v1.CancelSwitchByOperator(reason="x"),
        world.uuid(9): v1.ObjectToSwitch(
            switch_id=world.uuid(10), metering_points=points, ground="no-consent", text="x"
        ),
        world.uuid(14): v1.RecordEndUserEnd(ended_from=start),
        world.uuid(13): v1.ErasePerson(asked_by="operator"),
        world.uuid(15): v1.MergeBsp(bsp=world.bsp_a, into=world.bsp_b, start=start, reason="x"),
        world.uuid(16): v1.CancelBspMerger(reason="x"),
        world.uuid(11): v1.ResolveObjection(outcome="upheld", reason="x"),
    }
    assert {type(wish) for wish in wishes.values()} == set(SERVICE.commands)

    for subject, wish in wishes.items():
        loaded = []
        documents = world.opened().documents

        async def fetch(wanted, documents=documents, loaded=loaded):
            loaded.extend(kind.name for kind, _ in wanted)
            keys = [(kind.name, key) for kind, ids in wanted for key in ids]
            return {key: documents[key] for key in keys if key in documents}

        async def decide(subject=subject, wish=wish, fetch=fetch, loaded=loaded):
            message = Incoming(wish, wish.type, "i", "s", subject, world.day("01-06"), 1, sender=world.bsp_a)
            on = SERVICE.commands[type(wish)]
            work = Work(SERVICE, fetch)
            await work.prefetch(on.needs(message))
            loaded.clear()
            with contextlib.suppress(Refused):
                await on.handler(work, message)

        asyncio.run(decide())
        assert loaded == [], (wish, loaded)


def test_every_event_of_the_service_is_counted_by_its_aggregate():
    events = {
        value
        for value in vars(v1).values()
        if isinstance(value, type) and issubclass(value, v1.Event) and value.__module__.startswith(v1.__name__)
    }

    assert set(SERVICE.homes) == events - {v1.Receipt}
