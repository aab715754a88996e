"""Who asks: a JWS over one request, signed with a key that is registered to the party (RFC 7515, ES256).

Header `{"alg": "ES256", "kid": <thumbprint>}` and nothing else: no key, address or extension in it is ever followed.
Payload: `iss` the party's GLN, `aud` the door, `htm` and `htu` the method and the path, `sha256` of the body, `iat` and
`exp` in seconds, at most two minutes apart, and a `jti` that is used once.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from contracts.message import Refused
from contracts.public_key import PublicKey, from_unpadded, unpadded
from contracts.strict_json import fault, parse

SECONDS: Final = 120
"""How long a proof holds."""
SKEW: Final = 30
"""How far a sender's clock may be ahead."""
NOTHING: Final = hashlib.sha256(b"").hexdigest()
"""The `sha256` of a request without a body."""
_MOST: Final = 4096
_JTI: Final = re.compile(r"[A-Za-z0-9_-]{16,64}").fullmatch
_CLAIMS: Final = {"iss": str, "aud": str, "htm": str, "htu": str, "sha256": str, "iat": int, "exp": int, "jti": str}


class NotAProof(Exception):
    """It is not written as a proof is, or does not hold; says why in a few words that echo nothing."""


class OutOfTime(NotAProof):
    """It held once, or will hold."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it was read, its signature not yet checked."""

    key_id: str
    party: str
    audience: str
    method: str
    path: str
    sha256: str
    issued: int
    expires: int
    once: str
    signed: bytes
    signature: bytes

    def check_request(self, *, audience: str, method: str, path: str, now: float) -> None:
        """Raise `NotAProof` where it is of another request, `OutOfTime` where it does not hold now."""
        for claim, said, is_so in (
            ("aud", self.audience, audience),
            ("htm", self.method, method),
            ("htu", self.path, path),
        ):
            if said != is_so:
                raise NotAProof(claim)
        if not 0 < self.expires - self.issued <= SECONDS:
            raise NotAProof("exp")
        if not self.issued - SKEW <= now < self.expires:
            raise OutOfTime("iat, exp")

    def check_signature(self, x: str, y: str) -> None:
        """Raise `NotAProof` where another key signed it than the one with these coordinates."""
        r, s = (int.from_bytes(half, "big") for half in (self.signature[:32], self.signature[32:]))
        try:
            _point(x, y).verify(utils.encode_dss_signature(r, s), self.signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise NotAProof("signature") from None


@lru_cache(maxsize=4096)
def _point(x: str, y: str) -> ec.EllipticCurvePublicKey:
    """A key as it is verified with, which costs more to make than to use. Whether it holds is looked up each time."""
    at_x, at_y = (int.from_bytes(from_unpadded(part), "big") for part in (x, y))
    return ec.EllipticCurvePublicNumbers(at_x, at_y, ec.SECP256R1()).public_key()


def read(text: str) -> Proof:
    """Read a compact JWS. Raises `NotAProof`."""
    parts = text.split(".")
    if len(text) > _MOST or len(parts) != 3:
        raise NotAProof("form")
    try:
        header, claims, signature = parse(from_unpadded(parts[0])), parse(from_unpadded(parts[1])), parts[2]
        raw = from_unpadded(signature)
    except (ValueError, Refused):
        raise NotAProof("form") from None
    if fault(header) is not None or fault(claims) is not None:
        # What a reader could understand in two ways, as a claim that is there twice.
        raise NotAProof("form")
    if not isinstance(header, dict) or header.keys() != {"alg", "kid"} or header["alg"] != "ES256":
        raise NotAProof("header")
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS.keys():
        raise NotAProof("claims")
    if any(type(claims[name]) is not kind for name, kind in _CLAIMS.items()) or not isinstance(header["kid"], str):
        raise NotAProof("claims")
    if _JTI(claims["jti"]) is None or len(raw) != 64:
        raise NotAProof("jti, signature")
    return Proof(
        key_id=header["kid"],
        party=claims["iss"],
        audience=claims["aud"],
        method=claims["htm"],
        path=claims["htu"],
        sha256=claims["sha256"],
        issued=claims["iat"],
        expires=claims["exp"],
        once=claims["jti"],
        signed=f"{parts[0]}.{parts[1]}".encode(),
        signature=raw,
    )


def audience(name: str, *, operator: str, namespace: str) -> str:
    """The `aud` of a door: no other door, and no other register, takes what is signed for it."""
    return "/".join(part for part in (operator, namespace, name) if part)


@dataclass(frozen=True, slots=True)
class Signer:
    """A party that asks: its private key is never written by anything here."""

    party: str
    private: ec.EllipticCurvePrivateKey

    @property
    def public(self) -> PublicKey:
        """What is registered."""
        numbers = self.private.public_key().public_numbers()
        return PublicKey(x=unpadded(numbers.x.to_bytes(32, "big")), y=unpadded(numbers.y.to_bytes(32, "big")))

    def proof(self, *, audience: str, method: str, path: str, sha256: str = NOTHING, now: int) -> str:
        """A proof for one request."""
        claims = {
            "iss": self.party,
            "aud": audience,
            "htm": method,
            "htu": path,
            "sha256": sha256,
            "iat": now,
            "exp": now + SECONDS,
            "jti": secrets.token_urlsafe(24),
        }
        return self.sign({"alg": "ES256", "kid": self.public.thumbprint}, claims)

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A compact JWS."""
        signed = ".".join(unpadded(json.dumps(part).encode()) for part in (header, claims))
        r, s = utils.decode_dss_signature(self.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{unpadded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
