"""Whole processes that are killed and frozen under load: nothing lost, nothing doubled, order kept."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from test_door import DATAHUB, DSO, TSO, onboarded

import launcher
from contracts import values
from flexreg.client import Register

pytestmark = pytest.mark.system

COUNT = 600


def facts(count: int) -> list[dict[str, Any]]:
    """What so many metering points are."""
    return [
        {
            "type": "record-metering-point",
            "subject": values.make_gsrn(5000 + number),
            "data": {
                "grid_area": values.make_eic_y("FAULTS"),
                "substation": "S1",
                "resolution": "PT15M",
                "agreed_power_w": 10_000,
                "valid_from": "2026-01-04T23:00:00Z",
            },
        }
        for number in range(count)
    ]


@pytest.mark.timeout(600)
async def test_processes_killed_and_frozen_under_load(up: launcher.Register, register: Register) -> None:  # type: ignore[name-defined]
    await onboarded(register)
    area = {
        "type": "define-grid-area",
        "subject": values.make_eic_y("FAULTS"),
        "data": {"name": "Faults", "zone": "NO3", "dso": DSO},
    }
    await register.send(TSO, [area])
    sending = asyncio.create_task(register.send(DATAHUB, facts(COUNT), timeout=300))
    for name in ("registry", "gateway", "meter-ingest"):
        before = await _position(up, register, "registry")
        up.crash(name)
        await _moved(up, register, before)
    up.freeze("registry")
    up.resume("registry")
    receipts = await sending
    assert [receipt and receipt["status"] for receipt in receipts] == ["accepted"] * COUNT
    await register.settled()
    points = await register.list("registry", "metering-point")
    assert len(points) == COUNT
    recorded: list[str] = []
    seen: set[str] = set()
    async for entry in register.log():
        said = entry.envelope
        if said.get("type", "").endswith("registry.metering-point-recorded.v1") and said["id"] not in seen:
            seen.add(said["id"])
            recorded.append(said["subject"])
    assert recorded == [fact["subject"] for fact in facts(COUNT)], "each once, in the order they were sent"
    assert all(proof["equal"] for proof in await register.prove())


async def _position(up: launcher.Register, register: Register, name: str) -> int:  # type: ignore[name-defined]
    for process in await register.status():
        if process["name"] == name:
            return process["shards"][0]["position"]
    return 0


async def _moved(up: launcher.Register, register: Register, before: int) -> None:  # type: ignore[name-defined]
    """Wait until the registry has decided something more (whichever process was killed)."""
    for _ in range(3000):
        try:
            if await _position(up, register, "registry") > before + 20:
                return
        except Exception:  # noqa: BLE001 - the process may be the one that was just killed
            pass
        await asyncio.sleep(0.02)
    raise AssertionError("the chain did not go on")
