"""Starts units when what they need is ready, restarts those that crash, stops all in reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from launcher.child import UnableToStart
from launcher.show import Quiet

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from launcher.child import Child
    from launcher.show import Narrator


class Unit(Protocol):
    """Something with a process: a broker, a database server, a service, or a preparation that ends by itself."""

    name: str
    child: Child

    async def start(self) -> None:
        """Return when it is ready. Raises UnableToStart."""
        ...

    async def stop(self) -> None:
        """Return when nothing of it runs."""
        ...


class UnableToOrder(Exception):
    """A unit waits for one that is not there, or two for each other."""


class Status(StrEnum):
    """What the supervisor knows of a unit."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    GAVE_UP = "gave-up"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often a unit that crashes is started again, and how soon."""

    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    # Up for longer than this, and the next crash counts as the first.
    quick_s: float = 20.0
    quick_crashes: int = 5

    def wait_s(self, crashes: int) -> float:
        """Before the start that follows the nth quick crash in a row."""
        return min(self.longest_wait_s, self.first_wait_s * 2 ** (crashes - 1))


@dataclass(kw_only=True)
class _Watched:
    unit: Unit
    after: tuple[str, ...]
    once: bool
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    status: Status = Status.WAITING
    crashes: int = 0


class Supervisor:
    """Looks after units for as long as its `running` block lasts."""

    def __init__(
        self,
        *,
        narrator: Narrator | None = None,
        patience: Patience | None = None,
        changed: Callable[[], None] | None = None,
    ) -> None:
        """`changed` is called whenever a unit's status or process id is another."""
        self._narrator = narrator or Quiet()
        self._patience = patience or Patience()
        self._changed = changed or (lambda: None)
        self._watched: dict[str, _Watched] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, unit: Unit, *, after: Sequence[str] = (), once: bool = False) -> None:
        """Have a unit looked after; `once` is a preparation, which is ready when it has ended."""
        self._watched[unit.name] = _Watched(unit=unit, after=tuple(after), once=once)

    @property
    def statuses(self) -> dict[str, Status]:
        """Of every unit, in the order they were added."""
        return {name: watched.status for name, watched in self._watched.items()}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Everything is ready inside the block, and stopped after it.

        Raises UnableToStart when a unit does not get ready, after having stopped the others.
        """
        order = self._order()
        try:
            await self._start_all(order)
            self._tasks = [asyncio.create_task(self._look_after(each)) for each in order if not each.once]
            yield
        finally:
            # Shielded: a second Ctrl-C must not leave half of them behind.
            await asyncio.shield(asyncio.ensure_future(self._stop_all(order)))

    async def _start_all(self, order: list[_Watched]) -> None:
        starting = [asyncio.create_task(self._start_first(each)) for each in order]
        try:
            # The first that fails is raised at once.
            await asyncio.gather(*starting)
        finally:
            for task in starting:
                task.cancel()
            await asyncio.gather(*starting, return_exceptions=True)

    async def _start_first(self, watched: _Watched) -> None:
        for name in watched.after:
            await self._watched[name].ready.wait()
        while True:
            began = time.monotonic()
            self._set(watched, Status.STARTING)
            try:
                with self._narrator.during(f"{watched.unit.name} …"):
                    await watched.unit.start()
            except UnableToStart as error:
                watched.crashes += 1
                await watched.unit.child.kill()
                # A preparation that fails once fails again; a process may have met a server that was not quite there.
                if watched.once or watched.crashes >= min(3, self._patience.quick_crashes):
                    self._set(watched, Status.GAVE_UP)
                    raise
                self._narrator.warn(f"{error}\n{watched.unit.name} is started again")
                await asyncio.sleep(self._patience.wait_s(watched.crashes))
            else:
                break
        watched.crashes = 0
        watched.ready.set()
        self._set(watched, Status.READY)
        self._narrator.say(f"{watched.unit.name} ready after {time.monotonic() - began:.1f} s")

    async def _look_after(self, watched: _Watched) -> None:
        unit = watched.unit
        while True:
            since = time.monotonic()
            code = await unit.child.crash()
            if time.monotonic() - since > self._patience.quick_s:
                watched.crashes = 0
            while not await self._start_again(watched, code=code):
                code = unit.child.exit_code
                if watched.status is Status.GAVE_UP:
                    return

    async def _start_again(self, watched: _Watched, *, code: int | None) -> bool:
        unit = watched.unit
        watched.crashes += 1
        if watched.crashes >= self._patience.quick_crashes:
            await unit.child.kill()
            self._set(watched, Status.GAVE_UP)
            self._narrator.warn(
                f"{unit.name} ended {watched.crashes} times in a row (last with {code}): given up. Its log, "
                f"{unit.child.log_path}, ends with\n{unit.child.log_tail()}"
            )
            return False
        wait = self._patience.wait_s(watched.crashes)
        self._set(watched, Status.RESTARTING)
        self._narrator.warn(f"{unit.name} ended with {code}; started again in {wait:g} s")
        await asyncio.sleep(wait)
        await unit.child.kill()
        try:
            await unit.start()
        except UnableToStart:
            return False
        except Exception as error:  # noqa: BLE001  (whatever it is, giving up silently would be worse)
            self._narrator.warn(f"{unit.name} could not be started: {error}")
            return False
        self._set(watched, Status.READY)
        self._narrator.say(f"{unit.name} is back")
        return True

    async def _stop_all(self, order: list[_Watched]) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        # All that nothing left needs can stop at the same time.
        left = list(order)
        while left:
            needed = {name for each in left for name in each.after}
            leaving = [each for each in left if each.unit.name not in needed]
            await asyncio.gather(*(self._stop_one(each) for each in leaving))
            left = [each for each in left if each.unit.name in needed]

    async def _stop_one(self, watched: _Watched) -> None:
        ran = watched.unit.child.running
        await watched.unit.stop()
        self._set(watched, Status.STOPPED)
        if ran:
            self._narrator.say(f"{watched.unit.name} stopped")

    def _set(self, watched: _Watched, status: Status) -> None:
        watched.status = status
        self._changed()

    def _order(self) -> list[_Watched]:
        placed: dict[str, _Watched] = {}
        while len(placed) < len(self._watched):
            found = [
                watched
                for name, watched in self._watched.items()
                if name not in placed and all(need in placed for need in watched.after)
            ]
            if not found:
                stuck = sorted(self._watched.keys() - placed.keys())
                raise UnableToOrder(f"{stuck} wait for each other, or for something that is not there")
            placed |= {each.unit.name: each for each in found}
        return list(placed.values())
