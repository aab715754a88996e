"""A party at an HTTP door: its key, and what it brings in and fetches."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.door import proof
from chassis.door.proof import Signer
from flexreg.address import START_ONE
from flexreg.problem import Problem

if TYPE_CHECKING:
    from flexreg.client import Register

PATIENCE = 10.0
"""Seconds in which the door learns of a key that was just registered, or decides what it has just taken."""
_AGAIN = {"SIGNER_UNKNOWN", "NOT_DECIDED_YET"}


class NoDoor(Problem):
    """The service has no door that could be found."""


class UnableToUseKey(Problem):
    """The file holds no private key that signs as the register takes it."""


class KeyRefused(Problem):
    """The register did not take the party's public key."""

    code = 1


class TurnedAway(Problem):
    """The door has refused, and says why."""

    code = 1


@dataclass(frozen=True)
class Doorway:
    """One party at the door of a service."""

    service: str
    url: str
    audience: str
    signer: Signer

    @classmethod
    async def to(cls, register: Register, service: str, gln: str, key: Path | None = None) -> Doorway:
        """The party at the door. Its key is made and registered where there is none yet."""
        if service not in register.doors:
            raise NoDoor(f"{service} has no door", START_ONE if not register.doors else "")
        path = key or register.keys / f"{gln}.pem"
        signer = Signer(gln, _load(path) if key or path.exists() else _make(path))
        if not await _is_registered(register, signer):
            await _register(register, signer)
        audience = proof.audience(service, operator=register.operator, namespace=register.namespace)
        return cls(service, register.doors[service], audience, signer)

    async def put(self, id_: str, content: bytes, *, name: str = "") -> dict[str, Any]:
        """Bring in a document; the same again gets the same answer."""
        headers = {"file-name": quote(name)} if name else {}
        return (await self.ask("PUT", _document(id_), content, headers)).json()

    async def get(self, id_: str) -> bytes:
        """A document that one is entitled to."""
        return (await self.ask("GET", _document(id_))).content

    async def discard(self, id_: str) -> None:
        """Take back a document that is not evidence yet."""
        await self.ask("DELETE", _document(id_))

    async def ask(
        self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Ask for whatever the door has at this path (with its query). Raises `TurnedAway`."""
        ends = time.monotonic() + PATIENCE
        digest = hashlib.sha256(content).hexdigest()
        async with httpx.AsyncClient(trust_env=False, base_url=self.url, timeout=150) as http:
            while True:
                signed = self.signer.proof(
                    audience=self.audience, method=method, path=path, sha256=digest, now=int(time.time())
                )
                said = {**(headers or {}), "authorization": f"Bearer {signed}"}
                try:
                    answer = await http.request(method, path, content=content or None, headers=said)
                except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError) as error:
                    if not content:
                        raise
                    # A door ends what is far too large without an answer that could be read.
                    raise TurnedAway(
                        f"the door ended the connection while {len(content):,} bytes were sent ({error!r})",
                        "a document may have 20 MB; of less, send it again",
                    ) from None
                code = _code(answer)
                if code not in _AGAIN or time.monotonic() > ends:
                    break
                await asyncio.sleep(0.2)
        if answer.is_error:
            reason = answer.json() if code else {}
            raise TurnedAway(reason.get("text_en") or f"HTTP {answer.status_code}", reason.get("fix_en", ""))
        return answer


def _document(id_: str) -> str:
    return f"/documents/{quote(id_, safe='')}"


def _code(answer: httpx.Response) -> str:
    # A file of evidence is `application/jsonl`.
    if answer.headers.get("content-type", "").partition(";")[0] != "application/json":
        return ""
    said = answer.json()
    return str(said.get("code") or said.get("notice", {}).get("code", "")) if isinstance(said, dict) else ""


def _load(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        found = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise UnableToUseKey(f"{path} cannot be read as a private key ({error})", "give one in PEM") from None
    if not isinstance(found, ec.EllipticCurvePrivateKey) or found.curve.name != "secp256r1":
        raise UnableToUseKey(f"{path} is no key on P-256", "openssl ecparam -name prime256v1 -genkey -noout makes one")
    return found


def _make(path: Path) -> ec.EllipticCurvePrivateKey:
    made = ec.generate_private_key(ec.SECP256R1())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(written)
    return made


async def _is_registered(register: Register, signer: Signer) -> bool:
    return await register.show("registry", "party-key", signer.public.thumbprint) is not None


async def _register(register: Register, signer: Signer) -> None:
    command = {
        "type": "register-party-key",
        "subject": signer.party,
        "data": {"key": signer.public.model_dump()},
    }
    (receipt,) = await register.send(signer.party, [command])
    if receipt is None or receipt["status"] != "accepted":
        reasons = receipt["reasons"] if receipt else []
        why = reasons[0]["text_en"] if reasons else "no answer came in time"
        raise KeyRefused(f"the key of {signer.party} was not registered: {why}")
