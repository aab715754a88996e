"""A door of `meter-ingest` on a database with some values, and the parties that come to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.door.gate import Gate
from chassis.door.proof import Signer
from chassis.door.serving import Desk, application
from contracts.bsp_switch import v1 as bsp_switch
from contracts.registry import v1 as registry
from contracts.values import Role
from meter_ingest import out

KINDS = (
    "party", "party-key", "points", "block", "control", "access", "memberships", "period-volumes", "profile",
    "policies", "changed-policies", "submitted-baseline", "supply", "granted", "data-access", "traits", "channel",
    "annual", "stood-behind", "own-meters", "resource", "virtual", "erased",
)  # fmt: skip


class House:
    """The door, and who asks at it."""

    def __init__(self, world: Any, engine: AsyncEngine, stored: Any, take: Any) -> None:
        self.world, self.engine, self._stored, self._take = world, engine, stored, take
        self.now = datetime(2026, 4, 6, 8, tzinfo=UTC).timestamp()
        roles = {world.dso: Role.DSO, world.other_dso: Role.DSO, world.bsp: Role.BSP, world.tso: Role.TSO}
        self.signers: dict[str, Signer] = {}
        for gln, role in roles.items():
            self.party(gln, role)
        made = out.door()
        gate = Gate("op/meter-ingest", engine, made.keys, made.parties, made.limits, lambda: self.now)
        self.desk = Desk(made, gate, engine, sandbox=True)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(application(self.desk)), base_url="http://door")

    def party(self, gln: str, *roles: Role) -> None:
        """One more that signs."""
        self.signers[gln] = Signer(gln, ec.derive_private_key(len(self.signers) + 10, ec.SECP256R1()))
        key = self.signers[gln].public
        self.world.onboarded(gln, *roles)
        self.world.scenario.given(registry.PartyKeyRegistered(party=gln, key_id=key.thumbprint, key=key))

    async def stands(self, at: datetime | None = None) -> None:
        """What the case shard has decided is in the database; it has come to a moment, else to the machine's."""
        await self._stored(self.world, *KINDS)
        if at is not None:
            query = "INSERT INTO engine.writer (shard, passed_until) VALUES ('case', :at) ON CONFLICT (shard)"
            async with self.engine.begin() as connection:
                await connection.execute(text(f"{query} DO UPDATE SET passed_until = :at"), {"at": at})

    async def comes(self, *some: Any, at: datetime, position: int | None = None) -> None:
        """A record of values, taken in by the value shard."""
        record = self.world.record(*some, at=at)
        await self._take(record)
        topic = f"ingress.{self.world.dso}.meter-values.v1"
        async with self.engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO engine.inbox (shard, key, position, kind, topic, part, off, at)"
                    " VALUES ('0', gen_random_uuid(), :position, 'internal', :topic, 0, :position, :at)"
                ),
                {"position": record.position, "topic": topic, "at": at},
            )
            await connection.execute(
                text(
                    "INSERT INTO engine.writer (shard, position) VALUES ('0', :position)"
                    " ON CONFLICT (shard) DO UPDATE SET position = :position"
                ),
                {"position": record.position},
            )

    def control(self, point: str, since: datetime) -> None:
        """The BSP's control of a point."""
        world = self.world
        world.scenario.given(
            bsp_switch.ControlClaimed(
                metering_point_id=point, bsp=world.bsp, valid_from=since, consent_id=world.uuid(801)
            )
        )

    def withdrawn(self, point: str, since: datetime) -> None:
        """The BSP never had it: its control ends where it began."""
        world = self.world
        world.scenario.given(
            bsp_switch.ControlEndAnnounced(
                metering_point_id=point,
                bsp=world.bsp,
                dso=world.dso,
                valid_from=since,
                valid_to=since,
                because="move-out",
            )
        )

    async def asks(
        self, party: str, method: str, path: str, body: bytes | dict[str, Any] = b"", **headers: str
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sha256 = hashlib.sha256(content).hexdigest()
        signed = self.signers[party].proof(
            audience="op/meter-ingest", method=method, path=path, sha256=sha256, now=int(self.now)
        )
        said = {"authorization": f"Bearer {signed}", **{name.replace("_", "-"): one for name, one in headers.items()}}
        return await self.http.request(method, path, content=content or None, headers=said)

    async def gets(self, party: str, path: str, **asked: str) -> httpx.Response:
        query = str(httpx.QueryParams({name.rstrip("_"): value for name, value in asked.items()}))
        return await self.asks(party, "GET", f"{path}?{query}" if query else path)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def wh_of(found: dict[str, Any]) -> Sequence[int | None]:
    return [wh for day in found["days"] for wh in day["values_wh"]]
