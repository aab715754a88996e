"""`flexreg clock`, `status`, `parked` and `prove`: how the register is, and what an operator does about it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from contracts import values
from flexreg import moments, terminal
from flexreg.problem import Problem

if TYPE_CHECKING:
    from flexreg.client import Register

app = typer.Typer()
parked_app = typer.Typer(help="What could not be decided: list, show, release or drop it.", invoke_without_command=True)
app.add_typer(parked_app, name="parked")

COUNT_SECONDS = 5.0
"""Counting reads the whole log; where that takes longer, `flexreg status` leaves it to `flexreg prove`."""
WORDS = ("process", "", "next deadline")
COLUMNS = ("process", "", "lag", "s", "decided", "unsent", "parked", "waits")
"""Short, so that a table fits into 80 characters."""
JSON = Annotated[bool, typer.Option("--json", help="JSON lines, on a terminal too.")]
KEY = Annotated[str, typer.Argument(metavar="KEY", help="As `flexreg parked` shows it.")]


class NotParked(Problem):
    """Nothing is parked under this key."""

    code = 1


class CannotDrop(Problem):
    """Only a command may be dropped: a foreign event or a deadline is a fact."""

    code = 1


@app.command()
def clock(
    to: Annotated[str | None, typer.Argument(metavar="[T | +P1D]", help=f"Where to move it: {moments.HOW}.")] = None,
) -> None:
    """Show the register's clock, or move a sandbox's; returns when every process has acted on all that fell due."""
    terminal.run(_clock(to))


async def _clock(to: str | None) -> None:
    async with terminal.register() as register:
        if to is not None:
            await register.move_clock(moments.parse(to, now=await register.now()))
        now = await register.now()
    terminal.line({"now": values.time_text(now), "oslo": moments.local(now, seconds=True), "sandbox": register.sandbox})


@app.command()
def status(json: JSON = False) -> None:
    """Show every process, its lag and what is parked and what is unanswered. Exit 1 if one is not ready."""
    raise typer.Exit(terminal.run(_status(people=terminal.for_people(as_json=json))))


async def _status(*, people: bool) -> int:
    async with terminal.register() as register:
        found = await register.status()
        rows = list(rows_of(found))
        unanswered = await _unanswered(register)
        doors = register.doors
    if people:
        _table(rows, unanswered)
        for name, url in doors.items():
            terminal.console().print(f"door of {name}: {url}")
    else:
        terminal.lines([*rows, {"unanswered": unanswered, "doors": doors}])
    return 0 if all(process["ready"] for process in found) else 1


async def _unanswered(register: Register) -> int | None:
    try:
        async with asyncio.timeout(COUNT_SECONDS):
            counted = await register.count()
    except TimeoutError:
        return None
    return counted["wrong"].get("without a receipt", {}).get("count", 0)


def rows_of(statuses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a shard; one for a process that does not answer."""
    found: list[dict[str, Any]] = []
    for process in statuses:
        head = {"process": process["name"], "ready": process["ready"]}
        found += [head | _since(shard) for shard in process["shards"]] or [head | {"error": process.get("error", "")}]
    return found


def _since(shard: dict[str, Any]) -> dict[str, Any]:
    # How old the last message is says nothing of a shard that has nothing left to do.
    return shard if shard.get("lag") else shard | {"seconds_behind": 0}


def _table(rows: list[dict[str, Any]], unanswered: int | None) -> None:
    table = Table(box=None, header_style="bold")
    any_due = any(row.get("next_deadline") for row in rows)
    for name in (*COLUMNS, *(("next deadline",) if any_due else ())):
        table.add_column(name, justify="left" if name in WORDS else "right", no_wrap=True)
    for row in rows:
        name = f"{row['process']}/{row['shard']}" if row.get("shard") else row["process"]
        state = "[green]ready" if row["ready"] else "[red]not ready"
        if "position" not in row:
            table.add_row(name, f"{state}: {row['error']}")
            continue
        due = row["next_deadline"]
        table.add_row(
            name,
            "[red]" + row["alarm"] if row["alarm"] else "[yellow]" + row["trouble"] if row["trouble"] else state,
            f"{row['lag']:,}",
            f"{row['seconds_behind']:g}",
            f"{row['position']:,}",
            f"{row['ledger_position'] - row['published_to']:,}",
            f"[red]{row['parked']}" if row["parked"] else "0",
            str(row["waiting"]),
            *((moments.local(datetime.fromisoformat(due)) if due else "",) if any_due else ()),
        )
    terminal.console().print(table)
    counted = "not counted here: `flexreg prove` does" if unanswered is None else f"{unanswered:,}"
    terminal.console().print(f"commands without an answer: {counted}")


@parked_app.callback()
def parked(context: typer.Context) -> None:
    """List what could not be decided, and what waits behind it or for a deadline."""
    if context.invoked_subcommand is None:
        terminal.run(_parked())


@parked_app.command("list")
def parked_list() -> None:
    """List what could not be decided, and what waits behind it or for a deadline."""
    terminal.run(_parked())


async def _parked() -> None:
    async with terminal.register() as register:
        found = await register.parked()
    terminal.lines({name: value for name, value in row.items() if name != "body"} for row in found)
    if not found:
        terminal.note("nothing is parked")


@parked_app.command("show")
def parked_show(key: KEY) -> None:
    """Print one, with its exact bytes and the error that parked it."""
    terminal.run(_parked_show(key))


async def _parked_show(key: str) -> None:
    async with terminal.register() as register:
        found = [row for row in await register.parked() if row["key"] == key]
    if not found:
        raise _not_parked(key)
    terminal.lines(found)


@parked_app.command("retry")
def parked_retry(key: KEY) -> None:
    """Let it be decided again, once code or policy is mended; what waits behind it follows."""
    terminal.run(_act(key, "retry"))


@parked_app.command("drop")
def parked_drop(key: KEY) -> None:
    """Refuse a parked command for good: its sender gets a receipt."""
    terminal.run(_act(key, "drop"))


async def _act(key: str, action: str) -> None:
    async with terminal.register() as register:
        result = await register.act(key, action)
    if result == "unknown":
        raise _not_parked(key)
    if result == "cannot-drop":
        raise CannotDrop(
            f"{key} is no command", "what has happened cannot be dropped: mend code or policy, then `retry`"
        )
    terminal.line({"key": key, "action": action, "result": result})


def _not_parked(key: str) -> NotParked:
    return NotParked(f"nothing is parked as {key}", "`flexreg parked` lists what is")


@app.command()
def prove() -> None:
    """Prove that stores equal what the log rebuilds, that nothing is lost or doubled, and causes come first.

    Exit 1 if any of it does not hold.
    """
    raise typer.Exit(0 if terminal.run(_prove()) else 1)


async def _prove() -> bool:
    holds = True
    async with terminal.register() as register:
        await register.settled()
        for proved in await register.prove():
            holds = holds and bool(proved["equal"])
            terminal.line({"proof": "stored = rebuilt", "holds": bool(proved["equal"]), **proved})
            for remark in proved.get("remarks", ()):
                terminal.note(f"{remark['text_nb']} {remark['text_en']}")
        counted = await register.count()
        delivered = await register.deliveries()
    terminal.line({"proof": "counts and causes over the log", **counted})
    terminal.line({"proof": "deliveries to the parties", **delivered})
    holds = holds and bool(counted["holds"]) and bool(delivered["holds"])
    terminal.note("all of it holds" if holds else "it does not hold: see `holds`, `tables` and `wrong` above")
    return holds
