"""One worker: a value shard alone, in a process whose memory and processor are its own.

It makes its records itself and takes them as from a fetch, all that a value shard does but reading the broker and the
relay; it begins when it is told so, and says as JSON what it took.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import resource
import sys
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

import psutil
from sqlalchemy import text

from bench import crowd
from bench.ground import CHECKOUT
from chassis import kafka, store
from chassis.engine import Engine
from chassis.record import Record
from meter_ingest.app import value_shard

AHEAD = 200_000
"""So many series are made before it begins; more are made in between, which is not counted."""
PATIENCE = 1800.0
DAY = timedelta(days=1)
"""So long before, a first record comes, which is not counted: what is loaded and planned once is then there."""
_ROWS = text("SELECT count(*) FROM private.value_version WHERE shard = :shard")


@dataclass(frozen=True, kw_only=True)
class Took:
    """What a number of values took."""

    values: int
    seconds: float
    processor: float
    """Seconds of this process' processor."""

    @property
    def rate(self) -> float:
        """Values a second."""
        return self.values / self.seconds

    @property
    def each(self) -> float:
        """Microseconds of processor a series of a day."""
        return self.processor / self.values * crowd.QUARTERS * 1e6


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a worker did."""

    first: Took
    corrected: Took | None
    peak_mib: float
    resident_mib: tuple[float, float]
    """When a tenth was done, and at the end."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What it is to do: a day of `take` of the `count` points from the serial `first` on."""

    store: crowd.Store
    shard: int = 0
    first: int = 0
    take: int
    corrections: float = 0.0
    """The part that is then sent again, with other values."""


class Worker:
    """One that waits for its sign."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    @contextlib.asynccontextmanager
    async def of(cls, task: Task) -> AsyncGenerator[Worker]:
        """It has made what it makes ahead, and waits."""
        given = (task.store.url, task.store.count, task.store.day, task.shard, task.first, task.take, task.corrections)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.worker", *map(str, given)),
            cwd=CHECKOUT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            await asyncio.wait_for(process.stdout.readline(), PATIENCE)
            yield cls(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def go(self) -> Report:
        """Let it begin; what it did."""
        out, _ = await asyncio.wait_for(self._process.communicate(b"go\n"), PATIENCE)
        if self._process.returncode:
            raise RuntimeError(f"a worker ended with {self._process.returncode}")
        said = json.loads(out)
        corrected = Took(**said["corrected"]) if said["corrected"] else None
        return Report(
            first=Took(**said["first"]),
            corrected=corrected,
            peak_mib=said["peak_mib"],
            resident_mib=tuple(said["resident_mib"]),
        )


async def alone(task: Task) -> Report:
    """One worker, by itself."""
    async with Worker.of(task) as one:
        return await one.go()


async def _work(task: Task) -> Report:
    database = store.connect(task.store.url)
    engine = Engine(value_shard(sandbox=False, number=task.shard), database, "bench")
    await engine.claim()
    parts = crowd.stretches(task.store.count, task.take, first=task.first)
    batches = _batches(parts, task)
    again = [serial for part in parts for serial in part][:: round(1 / task.corrections)] if task.corrections else []
    corrected = [again[begin : begin + crowd.SERIES] for begin in range(0, len(again), crowd.SERIES)]
    ahead = list(_batches(corrected, task, revision=1))
    warm = list(_batches(parts[:1], replace(task, store=replace(task.store, day=task.store.day - DAY)), revision=2))

    if task.take <= AHEAD:
        batches = iter(list(batches))
    # As a process sets it.
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    await _take(engine, iter(warm), 0, [])
    print("ready", flush=True)
    sys.stdin.readline()
    resident: list[float] = []
    first = await _take(engine, batches, task.take * task.store.steps, resident)
    done = await _take(engine, iter(ahead), len(again) * task.store.steps, []) if again else None
    async with database.connect() as connection:
        rows = await connection.scalar(_ROWS, {"shard": task.shard})
    wanted = task.take + len(again) + len(parts[0])
    assert rows == wanted, f"{rows} of {wanted} series were written"
    await database.dispose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Report(
        first=first, corrected=done, peak_mib=peak, resident_mib=(resident[len(resident) // 10], resident[-1])
    )


def _batches(parts: Sequence[Sequence[int]], task: Task, *, revision: int = 0) -> Iterator[list[Record]]:
    # Records of a correction lie behind the others on the topic.
    behind = revision * 10_000_000
    for some in crowd.batches(crowd.bodies(parts, task.store.day, revision=revision), most=kafka.FETCH):
        yield [replace(one, off=one.off + behind, part=task.shard) for one in some]


async def _take(engine: Engine, batches: Iterator[list[Record]], values: int, resident: list[float]) -> Took:
    seconds = processor = 0.0
    own = psutil.Process()
    for batch in batches:
        began, used = time.perf_counter(), time.process_time()
        await engine.take(batch)
        seconds += time.perf_counter() - began
        processor += time.process_time() - used
        resident.append(own.memory_info().rss / 2**20)
    return Took(values=values, seconds=seconds, processor=processor)


def main() -> None:
    """As `Worker.of` starts it."""
    parser = argparse.ArgumentParser(prog="python -m bench.worker", description=__doc__)
    parser.add_argument("url")
    for name in ("count", "day", "shard", "first", "take", "corrections"):
        parser.add_argument(name, type={"day": date.fromisoformat, "corrections": float}.get(name, int))
    given = parser.parse_args()
    known = crowd.Store(url=given.url, count=given.count, day=given.day)
    task = Task(store=known, shard=given.shard, first=given.first, take=given.take, corrections=given.corrections)
    print(json.dumps(asdict(asyncio.run(_work(task)))))


if __name__ == "__main__":
    main()
