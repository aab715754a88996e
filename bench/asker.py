"""Who asks at a door so many times a second, in a process of its own: each request signed, and at its time.

It says as JSON how long each answer took from when the request was due, so that waiting for a connection counts, too.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from dataclasses import asdict, dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from bench.ground import CHECKOUT
from chassis.door.proof import Signer

CONNECTIONS = 32
AUDIENCE = "bench/meter-ingest"
_SECRET = 11


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What came of it, in milliseconds."""

    p50: float
    p99: float
    answered: int
    refused: int


def signer(party: str) -> Signer:
    """The one whose key the bench registers."""
    return Signer(party, ec.derive_private_key(_SECRET, ec.SECP256R1()))


async def ask(port: int, party: str, paths: list[str], *, rate: int, seconds: float) -> Asked:
    """Have another process ask."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.asker", str(port), party, str(rate), str(seconds)),
        cwd=CHECKOUT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said, _ = await process.communicate("\n".join(paths).encode())
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    return Asked(**json.loads(said))


async def _one(signs: Signer, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    proof = signs.proof(audience=AUDIENCE, method="GET", path=path, now=int(time.time()))
    writer.write(f"GET {path} HTTP/1.1\r\nhost: door\r\nauthorization: Bearer {proof}\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
    await reader.readexactly(int(length.partition(":")[2]))
    return int(head.split()[1])


async def _asked(port: int, party: str, paths: list[str], rate: int, seconds: float) -> Asked:
    signs, due = signer(party), asyncio.Queue[tuple[float, str]]()
    took: list[float] = []
    refused = 0

    async def keep_asking() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            at, path = await due.get()
            status = await _one(signs, path, reader, writer)
            took.append(1000 * (time.perf_counter() - at))
            refused += status != 200
            due.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(keep_asking()) for _ in range(CONNECTIONS)]
        for path in paths[:CONNECTIONS]:
            due.put_nowait((time.perf_counter(), path))
        await due.join()
        took.clear()
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            at = began + number / rate
            if (wait := at - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            due.put_nowait((at, paths[number % len(paths)]))
        await due.join()
        for task in tasks:
            task.cancel()
    took.sort()
    return Asked(
        p50=took[len(took) // 2], p99=took[max(0, int(0.99 * len(took)) - 1)], answered=len(took), refused=refused
    )


def main() -> None:
    """As the bench starts it: the paths come on its standard input."""
    parser = argparse.ArgumentParser()
    for name, type_ in (("port", int), ("party", str), ("rate", int), ("seconds", float)):
        parser.add_argument(name, type=type_)
    given = parser.parse_args()
    paths = sys.stdin.read().split()
    print(json.dumps(asdict(asyncio.run(_asked(given.port, given.party, paths, given.rate, given.seconds)))))


if __name__ == "__main__":
    main()
