"""The public key that a party signs with: ECDSA on P-256 (JWS `ES256`), named by its thumbprint."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from contracts.message import Part

PRIME: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
"""The curve P-256: y² = x³ - 3x + b over the field of this prime (FIPS 186-5)."""

COORDINATE_PATTERN: Final = "^[A-Za-z0-9_-]{43}$"
"""32 bytes in base64url without padding: a coordinate, and a SHA-256."""


def unpadded(data: bytes) -> str:
    """Bytes in base64url without padding, as JOSE writes them (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_unpadded(text: str) -> bytes:
    """Read base64url without padding, and nothing that only looks like it. Raises ValueError."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from None
    if unpadded(data) != text:
        raise ValueError("not the one way to write these bytes")
    return data


def _coordinate(text: str) -> str:
    _number(text)
    return text


def _number(text: str) -> int:
    try:
        data = from_unpadded(text)
    except ValueError:
        data = b""
    if len(data) != 32:
        raise _not_on_curve()
    return int.from_bytes(data, "big")


def _not_on_curve() -> PydanticCustomError:
    return PydanticCustomError(
        "public_key", "the key is no point on the curve P-256: x and y are 32 bytes each in base64url without padding"
    )


_Written = WithJsonSchema({"type": "string", "pattern": COORDINATE_PATTERN})
Coordinate = Annotated[str, Field(strict=True), AfterValidator(_coordinate), _Written]
"""One coordinate of the point, as `x` or `y` of a JWK (RFC 7518 § 6.2)."""

KeyId = Annotated[str, Field(strict=True, pattern=COORDINATE_PATTERN), _Written]
"""The thumbprint of a key (RFC 7638): the `kid` of what is signed with it."""


class PublicKey(Part):
    """A point on P-256."""

    x: Coordinate
    y: Coordinate

    @model_validator(mode="after")
    def _on_curve(self) -> Self:
        x, y = _number(self.x), _number(self.y)
        if x >= PRIME or y >= PRIME or (y * y - (x * x * x - 3 * x + B)) % PRIME:
            raise _not_on_curve()
        return self

    @property
    def thumbprint(self) -> str:
        """RFC 7638: SHA-256 over the members of the JWK that the key follows from, in order of name."""
        written = f'{{"crv":"P-256","kty":"EC","x":"{self.x}","y":"{self.y}"}}'
        return unpadded(hashlib.sha256(written.encode()).digest())
