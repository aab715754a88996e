"""`flexreg document` and `flexreg tasks`: what comes in through the HTTP door, and what parties have to do."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer
from rich.table import Table

from flexreg import moments, terminal
from flexreg.problem import Problem

if TYPE_CHECKING:
    from flexreg.client import Register
    from flexreg.doorway import Doorway

app = typer.Typer()
document_app = typer.Typer(help="Bring in a document, fetch one, or take one back.", no_args_is_help=True)
app.add_typer(document_app, name="document")

GLN = Annotated[str, typer.Option("--as", metavar="GLN", help="The party that asks.")]
ID = Annotated[str, typer.Argument(metavar="ID", help="The document's.")]
KEY = Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key (PEM); else one beside the state.")]
SERVICE = "prequal"
DOOR = Annotated[str, typer.Option("--at", metavar="SERVICE", help="Whose door: prequal, or bsp-switch for consents.")]
TSO = "tso"


@document_app.command()
def put(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="PDF, PNG, JPEG or CSV, at most 20 MB.")],
    gln: GLN,
    id: Annotated[str, typer.Option(metavar="UUID", help="Its id; a new one where none is given.")] = "",  # noqa: A002
    key: KEY = None,
    at: DOOR = SERVICE,
) -> None:
    """Bring in a document; prints the id and the SHA-256 that `refer-document`, or `record-consent`, names it by."""
    content = terminal.said(_read, file)
    terminal.line(terminal.run(_put(content, gln, id or str(uuid4()), name=file.name, key=key, at=at)))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Problem(f"{file} cannot be read ({error.strerror})", "give a file") from None


async def _put(content: bytes, gln: str, id_: str, *, name: str, key: Path | None, at: str) -> dict[str, Any]:
    async with terminal.register() as register:
        return await (await _doorway(register, gln, key, at)).put(id_, content, name=name)


@document_app.command()
def get(
    *,
    id: ID,  # noqa: A002 - the word for it
    gln: GLN,
    to: Annotated[Path | None, typer.Option("--to", "-o", metavar="FILE", help="Else stdout.")] = None,
    key: KEY = None,
    at: DOOR = SERVICE,
) -> None:
    """Fetch a document that the party is entitled to."""
    content = terminal.run(_get(id, gln, key, at))
    if to is None:
        sys.stdout.buffer.write(content)
    else:
        to.write_bytes(content)


async def _get(id_: str, gln: str, key: Path | None, at: str) -> bytes:
    async with terminal.register() as register:
        return await (await _doorway(register, gln, key, at)).get(id_)


@document_app.command()
def discard(id: ID, gln: GLN, key: KEY = None, at: DOOR = SERVICE) -> None:  # noqa: A002 - the word for it
    """Take back a document that is not evidence in a case, and that no consent names."""
    terminal.run(_discard(id, gln, key, at))


async def _discard(id_: str, gln: str, key: Path | None, at: str) -> None:
    async with terminal.register() as register:
        await (await _doorway(register, gln, key, at)).discard(id_)
    terminal.line({"id": id_, "discarded": True})


async def _doorway(register: Register, gln: str, key: Path | None, at: str) -> Doorway:
    from flexreg.doorway import Doorway  # noqa: PLC0415 - it brings cryptography, which `--help` need not wait for

    return await Doorway.to(register, at, gln, key)


@app.command()
def tasks(
    gln: Annotated[str, typer.Option("--as", metavar="GLN", help="Only what this party has to do.")] = "",
    json: Annotated[bool, typer.Option("--json", help="JSON lines, on a terminal too.")] = False,
) -> None:
    """List what parties have to do in prequalification, and the TSO about objections to switches, by due date."""
    terminal.run(_tasks(gln, people=terminal.for_people(as_json=json)))


async def _tasks(gln: str, *, people: bool) -> None:
    from flexreg.held import Asked  # noqa: PLC0415 - it brings the client, which `--help` need not wait for

    found: list[dict[str, Any]] = []
    async with terminal.register() as register:
        for party in await _parties(register, gln):
            asked = Asked(where=(f"party={party}",) if party else ())
            found += [document["state"] async for document in register.each(SERVICE, "task", limit=None, asked=asked)]
            if party in {"", TSO}:
                found += [task async for task in _objections(register)]
        now = await register.now()
    rows = in_order(found, now=now)
    if people:
        _table(rows)
    else:
        terminal.lines(rows)


async def _objections(register: Register) -> AsyncIterator[dict[str, Any]]:
    """The objections that nobody has decided about, due at the midnight of their switch as it stands now."""
    from flexreg.held import Asked  # noqa: PLC0415 - likewise

    asked = Asked(where=("state=open",))
    async for document in register.each("bsp-switch", "objection", limit=None, asked=asked):
        of = document["state"]["switch_id"]
        switch = await register.show("bsp-switch", "switch", of)
        due_at = switch["state"]["start"] if switch else document["state"]["start"]
        yield {"party": TSO, "what": "resolve-objection", "subject": document["id"], "case_id": of, "due_at": due_at}


async def _parties(register: Register, gln: str) -> list[str]:
    """Under which names a party's tasks stand: what is for everyone in the TSO's role stands under `tso`."""
    if not gln:
        return [""]
    party = await register.show("registry", "party", gln)
    if party is None:
        raise Problem(f"{gln} is no party of this register", "`flexreg list registry party` lists them")
    return [gln, TSO] if TSO in party["state"]["roles"] else [gln]


def in_order(found: list[dict[str, Any]], *, now: datetime) -> list[dict[str, Any]]:
    """By due date, those without one last; `overdue` where it has passed."""
    timed = [(datetime.fromisoformat(task["due_at"]) if task["due_at"] else None, task) for task in found]
    timed.sort(key=lambda one: (one[0] is None, one[0] or now, one[1]["what"], one[1]["subject"], one[1]["party"]))
    return [{**task, "overdue": due is not None and due <= now} for due, task in timed]


def _table(rows: list[dict[str, Any]]) -> None:
    table = Table(box=None, header_style="bold")
    for name in ("due", "", "party", "what", "subject"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        due = moments.local(datetime.fromisoformat(row["due_at"])) if row["due_at"] else "-"
        table.add_row(due, "[red]overdue" if row["overdue"] else "", row["party"], row["what"], row["subject"])
    terminal.console().print(table if rows else "nothing to do")
