"""What an HTTP server inside a process sends, and when."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chassis.listening import listening

pytestmark = pytest.mark.unit


async def application(scope: Any, _receive: Any, send: Any) -> None:
    """A short answer, or a long one in pieces."""
    pieces = [b"x" * 50_000] * 40 if scope["path"] == "/long" else [b"short"]
    length = str(sum(map(len, pieces))).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    for number, piece in enumerate(pieces, 1):
        await send({"type": "http.response.body", "body": piece, "more_body": number < len(pieces)})


async def test_head_and_body_of_an_answer_are_sent_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    transport: Any = asyncio.selector_events._SelectorSocketTransport  # type: ignore[attr-defined]
    write = transport.write

    def noted(self: Any, data: bytes) -> None:
        sent.append(len(data))
        write(self, data)

    async with listening(application, port=0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        monkeypatch.setattr(transport, "write", noted)
        for path, size in (("/", 5), ("/long", 2_000_000), ("/", 5)):
            sent.clear()
            writer.write(f"GET {path} HTTP/1.1\r\nhost: here\r\n\r\n".encode())
            asked = len(sent)
            head = await reader.readuntil(b"\r\n\r\n")
            assert f"content-length: {size}".encode() in head.lower()
            assert await reader.readexactly(size) == (b"short" if size == 5 else b"x" * size)
            assert size > 5 or len(sent) == asked + 1
            # Nothing that is long is kept until all of it is there.
            assert max(sent) < 200_000
        writer.write(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
        assert (await reader.read()).endswith(b"short")
        writer.close()
