"""An HTTP server inside a process: there as long as a block lasts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

_MOST = 64 * 1024


@contextlib.asynccontextmanager
async def listening(application: Any, *, port: int, host: str = "127.0.0.1", **more: Any) -> AsyncGenerator[int]:
    """Serve as long as the context lasts; yields the port, which is a free one where 0 was asked for."""
    # Who asks is who is at the other end: a header may say what it likes.
    named: dict[str, Any] = {"http": _AtOnce, "log_level": "error", "lifespan": "off", "proxy_headers": False, **more}
    config = uvicorn.Config(application, host=host, port=port, **named)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if task.done():
                await task
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


class _AtOnce(H11Protocol):
    """Sends head, body and end of an answer together: each sending costs as much as a quarter of a small answer."""

    def connection_made(self, transport: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(_Gathering(transport))  # pyright: ignore[reportArgumentType]


class _Gathering:
    """A transport that writes once all is said that is said at once, or when that becomes much."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        if not self._parts:
            asyncio.get_running_loop().call_soon(self._flush)
        self._parts.append(data)
        self._size += len(data)
        if self._size > _MOST:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts, self._size = [], 0
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
