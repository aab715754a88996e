"""One process that this one started: its log, its end, and that nothing of it is left over."""

# ruff: noqa: S603, PLW1509  (it starts programs, and looks at them: see _LOOK_EVERY_S)

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

from launcher.home import read_json, write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from launcher.home import Home

# How often a process is looked at. Looking costs microseconds; asyncio's own waiting ties a process to one event loop,
# and the servers of a test session outlive many.
_LOOK_EVERY_S = 0.03

_LOG_LIMIT_BYTES = 20_000_000
_PR_SET_PDEATHSIG = 1


class UnableToStart(Exception):
    """A process ended, or was not ready in time; the message holds the end of its log."""


class Child:
    """A process in a session of its own, so that Ctrl-C at the terminal reaches it only through us, in our order.

    It dies with us whatever happens: by the parent-death signal on Linux; elsewhere the next start finds it by the
    note in `run/` and ends it.
    """

    def __init__(
        self, *, name: str, home: Home, stop_signal: int = signal.SIGTERM, orphan_signal: int = signal.SIGKILL
    ) -> None:
        """`orphan_signal` is what the process gets when this one dies without stopping it."""
        self.name = name
        self.log_path = home.logs / f"{name}.log"
        self._note = home.folder("run") / f"{name}.json"
        self._stop_signal = stop_signal
        self._orphan_signal = orphan_signal
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False
        self._group_gone = True
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """The process' id while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """Whether it runs (a frozen one does)."""
        return self._process is not None and self._process.poll() is None

    @property
    def crashed(self) -> bool:
        """Whether it ended without having been told to."""
        return self._wanted and not self.running

    @property
    def exit_code(self) -> int | None:
        """Of the last process that ended; negative for a signal."""
        return None if self._process is None else self._process.poll()

    def spawn(
        self,
        command: Sequence[str],
        *,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        user: int | None = None,
    ) -> None:
        """Start it; what it prints goes to its log. An orphan of an earlier life of this home is ended first."""
        end_noted(self._note)
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_LIMIT_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        with self.log_path.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                preexec_fn=_dying_with_parent(self._orphan_signal),
            )
        self._wanted = True
        self._group_gone = False
        write_note(self._note, pid=self._process.pid)

    async def ended(self) -> int:
        """Wait until it has ended; its exit code."""
        while (code := self.exit_code) is None:
            await asyncio.sleep(_LOOK_EVERY_S)
        return code

    async def crash(self) -> int:
        """Wait until it ends without having been told to; its exit code."""
        while not self.crashed:
            await asyncio.sleep(_LOOK_EVERY_S)
        code = self.exit_code
        return -1 if code is None else code

    async def until_ready(self, ready: Callable[[], object], *, within_s: float) -> None:
        """Wait until `ready()` (awaited) is true. Raises UnableToStart when it ends before, or does not get there."""
        deadline = time.monotonic() + within_s
        while True:
            if not self.running:
                raise UnableToStart(f"{self.name} ended with {self.exit_code}\n{self.log_tail()}")
            found = ready()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            if time.monotonic() > deadline:
                raise UnableToStart(f"{self.name} was not ready within {within_s:g} s\n{self.log_tail()}")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def stop(self, *, within_s: float = 15.0) -> None:
        """Ask it to stop, and make it after a limit. Nothing of its process group is left."""
        self._wanted = False
        if self._process is None:
            return
        # A frozen process would take the signal only once it goes on.
        self.resume()
        self._signal_group(self._stop_signal)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ended(), timeout=within_s)
        await self.kill()

    async def kill(self) -> None:
        """SIGKILL to it and all it started; it stays down until it is spawned again."""
        self._wanted = False
        if self._process is None:
            return
        for member in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        self._signal_group(signal.SIGKILL)
        await self.ended()
        self._group_gone = True
        self._note.unlink(missing_ok=True)

    def crash_now(self) -> None:
        """SIGKILL to it and all it started, as an accident: whoever looks after it will notice."""
        for member in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()

    def freeze(self) -> None:
        """Stop it from running, as a machine that hangs would."""
        for member in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                member.suspend()

    def resume(self) -> None:
        """Let a frozen process go on."""
        for member in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                member.resume()

    def log_tail(self, *, lines: int = 25) -> str:
        """The end of what it printed since it was started last."""
        try:
            with self.log_path.open("rb") as log:
                log.seek(self._log_start)
                text = log.read()[-20_000:].decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(f"  | {line}" for line in text.splitlines()[-lines:])

    def _family(self) -> list[psutil.Process]:
        # PostgreSQL's backends are in sessions of their own: the process group does not reach them.
        if self._process is not None and self.running:
            with contextlib.suppress(psutil.NoSuchProcess):
                parent = psutil.Process(self._process.pid)
                # The parent first: it must not see its children go and start others.
                return [parent, *parent.children(recursive=True)]
        return []

    def _signal_group(self, number: int) -> None:
        # The group outlives its leader while members are left; once it was killed its number may become another's.
        if self._process is not None and not self._group_gone:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def write_note(path: Path, *, pid: int) -> None:
    """Note a process so that a later run can tell it from another one that got the same id."""
    with contextlib.suppress(psutil.NoSuchProcess):
        started = psutil.Process(pid).create_time()
        write_private(path, f'{{"pid": {pid}, "started": {started!r}}}\n')


def noted(path: Path) -> psutil.Process | None:
    """The process of a note, when it still is that process and runs."""
    note = read_json(path)
    pid, started = note.get("pid"), note.get("started")
    if not isinstance(pid, int) or not isinstance(started, float):
        return None
    return process_of(pid=pid, started=started)


def process_of(*, pid: int, started: float) -> psutil.Process | None:
    """The process with this id, when it is the one that was started at that time (seconds since 1970) and runs."""
    with contextlib.suppress(psutil.NoSuchProcess, ValueError):
        found = psutil.Process(pid)
        if abs(found.create_time() - started) < 1 and found.status() != psutil.STATUS_ZOMBIE:
            return found
    return None


def end_noted(path: Path) -> None:
    """End the process of a note, if it is still there, and take the note away."""
    if (orphan := noted(path)) is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.resume()
            orphan.terminate()
            try:
                orphan.wait(timeout=10)
            except psutil.TimeoutExpired:
                orphan.kill()
                orphan.wait(timeout=10)
    path.unlink(missing_ok=True)


def _dying_with_parent(number: int) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, number)
        # The parent may have died between the fork and the line above.
        if os.getppid() != parent:
            os._exit(1)

    return prepare
