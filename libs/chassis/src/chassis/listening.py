"""An HTTP server inside a process: there as long as a block lasts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import uvicorn


@contextlib.asynccontextmanager
async def listening(application: Any, *, port: int, host: str = "127.0.0.1", **more: Any) -> AsyncGenerator[int]:
    """Serve as long as the context lasts; yields the port, which is a free one where 0 was asked for."""
    # Who asks is who is at the other end: a header may say what it likes.
    given: Any = {"log_level": "error", "lifespan": "off", "proxy_headers": False, **more}
    config = uvicorn.Config(application, host=host, port=port, **given)
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
