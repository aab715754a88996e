"""`python -m bench [NAME…]`: all benchmarks, or those named; the figures at the end, each beside its limit."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import platform
import signal
import sys

from bench import (
    commands,
    country,
    country_values,
    door,
    emif,
    export,
    prequal,
    reading,
    rebuild,
    registry,
    relay,
    start,
    switch,
    values,
    verifying,
)
from bench.figures import Sheet
from bench.ground import Options, kept, standing
from launcher.register import ANTICIPATED

ON_GROUND = {
    one.NAME: one.measure
    for one in (commands, registry, switch, prequal, relay, values, emif, reading, verifying, export, rebuild)
}
NAMES = (start.NAME, *ON_GROUND)
ASKED_FOR = {one.NAME: one.measure for one in (country, country_values, door)}
"""Those that take long, or are part of another: only where they are named."""
EVERY = (*NAMES, *ASKED_FOR)


def main() -> int:
    """0 when all that was asked for was measured, whatever the figures; 130 interrupted."""
    given = _arguments()
    sheet = Sheet(as_json=given.json)
    options = Options(
        count=given.count,
        quick=given.quick,
        repeat=given.repeat,
        rate=given.rate,
        seconds=given.seconds,
        parcel=given.parcel,
        series=given.series,
        in_memory=given.in_memory,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    code = 0
    try:
        asyncio.run(_measured([name for name in EVERY if name in (given.names or NAMES)], options, sheet))
    except KeyboardInterrupt:
        sheet.say("interrupted; everything is stopped")
        code = 130
    except ANTICIPATED as problem:
        sheet.say(str(problem))
        code = 2
    sheet.show()
    return code


async def _measured(names: list[str], options: Options, sheet: Sheet) -> None:
    # As Ctrl-C does: the blocks that are open are left, and with them all that was started stops.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, signal.raise_signal, signal.SIGINT)
    sheet.note(_machine(options))
    if start.NAME in names:
        await start.measure(options, sheet)
    ways = {**ON_GROUND, **ASKED_FOR}
    chosen = [name for name in names if name in ways]
    if chosen:
        async with standing(options=options, sheet=sheet) as ground:
            for name in chosen:
                sheet.say(f"{name} …")
                await ways[name](ground)


def _machine(options: Options) -> str:
    load = f", load {os.getloadavg()[0]:.1f} when it began" if hasattr(os, "getloadavg") else ""
    return f"Python {platform.python_version()}, {os.cpu_count()} cores{load}; data {kept(options)}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"of {', '.join(EVERY)}; when none is named, all but the last three",
    )
    parser.add_argument(
        "--count", "--points", type=int, help="commands, rows, values or metering points; each has its default"
    )
    parser.add_argument("--quick", action="store_true", help="small counts: to see that it works, not how fast it is")
    parser.add_argument("--repeat", type=int, default=1, help="so many runs, of which the median counts (1)")
    parser.add_argument("--rate", type=int, default=200, help="commands a second, for the latency (200)")
    parser.add_argument("--seconds", type=float, default=30, help="so long at that rate (30)")
    parser.add_argument("--parcel", type=int, default=500, help="commands in a parcel (500)")
    parser.add_argument("--series", type=int, default=500, help="series in a record of values (500)")
    parser.add_argument("--in-memory", action="store_true", help="servers keep their data in memory")
    parser.add_argument("--json", action="store_true", help="JSON lines instead of a table")
    given = parser.parse_args()
    if unknown := set(given.names) - set(EVERY):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(EVERY)}")
    return given


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
