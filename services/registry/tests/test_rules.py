"""The catalogue of rules, and the declaration of the service."""

import ast
import asyncio
import contextlib
from pathlib import Path

import pytest

from chassis.service import Incoming
from chassis.work import Work
from contracts.message import Refused
from contracts.public_key import PublicKey
from contracts.registry import v1
from registry.app import SERVICE
from registry.domain import rules

pytestmark = pytest.mark.unit

KEY = PublicKey(x="axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", y="T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU")


def test_every_rule_stands_in_the_catalogue_and_speaks_both_languages():
    declared = {name for name, value in vars(rules).items() if isinstance(value, rules.Rule)}

    assert declared == {rule.key for rule in rules.ALL}
    for rule in rules.ALL:
        reason = rule.reason(limit=1, actual=2, unit="W")
        assert all((reason.rule, reason.text_nb, reason.text_en, reason.fix_nb, reason.fix_en))
        assert reason.text_nb != reason.text_en


def test_every_rule_is_named_by_a_test():
    named = {
        call.args[0].value
        for file in Path(__file__).parent.glob("test_*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "rule"
        and call.args
    }

    assert named == {rule.key for rule in rules.ALL}


def test_what_a_command_needs_is_named_before_it_is_decided(world):
    wishes = {
        world.OTHER_BRP: v1.OnboardParty(name="Nett", roles=("dso",)),
        world.NO_AREA: v1.DefineGridArea(name="Område", zone="NO3", dso=world.DSO, parent=world.AREA),
        world.point(9): v1.RecordMeteringPoint(
            grid_area=world.AREA, resolution="PT15M", agreed_power_w=1, valid_from=world.midnight(1, 1)
        ),
        world.AREA: v1.ChangeGridArea(
            valid_from=world.midnight(2, 1), dso=world.DSO, parent=world.AREA_ELSEWHERE, zone="NO3"
        ),
        world.uuid(14): v1.DefineSubstation(
            name="Moholt", voltage_v=22_000, grid_area=world.AREA, parent=world.uuid(15)
        ),
        world.uuid(15): v1.ChangeSubstation(voltage_v=11_000, grid_area=world.AREA, parent=world.uuid(14)),
        world.point(1): v1.RecordLocation(substation_id=world.uuid(14), nominal_voltage_v=230, quality="guessed"),
        world.point(2): v1.DecideNace(sn2007="35.111", sn2025="35.121"),
        world.uuid(1): v1.RegisterResource(
            metering_point_id=world.point(1),
            technology="other",
            up_w=1,
            down_w=0,
            devices=(v1.Device(make="Acme", model="X1", serial="S1"),),
        ),
        world.uuid(2): v1.FormGroup(zone="NO3", metering_points=world.ids(1, 2)),
        world.uuid(3): v1.AddMembers(metering_points=world.ids(1, 2)),
        world.TSO: v1.ChangeParty(name="Statnett", eic=world.values.make_eic_x("STATNETT")),
        world.DSO: v1.ChangePartyRoles(roles=("bsp",)),
        world.BSP: v1.ChangePartyStatus(status="terminated", reason="It has merged."),
        world.OTHER_BSP: v1.AdmitToParty(kind="client", member_id="client-1", rights="admin"),
        world.SUPPLIER: v1.RemoveFromParty(member_id="client-1"),
        world.BRP: v1.RegisterPartyKey(key=KEY),
        world.OPERATOR: v1.RevokePartyKey(key_id=KEY.thumbprint),
        world.values.make_gln(50): v1.RequestResend(start=world.midnight(1, 1), end=world.midnight(1, 2)),
        "group.max-kw": v1.SetPolicy(value=4000, valid_from=world.START, reason="A try.", source="D2"),
        world.uuid(4): v1.UpdateResource(up_w=1),
        world.uuid(5): v1.ChangeDevices(add=(v1.Device(make="Acme", model="X1", serial="S1"),)),
        world.uuid(6): v1.ActivateResource(),
        world.uuid(7): v1.PauseResource(reason="Repair"),
        world.uuid(8): v1.TerminateResource(reason="Sold"),
        world.uuid(24): v1.RemoveMembers(metering_points=world.ids(1, 2)),
        world.uuid(25): v1.KeepMembers(metering_points=world.ids(1, 2)),
        world.uuid(26): v1.ActivateGroup(),
        world.uuid(27): v1.RenameGroup(name="Ny"),
        world.uuid(28): v1.EndGroup(),
        world.uuid(29): v1.MoveMembers(from_group=world.uuid(19), metering_points=world.ids(1, 2)),
        world.uuid(30): v1.SplitGroup(
            into=(v1.NewGroup(group_id=world.uuid(20), metering_points=world.ids(1, 2)),),
        ),
        world.uuid(31): v1.MergeGroups(groups=(world.uuid(21),)),
        world.uuid(32): v1.ProposeSplit(),
        world.uuid(33): v1.FormRegulationObject(metering_point_id=world.point(1)),
        world.uuid(34): v1.EndRegulationObject(),
        world.uuid(35): v1.KeepGroup(),
    }
    assert {type(wish) for wish in wishes.values()} == set(SERVICE.commands)

    for subject, wish in wishes.items():
        loaded = []
        scenario = world.Scenario(world.SERVICE).given(world.opened(), *world.points((1, 2)))
        message = Incoming(wish, wish.type, "i", "s", subject, world.START, 1, sender=world.BSP)

        async def fetch(wanted, scenario=scenario, loaded=loaded):
            loaded += [kind.name for kind, _ in wanted]
            keys = [(kind.name, key) for kind, ids in wanted for key in ids]
            return {key: scenario.documents[key] for key in keys if key in scenario.documents}

        async def decide(message=message, fetch=fetch, loaded=loaded):
            work = Work(SERVICE, fetch)
            await work.prefetch(SERVICE.commands[type(message.data)].needs(message))
            loaded.append("decided from here on")
            with contextlib.suppress(Refused):
                await SERVICE.commands[type(message.data)].handler(work, message)

        asyncio.run(decide())
        # Whose points they are, and who their BRPs are, is known when the points are.
        later = loaded[loaded.index("decided from here on") + 1 :]
        assert set(later) <= {"end-user", "party"}, (wish, later)


def test_every_event_of_the_service_is_counted_by_its_aggregate():
    events = {
        value
        for value in vars(v1).values()
        if isinstance(value, type) and issubclass(value, v1.Event) and value.__module__.startswith(v1.__name__)
    }

    assert set(SERVICE.homes) == events - {v1.Receipt}
