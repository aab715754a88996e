"""Qualification of a BSP."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit

APPLY = v1.ApplyForQualification(contact_email="vakt@bsp.example", contract_reference="K-1")
QUALIFY = v1.DecideQualification(decision="qualified", reasons="In order.")


def test_a_bsp_applies_and_is_qualified(another_world: Any) -> None:
    world = another_world()
    one = world.id(1)
    requested = v1.QualificationRequested(
        qualification_id=one,
        bsp=world.BSP_A,
        product="mFRR",
        contact_email="vakt@bsp.example",
        contract_reference="K-1",
    )
    decided = v1.QualificationDecided(
        qualification_id=one, bsp=world.BSP_A, product="mFRR", decision="qualified", reasons="In order."
    )
    world.scenario.when(APPLY, subject=one, sender=world.BSP_A).then(requested)
    world.scenario.when(QUALIFY, subject=one, sender=world.TSO).then(decided)
    assert world.scenario.state(store.BSP, world.BSP_A).qualified == ("mFRR",)


@pytest.mark.rule("QUALIFICATION_UNKNOWN")
def test_nothing_to_decide(world: Any) -> None:
    world.scenario.when(QUALIFY, subject=world.id(1), sender=world.TSO).refused("QUALIFICATION_UNKNOWN")


@pytest.mark.rule("QUALIFICATION_ALREADY_DECIDED")
def test_it_is_decided_once(world: Any) -> None:
    world.scenario.when(QUALIFY, subject=world.id(900), sender=world.TSO).refused(
        "QUALIFICATION_ALREADY_DECIDED", actual="qualified"
    )


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_an_id_is_given_once(world: Any) -> None:
    world.scenario.when(APPLY, subject=world.id(900), sender=world.BSP_B).refused("ID_NOT_AVAILABLE")


def test_the_last_decision_counts(world: Any) -> None:
    world.scenario.when(APPLY, subject=world.id(1), sender=world.BSP_A)
    not_qualified = v1.DecideQualification(decision="not-qualified", reasons="The contract has ended.")
    world.scenario.when(not_qualified, subject=world.id(1), sender=world.TSO).then_only(v1.QualificationDecided)
    assert world.scenario.state(store.BSP, world.BSP_A).qualified == ()
