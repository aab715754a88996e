"""What a record may be packed with: gzip or zstd, told by its first bytes and never by a name."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import Final

import zstandard

from contracts import door_rules as rules

MAX_UNPACKED: Final = 16 * 1024 * 1024
"""What may become of one record. Packed it is no larger than any other."""

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_MAX_WINDOW: Final = 8 * 1024 * 1024
"""What RFC 8878 asks every decoder to support, and the memory that a sender may make us set aside."""


def unpack(raw: bytes, *, most: int = MAX_UNPACKED) -> bytes:
    """The content, whatever it is packed with; what is not packed as it is.

    Never more than `most` bytes are made of it: raises `Refused` where there would be, or where it is damaged.
    """
    if raw.startswith(_GZIP):
        return _bounded(gzip.GzipFile(fileobj=io.BytesIO(raw)), "gzip", most)
    if raw.startswith(_ZSTD):
        unpacking = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
        found = _bounded(unpacking.stream_reader(raw, read_across_frames=True), "zstd", most)
        if not _whole_frames(raw):
            raise rules.UNPACKED_INVALID.refused(limit="zstd")
        return found
    return raw


def _bounded(stream: gzip.GzipFile | zstandard.ZstdDecompressionReader, name: str, most: int) -> bytes:
    try:
        found = stream.read(most + 1)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError):
        raise rules.UNPACKED_INVALID.refused(limit=name) from None
    if len(found) > most:
        raise rules.MESSAGE_TOO_LARGE.refused(limit=most, actual=f"> {most}")
    return found


def _whole_frames(raw: bytes) -> bool:
    """Whether the last frame ends: one that is cut off reads as if it were shorter. Its size is known to be bounded."""
    rest = raw
    while rest:
        frame = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj()
        frame.decompress(rest)
        if not frame.eof:
            return False
        rest = frame.unused_data
    return True
