"""`flexreg activation`: what was verified of an activation, and what each of its points delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.table import Table as Grid

from flexreg import terminal

_activation_app = typer.Typer(help="Look at what was verified of an activation.", no_args_is_help=True)
app = typer.Typer()
app.add_typer(_activation_app, name="activation")


@_activation_app.callback()
def _of_what() -> None:
    """Look at what was verified of an activation."""


@_activation_app.command("show")
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="The activation.")],  # noqa: A002
    *,
    run: Annotated[int | None, typer.Option(metavar="N", min=1, help="Which run; else the last one.")] = None,
    points: Annotated[bool, typer.Option("--points", help="What each of its points delivered, too.")] = False,
    party: Annotated[
        str, typer.Option("--as", metavar="GLN", help="Its BSP or the TSO, at the door; else the operator's own port.")
    ] = "",
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key (PEM).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, on a terminal too.")] = False,
) -> None:
    """Show a run, computed again from what it had read, and whether that agrees with what was published.

    As a party with what each of its points delivered; it is noted who read it.
    """
    people = terminal.for_people(as_json=as_json)
    terminal.run(
        _show_as(party, key, id, run, people=people) if party else _show(id, run, points=points, people=people)
    )


async def _show(id_: str, run: int | None, *, points: bool, people: bool) -> None:
    asked: dict[str, Any] = {"activation_id": id_, "points": points, **({"run": run} if run is not None else {})}
    async with terminal.register() as register:
        answer = await register.ask("meter-ingest", "allocation", asked)
    _tell(answer, people=people)


async def _show_as(gln: str, key: Path | None, id_: str, run: int | None, *, people: bool) -> None:
    from flexreg.doorway import Doorway  # noqa: PLC0415 - it brings cryptography

    path = f"/activations/{quote(id_, safe='')}/allocation" + (f"?run={run}" if run is not None else "")
    async with terminal.register() as register:
        door = await Doorway.to(register, "meter-ingest", gln, key)
        answer = (await door.ask("GET", path)).json()
        while further := answer.pop("links", {}).get("next"):
            page = (await door.ask("GET", further)).json()
            answer |= {"points": [*answer["points"], *page["points"]], "links": page.get("links", {})}
    _tell(answer, people=people)


def _tell(answer: dict[str, Any], *, people: bool) -> None:
    if not people:
        terminal.line(answer)
        return
    _print(answer["runs"])
    if "run" not in answer:
        terminal.note("it has not been verified")
        return
    found = answer["run"]
    terminal.note(f"run {found['run']}: {found['result']}; {_agreement(answer['agrees'])}")
    shown = (
        "start", "ordered_wh", "expected_wh", "baseline_wh", "metered_wh", "delivered_wh", "share_wh", "measured_wh",
    )  # fmt: skip
    _print([{name: one[name] for name in shown} for one in (*found["quarters"], *found["neighbours"])])
    _print(
        [
            {
                "metering_point_id": one["metering_point_id"],
                "delivered_wh": wh,
                "evidence": quality,
                "start": each["start"],
            }
            for one in answer.get("points", ())
            for each, wh, quality in zip(found["quarters"], one["delivered_wh"], one["evidence"], strict=False)
        ]
    )


def _agreement(agrees: bool | None) -> str:
    if agrees is None:
        return "there is nothing to compute it from again"
    return "computed again it is the same" if agrees else "computed again it is NOT the same"


def _print(rows: list[dict[str, Any]]) -> None:
    if rows:
        grid = Grid(*rows[0], box=None, header_style="bold")
        for row in sorted(rows, key=lambda one: str(one.get("start", ""))):
            grid.add_row(*("" if value is None else str(value) for value in row.values()))
        terminal.console().print(grid)
