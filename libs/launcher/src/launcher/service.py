"""A process of the register as the supervisor sees it: a command, ready when an address says so."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from launcher.child import Child, UnableToStart

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.home import Home

_HTTP_OK = 200


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """What to run, when it is ready, and what must be ready before it."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict[str, str])
    ready_url: str | None = None
    after: tuple[str, ...] = ()
    cwd: Path | None = None
    ready_within_s: float = 120.0
    stop_within_s: float = 15.0


@dataclass(frozen=True, kw_only=True)
class StepSpec:
    """A preparation that is run once at every start and must end with 0."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict[str, str])
    after: tuple[str, ...] = ()
    cwd: Path | None = None
    within_s: float = 180.0


class Service:
    """A process that is there for long."""

    def __init__(self, spec: ProcessSpec, *, home: Home) -> None:
        self.name = spec.name
        self.spec = spec
        self.child = Child(name=spec.name, home=home)

    async def start(self) -> None:
        """Start it and return when it is ready. Raises UnableToStart."""
        self.child.spawn(self.spec.command, env=_environment(self.spec.env), cwd=self.spec.cwd)
        await self.child.until_ready(self._is_ready, within_s=self.spec.ready_within_s)

    async def stop(self) -> None:
        """Ask it to stop, make it after a limit."""
        await self.child.stop(within_s=self.spec.stop_within_s)

    async def _is_ready(self) -> bool:
        return self.spec.ready_url is None or await answers_ok(self.spec.ready_url)


class Step:
    """A preparation: started once, over when it has ended with 0."""

    def __init__(self, spec: StepSpec, *, home: Home) -> None:
        self.name = spec.name
        self.spec = spec
        self.child = Child(name=spec.name, home=home)

    async def start(self) -> None:
        """Run it to its end. Raises UnableToStart when that is not 0."""
        self.child.spawn(self.spec.command, env=_environment(self.spec.env), cwd=self.spec.cwd)
        try:
            code = await asyncio.wait_for(self.child.ended(), timeout=self.spec.within_s)
        except TimeoutError as error:
            tail = self.child.log_tail()
            raise UnableToStart(f"{self.name} took longer than {self.spec.within_s:g} s\n{tail}") from error
        finally:
            await self.child.kill()
        if code != 0:
            raise UnableToStart(f"{self.name} ended with {code}\n{self.child.log_tail()}")

    async def stop(self) -> None:
        """Nothing is left of it but what it did."""
        await self.child.kill()


async def answers_ok(url: str) -> bool:
    """Whether a GET is answered with 200."""
    with contextlib.suppress(httpx.HTTPError):
        # A proxy of the environment has no way to this machine's loopback.
        async with httpx.AsyncClient(verify=False, trust_env=False, timeout=5) as client:  # noqa: S501 - plain HTTP here
            return (await client.get(url)).status_code == _HTTP_OK
    return False


def _environment(more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", **more}
