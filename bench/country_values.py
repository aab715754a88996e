"""A day of the whole country at quarter-hours, by column, through two workers: four million points, made as they go.

Not among the usual benchmarks: `python -m bench country-values --points 4000000` takes minutes and some GB of disk.
"""

from __future__ import annotations

import time
from typing import Any

from bench import crowd, scale, worker
from bench.ground import Ground
from bench.worker import Report, Task

NAME = "country-values"
COUNTRY = 4_000_000
SMALL = 10_000


async def measure(ground: Ground) -> None:
    """The day, and as the limit the same of few points."""
    count = ground.options.pick(COUNTRY, 4_000)
    async with crowd.prepared(ground, min(SMALL, count)) as store:
        small = await worker.alone(Task(store=store, take=store.count))
    began = time.monotonic()
    async with crowd.prepared(ground, count, shards=2) as store:
        ground.sheet.note(f"{count:,} points loaded in {time.monotonic() - began:.0f} s")
        began = time.monotonic()
        both = await scale.together(scale.halves(store, count))
        ground.sheet.note(f"{NAME}: {(time.monotonic() - began) / 60:.1f} minutes with the making of the records")
    _add(ground, count, small, both)


def _add(ground: Ground, count: int, small: Report, both: list[Report]) -> None:
    rate = sum(one.first.rate for one in both)
    whole: dict[str, Any] = {"limit": small.first.rate, "against": f"one worker, of {SMALL:,}"}
    ground.sheet.add(NAME, f"a day of {count:,} points, two workers", rate, "values/s", **whole)
    minutes = COUNTRY * crowd.QUARTERS / rate / 60
    ground.sheet.add(NAME, "a day of 4,000,000 points at that rate", minutes, "minutes", better="less")
    for number, one in enumerate(both):
        flat: dict[str, Any] = {
            "limit": small.first.each,
            "against": f"of {SMALL:,}",
            "budget": "flat, ± 20 %",
            "wanted_ratio": 1.2,
        }
        what = f"processor of worker {number}"
        ground.sheet.add(NAME, what, one.first.each, "µs a series", better="less", **flat)
        memory: dict[str, Any] = {"limit": one.resident_mib[0], "against": "when a tenth was done"}
        ground.sheet.add(NAME, f"memory of worker {number}", one.resident_mib[1], "MiB", better="less", **memory)
        peak: dict[str, Any] = {"budget": "≤ 1 GiB", "wanted": scale.MIB, "better": "less"}
        ground.sheet.add(NAME, f"memory of worker {number}, at most", one.peak_mib, "MiB", **peak)
