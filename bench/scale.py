"""How the value shard bears size, by column: more points, two workers, corrections; and the memory that it takes.

Each worker is a process of its own (`bench.worker`), without a broker. A small store is the limit of a large one.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import Any

from bench import crowd, worker
from bench.ground import Ground
from bench.worker import Report, Task, Worker

NAME = "values"
MIB = 1024.0
"""The most that a worker may ever take, in MiB."""


async def measure(ground: Ground) -> None:
    """All of it."""
    quick = ground.options.quick
    sizes = (1_000, 2_000) if quick else (10_000, 100_000, 1_000_000)
    take = 1_000 if quick else 40_000
    for _ in range(ground.options.repeat):
        await _flat(ground, sizes, take)
        await _two(ground, take=2 * take)


async def _flat(ground: Ground, sizes: tuple[int, ...], take: int) -> None:
    """The same work, of few points and of many."""
    found: dict[int, Report] = {}
    for count in sizes:
        async with crowd.prepared(ground, count) as store:
            found[count] = await worker.alone(Task(store=store, take=min(take, count), corrections=0.02))
    least = sizes[0]
    for count, report in found.items():
        said = f"of {count:,} points: {report.first.each:.1f} µs of processor a series"
        ground.sheet.note(f"{NAME} by column, {said}; a correction {_each(report):.1f}; {report.peak_mib:,.0f} MiB")
        if count != least:
            _add_flat(ground, found[least], report, f"by column, one worker, of {count:,} points", f"of {least:,}")
    last = found[sizes[-1]]
    if last.corrected:
        what = "corrections of 2 % of a day, by column, one worker"
        ground.sheet.add(NAME, what, last.corrected.rate, "values/s", limit=last.first.rate, against="what is new")
    _memory(ground, "memory of a worker by column, at most", max(one.peak_mib for one in found.values()))


def _add_flat(ground: Ground, small: Report, large: Report, what: str, of: str) -> None:
    rates: dict[str, Any] = {"limit": small.first.rate, "against": of, "budget": "flat, ± 20 %", "wanted_ratio": 0.8}
    ground.sheet.add(NAME, what, large.first.rate, "values/s", **rates)
    each: dict[str, Any] = {"limit": small.first.each, "against": of, "better": "less"}
    ground.sheet.add(NAME, f"{what}: processor", large.first.each, "µs a series", **each)


def _each(report: Report) -> float:
    return report.corrected.each if report.corrected else 0.0


async def _two(ground: Ground, *, take: int) -> None:
    """Two value shards in one store, each with half the points, against one with all."""
    async with crowd.prepared(ground, take) as store:
        one = await worker.alone(Task(store=store, take=take))
    async with crowd.prepared(ground, take, shards=2) as store:
        both = await together(halves(store, take))
    rate = sum(report.first.rate for report in both)
    budget: dict[str, Any] = {"budget": "≥ 1.6 of one", "wanted_ratio": 1.6}
    what = "by column, two workers, one store"
    ground.sheet.add(NAME, what, rate, "values/s", limit=one.first.rate, against="one worker", **budget)


def halves(store: crowd.Store, take: int) -> list[Task]:
    """The work of two value shards."""
    half = store.count // 2
    shares = (0, half, store.count)
    return [
        Task(store=crowd.Store(url=store.url, count=last - first, day=store.day), shard=number, first=first, take=some)
        for number, ((first, last), some) in enumerate(
            zip(itertools.pairwise(shares), (take // 2, take - take // 2), strict=True)
        )
    ]


async def together(tasks: list[Task]) -> list[Report]:
    """Workers that begin at once."""
    async with contextlib.AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(Worker.of(task)) for task in tasks]
        return list(await asyncio.gather(*(one.go() for one in workers)))


def _memory(ground: Ground, what: str, mib: float) -> None:
    ground.sheet.add(NAME, what, mib, "MiB", budget="≤ 1 GiB", wanted=MIB, better="less")
