"""Who is sent what: the parties an event names and the roles it is for, nobody else, each delivery numbered."""

from __future__ import annotations

from datetime import date

import pytest
from gate import BSP, DSO, OPERATOR, TSO, Gate
from pydantic_core import from_json

from chassis.testing import Scenario
from contracts import calendar, examples, values
from contracts.gateway.v1 import PartyReady
from contracts.message import EVENTS
from contracts.prequal.v1 import QualificationRequested, ZoneCapSet
from contracts.registry.v1 import PartyOnboarded, PartyRolesChanged, PartyStatusChanged, PolicySet, Receipt
from contracts.values import Role
from gateway import handlers, store

pytestmark = pytest.mark.unit

CAP = ZoneCapSet(zone="NO3", cap_w=1, reasons=(), assessment="", link="", used_w=0, free_w=1, waiting=0)
ASKED = QualificationRequested(
    qualification_id="0190a5c0-0000-7000-8000-000000000001",
    bsp=BSP,
    product="mFRR",
    contact_email="a@b.no",
    contract_reference="1",
)


def deliver(scenario: Scenario, event) -> dict[str, dict]:
    outcome = scenario.when(event, id="event-1")
    return {sent.topic: from_json(sent.body) for sent in outcome.sent}


def test_an_event_goes_to_the_parties_it_names_and_the_roles_it_is_for(gate: Gate) -> None:
    delivered = deliver(gate.scenario, ASKED)
    assert set(delivered) == {f"egress.{BSP}.v1", f"egress.{TSO}.v1"}
    assert delivered[f"egress.{BSP}.v1"]["id"] == "event-1"


def test_what_is_for_everyone_goes_to_everyone_once(gate: Gate) -> None:
    assert set(deliver(gate.scenario, CAP)) == {f"egress.{gln}.v1" for gln in (OPERATOR, TSO, BSP, DSO)}


def test_deliveries_are_numbered_without_gaps_per_topic(gate: Gate) -> None:
    topic = f"egress.{BSP}.v1"
    before = deliver(gate.scenario, CAP)[topic]["deliverysequence"]
    numbers = [deliver(gate.scenario, event)[topic]["deliverysequence"] for event in (CAP, ASKED, CAP)]
    assert numbers == [before + 1, before + 2, before + 3]


def test_what_a_party_is_sent_before_its_topics_exist_waits(gate: Gate) -> None:
    new = values.make_gln(50)
    event = PartyOnboarded(party=new, name="New", roles=(Role.BSP,))
    assert f"egress.{new}.v1" not in deliver(gate.scenario, event)
    assert f"egress.{new}.v1" not in deliver(gate.scenario, CAP)
    made = gate.scenario.give("made", handlers.Made(new))
    assert made.events == [PartyReady(party=new)]
    waited = [from_json(sent.body)["deliverysequence"] for sent in made.sent if sent.topic == f"egress.{new}.v1"]
    assert waited == [1, 2]
    assert deliver(gate.scenario, CAP)[f"egress.{new}.v1"]["deliverysequence"] == 3


def test_every_event_declares_who_may_see_it_and_the_default_is_nobody(gate: Gate) -> None:
    silent = {event.type for event in EVENTS.values() if not event.audience}
    assert silent == {
        # What a service notes for itself, of end users: who they are is nobody's business.
        "no.flexregister.bsp-switch.consent-extended.v1",
        "no.flexregister.bsp-switch.end-user-followed.v1",
        "no.flexregister.gateway.time-passed.v1",
        "no.flexregister.meter-ingest.completeness-counted.v1",
        "no.flexregister.meter-ingest.energy-counted.v1",
        "no.flexregister.meter-ingest.energy-summed.v1",
        "no.flexregister.meter-ingest.point-recounted.v1",
        "no.flexregister.meter-ingest.sum-day-passed.v1",
        "no.flexregister.meter-ingest.values-accepted.v1",
        "no.flexregister.prequal.megawatt-step-look-set.v1",
    }


def test_what_is_anothers_secret_is_left_out_of_what_a_party_is_sent(gate: Gate) -> None:
    other = values.make_gln(51)
    gate.scenario.given(PartyOnboarded(party=other, name="Other", roles=(Role.BSP,)))
    gate.scenario.give("made", handlers.Made(other))
    event = examples.of("no.flexregister.bsp-switch.switch-announced.v1")[0]["data"]
    event |= {"outgoing": BSP, "incoming": other, "dso": DSO}
    delivered = deliver(gate.scenario, EVENTS["no.flexregister.bsp-switch.switch-announced.v1"].model_validate(event))

    everything = set(delivered[f"egress.{TSO}.v1"]["data"])
    without = {gln: everything - set(delivered[f"egress.{gln}.v1"]["data"]) for gln in (BSP, other, DSO)}
    assert without == {
        BSP: {"incoming", "incoming_successor", "consent_id"},
        other: {"outgoing", "outgoing_successor"},
        DSO: {"consent_id"},
    }
    assert other not in str(delivered[f"egress.{BSP}.v1"]), "nor does the rest of the envelope say it"
    assert BSP not in str(delivered[f"egress.{other}.v1"])


# Parties that change


def status(gln: str, before: str, after: str, *roles: Role) -> PartyStatusChanged:
    said = {"party": gln, "before": before, "after": after, "reason": "As agreed.", "roles": roles}
    return PartyStatusChanged.model_validate(said)


def named(gln: str) -> QualificationRequested:
    """An event for one party alone (and the TSO)."""
    return ASKED.model_copy(update={"bsp": gln})


def test_what_is_for_a_role_goes_to_whoever_has_it_now(gate: Gate) -> None:
    gate.scenario.when(PartyRolesChanged(party=DSO, before=(Role.DSO,), after=(Role.DSO, Role.TSO), status="active"))
    assert set(deliver(gate.scenario, ASKED)) == {f"egress.{gln}.v1" for gln in (TSO, BSP, DSO)}
    gate.scenario.when(PartyRolesChanged(party=DSO, before=(Role.DSO, Role.TSO), after=(Role.DSO,), status="active"))
    assert set(deliver(gate.scenario, ASKED)) == {f"egress.{gln}.v1" for gln in (TSO, BSP)}


def test_a_suspended_party_is_still_sent_what_it_may_see(gate: Gate) -> None:
    delivered = deliver(gate.scenario, status(BSP, "active", "suspended", Role.BSP))
    assert f"egress.{BSP}.v1" in delivered
    assert f"egress.{BSP}.v1" in deliver(gate.scenario, CAP)
    assert f"egress.{BSP}.v1" in deliver(gate.scenario, ASKED)


@pytest.mark.rule("PARTY_NOT_ACTIVE")
def test_whatever_a_party_that_has_left_still_sends_is_answered(gate: Gate) -> None:
    gate.scenario.when(status(BSP, "active", "terminated", Role.BSP))
    command = {
        "specversion": "1.0",
        "id": "0190a5c0-0000-7000-8000-000000000099",
        "source": f"/parties/{BSP}",
        "type": "no.flexregister.prequal.apply-for-qualification.v1",
        "subject": ASKED.qualification_id,
        "time": "2026-01-05T08:00:00Z",
        "data": {"contact_email": "a@b.no", "contract_reference": "1"},
    }
    ((refused,),) = (outcome.events for outcome in gate.receive(BSP, command))
    assert (refused.status, [reason.code for reason in refused.reasons]) == ("rejected", ["PARTY_NOT_ACTIVE"])
    assert set(deliver(gate.scenario, refused)) == {f"egress.{BSP}.v1"}

    owed = Receipt.model_validate({**refused.model_dump(exclude={"contenthash"}), "status": "accepted"})
    assert set(deliver(gate.scenario, owed)) == {f"egress.{BSP}.v1"}, "what was let in before is answered, too"


def test_a_party_that_has_left_is_told_so_and_of_others_nothing_more(gate: Gate) -> None:
    topic = f"egress.{BSP}.v1"
    gate.scenario.when(status(BSP, "active", "suspended", Role.BSP))
    delivered = deliver(gate.scenario, status(BSP, "suspended", "terminated", Role.BSP))
    assert delivered[topic]["data"]["after"] == "terminated"
    for event in (CAP, ASKED, PartyReady(party=BSP), status(DSO, "active", "terminated", Role.DSO)):
        assert topic not in deliver(gate.scenario, event)


def test_a_new_party_has_topics_and_is_sent_only_what_names_it_until_it_is_active(gate: Gate) -> None:
    new = values.make_gln(50)
    topic = f"egress.{new}.v1"
    gate.scenario.when(PartyOnboarded(party=new, name="New", roles=(Role.BSP, Role.DSO), status="new"))
    people = gate.scenario.state(store.DIRECTORY, store.DIRECTORY_ID)
    assert people.roles()[new] == [Role.BSP, Role.DSO]
    gate.scenario.give("made", handlers.Made(new))

    assert topic not in deliver(gate.scenario, CAP)
    assert topic in deliver(gate.scenario, named(new))
    assert topic in deliver(gate.scenario, status(new, "new", "active", Role.BSP, Role.DSO))
    assert topic in deliver(gate.scenario, CAP)


def test_topics_are_for_everyone_who_has_not_left_in_the_roles_they_have(gate: Gate) -> None:
    gate.scenario.when(PartyRolesChanged(party=BSP, before=(Role.BSP,), after=(Role.DSO,), status="active"))
    gate.scenario.when(status(TSO, "active", "suspended", Role.TSO))
    gate.scenario.when(status(DSO, "active", "terminated", Role.DSO))
    people = gate.scenario.state(store.DIRECTORY, store.DIRECTORY_ID)
    assert people.roles() == {BSP: [Role.DSO], TSO: [Role.TSO]}


def test_a_changed_policy_is_told_to_everyone(gate: Gate) -> None:
    event = PolicySet(
        key="group.max-kw",
        value=4000,
        unit="kW",
        valid_from=calendar.midnight(date(2026, 3, 1)),
        source="Art. 8a",
        reason="More room.",
        owner="registry",
        former=5000,
    )
    assert set(deliver(gate.scenario, event)) == {f"egress.{gln}.v1" for gln in (OPERATOR, TSO, BSP, DSO)}
