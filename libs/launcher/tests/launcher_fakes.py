"""Specifications of fake services, and waiting for a condition."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.service import ProcessSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.home import Home

_SCRIPT = Path(__file__).with_name("fake_service.py")


def fake(
    name: str, *, home: Home, after: tuple[str, ...] = (), dies: bool = False, child: Path | None = None
) -> ProcessSpec:
    port = home.port(name)
    command = [sys.executable, str(_SCRIPT), "--port", str(port), "--starts", str(starts_path(home)), "--name", name]
    command += ["--dies"] if dies else []
    command += ["--child", str(child)] if child else []
    return ProcessSpec(name=name, command=command, ready_url=f"http://127.0.0.1:{port}/ready", after=after)


def starts_path(home: Home) -> Path:
    return home.path / "starts"


def starts(home: Home) -> list[str]:
    path = starts_path(home)
    return path.read_text().split() if path.exists() else []


async def until(condition: Callable[[], bool], *, within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        await asyncio.sleep(0.02)


class Heard:
    """A narrator that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.warned: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def warn(self, text: str) -> None:
        self.warned.append(text)

    def during(self, text: str) -> contextlib.AbstractContextManager[None]:
        del text
        return contextlib.nullcontext()

    def download(self, text: str, *, files: int) -> contextlib.AbstractContextManager[Callable[[str], None]]:
        del text, files
        return contextlib.nullcontext(lambda _name: None)
