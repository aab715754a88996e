"""Who is sent what: the parties an event names and the roles it is for, nobody else, each delivery numbered."""

from __future__ import annotations

import pytest
from gate import BSP, DSO, OPERATOR, TSO, Gate
from pydantic_core import from_json

from chassis.testing import Scenario
from contracts import values
from contracts.gateway.v1 import PartyReady
from contracts.message import EVENTS
from contracts.prequal.v1 import QualificationRequested, ZoneCapSet
from contracts.registry.v1 import PartyOnboarded
from contracts.values import Role
from gateway import handlers

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
        "no.flexregister.gateway.time-passed.v1",
        "no.flexregister.meter-ingest.values-accepted.v1",
    }
