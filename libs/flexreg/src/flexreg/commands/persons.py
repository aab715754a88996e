"""`flexreg person`, `flexreg lookup` and `flexreg point`: what the HTTP door of `bsp-switch` tells and takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from flexreg import terminal
from flexreg.problem import Problem

app = typer.Typer()
person_app = typer.Typer(help="Say who an end user is, read it, or erase it (datahub, TSO).", no_args_is_help=True)
app.add_typer(person_app, name="person")
point_app = typer.Typer(help="What a BSP may see of a metering point (BSP).", no_args_is_help=True)
app.add_typer(point_app, name="point")

SERVICE = "bsp-switch"
GLN = Annotated[str, typer.Option("--as", metavar="GLN", help="The party that asks.")]
ID = Annotated[str, typer.Argument(metavar="ID", help="The end user's random id.")]
KEY = Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key (PEM); else one beside the state.")]
BORN = Annotated[
    str, typer.Option("--birth-date", metavar="YYYY-MM-DD", help="Of a person; `-` asks, so that no history has it.")
]
NUMBER = Annotated[str, typer.Option("--organisation-number", metavar="NUMBER", help="Of an organisation.")]


@person_app.command()
def put(
    *,
    id: ID,  # noqa: A002 - the word for it
    gln: GLN,
    name: Annotated[str, typer.Option(metavar="NAME", help="What it is called.")],
    birth_date: BORN = "",
    organisation_number: NUMBER = "",
    key: KEY = None,
) -> None:
    """Say who an end user is, or correct it."""
    said = {"name": name, **_known(birth_date, organisation_number)}
    terminal.line(terminal.run(_ask(gln, key, "PUT", _person(id), said)))


@person_app.command()
def get(id: ID, gln: GLN, key: KEY = None) -> None:  # noqa: A002 - the word for it
    """Read who an end user is."""
    terminal.line(terminal.run(_ask(gln, key, "GET", _person(id))))


@person_app.command()
def erase(
    id: ID,  # noqa: A002 - the word for it
    gln: GLN,
    key: KEY = None,
    asked_by: Annotated[str, typer.Option(metavar="WHO", help="end-user, or operator.")] = "end-user",
) -> None:
    """Erase a person, and the documents of its consents."""
    terminal.run(_ask(gln, key, "DELETE", f"{_person(id)}?asked_by={quote(asked_by, safe='')}"))
    terminal.line({"end_user": id, "erased": True})


@person_app.command()
def concerns(id: ID, gln: GLN, key: KEY = None) -> None:  # noqa: A002 - the word for it
    """List what concerns an end user: who looked up its points, its consents, who took control; to be handed to it."""
    path: str | None = f"{_person(id)}/concerns"
    while path is not None:
        found = terminal.run(_ask(gln, key, "GET", path))
        terminal.lines(found["entries"])
        path = found.get("links", {}).get("next")


@app.command()
def lookup(
    *,
    point: Annotated[str, typer.Argument(metavar="GSRN", help="The metering point.")],
    gln: GLN,
    birth_date: BORN = "",
    organisation_number: NUMBER = "",
    key: KEY = None,
) -> None:
    """Ask what a BSP needs to begin at a point, of which it knows the end user. The end user can see who asked."""
    said = {"metering_point_id": point, **_known(birth_date, organisation_number)}
    terminal.line(terminal.run(_ask(gln, key, "POST", "/lookups", said)))


@point_app.command()
def history(
    point: Annotated[str, typer.Argument(metavar="GSRN", help="The metering point.")], gln: GLN, key: KEY = None
) -> None:
    """Read one's own periods at a point, and who stood behind it in them, as that was known while they lasted."""
    terminal.line(terminal.run(_ask(gln, key, "GET", f"/points/{quote(point, safe='')}/history")))


def _known(birth_date: str, organisation_number: str) -> dict[str, str]:
    if birth_date == "-":
        birth_date = typer.prompt("Birth date", hide_input=True, err=True)
    given = {"birth_date": birth_date, "organisation_number": organisation_number}
    known = {name: value for name, value in given.items() if value}
    if len(known) != 1:
        terminal.said(_refuse)
    return known


def _refuse() -> None:
    raise Problem("a person has a birth date, an organisation a number", "give one of them")


def _person(id_: str) -> str:
    return f"/persons/{quote(id_, safe='')}"


async def _ask(
    gln: str, key: Path | None, method: str, path: str, said: dict[str, str] | None = None
) -> dict[str, Any]:
    from flexreg.doorway import Doorway  # noqa: PLC0415 - it brings cryptography, which `--help` need not wait for

    async with terminal.register() as register:
        doorway = await Doorway.to(register, SERVICE, gln, key)
        answer = await doorway.ask(method, path, json.dumps(said).encode() if said is not None else b"")
    return answer.json() if answer.content else {}
