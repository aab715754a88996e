"""The catalogue of products, and the public list of who is qualified."""

from __future__ import annotations

from typing import Any

import pytest
from prequal_qualifying import Case
from pydantic import TypeAdapter, ValidationError

from contracts.message import everyone
from contracts.prequal import v1
from contracts.values import Role
from prequal import store
from prequal.domain import product

pytestmark = pytest.mark.unit

TERMS = v1.ProductTerms(
    name_nb="Raske reserver",
    name_en="Fast reserves",
    full_activation_s=1,
    minimum_w=100_000,
    step_w=100_000,
    bsp_shows=("contact-email", "trading-licence"),
)
WITHDRAW = v1.WithdrawProduct(reasons="Nobody needs it any more.")


def test_a_register_opens_with_mfrr_and_mfrr_d() -> None:
    assert list(v1.FIRST_PRODUCTS) == ["mFRR", "mFRR-D"]
    found = product.known(None, "mFRR")
    assert found is not None
    assert found.offered
    assert (found.terms.full_activation_s, found.terms.minimum_w, found.terms.step_w) == (750, 1_000_000, 1_000_000)
    assert found.terms.group_shows == ("ramp",)
    assert product.known(None, "FFR") is None


@pytest.mark.rule("PRODUCT_NOT_OFFERED")
def test_the_tso_adds_a_product_and_closes_it(another_world: Any) -> None:
    world = another_world()
    case = Case(world, product="FFR")
    case.apply(world.oslo(1, 6)).refused("PRODUCT_NOT_OFFERED", actual="FFR", path="/product")
    offer = v1.OfferProduct(terms=TERMS)
    world.scenario.when(offer, subject="FFR", sender=world.TSO).then(v1.ProductOffered(product="FFR", terms=TERMS))
    case.apply(world.oslo(1, 6)).then_only(v1.QualificationRequested)
    world.scenario.when(WITHDRAW, subject="FFR", sender=world.TSO).then(
        v1.ProductClosed(product="FFR", reasons="Nobody needs it any more.")
    )
    Case(world, 2, product="FFR", bsp=world.BSP_B).apply(world.oslo(1, 7)).refused("PRODUCT_NOT_OFFERED")
    world.scenario.when(WITHDRAW, subject="FFR", sender=world.TSO).refused("PRODUCT_NOT_OFFERED", path="/subject")
    world.scenario.when(offer, subject="FFR", sender=world.TSO)
    Case(world, 2, product="FFR", bsp=world.BSP_B).apply(world.oslo(1, 7)).then_only(v1.QualificationRequested)


@pytest.mark.rule("PRODUCT_NOT_OFFERED")
def test_one_that_the_register_opened_with_can_be_closed_and_then_nobody_is_qualified_for_it(
    another_world: Any,
) -> None:
    world = another_world()
    case = Case(world, product="mFRR-D")
    case.apply(world.oslo(1, 6))
    case.confirm(world.oslo(1, 7))
    case.test(world.oslo(1, 7))
    world.scenario.when(WITHDRAW, subject="mFRR-D", sender=world.TSO).then_only(v1.ProductClosed)
    case.decide(world.oslo(1, 8)).refused("PRODUCT_NOT_OFFERED", actual="mFRR-D")
    case.decide(world.oslo(1, 8), "not-qualified").then_only(v1.QualificationDecided)


@pytest.mark.rule("QUALIFICATION_FACT_MISSING")
def test_what_a_product_asks_for_is_what_makes_an_application_complete(another_world: Any) -> None:
    world = another_world()
    world.scenario.when(v1.OfferProduct(terms=TERMS), subject="mFRR", sender=world.TSO)
    case = Case(world)
    case.apply(world.oslo(1, 6))
    case.confirm(world.oslo(1, 7)).refused("QUALIFICATION_FACT_MISSING", actual="trading-licence")
    case.from_bsp(v1.CompleteQualification(facts=v1.BspFacts(trading_licence="RME-1")), world.oslo(1, 7))
    case.confirm(world.oslo(1, 7)).then_only(v1.QualificationConfirmed)


@pytest.mark.rule("PRODUCT_NOT_OFFERED")
def test_for_a_closed_product_no_group_is_applied_for_or_approved(world: Any) -> None:
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.cap(5_000_000)
    world.apply(world.id(2), group, 1_000_000)
    world.assess(world.id(2), world.DSO_1)
    world.scenario.when(WITHDRAW, subject="mFRR", sender=world.TSO, at=world.oslo(1, 21))
    world.decide(world.id(2), up_w=1_000_000).refused("PRODUCT_NOT_OFFERED", actual="mFRR")
    other = world.group(world.id(3), points=range(10, 13), up_w=500_000)
    world.apply(world.id(4), other, 1_000_000, at=world.oslo(1, 28)).refused(
        "PRODUCT_NOT_OFFERED", path="/product", actual="mFRR"
    )
    world.decide(world.id(2), "rejected").then_only(v1.PrequalificationDecided)


@pytest.mark.rule("PRODUCT_ASKS_FOR")
@pytest.mark.rule("TEST_NOT_PASSED")
def test_what_a_product_asks_of_a_group_is_there_when_it_is_approved(world: Any) -> None:
    terms = TERMS.model_copy(update={"group_shows": ("ramp", "evidence", "test-activation")})
    world.scenario.when(v1.OfferProduct(terms=terms), subject="mFRR", sender=world.TSO)
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.cap(5_000_000)
    world.apply(world.id(2), group, 1_000_000)
    world.assess(world.id(2), world.DSO_1, at=world.oslo(1, 7))
    asked = {"limit": "evidence", "actual": "mFRR"}
    world.tso(world.id(2), v1.ConfirmCompleteness()).refused("PRODUCT_ASKS_FOR", **asked)
    world.decide(world.id(2), up_w=1_000_000, at=world.oslo(1, 8)).refused("PRODUCT_ASKS_FOR", **asked)
    one = v1.Evidence(document_id=world.id(7), sha256="a" * 64, kind="technical-description", issued_on="2026-01-02")
    world.bsp(world.id(2), v1.AmendApplication(evidence=(one,)))
    world.tso(world.id(2), v1.ConfirmCompleteness()).then_only(v1.CompletenessConfirmed)
    world.decide(world.id(2), up_w=1_000_000).refused("TEST_NOT_PASSED", path="/up_w")


def test_everyone_is_told_who_is_qualified_by_gln_alone(another_world: Any) -> None:
    world = another_world()
    at = world.oslo(1, 6)
    (*_, first) = Case(world, 1, bsp=world.BSP_B).qualify(at).events
    (*_, second) = Case(world, 2).qualify(at).events
    assert [one.bsp for one in first.bsps] == [world.BSP_B]
    assert [one.bsp for one in second.bsps] == sorted([world.BSP_A, world.BSP_B])
    assert set(v1.QualifiedBspsListed.audience) == {everyone(role) for role in Role}
    assert set(v1.QualifiedBsp.model_fields) == {"bsp", "valid_from", "valid_to"}
    revoke = v1.RevokeQualification(reasons="It does not answer.")
    told = Case(world, 1).from_tso(revoke, world.oslo(1, 8))
    _, last = told.then_only(v1.QualificationEnded, v1.QualifiedBspsListed)
    assert [one.bsp for one in last.bsps] == [world.BSP_A]
    assert world.scenario.state(store.PRODUCT, "mFRR").bsps == last.bsps
    world.scenario.when(v1.OfferProduct(terms=TERMS), subject="mFRR", sender=world.TSO)
    assert world.scenario.state(store.PRODUCT, "mFRR") == product.Product(TERMS, bsps=last.bsps)
    # Another product has its own list.
    (*_, other) = Case(world, 3, product="mFRR-D").qualify(at).events
    assert (other.product, [one.bsp for one in other.bsps]) == ("mFRR-D", [world.BSP_A])


@pytest.mark.parametrize("code", ["mFRR", "mFRR-D", "aFRR", "FCR-N", "x" * 40])
def test_a_code_has_letters_digits_and_hyphens(code: str) -> None:
    assert TypeAdapter(v1.Product).validate_python(code) == code


@pytest.mark.parametrize("code", ["", "1FRR", "mFRR-", "-D", "mFRR D", "mFRR/D", "mFRR--D", "mFRRø", "x" * 41, 7])
def test_nothing_else_is_a_code(code: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(v1.Product).validate_python(code)
