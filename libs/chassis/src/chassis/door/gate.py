"""Who may come in, and how many at once.

In this order, cheapest first: the proof's form and time, the key, the signature, the party's rate, its first use. What
a stranger sends costs one look at a key; only what a party has signed counts against that party.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import store
from chassis.door import proof, rules
from chassis.door.pace import Pace
from chassis.door.rules import Turned
from chassis.loading import Selection, renumbered
from chassis.service import Kind, State
from chassis.work import Document, Key
from contracts.parties import Party
from contracts.party_keys import PartyKey
from contracts.values import Role

_USING = (
    "WITH old AS (DELETE FROM private.used_proof WHERE expires_at < $2), used AS ("
    " INSERT INTO private.used_proof (key, expires_at) VALUES ($1, $3) ON CONFLICT DO NOTHING RETURNING 1)"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what they say they send."""

    party: str
    roles: tuple[Role, ...]
    sha256: str


@dataclass(slots=True)
class Once:
    """A proof that was found right: it is used before anything is answered."""

    database: AsyncEngine
    key: uuid.UUID
    now: datetime
    expires: datetime
    is_used: bool = False

    async def use(self) -> None:
        """Unless it is. Raises `Turned` where somebody used it before."""
        if not self.is_used:
            await self.use_with("SELECT 1 WHERE true")

    async def use_with(self, statement: str, *values: Any) -> int:
        """Use it and in the same commit do what a statement says; of how much. Where it was used nothing is done.

        The statement ends with its conditions. Raises `Turned` where somebody used it before.
        """
        async with store.single(self.database) as raw:
            used, done = await raw.fetchrow(_using(statement), self.key, self.now, self.expires, *values)
        self.is_used = True
        if not used:
            raise Turned(401, rules.PROOF_USED)
        return done


@cache
def _using(statement: str) -> str:
    is_first = f"{renumbered(statement, 3)} AND EXISTS (SELECT FROM used)"
    returned = "" if statement.startswith("SELECT") else " RETURNING 1"
    return (
        f"{_USING}, done AS ({is_first}{returned})"  # noqa: S608 - own statements
        " SELECT (SELECT count(*) FROM used), (SELECT count(*) FROM done)"
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What a door lets through."""

    bytes: int = 20 * 1024 * 1024
    """Of one document."""
    seconds: float = 120
    """For one request, whatever is done."""
    idle_seconds: float = 10
    """Between two pieces of what is sent."""
    a_minute: int = 120
    """Requests of one party."""
    at_once: int = 8
    """Transfers, of all parties."""
    at_once_of_party: int = 2


@dataclass
class Gate:
    """Lets parties in whose keys are known. `keys` by thumbprint, `parties` by GLN: foreign documents."""

    audience: str
    database: AsyncEngine
    keys: Kind[PartyKey]
    parties: Kind[Party]
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], float] = time.time
    _pace: Pace = field(default_factory=Pace)
    _under_way: dict[str, int] = field(default_factory=dict[str, int])

    async def admit(self, *, method: str, path: str, headers: Mapping[str, str]) -> Caller:
        """Who asks. Raises `Turned`."""
        caller, once = await self.check(method=method, path=path, headers=headers)
        await once.use()
        return caller

    async def check(self, *, method: str, path: str, headers: Mapping[str, str]) -> tuple[Caller, Once]:
        """Who asks, with a proof that the caller of this uses before it answers, whatever it answers.

        Raises `Turned`.
        """
        scheme, _, written = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not written:
            raise Turned(401, rules.PROOF_MISSING)
        try:
            read = proof.read(written.strip())
            read.check_request(audience=self.audience, method=method, path=path, now=self.now())
            caller = await self._known(read)
        except proof.OutOfTime:
            raise Turned(401, rules.PROOF_EXPIRED, limit=proof.SECONDS, unit="s") from None
        except proof.NotAProof as error:
            raise Turned(401, rules.PROOF_INVALID, actual=str(error)) from None
        self._pace.take(caller.party, a_minute=self.limits.a_minute, now=self.now())
        digest = hashlib.sha256(f"{read.key_id}\n{read.once}".encode()).digest()
        now, expires = (datetime.fromtimestamp(at, UTC) for at in (self.now() - 1, read.expires))
        return caller, Once(self.database, uuid.UUID(bytes=digest[:16]), now, expires)

    @contextlib.contextmanager
    def transfer(self, party: str) -> Generator[None]:
        """Have room for one transfer. Raises `Turned`."""
        limits, of_party = self.limits, self._under_way.get(party, 0)
        if of_party >= limits.at_once_of_party:
            raise Turned(429, rules.TOO_MANY_REQUESTS, limit=limits.at_once_of_party, unit="at once")
        if sum(self._under_way.values()) >= limits.at_once:
            raise Turned(503, rules.TOO_MANY_REQUESTS, limit=limits.at_once, unit="at once")
        self._under_way[party] = of_party + 1
        try:
            yield
        finally:
            self._under_way[party] -= 1
            if not self._under_way[party]:
                del self._under_way[party]

    async def _known(self, read: proof.Proof) -> Caller:
        wanted = Selection.of([(self.keys, [read.key_id]), (self.parties, [read.party])])
        async with store.single(self.database) as raw:
            found = wanted.read(await raw.fetch(*wanted.asked))
        key = _state(found, self.keys, read.key_id)
        party = _state(found, self.parties, read.party)
        if key is None or key.revoked or key.party != read.party or party is None or not party.is_active:
            raise Turned(401, rules.SIGNER_UNKNOWN)
        read.check_signature(key.x, key.y)
        return Caller(read.party, party.roles, read.sha256)


def _state(found: Mapping[Key, Document], kind: Kind[State], id_: str) -> State | None:
    document = found.get((kind.name, id_))
    return document.state if document else None
