"""What a door makes of bytes, of names and of proofs, without a server."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.door import content, naming, proof, rules
from chassis.door.proof import NotAProof, OutOfTime, Signer
from contracts.public_key import unpadded

pytestmark = pytest.mark.unit

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
NOW = 1_767_600_000


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 2, height: int = 2, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


def jpeg(scan: bytes = b"\x12\xff\x00\x34\xff\xd0\x56", size: tuple[int, int] = (2, 2), tail: bytes = b"") -> bytes:
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", *size) + b"\x01\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x04JF" + frame + b"\xff\xda\x00\x03\x01" + scan + b"\xff\xd9" + tail


@pytest.mark.parametrize(
    ("data", "is_of"),
    [
        (PDF, "application/pdf"),
        (PDF.replace(b"\n", b"\r\n"), "application/pdf"),
        (PDF[:-1] + b"\0" * 4000 + b"\r\n", "application/pdf"),
        (png(), "image/png"),
        (png(2, 2, chunk(b"tEXt", b"a\x00b")), "image/png"),
        (jpeg(), "image/jpeg"),
        (jpeg(b"\x01\xff\xda\x00\x03\x02\x05"), "image/jpeg"),
        ("tid;kW\nÅ;1\n".encode(), "text/csv"),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", "text/csv"),
    ],
)
def test_a_whole_document_is_recognised(data: bytes, is_of: str) -> None:
    assert content.media_type(data) == is_of


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PDF[:-8],
        PDF + b"<script>",
        PDF + b"\0\0<script>\0",
        b" " + PDF,
        b"%PDF-x\nstartxref\n9\n%%EOF",
        png()[:-1],
        png() + b"x",
        png().replace(b"IDATx", b"IDATy"),
        png(10_000, 10_000),
        png(0, 1),
        png().replace(chunk(b"IDAT", b"x"), b""),
        b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xff" + b"IHDR" + b"\0" * 30,
        jpeg(tail=b"PK\x03\x04"),
        jpeg()[:-2],
        jpeg(size=(60_000, 60_000)),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + b"\xff" * 50,
        b"a;b\n\x00;1",
        "a;b\n\u202e;1".encode(),
        "a;b\n\u200b;1".encode(),
        b"a;\xe5\n",
        b"<html>;,</html>",
        b"  <!doctype html>;",
        b"one column\n1\n",
        b"GIF89a;\x01\x00",
        b"PK\x03\x04;",
        b"MZ\x90\x00",
    ],
)
def test_what_is_cut_off_hangs_on_or_is_something_else_is_not(data: bytes) -> None:
    assert content.media_type(data) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("maaling.pdf", "maaling.pdf"),
        ("M%C3%A5ling%202026.csv", "Måling 2026.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\a.b.exe", "a_b.pdf"),
        ('x"; filename=evil.html\r\nset-cookie: a', "x__ filename_evil_html__set-cookie_ a.pdf"),
        ("%00%E2%80%AEfdp.exe", "fdp.pdf"),
        ("...", "document.pdf"),
        ("", "document.pdf"),
        ("x" * 300, "x" * 80 + ".pdf"),
    ],
)
def test_a_name_does_no_harm(given: str, kept: str) -> None:
    assert naming.safe(given, ending=".pdf") == kept


# Proofs

SIGNER = Signer("7080000000210", ec.derive_private_key(7, ec.SECP256R1()))
HEADER = {"alg": "ES256", "kid": SIGNER.public.thumbprint}
CLAIMS: dict[str, Any] = {
    "iss": SIGNER.party,
    "aud": "op/prequal",
    "htm": "GET",
    "htu": "/documents/x",
    "sha256": proof.NOTHING,
    "iat": NOW,
    "exp": NOW + 60,
    "jti": "0123456789abcdef",
}


def checked(written: str, *, now: float = NOW) -> None:
    read = proof.read(written)
    read.check_request(audience="op/prequal", method="GET", path="/documents/x", now=now)
    read.check_signature(SIGNER.public.x, SIGNER.public.y)


def test_a_proof_holds() -> None:
    checked(SIGNER.sign(HEADER, CLAIMS))
    checked(SIGNER.proof(audience="op/prequal", method="GET", path="/documents/x", now=NOW))


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"alg": "none"}, {}),
        ({"alg": "HS256"}, {}),
        ({"jwk": {"kty": "EC"}}, {}),
        ({"jku": "https://evil.example"}, {}),
        ({"x5u": "https://evil.example"}, {}),
        ({"crit": ["b64"], "b64": False}, {}),
        ({"kid": 1}, {}),
        ({}, {"extra": 1}),
        ({}, {"iat": True}),
        ({}, {"iat": str(NOW)}),
        ({}, {"exp": NOW + 121}),
        ({}, {"exp": NOW}),
        ({}, {"jti": "short"}),
        ({}, {"aud": "op/bsp-switch"}),
        ({}, {"htm": "PUT"}),
        ({}, {"htu": "/documents/y"}),
    ],
)
def test_anything_else_is_no_proof(header: dict[str, Any], claims: dict[str, Any]) -> None:
    with pytest.raises(NotAProof):
        checked(SIGNER.sign(HEADER | header, CLAIMS | claims))


def test_what_is_changed_after_signing_does_not_hold() -> None:
    head, body, signature = SIGNER.sign(HEADER, CLAIMS).split(".")
    other = unpadded(json.dumps(CLAIMS | {"iss": "7080000000227"}).encode())
    twice = unpadded(json.dumps(CLAIMS)[:-1].encode() + b',"iss":"7080000000210"}')
    for written in (
        f"{head}.{other}.{signature}",
        f"{head}.{twice}.{signature}",
        f"{head}.{body}.{signature}=",
        f"{head}.{body}.{signature[:-2]}",
        f"{head}.{body}.{unpadded(bytes(64))}",
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{body}.{signature}.{signature}",
        "æ.ø.å",
        "." * 5000,
    ):
        with pytest.raises(NotAProof):
            checked(written)


@pytest.mark.parametrize("now", [NOW - 31, NOW + 60, NOW + 10_000])
def test_a_proof_holds_only_in_its_time(now: int) -> None:
    with pytest.raises(OutOfTime):
        checked(SIGNER.sign(HEADER, CLAIMS), now=now)


def test_every_rule_speaks_both_languages() -> None:
    assert len({rule.key for rule in rules.ALL}) == len(rules.ALL)
    assert all(rule.text_nb != rule.text_en and rule.fix_nb and rule.fix_en for rule in rules.ALL)
