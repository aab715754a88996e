"""A party that has lost what it was sent has it sent again, on live processes: the same, and nobody else anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from test_door import BSP, DSO, TSO, onboarded

from contracts import values
from flexreg.client import Register
from flexreg.commands import resending

pytestmark = pytest.mark.system


@pytest.mark.timeout(180)
async def test_what_a_party_was_sent_comes_again_as_it_was(register: Register) -> None:
    await onboarded(register)
    area = {
        "type": "define-grid-area",
        "subject": values.make_eic_y("AGAIN"),
        "data": {"name": "A", "zone": "NO3", "dso": DSO},
    }
    (receipt,) = await register.send(TSO, [area])
    assert receipt
    assert receipt["status"] == "accepted"
    await register.settled()
    began = await register.now()
    await register.move_clock(began + timedelta(hours=1))
    sent = [entry.envelope async for entry in register.egress(DSO)]
    others = [entry.envelope["id"] async for entry in register.egress(BSP)]
    before = [one for one in sent if one["time"] <= values.time_text(began)]
    assert before

    asked = await resending.ask(register, DSO, DSO, began - timedelta(days=1), began + timedelta(seconds=1))
    assert asked
    assert asked["status"] == "accepted"
    again: list[dict] = []
    async for entry in register.egress(DSO, follow=True):
        if entry.envelope.get("repeated"):
            again.append({name: value for name, value in entry.envelope.items() if name != "repeated"})
        if entry.envelope["type"].endswith(".deliveries-repeated.v1"):
            assert entry.envelope["data"]["count"] == len(again)
            break
    assert again == before
    await register.settled()
    assert [entry.envelope["id"] async for entry in register.egress(BSP)] == others
    found = await register.deliveries()
    assert found["holds"], found
    assert found["resent"] == len(before)
    assert all(one["equal"] for one in await register.prove())
