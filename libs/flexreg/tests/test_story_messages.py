"""What is sent fits the contracts, but for the one thing that is meant to be wrong."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts import catalogue
from contracts.values import BiddingZone
from flexreg.story import cast as who
from flexreg.story import messages, readings

pytestmark = pytest.mark.unit

CAST = who.cast()
DAY = date(2026, 4, 1)

WISHES = {
    "onboard": messages.onboard(who.ONBOARDED),
    "grid areas": messages.grid_areas(who.AREAS),
    "cap": [messages.cap(BiddingZone.NO3, 3_000_000, reasons=("transfer-capacity",), assessment="So much.")],
    "points": messages.metering_points(CAST.points),
    "supplies": messages.supplies(CAST.points),
    "other BRP": messages.supplies(CAST.changing_brp, valid_from=DAY, brp=who.BRP_2),
    "qualification": [
        messages.apply_for_qualification(who.BSP_A, who.QUALIFICATION_A),
        messages.apply_for_qualification(who.BSP_B, who.QUALIFICATION_B, operations=False),
        messages.request_missing(who.QUALIFICATION_B, "operations-contact"),
        messages.complete_qualification(who.QUALIFICATION_B),
        messages.confirm_qualification(who.QUALIFICATION_A),
        messages.start_communication_test(who.QUALIFICATION_A),
        messages.answer_communication_test(who.QUALIFICATION_A, who.QUALIFICATION_A),
        messages.qualify(who.QUALIFICATION_A),
    ],
    "consents": messages.consents(CAST.held_by_a, who.BSP_A, valid_from=DAY),
    "claims": messages.claims(CAST.held_by_a, start=DAY),
    "resources": messages.resources(one for one in CAST.resources_of_a if one.refused != "SCHEMA_INVALID"),
    "group": [messages.form_group(who.GROUP_A, "A", CAST.members), messages.add_members(who.GROUP_A, CAST.large)],
    "application": [
        messages.apply_for_prequalification(who.APPLICATION_A, who.GROUP_A, up_w=2_000_000),
        messages.approve_grid(who.APPLICATION_A),
        messages.limit_grid(who.APPLICATION_A, {CAST.limited[0].id: 3_000, CAST.rejected[0].id: 0}),
        messages.decide(who.APPLICATION_A, up_w=2_000_000),
    ],
    "channels": [
        messages.open_channels("A", CAST.near, resolution="PT15M", valid_from=DAY),
        messages.close_channels("A", CAST.near, valid_to=DAY),
    ],
    "activation": [messages.order(who.ACTIVATION_A, who.GROUP_A, power_w=2_000_000, start=readings.START_A)],
    "switch": [messages.request_switch(who.SWITCH, CAST.switching, start=DAY)],
    "values": readings.records(readings.as_first_sent(CAST), title="2026-03-29"),
}


@pytest.mark.parametrize("name", WISHES)
def test_it_fits_the_contract(name: str):
    for wish in WISHES[name]:
        model = catalogue.commands()[wish["type"]]
        model.model_validate(wish["data"])
        TypeAdapter(model.subject_is).validate_python(wish["subject"])


def test_the_mistyped_metering_point_does_not():
    wrong = next(one for one in CAST.resources_of_a if one.refused == "SCHEMA_INVALID")
    (wish,) = messages.resources([wrong])
    with pytest.raises(ValidationError, match="check digit"):
        catalogue.commands()[wish["type"]].model_validate(wish["data"])


def test_a_consent_is_of_one_bsp_and_one_point():
    of_both = [*WISHES["consents"], *messages.consents(CAST.switching, who.BSP_B, valid_from=DAY)]
    assert len({wish["subject"] for wish in of_both}) == 460 + 60


def test_half_an_hour_is_ordered():
    period = WISHES["activation"][0]["data"]["period"]
    assert period == {"start": "2026-03-29T08:00:00Z", "end": "2026-03-29T08:30:00Z"}


def test_midnights_are_oslos():
    assert messages.midnight(date(2026, 1, 5)) == "2026-01-04T23:00:00Z"
    assert messages.midnight(date(2026, 4, 15)) == "2026-04-14T22:00:00Z"
