"""Whole processes that are killed and frozen under load: nothing lost, nothing doubled, order kept."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from test_door import DATAHUB, DSO, TSO, onboarded

import launcher
from contracts import values
from flexreg.client import Register

pytestmark = pytest.mark.system

COUNT = 600
MORE = 200


def facts(count: int, start: int = 5000) -> list[dict[str, Any]]:
    """What so many metering points are."""
    return [
        {
            "type": "record-metering-point",
            "subject": values.make_gsrn(start + number),
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
async def test_processes_killed_and_frozen_under_load(up: launcher.Register, register: Register) -> None:
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
    assert [receipt and receipt["status"] for receipt in await sending] == ["accepted"] * COUNT
    up.freeze("registry")
    forwarded = asyncio.create_task(_forwarded(up, MORE // 2))
    more = asyncio.create_task(register.send(DATAHUB, facts(MORE, 9000), timeout=300))
    await forwarded
    up.resume("registry")
    assert [receipt and receipt["status"] for receipt in await more] == ["accepted"] * MORE
    await register.settled()
    points = await register.list("registry", "metering-point")
    assert len(points) == COUNT + MORE
    recorded: list[str] = []
    seen: set[str] = set()
    async for entry in register.log():
        said = entry.envelope
        if said.get("type", "").endswith("registry.metering-point-recorded.v1") and said["id"] not in seen:
            seen.add(said["id"])
            recorded.append(said["subject"])
    assert recorded == [fact["subject"] for fact in (*facts(COUNT), *facts(MORE, 9000))], (
        "each once, in the order they were sent"
    )
    assert all(proof["equal"] for proof in await register.prove())


async def _forwarded(up: launcher.Register, count: int) -> None:
    """Wait until the gateway has gone on by itself, by so many inputs."""
    async with httpx.AsyncClient(trust_env=False) as http:
        first = await _gateway_position(up, http)
        while await _gateway_position(up, http) < first + count:
            await asyncio.sleep(0.05)


async def _gateway_position(up: launcher.Register, http: httpx.AsyncClient) -> int:
    answer = await http.get(f"{up.urls['gateway']}/status")
    return answer.json()["shards"][0]["position"]


async def _position(up: launcher.Register, register: Register, name: str) -> int:
    for process in await register.status():
        if process["name"] == name:
            return process["shards"][0]["position"]
    return 0


async def _moved(up: launcher.Register, register: Register, before: int) -> None:
    """Wait until the registry has decided something more (whichever process was killed)."""
    for _ in range(3000):
        try:
            if await _position(up, register, "registry") > before + 20:
                return
        except Exception:  # noqa: BLE001 - the process may be the one that was just killed
            pass
        await asyncio.sleep(0.02)
    raise AssertionError("the chain did not go on")
