"""`flexreg types` and `flexreg check`: what can be known of the messages without a register."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from contracts import catalogue, door, examples, schemas
from contracts.message import Command, Event
from flexreg import outgoing, terminal, types
from flexreg.problem import Problem

app = typer.Typer()

ANYBODY = "7080000000012"
FILLED_IN = {"specversion", "id", "source", "time"}
JSON = Annotated[bool, typer.Option("--json", help="JSON lines, on a terminal too.")]


@app.command("types")
def list_types(
    name: Annotated[
        str | None, typer.Argument(metavar="[TYPE]", help="A command or event; its short name will do.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """List commands and events with who may send or see them; of one type, its schema and an example."""
    terminal.said(_types, name, people=terminal.for_people(as_json=as_json))


def _types(name: str | None, *, people: bool) -> None:
    if name is not None:
        model = types.message(name)
        said = described(model) | {"schema": schemas.of(model.type), "examples": examples.of(model.type)}
        if people:
            terminal.console().print_json(data=said)
        else:
            terminal.line(said)
        return
    every = [*catalogue.commands().values(), *catalogue.events().values()]
    if not people:
        terminal.lines(described(model) for model in every)
        return
    table = Table("type", "", "who", box=None, header_style="bold")
    for model in every:
        said = described(model)
        who = said["senders"] if said["kind"] == "command" else said["seen_by"]
        table.add_row(types.short(model.type), f"{said['kind']} of {said['service']}", ", ".join(who) or "nobody")
    terminal.console().print(table)


def described(model: type[Command | Event]) -> dict[str, Any]:
    """What a type is in one line."""
    what = (model.__doc__ or "").strip().partition("\n")[0]
    said: dict[str, Any] = {"type": model.type, "service": model.service, "what": what}
    if issubclass(model, Command):
        return said | {"kind": "command", "senders": sorted(model.senders), "listed": model.listed}
    seen_by = [
        (f"the {one.field}" if one.field else f"every {one.role}")
        + (f" (without {', '.join(one.without)})" if one.without else "")
        for one in model.audience
    ]
    kind = "receipt" if types.is_receipt(model.type) else "control" if model.type in types.CONTROL else "event"
    return said | {"kind": kind, "seen_by": seen_by, "case": model.case}


@app.command()
def check(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="Messages or parcels, one a line.")] = "-",
    gln: Annotated[str, typer.Option("--as", metavar="GLN", help="The party that would send them.")] = ANYBODY,
) -> None:
    """Look at messages as the register's door would, without a register. Exit 1 where one would be refused.

    What `flexreg send` fills in is filled in here, too.
    """
    refused = terminal.said(_check, file, gln)
    raise typer.Exit(1 if refused else 0)


def _check(file: str, gln: str) -> int:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Problem(f"{file} cannot be read ({error.strerror})", "give a file, or - for stdin") from None
    count = refused = 0
    for said in checked(raw, gln=gln):
        count += 1
        refused += said["status"] != "valid"
        terminal.line(said)
    terminal.note(f"{count} looked at, {refused} would be refused at the door")
    return refused


def checked(raw: bytes, *, gln: str = ANYBODY) -> Iterator[dict[str, Any]]:
    """What the door says of each message. A file that is one JSON value, over however many lines, is one record."""
    for number, record in enumerate(_records(raw), 1):
        try:
            items = door.open_record(_completed(record, gln))
        except Problem as problem:
            yield {"line": number, "place": 0, "status": "refused", "error": str(problem)}
            continue
        for place, item in enumerate(items):
            yield {
                "line": number,
                "place": place,
                "id": item.id,
                "type": item.type,
                "subject": item.subject,
                "status": "refused" if item.reasons else "valid",
                "reasons": [reason.model_dump(mode="json") for reason in item.reasons],
            }


def _records(raw: bytes) -> list[bytes]:
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return [line for line in raw.split(b"\n") if line.strip()]
    return [raw]


def _completed(record: bytes, gln: str) -> bytes:
    """The record, with what a sender left to `flexreg send`; one that is whole stays byte for byte what it is."""
    try:
        found = json.loads(record)
    except (ValueError, RecursionError):
        return record
    many = found if isinstance(found, list) else [found]
    if all(not isinstance(one, dict) or one.keys() >= FILLED_IN for one in many):
        return record
    at = datetime.now(UTC)
    whole = [outgoing.filled(one, gln=gln, at=at) if isinstance(one, dict) else one for one in many]
    return json.dumps(whole if isinstance(found, list) else whole[0]).encode()
