"""From nothing running to everything ready, with all downloads there already; and what each process holds then."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import psutil

import launcher.register
from bench.figures import Sheet
from bench.ground import Cpu, Options, folder
from launcher import jars
from launcher.register import Register

NAME = "start"
MIB = 1024 * 1024


async def measure(options: Options, sheet: Sheet) -> None:
    """A fresh register, and the same one started again."""
    await asyncio.to_thread(jars.class_path)
    for _ in range(options.repeat):
        with folder(in_memory=options.in_memory) as place:
            for what in ("a fresh register", "one with its data"):
                sheet.say(f"starting {what} …")
                await _started(place / "start", what, options=options, sheet=sheet)


async def _started(home: Path, what: str, *, options: Options, sheet: Sheet) -> None:
    began = time.perf_counter()
    async with launcher.register.running(home, sandbox=False, durable=not options.in_memory) as up:
        seconds = time.perf_counter() - began
        sheet.add(NAME, f"{what}: all ready", seconds, "s", budget="≤ 20 s", wanted=20, better="less")
        pids = {name: up.pid(name) or 0 for name in up.urls}
        pids |= {server.name: server.child.pid or 0 for server in (up.broker, up.postgres) if server is not None}
        # What was compiled and imported for the start is no part of the rest.
        await asyncio.sleep(1 if options.quick else 5)
        cpu = Cpu(pids)
        await asyncio.sleep(2 if options.quick else 10)
        for name, share in cpu.shares().items():
            sheet.add(NAME, f"processor of {name} at rest", share * 100, "% of a core", better="less")
        _memory(up, sheet)
        began = time.perf_counter()
    sheet.add(NAME, f"{what}: all stopped", time.perf_counter() - began, "s")


def _memory(up: Register, sheet: Sheet) -> None:
    for name in up.urls:
        used = _resident(up.pid(name))
        sheet.add(NAME, f"memory of {name}", used, "MiB", budget="≤ 100 MiB", wanted=100, better="less")
    for server in (up.broker, up.postgres):
        if server is not None:
            sheet.add(NAME, f"memory of {server.name}", _resident(server.child.pid), "MiB")


def _resident(pid: int | None) -> float:
    """Resident memory; of a family of processes, what they share is counted once."""
    if pid is None:
        return 0.0
    process = psutil.Process(pid)
    children = process.children(recursive=True)
    if not children:
        return process.memory_info().rss / MIB
    total = 0
    for member in (process, *children):
        with contextlib.suppress(psutil.NoSuchProcess):
            found = member.memory_full_info()
            total += getattr(found, "pss", found.rss)
    return total / MIB
