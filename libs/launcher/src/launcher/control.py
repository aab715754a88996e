"""A register that stays: `up` returns when it is ready, `down` when it is gone."""

# ruff: noqa: S603, ASYNC220  (starting is over in a millisecond)

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from launcher.child import end_noted, noted
from launcher.home import Home, default_home
from launcher.register import Options, UnableToStart, running, supervisor_note
from launcher.show import Quiet, Terminal
from launcher.state import State, read_state

if TYPE_CHECKING:
    from launcher.show import Narrator

_LOOK_EVERY_S = 0.1
_STOP_WITHIN_S = 90.0


async def up(options: Options | None = None, *, narrator: Narrator | None = None) -> State:
    """Start a register of its own in the background and return when every process is ready.

    One that is up already is left as it is. Raises UnableToStart, after having stopped what had started.
    """
    options = options or Options()
    narrator = narrator or Terminal()
    home = Home(options.home)
    log = home.logs / "supervisor.log"
    if (known := read_state(home.state_path)) is not None and known.ready:
        narrator.say(f"the register in {home.path} is up already")
        return known
    with log.open("ab") as file:
        begin = file.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "launcher", "serve", _packed(options)],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    shown = begin
    try:
        while True:
            shown = _show(log, since=shown)
            if process.poll() is not None:
                shown = _show(log, since=shown)
                raise UnableToStart(f"the register did not start; all it said is in {log}")
            state = read_state(home.state_path)
            if state is not None and state.ready:
                return state
            await asyncio.sleep(_LOOK_EVERY_S)
    except asyncio.CancelledError:
        process.terminate()
        await asyncio.to_thread(process.wait)
        raise


async def serve(options: Options, *, narrator: Narrator | None = None) -> None:
    """Run a register in this process until SIGINT, SIGTERM or SIGHUP, then stop it. Raises what `running` raises."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def end() -> None:
        if stop.is_set() or task is None:
            return
        stop.set()
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end)
    narrator = narrator or Terminal()
    try:
        async with running(
            options.home,
            sandbox=options.sandbox,
            namespace=options.namespace,
            services=options.services,
            operator=options.operator,
            durable=options.durable,
            narrator=narrator,
        ):
            narrator.say("the register is up")
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        if not stop.is_set():
            raise


async def down(home: Path | None = None, *, narrator: Narrator | None = None) -> bool:
    """Stop the register of a home and wait until nothing of it runs; False when none was up."""
    narrator = narrator or Quiet()
    place = Home(home or default_home())
    supervisor = noted(supervisor_note(place))
    if supervisor is not None:
        with narrator.during("stopping …"), contextlib.suppress(psutil.NoSuchProcess):
            supervisor.terminate()
            try:
                await asyncio.to_thread(supervisor.wait, _STOP_WITHIN_S)
            except psutil.TimeoutExpired:
                narrator.warn(f"the supervisor did not stop within {_STOP_WITHIN_S:g} s and is killed")
                supervisor.kill()
    # What a supervisor that was killed left behind.
    for note in place.folder("run").glob("*.json"):
        await asyncio.to_thread(end_noted, note)
    place.state_path.unlink(missing_ok=True)
    return supervisor is not None


def unpacked(text: str) -> Options:
    """The options that `up` handed to the process in the background."""
    found: dict[str, Any] = json.loads(text)
    found |= {"home": Path(found["home"]), "services": tuple(found["services"])}
    return Options(**found)


def _packed(options: Options) -> str:
    return json.dumps({**asdict(options), "home": str(options.home)})


def _show(log: Path, *, since: int) -> int:
    with log.open("rb") as file:
        file.seek(since)
        new = file.read()
    sys.stderr.write(new.decode(errors="replace"))
    sys.stderr.flush()
    return since + len(new)
