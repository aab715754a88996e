"""Who acts for a party: persons by a random id, and machine clients."""

import pytest

from contracts.registry import v1
from contracts.values import Role
from registry import store

pytestmark = pytest.mark.unit

PERSON = "5f0c2f1e-7a0b-4d7c-9a53-0d6f1f1f9a11"


def admit(world, register, party, *, sender="", role="operator", **wish):
    given = {"kind": "person", "member_id": PERSON, "rights": "writer", **wish}
    return register.when(v1.AdmitToParty(**given), subject=party, sender=sender or world.OPERATOR, role=role)


def remove(world, register, party, *, sender="", role="operator", member_id=PERSON):
    wish = v1.RemoveFromParty(member_id=member_id)
    return register.when(wish, subject=party, sender=sender or world.OPERATOR, role=role)


def test_the_operator_lets_a_person_act_for_a_party(world, register):
    admit(world, register, world.DSO).then(
        v1.AccessGranted(party=world.DSO, kind="person", member_id=PERSON, rights="writer")
    )
    assert register.state(store.PARTY, world.DSO).access[PERSON].rights == "writer"


@pytest.mark.parametrize(("who", "role"), [("DSO", "dso"), ("BSP", "bsp"), ("TSO", "tso")])
def test_a_party_lets_a_client_act_for_itself(world, register, who, role):
    party = getattr(world, who)
    outcome = admit(world, register, party, sender=party, role=role, kind="client", member_id="plant-7", rights="admin")

    outcome.then(v1.AccessGranted(party=party, kind="client", member_id="plant-7", rights="admin"))


@pytest.mark.rule("NO_SUCH_PARTY")
def test_anothers_party_is_answered_like_one_that_is_not_there(world, register):
    admit(world, register, world.DSO)
    asked = [
        outcome
        for party in (world.DSO, world.BRP)
        for outcome in (
            admit(world, register, party, sender=world.BSP, role="bsp"),
            remove(world, register, party, sender=world.BSP, role="bsp"),
        )
    ]
    assert [outcome.refused("NO_SUCH_PARTY", path="/subject").actual for outcome in asked] == [
        *(world.DSO, world.DSO),
        *(world.BRP, world.BRP),
    ]
    assert [len(outcome.reasons) for outcome in asked] == [1] * 4
    admit(world, register, world.BRP).refused("NO_SUCH_PARTY")


def test_other_rights_replace_the_former(world, register):
    admit(world, register, world.DSO)
    admit(world, register, world.DSO, rights="reader").then(
        v1.AccessGranted(party=world.DSO, kind="person", member_id=PERSON, rights="reader", former_rights="writer")
    )


@pytest.mark.rule("PARTY_UNCHANGED")
def test_the_same_rights_again_change_nothing(world, register):
    admit(world, register, world.DSO)
    outcome = admit(world, register, world.DSO)

    outcome.then()
    assert [reason.code for reason in outcome.reasons] == ["PARTY_UNCHANGED"]


@pytest.mark.rule("ACCESS_OF_OTHER_KIND")
def test_a_person_does_not_become_a_client(world, register):
    admit(world, register, world.DSO)
    admit(world, register, world.DSO, kind="client").refused(
        "ACCESS_OF_OTHER_KIND", path="/kind", limit="person", actual="client"
    )


def test_who_is_removed_acts_no_longer(world, register):
    admit(world, register, world.DSO)
    remove(world, register, world.DSO, sender=world.DSO, role="dso").then(
        v1.AccessRevoked(party=world.DSO, kind="person", member_id=PERSON, rights="writer")
    )
    assert register.state(store.PARTY, world.DSO).access == {}


@pytest.mark.rule("ACCESS_UNKNOWN")
def test_who_does_not_act_for_it_cannot_be_removed(world, register):
    admit(world, register, world.BSP)
    remove(world, register, world.DSO).refused("ACCESS_UNKNOWN", path="/member_id", actual=PERSON)


@pytest.mark.rule("PARTY_IS_TERMINATED")
def test_nobody_is_admitted_to_a_party_that_has_left(world, register):
    register.given(v1.PartyOnboarded(party=world.BRP, name="Kraft", roles=(Role.BRP,), status="terminated"))
    admit(world, register, world.BRP).refused("PARTY_IS_TERMINATED")
