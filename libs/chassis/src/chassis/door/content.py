"""What bytes are, by themselves: a name or a declared type says nothing.

A type is recognised where the whole of the bytes has its shape from the first to the last: what hangs on behind the
end of an image or a PDF could be something else to another reader.
"""

from __future__ import annotations

import re
import zlib
from typing import IO, Final, Literal

MediaType = Literal["application/pdf", "image/png", "image/jpeg", "text/csv"]
TAKEN: Final[tuple[MediaType, ...]] = ("application/pdf", "image/png", "image/jpeg", "text/csv")
ENDINGS: Final[dict[str, str]] = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "text/csv": ".csv",
}

MOST_PIXELS: Final = 50_000_000
"""Three times a page of A3 at 300 dots an inch. A small file may unfold to a picture that fills a reader's memory."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PDF_HEAD: Final = re.compile(rb"%PDF-[12]\.\d[\r\n]")
_PDF_TAIL: Final = re.compile(rb"startxref[\r\n\t ]+\d+[\r\n\t ]+%%EOF[\r\n\t \x00]*\Z")
"""Scanners and mail gateways fill up with NULs behind the end: those are nothing to any reader."""
_SIZES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""JPEG: the frames that say how large the picture is."""
_ALONE: Final = {0x01, *range(0xD0, 0xD8)}
_NO_TEXT: Final = re.compile(
    # Controls, and the invisible marks that reorder or hide text.
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_MARKUP: Final = re.compile(r"\s*<[A-Za-z!/?]")


def media_type(data: bytes) -> MediaType | None:
    """The type of a whole document, or None where it is of none that is taken."""
    if data.startswith(b"%PDF-"):
        return "application/pdf" if _is_pdf(data) else None
    if data.startswith(_PNG):
        return "image/png" if _is_png(data) else None
    if data.startswith(b"\xff\xd8"):
        return "image/jpeg" if _is_jpeg(data) else None
    return "text/csv" if _is_csv(data) else None


def media_type_of(file: IO[bytes]) -> MediaType | None:
    """The type of what is left in a file."""
    return media_type(file.read())


def _is_pdf(data: bytes) -> bool:
    return _PDF_HEAD.match(data) is not None and _PDF_TAIL.search(data, max(0, len(data) - 8192)) is not None


def _is_png(data: bytes) -> bool:
    """Chunk by chunk: length, type, content, checksum; IHDR first, then IDAT, IEND at the very end."""
    at, seen = len(_PNG), False
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) or not kind.isalpha():
            return False
        if zlib.crc32(memoryview(data)[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return False
        if (kind == b"IHDR") != (at == len(_PNG)):
            return False
        if kind == b"IHDR" and (length != 13 or not _fits(data[at + 8 : at + 12], data[at + 12 : at + 16])):
            return False
        seen = seen or kind == b"IDAT"
        if kind == b"IEND":
            return seen and length == 0 and end == len(data)
        at = end
    return False


def _is_jpeg(data: bytes) -> bool:
    """Marker by marker; behind each scan on to the next marker; the end marker at the very end."""
    at, sized, scanned = 2, False, False
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            return False
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            return sized and scanned and at + 2 == len(data)
        if marker in _ALONE:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in {0x00, 0xD8} or length < 2 or at + 2 + length > len(data):
            return False
        if marker in _SIZES:
            if length < 8 or not _fits(data[at + 7 : at + 9], data[at + 5 : at + 7]):
                return False
            sized = True
        at += 2 + length
        if marker == 0xDA:
            scanned = True
            at = _behind_scan(data, at)
    return False


def _behind_scan(data: bytes, at: int) -> int:
    """Where the next marker is: in a scan 0xFF is followed by 0x00, or by a restart marker."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] != 0x00 and data[at + 1] not in _ALONE:
            return at
        at += 2
    return len(data)


def _fits(width: bytes, height: bytes) -> bool:
    return 0 < int.from_bytes(width, "big") * int.from_bytes(height, "big") <= MOST_PIXELS


def _is_csv(data: bytes) -> bool:
    """Text in UTF-8 with a line that has a separator, no controls, and no markup at its beginning."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if _NO_TEXT.search(text) or _MARKUP.match(text):
        return False
    return any(separator in text.lstrip().partition("\n")[0] for separator in ",;\t")
