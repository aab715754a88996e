"""The gate as a fixture, and a BSP's command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from gate import BSP, DSO, ID, OPERATOR, TSO, Gate

from chassis.testing import Scenario
from contracts import values
from contracts.registry import v1 as registry
from contracts.values import Role
from gateway import app, handlers
from gateway.settings import Settings


@pytest.fixture
def gate() -> Gate:
    settings = Settings(kafka_bootstrap="none:1", database_url="postgresql+asyncpg://none", port=0)
    scenario = Scenario(app.service(settings))
    scenario.give("open", handlers.Opening(OPERATOR, "The operator"))
    for gln, role in ((TSO, Role.TSO), (BSP, Role.BSP), (DSO, Role.DSO)):
        scenario.when(registry.PartyOnboarded(party=gln, name="A party", roles=(role,)))
    for gln in (OPERATOR, TSO, BSP, DSO):
        scenario.give("made", handlers.Made(gln))
    return Gate(scenario)


@pytest.fixture
def message() -> Callable[..., dict[str, Any]]:
    """A BSP's command, as it sends it."""

    def make(number: int = 1, **changed: Any) -> dict[str, Any]:
        made = {
            "specversion": "1.0",
            "id": ID.format(number),
            "source": f"/parties/{BSP}",
            "type": "no.flexregister.bsp-switch.claim-control.v1",
            "subject": values.make_gsrn(1),
            "time": "2026-01-05T08:00:00Z",
            "data": {"start": "2026-01-04T23:00:00Z"},
        } | changed
        return {name: value for name, value in made.items() if value is not None}

    return make
