"""`flexreg send`: commands from lines, as a party."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from contracts import strict_json
from contracts.message import Refused
from flexreg import outgoing, terminal
from flexreg.outgoing import Head, Outgoing
from flexreg.problem import Problem

app = typer.Typer()

CHUNK = 1 << 16
CHUNKS = 16
"""Read ahead of what is sent."""

SOME_REFUSED = 1
SOME_LOST = 2


@app.command()
def send(
    *,
    gln: Annotated[str, typer.Option("--as", metavar="GLN", help="The party that sends.")],
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="Commands, one JSON object a line.")] = "-",
    batch: Annotated[int, typer.Option(min=1, max=1000, help="So many commands in a parcel.")] = 1,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds that each command's receipt is waited for.")] = 60,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for receipts, or print positions.")] = True,
    raw: Annotated[bool, typer.Option("--raw", help="Send each line's bytes as they are.")] = False,
) -> None:
    """Send commands as a party, and print their receipts in the order of the input.

    A line has `type` (a short name will do), `subject` and `data`; any envelope attribute may be given, what is not is
    filled in. Exit 0: all accepted; 1: some refused; 2: some could not be sent, or were not answered in time.
    """
    if raw and batch > 1:
        raise typer.BadParameter("--raw sends each line as a record of its own: no --batch with it")
    raise typer.Exit(terminal.run(_send(gln, file, batch=batch, timeout=timeout, wait=wait, raw=raw)))


async def _send(gln: str, file: str, *, batch: int, timeout: float, wait: bool, raw: bool) -> int:  # noqa: ASYNC109
    tally: Counter[str] = Counter()
    with _opened(file) as stream:
        async with terminal.register() as register:
            records = _as_they_are(stream) if raw else _filled(stream, gln=gln, at=await register.now())
            if batch > 1:
                records = outgoing.parcelled(records, most=batch)
            async for answer in register.stream(gln, records, timeout=timeout, wait=wait):
                status, said = _said(answer, wait=wait)
                tally[status] += 1
                terminal.line(said)
    if tally:
        terminal.note(", ".join(f"{count} {status}" for status, count in tally.items()))
    return exit_code(tally)


def exit_code(tally: Counter[str]) -> int:
    """2 where something was lost, else 1 where something was refused, else 0."""
    if tally["not-sent"] or tally["unanswered"]:
        return SOME_LOST
    return SOME_REFUSED if tally["rejected"] or tally["partly-accepted"] or tally["quarantined"] else 0


def _said(answer: Any, *, wait: bool) -> tuple[str, dict[str, Any]]:
    """What is printed of a command: its receipt, or in the same words why there is none."""
    if answer.receipt is not None:
        return answer.receipt["status"], answer.receipt
    status = "not-sent" if answer.error else "unanswered" if wait else "sent"
    head = answer.head
    said = {"command_id": head.id, "command_type": head.type, "command_subject": head.subject, "status": status}
    said |= {"error": answer.error} if answer.error else {}
    return status, said | ({"ingressposition": answer.position} if answer.position else {})


async def _as_they_are(stream: BinaryIO) -> AsyncIterator[Outgoing]:
    async for line in _lines(stream):
        yield outgoing.raw(line)


async def _filled(stream: BinaryIO, *, gln: str, at: datetime) -> AsyncIterator[Outgoing]:
    number = 0
    async for line in _lines(stream):
        number += 1
        if line.strip():
            yield record(line, number, gln=gln, at=at)


def record(line: bytes, number: int, *, gln: str, at: datetime) -> Outgoing:
    """A line's command; one that cannot be made into a command says why, and is not sent."""
    try:
        # As strictly as the door: what it would refuse must not become something that it takes.
        found = strict_json.parse(line)
        wrong = strict_json.fault(found)
    except Refused as refused:
        return Outgoing(b"", error=f"line {number} is no JSON: {refused.reasons[0].text_en}")
    if wrong is not None:
        return Outgoing(b"", error=f"line {number}: {wrong.reason().text_en}")
    if not isinstance(found, dict):
        return Outgoing(b"", error=f"line {number} is no JSON object")
    try:
        return outgoing.single(outgoing.filled(found, gln=gln, at=at))
    except Problem as problem:
        type_ = found.get("type")
        head = Head(type=type_ if isinstance(type_, str) else "")
        return Outgoing(b"", (head,), error=f"line {number}: {problem}")


@contextlib.contextmanager
def _opened(file: str) -> Any:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise Problem(f"{file} cannot be read ({error.strerror})", "give a file, or - for stdin") from None
    with stream:
        yield stream


async def _lines(stream: BinaryIO) -> AsyncIterator[bytes]:
    """The lines of a file, a pipe or a terminal, each as soon as it is there, without its line feed."""
    rest = b""
    async for chunk in _chunks(stream):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line
    if rest:
        yield rest


async def _chunks(stream: BinaryIO) -> AsyncIterator[bytes]:
    # A thread of its own, not the loop's: a read that waits for a person must not hold up the end of the program.
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue(CHUNKS)
    # Beneath the buffer, whose lock the interpreter wants when it ends.
    beneath: Any = getattr(stream, "raw", stream)

    def read() -> None:
        with contextlib.suppress(RuntimeError, asyncio.CancelledError):
            while True:
                chunk = beneath.read(CHUNK)
                asyncio.run_coroutine_threadsafe(queue.put(chunk), loop).result()
                if not chunk:
                    return

    threading.Thread(target=read, daemon=True).start()
    while chunk := await queue.get():
        yield chunk
