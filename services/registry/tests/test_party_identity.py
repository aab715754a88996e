"""Who a party is: its GLN, name, organisation number and EIC."""

import pytest

from contracts.registry import v1
from contracts.values import Role, make_eic_x
from registry import store

pytestmark = pytest.mark.unit

EIC, OTHER_EIC = make_eic_x("FIRST"), make_eic_x("SECOND")
COMPANY = "987654325"


def onboard(world, register, party, **wish):
    given = {"name": "Kraft", "roles": (Role.BRP,), **wish}
    return register.when(v1.OnboardParty(**given), subject=party, sender=world.OPERATOR, role="operator")


def change(world, register, party, **wish):
    command = v1.ChangeParty(**{"name": "Kraft", **wish})
    return register.when(command, subject=party, sender=world.OPERATOR, role="operator")


def test_a_party_may_have_an_organisation_number_and_an_eic(world, register):
    onboard(world, register, world.BRP, organisation_number=COMPANY, eic=EIC, status="new").then(
        v1.PartyOnboarded(
            party=world.BRP, name="Kraft", roles=(Role.BRP,), organisation_number=COMPANY, eic=EIC, status="new"
        )
    )
    state = register.state(store.PARTY, world.BRP)
    assert (state.organisation_number, state.eic, state.status) == (COMPANY, EIC, "new")


def test_a_party_that_was_onboarded_before_there_was_a_status_is_active(world, register):
    assert register.state(store.PARTY, world.DSO).status == "active"


def test_several_parties_of_one_company_share_its_organisation_number(world, register):
    onboard(world, register, world.BRP, organisation_number=COMPANY)
    onboard(world, register, world.OTHER_BRP, organisation_number=COMPANY).then_only(v1.PartyOnboarded)


@pytest.mark.rule("EIC_TAKEN")
def test_an_eic_belongs_to_one_party(world, register):
    onboard(world, register, world.BRP, eic=EIC)
    onboard(world, register, world.OTHER_BRP, eic=EIC).refused("EIC_TAKEN", path="/eic", actual=EIC)
    onboard(world, register, world.OTHER_BRP, eic=OTHER_EIC).then_only(v1.PartyOnboarded)
    change(world, register, world.OTHER_BRP, eic=EIC).refused("EIC_TAKEN", path="/eic", actual=EIC)


@pytest.mark.rule("EIC_TAKEN")
def test_an_eic_that_was_given_up_is_free_and_the_new_one_is_not(world, register):
    onboard(world, register, world.BRP, eic=EIC)
    change(world, register, world.BRP, eic=OTHER_EIC)

    onboard(world, register, world.OTHER_BRP, eic=OTHER_EIC).refused("EIC_TAKEN")
    onboard(world, register, world.OTHER_BRP, eic=EIC).then_only(v1.PartyOnboarded)


def test_a_change_says_what_was_and_what_is_left_out_is_gone(world, register):
    onboard(world, register, world.BRP, organisation_number=COMPANY, eic=EIC)

    change(world, register, world.BRP, name="Kraft Norge", eic=EIC).then(
        v1.PartyChanged(
            party=world.BRP,
            name="Kraft Norge",
            organisation_number=None,
            eic=EIC,
            former_name="Kraft",
            former_organisation_number=COMPANY,
            former_eic=EIC,
        )
    )
    state = register.state(store.PARTY, world.BRP)
    assert (state.name, state.organisation_number, state.eic, state.roles) == ("Kraft Norge", None, EIC, (Role.BRP,))


@pytest.mark.rule("PARTY_UNCHANGED")
def test_a_change_that_changes_nothing_says_so(world, register):
    onboard(world, register, world.BRP, eic=EIC)
    outcome = change(world, register, world.BRP, eic=EIC)

    outcome.then()
    assert [reason.code for reason in outcome.reasons] == ["PARTY_UNCHANGED"]
    assert change(world, register, world.BRP).reasons == ()


@pytest.mark.rule("NO_SUCH_PARTY")
def test_nobody_changes_a_party_that_is_not_there(world, register):
    change(world, register, world.BRP).refused("NO_SUCH_PARTY", path="/subject", actual=world.BRP)


@pytest.mark.rule("OPERATOR_LOCKS_ITSELF_OUT")
def test_an_operator_does_not_onboard_itself_as_one_that_may_not_act(world, register):
    onboard(world, register, world.OPERATOR, status="new").refused("OPERATOR_LOCKS_ITSELF_OUT", path="/status")
    onboard(world, register, world.OPERATOR, roles=(Role.TSO,)).then_only(v1.PartyOnboarded)


@pytest.mark.rule("NAMED_PARTY_NOT_ACTIVE")
@pytest.mark.parametrize("status", ["new", "suspended", "terminated"])
def test_a_grid_area_belongs_to_an_active_dso(world, register, status):
    register.given(v1.PartyOnboarded(party=world.BRP, name="Nett", roles=(Role.DSO,), status=status))
    wish = v1.DefineGridArea(name="Område", zone="NO3", dso=world.BRP)

    register.when(wish, subject=world.NO_AREA).refused(
        "NAMED_PARTY_NOT_ACTIVE", path="/dso", limit=world.BRP, actual=status
    )
