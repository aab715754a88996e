"""What came of each series, as `flexreg meter send` tells it."""

from __future__ import annotations

from typing import Any

import emif_given
import pytest

from chassis.service import Decision
from contracts import values
from contracts.emif import reading
from flexreg import measuring
from flexreg.measuring import Sent
from flexreg.outgoing import Head, Outgoing
from meter_ingest import emif

pytestmark = pytest.mark.unit

POINT = values.make_gsrn(1)


def told(receipt: dict[str, Any], count: int) -> list[dict[str, Any]]:
    sent = Sent(Outgoing(b"", (Head("id", "t"),)), "a.json", tuple({"place": place} for place in range(count)))
    return list(measuring.told(sent, receipt, ""))


def test_each_series_has_the_reason_of_its_own_figures() -> None:
    receipt = {
        "status": "rejected",
        "reasons": [
            {"code": "SERIES_COUNT_WRONG", "path": "/data/series/0/values_wh", "actual": 90, "text_en": "has 90"},
            {"code": "SERIES_COUNT_WRONG", "path": "/data/series/1/values_wh", "actual": 91, "text_en": "has 91"},
        ],
        "rows": [
            {"row": row, "code": "SERIES_COUNT_WRONG", "actual": actual} for row, actual in enumerate((90, 91, 90, 7))
        ],
    }
    said = [one["reasons"][0] for one in told(receipt, 4)]
    assert [(one.get("text_en"), one.get("path")) for one in said] == [
        ("has 90", "/data/series/0/values_wh"),
        ("has 91", "/data/series/1/values_wh"),
        ("has 90", "/data/series/2/values_wh"),
        (None, None),
    ], "of figures that the receipt does not say, no other series' are told"
    assert [one["actual"] for one in said] == [90, 91, 90, 7]


def test_each_bad_payload_has_its_own_path_and_text() -> None:
    wrong = (
        {"unit": "kvarh"},
        {"values": ["0,500"]},
        {"resolution": "PT30M"},
        {"stands": "<a:MeterReadingStart>12.5</a:MeterReadingStart>"},
        {"values": ["0,700"]},
    )
    payloads = [
        emif_given.payload(
            POINT, one.get("values", ["1"]), serial=serial, **{k: v for k, v in one.items() if k != "values"}
        )
        for serial, one in enumerate(wrong, 1)
    ]
    content = emif_given.document(*payloads)
    (sent,) = measuring.records("a.xml", content, gln=values.make_gln(2), at=values.parse_time("2026-01-20T00:00:00Z"))
    item = emif.item(content)
    assert item.emif is not None
    decision = emif.together(item.emif, Decision(rejected=True))
    assert len(decision.reasons) == len(wrong), "the receipt says each as well"
    receipt = {
        "status": "rejected",
        "reasons": [reason.model_dump(mode="json") for reason in decision.reasons],
        "rows": [row.model_dump(mode="json") for row in decision.rows],
    }
    said = [one["reasons"][0] for one in measuring.told(sent, receipt, "")]
    assert [one["path"].split("/")[2] for one in said] == ["0", "1", "2", "3", "4"]
    assert len({one["text_en"] for one in said}) == len(wrong)
    assert isinstance(sent.document, reading.Document)
    shortened = receipt | {"reasons": receipt["reasons"][:1]}
    again = [one["reasons"][0] for one in measuring.told(sent, shortened, "")]
    assert [one["text_nb"] for one in again] == [one["text_nb"] for one in said]
