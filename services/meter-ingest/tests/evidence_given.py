"""What tests of evidence share: the duty in force, packets made of the world's log, and packets that were edited."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import history
from chassis.service import Kind
from chassis.work import Key, Work
from contracts.meter_ingest.v1 import ValuesErased
from contracts.registry.v1 import PolicySet
from contracts.values import make_gln, time_text
from meter_ingest import packing, store
from meter_ingest.domain import packet

DAY, NEXT = "2026-03-28", "2026-03-29"
_LONG_AGO = datetime(2026, 1, 6, tzinfo=UTC)
NOTHING = object()
"""What a part that is left out is changed to."""


def required(world: Any) -> None:
    """The TSO has set the policy."""
    world.scenario.given(
        PolicySet.model_validate(
            {
                "key": "evidence.required",
                "value": True,
                "unit": None,
                "valid_from": world.local("2026-01-06"),
                "source": "R46",
                "reason": "In force",
                "former": False,
                "owner": "meter-ingest",
            }
        )
    )


def erased(world: Any, *points: str) -> None:
    """It was decided that values of these points are gone, of March."""
    for point in points:
        world.scenario.given(
            ValuesErased(
                metering_point_id=point,
                dso=world.dso,
                by=make_gln(50),
                first_day=date(2026, 3, 1),
                last_day=date(2026, 3, 31),
                versions=1,
                count=96,
                salted_sha256="0" * 64,
            )
        )


def of(kind: Any, outcome: Any) -> list[Any]:
    """The events of one type."""
    return [one for one in outcome.events if isinstance(one, kind)]


def _said_at(event: Any) -> str:
    """As what was said of a moment says; nothing else is looked at by when it was said."""
    return time_text(getattr(event, "answered_at", None) or getattr(event, "requested_at", None) or _LONG_AGO)


class Maker:
    """Makes a packet with the world's documents and log, and the stored values."""

    def __init__(self, world: Any, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.engine = engine
        self.kinds = {kind.name: kind for kind in store.OWN}
        monkeypatch.setattr(history, "told", self._told)
        monkeypatch.setattr(packing, "entries", self._entries)

    async def __call__(self, number: int = 80, *, version: int | None = None) -> packing.Made:
        async with self.engine.connect() as connection:
            return await packing.make(connection, self.work(), self.world.uuid(number), version=version)

    def work(self) -> Work:
        return Work(self.world.scenario.service, self._load)

    async def _load(self, wanted: Iterable[tuple[Kind[Any], Iterable[str]]]) -> Mapping[Key, Any]:
        keys = [(kind.name, id_) for kind, ids in wanted for id_ in ids]
        return {key: self.world.scenario.documents[key] for key in keys if key in self.world.scenario.documents}

    def _log(self, kind: Kind[Any], id_: str) -> list[Any]:
        return [
            (position, one)
            for position, one in enumerate(self.world.scenario.log, 11)
            if type(one) in kind.folds and id_ in kind.parts(one)
        ]

    async def _told(self, _connection: Any, _service: Any, kind: Kind[Any], id_: str) -> list[Any]:
        # Read, as from the ledger.
        return [(None, type(one).model_validate(one.model_dump(mode="json"))) for _, one in self._log(kind, id_)]

    async def _entries(self, _connection: Any, _shard: str, kind: str, id_: str, *, most: int) -> list[packet.Entry]:
        return [
            packet.Entry(
                position,
                f"id-{position}",
                time_text(self.world.local(NEXT)),
                json.dumps(
                    {
                        "id": f"id-{position}",
                        "type": one.type,
                        "time": _said_at(one),
                        "data": one.model_dump(mode="json"),
                    }
                ),
            )
            for position, one in self._log(self.kinds[kind], id_)[:most]
        ]


def renewed(file: bytes, part: str, change: Any) -> bytes:
    """A packet in which a part was changed, with all hashes made anew."""
    first, *lines, ledger, _seal = file.split(b"\n")[:-1]
    contents = {one["part"]: one["content"] for one in map(json.loads, [*lines, ledger])}
    manifest = json.loads(first)
    if part == "manifest":
        change(manifest)
    else:
        contents[part] = change(contents[part]) or contents[part]
        if contents[part] is NOTHING:
            del contents[part]
    told = contents.pop("ledger")
    head = {name: one for name, one in manifest.items() if name not in ("format", "formulas", "parts")}
    core = packet.core(head, contents, formulas=manifest["formulas"])
    entries = [packet.Entry(one["position"], one["id"], one["recorded_at"], one["body"]) for one in told]
    return packet.file(core, entries)
