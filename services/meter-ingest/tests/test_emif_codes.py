"""Each of Elhub's codes that a payload or a document can be answered with, from its bytes to the acknowledgement."""

from __future__ import annotations

from typing import Any

import emif_given
import pytest

from chassis.service import Decision
from contracts import door as contracts_door
from contracts import values
from contracts.emif import names
from meter_ingest import emif
from meter_ingest.domain import codes, own_rules, rules

pytestmark = pytest.mark.unit

POINT, REACTIVE, OTHERS, WITHOUT = (values.make_gsrn(serial) for serial in range(1, 5))
AT = "2026-01-20"


@pytest.fixture
def january(world: Any) -> Any:
    """A point with active channels both ways, one with reactive ones, one that was lost, and one without a channel."""
    start = world.local("2026-01-01")
    world.points(1, 2, 3, 4)
    for direction in ("consumption", "production"):
        world.open([POINT], valid_from=start, at=start, direction=direction)
    for product in ("reactive", "capacitive", "inductive"):
        world.open([REACTIVE], valid_from=start, at=start, product=product)
    world.fact(OTHERS, dso=values.make_gln(9), valid_from=world.local("2026-01-04"))
    return world


def product(code: str) -> str:
    return f'<a:Identification schemeAgencyIdentifier="9">{code}</a:Identification>'


def period(start: str, end: str) -> dict[str, str]:
    return {"start": f"<a:Start>{start}</a:Start>", "end": f"<a:End>{end}</a:End>"}


def answered(world: Any, *payloads: str, **changed: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """What the acknowledgements say: payload, status, codes."""
    item = emif.item(emif_given.document(*payloads, **changed))
    assert item.emif is not None
    decision = Decision(rejected=True)
    if item.command is not None and not item.reasons:
        at = world.local(AT)
        decided = world.decide(world.record(*emif.dated(item.emif, item.command, at).series, at=at))
        decision = Decision(reasons=decided.reasons, rows=decided.rows, rejected=decided.status == "rejected")
    if not item.reasons:
        decision = emif.together(item.emif, decision)
    reasons = item.reasons or decision.reasons
    said = emif.acknowledgements(item.emif, decision.rows, rejected=decision.rejected, reasons=reasons)
    return [(one.payload, one.status, one.reasons) for one in said]


@pytest.mark.parametrize(
    ("code", "point", "changed"),
    [
        ("E10", values.make_gsrn(99), {}),
        ("E10", "707057500012345678", {}),
        ("E10", "", {}),
        ("E10", POINT, {"agency": "89"}),
        ("E10", POINT, {"direction": "Up"}),
        ("E10", WITHOUT, {}),
        ("E50", POINT, period("2026-01-05T00:00:00+01:00", "2026-01-05T00:00:00+01:00")),
        ("E50", POINT, period("2026-01-20T00:00:00+01:00", "2026-01-20T00:15:00+01:00")),
        ("E50", POINT, period("2023-01-19T00:00:00+01:00", "2023-01-19T00:15:00+01:00")),
        ("E50", POINT, {"registered": "<a:RegistrationDateTime>soon</a:RegistrationDateTime>"}),
        ("E55", OTHERS, {}),
        ("E73", POINT, {"unit": "kvarh"}),
        ("E73", REACTIVE, {"product": product("8716867000047"), "unit": "kWh"}),
        ("E86", POINT, {"values": ["-0.001"]}),
        ("E86", POINT, {"values": ["0.0005"]}),
        ("E86", POINT, {"values": ["0,500"]}),
        ("E87", POINT, {"values": ["1", "1"]}),
        ("E87", POINT, {"values": []}),
        ("E90", POINT, {"values": ["99999999"]}),
        ("EH032", POINT, period("2026-01-05T00:07:00+01:00", "2026-01-05T00:22:00+01:00")),
        ("EH032", POINT, {"resolution": "PT60M"}),
        ("EH032", POINT, {"period": ""}),
        ("EH066", POINT, {"stands": "<a:MeterReadingStart>12.5</a:MeterReadingStart>"}),
        ("EH066", POINT, {"stands": "<a:MeterReadingEnd>12.5</a:MeterReadingEnd>"}),
        ("EH072", POINT, {"characteristics": ""}),
        ("EH072", POINT, {"product": product("4700000000101")}),
        ("EH075", POINT, {"resolution": "PT30M"}),
        ("EH075", POINT, {"resolution": "PT1H", **period("2026-01-05T00:00:00+01:00", "2026-01-05T01:00:00+01:00")}),
    ],
)
def test_a_payload_is_refused_with_its_code_and_the_others_are_accepted(
    january: Any, code: str, point: str, changed: dict[str, Any]
) -> None:
    figures = changed.get("values", ["0.100"])
    wrong = emif_given.payload(point, figures, serial=2, **{k: v for k, v in changed.items() if k != "values"})
    said = answered(january, emif_given.payload(POINT, serial=1), wrong, emif_given.payload(POINT, serial=3))
    assert said == [("", "39", ()), (emif_given.payload_id(2), "41", (code,))]


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("EH055", {"message": "NotifyValidatedData"}),
        ("EH055", {"process": "BRS-NO-312"}),
        ("EH055", {"id": "not-a-uuid"}),
        ("EH011", {"type": '<a:DocumentType listAgencyIdentifier="260">E30</a:DocumentType>'}),
        ("EH025", {"type": '<a:DocumentType listAgencyIdentifier="6">E13</a:DocumentType>'}),
        ("EH013", {"role": '<a:EnergyBusinessProcessRole listAgencyIdentifier="6">MDR</a:EnergyBusinessProcessRole>'}),
        ("EH025", {"role": "<a:EnergyBusinessProcessRole>DDE</a:EnergyBusinessProcessRole>"}),
        ("EH065", {"asks": "<a:RequestPositiveAcknowledgement>false</a:RequestPositiveAcknowledgement>"}),
    ],
)
def test_a_document_is_refused_with_one_code(january: Any, code: str, changed: dict[str, str]) -> None:
    assert answered(january, emif_given.payload(POINT), **changed) == [("", "41", (code,))]


@pytest.mark.parametrize("code", names.PRODUCTS)
@pytest.mark.parametrize("direction", ["Out", "In"])
def test_each_product_is_accepted_on_its_channel(january: Any, code: str, direction: str) -> None:
    active = names.PRODUCTS[code] == "active"
    given = {"product": product(code), "unit": names.UNITS[names.PRODUCTS[code]], "direction": direction}
    said = answered(january, emif_given.payload(POINT if active else REACTIVE, **given))
    # R- has no channel here; of capacitive and inductive energy the direction is not looked at.
    wanted = ("", "39", ())
    if code == "8716867000047" and direction == "In":
        wanted = (emif_given.payload_id(1), "41", ("E10",))
    assert said == [wanted]


def test_what_does_not_say_when_it_was_registered_was_registered_as_it_came(january: Any) -> None:
    item = emif.item(emif_given.document(emif_given.payload(POINT), emif_given.payload(POINT, serial=2, registered="")))
    assert item.emif is not None
    assert item.command is not None
    at = january.local(AT)
    first, second = emif.dated(item.emif, item.command, at).series
    assert (first.registered_at, second.registered_at) == (item.command.series[0].registered_at, at)


def test_more_than_a_thousand_series_are_one_document() -> None:
    payloads = [emif_given.payload(POINT, serial=serial) for serial in range(1, 1202)]
    item = emif.item(emif_given.document(*payloads))
    assert item.reasons == ()
    assert item.command is not None
    assert len(item.command.series) == 1201


def test_every_reason_to_refuse_a_series_has_a_code() -> None:
    # Own meters are not sent as EMIF.
    of_series = {rule.key for rule in rules.ALL if rule.key.startswith("SERIES_") and rule not in own_rules.ALL}
    assert of_series <= codes.KNOWN.keys()
    for key in ("SENDER_UNKNOWN", "PARTY_NOT_ACTIVE", "ROLE_MISSING", "SOURCE_NOT_SENDER"):
        assert codes.of(key) == "E55"
    assert codes.of(contracts_door.ID_REUSED.key) == "EH055"
