"""`flexreg settlement`: what stands behind prices and runs of settlement, computed when it is asked for."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table as Grid

from flexreg import terminal

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
    party: Annotated[str, typer.Option("--as", metavar="GLN", help="What this party may see of a run.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON, on a terminal too.")] = False,
) -> None:
    """Show the rows of a run, from exactly what it rested on, or a day's prices or volumes."""
    given = {
        "day": day,
        "run": run,
        "adjustment": adjustment,
        "zone": zone,
        "point": point,
        "last_resort_since": last_resort_since,
        "as": party,
    }
    asked = {name: value for name, value in given.items() if value}
    terminal.run(_show(asked, people=terminal.for_people(as_json=as_json)))


async def _show(asked: dict[str, Any], *, people: bool) -> None:
    async with terminal.register() as register:
        answer = await register.ask("meter-ingest", "settlement", asked)
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
