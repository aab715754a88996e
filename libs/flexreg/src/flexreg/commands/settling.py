"""`flexreg settlement`: what stands behind prices and runs of settlement, computed when it is asked for."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer
from rich.table import Table as Grid

from flexreg import terminal
from flexreg.problem import Problem

_settlement_app = typer.Typer(help="Look at prices, volumes with their prices, and runs.", no_args_is_help=True)
app = typer.Typer()
app.add_typer(_settlement_app, name="settlement")


@_settlement_app.callback()
def _of_what() -> None:
    """Look at prices, volumes with their prices, and runs."""


@_settlement_app.command("show")
def show(
    day: Annotated[str, typer.Argument(metavar="[DATE]", help="A local day; not needed for a run.")] = "",
    *,
    run: Annotated[str, typer.Option(metavar="ID", help="The rows of this run of deviations.")] = "",
    adjustment: Annotated[str, typer.Option(metavar="VERSION", help="Those of the day's D+1, D+5 or D+13.")] = "",
    zone: Annotated[str, typer.Option(metavar="ZONE", help="The day's prices in this bidding zone.")] = "",
    point: Annotated[str, typer.Option(metavar="GSRN", help="The day's volumes of this point by the hour.")] = "",
    last_resort_since: Annotated[str, typer.Option(metavar="DATE", help="With the surcharge of last resort.")] = "",
    party: Annotated[
        str, typer.Option("--as", metavar="GLN", help="The party that asks at the door; else the operator's own port.")
    ] = "",
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key (PEM).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, on a terminal too.")] = False,
) -> None:
    """Show the rows of a run, from exactly what it rested on, or a day's prices or volumes.

    As a party: what it may read of them, as JSON a line a page. It is noted who read it.
    """
    given = {
        "day": day,
        "run": run,
        "adjustment": adjustment,
        "zone": zone,
        "point": point,
        "last_resort_since": last_resort_since,
    }
    asked = {name: value for name, value in given.items() if value}
    people = terminal.for_people(as_json=as_json)
    terminal.run(_show_as(party, key, asked, people=people) if party else _show(asked, people=people))


async def _show(asked: dict[str, Any], *, people: bool) -> None:
    async with terminal.register() as register:
        answer = await register.ask("meter-ingest", "settlement", asked)
    _print(answer, people=people)


async def _show_as(gln: str, key: Path | None, asked: dict[str, str], *, people: bool) -> None:
    path = path_of(asked)
    from flexreg.doorway import Doorway  # noqa: PLC0415 - it brings cryptography

    async with terminal.register() as register:
        door = await Doorway.to(register, "meter-ingest", gln, key)
        while path:
            found = (await door.ask("GET", path)).json()
            path = found.pop("links", {}).get("next", "")
            for page in found.pop("days", ()) if people else ():
                _print(page, people=True)
            _print(found, people=people)


def path_of(asked: dict[str, str]) -> str:
    """Where the door has what is asked for. Raises `Problem`."""
    if run := asked.get("run"):
        return f"/settlement/deviations/{quote(run, safe='')}"
    try:
        local = date.fromisoformat(asked.get("day", ""))
    except ValueError:
        raise Problem("the day is missing, or is no date", "give it as 2026-03-28") from None
    if version := asked.get("adjustment"):
        return f"/settlement/adjustments/{local}?{urlencode({'version': version})}"
    if point := asked.get("point"):
        query = {"from": local, "to": local + timedelta(days=1)}
        query |= {name: asked[name] for name in ("last_resort_since",) if name in asked}
        return f"/points/{quote(point, safe='')}/hours?{urlencode(query)}"
    raise Problem("a party asks for a run, an adjustment or a point", "prices are published to everyone")


def _print(answer: dict[str, Any], *, people: bool) -> None:
    if not people:
        terminal.line(answer)
        return
    rows = answer.get("rows") or answer.get("hours") or []
    if rows:
        grid = Grid(*rows[0], box=None, header_style="bold")
        for row in rows:
            grid.add_row(*("" if one is None else str(one) for one in row.values()))
        terminal.console().print(grid)
    terminal.note(", ".join(f"{name} {one}" for name, one in answer.items() if not isinstance(one, list)))
