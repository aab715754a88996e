"""`flexreg import`: many resources from a table, with a result for every row."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from contracts import door
from flexreg import outgoing, terminal
from flexreg.commands.sending import exit_code
from flexreg.importing import resources, table
from flexreg.importing.resources import Wish
from flexreg.problem import Problem

_import_app = typer.Typer(help="Import what stands in a table.", no_args_is_help=True)
app = typer.Typer()
app.add_typer(_import_app, name="import")

PARCEL = 200
THERE = "RESOURCE_ALREADY_REGISTERED"
"""The notice behind a row whose resource is registered already, just as it says."""
NOT_READ = "ROW_NOT_READ"

Outcome = tuple[Wish, dict[str, Any]]
"""A resource, and what came of it: its receipt, or in the same words why there is none."""


@_import_app.callback()
def _of_what() -> None:
    """Import what stands in a table."""


@_import_app.command("resources")
def import_resources(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV (; , or tabs) or JSON lines.")],
    gln: Annotated[str, typer.Option("--as", metavar="GLN", help="The BSP that registers them.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look at the rows, as the door would.")] = False,
    mend: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the rows to mend go; else beside the file.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds that each receipt is waited for.")] = 120,
    as_json: Annotated[bool, typer.Option("--json", help="A line for every row, on a terminal too.")] = False,
) -> None:
    """Register the resources in a table: one a row; more rows with the same resource_id add devices.

    Columns: metering_point_id, technology, up_kw, down_kw (or up_w, down_w), make, model, serial; resource_id and name
    if you like. Norwegian names will do. Power has a decimal comma or a decimal point, one of them in a file:
    rows that write the rarer of the two are refused, or all with decimals where neither is.

    Importing a file again, mended or not, does nothing twice: rows that are registered already count as done, those
    that were refused are decided anew. Exit 0: all accepted; 1: some refused; 2: some not answered.
    """
    people = terminal.for_people(as_json=as_json)
    raise typer.Exit(terminal.run(_import(file, gln, dry_run=dry_run, mend=mend, timeout=timeout, people=people)))


async def _import(
    file: Path,
    gln: str,
    *,
    dry_run: bool,
    mend: Path | None,
    timeout: float,  # noqa: ASYNC109 - of each receipt
    people: bool,
) -> int:
    found = read(file, resources.COLUMNS)
    # The run's own moment: every message is a new one, and what was refused before is decided anew.
    sent_at = datetime.now(UTC)
    wishes = resources.wishes(found.rows, gln=gln)
    report = _Report(people=people)
    with _progress(people=people) as progress:
        task = progress.add_task("looking" if dry_run else "sending", total=len(wishes))
        for wish in wishes:
            if wish.error:
                report.told(wish, _unread(wish))
                progress.advance(task)
        whole = [wish for wish in wishes if not wish.error]
        outcomes = _looked_at(whole, gln, sent_at) if dry_run else _sent(whole, gln, sent_at, timeout=timeout)
        async for wish, said in outcomes:
            report.told(wish, said)
            progress.advance(task)
    report.sum_up(whole)
    write_rest(file, found, report.rest, mend)
    return exit_code(report.tally)


def write_rest(
    file: Path, found: table.Table, rest: Sequence[tuple[table.Row, str, str, str]], mend: Path | None
) -> None:
    """Write the rows to mend, each with its code and why, into a file of the same form, if there are any."""
    if rest:
        where = mend or file.with_name(f"{file.stem}.mend{file.suffix or '.csv'}")
        # With a mark in front, so that a spreadsheet reads the letters as they are meant.
        encoding = "utf-8-sig" if found.columns else "utf-8"
        where.write_text(table.written(found, rest), encoding=encoding, newline="")
        terminal.note(f"{len(rest)} rows to mend: {where}")


def read(file: Path, columns: dict[str, str]) -> table.Table:
    """What stands in a file. Raises `Problem`."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Problem(f"{file} cannot be read ({error.strerror})", "give a file") from None
    return table.read(content, columns)


async def _sent(
    wishes: Sequence[Wish],
    gln: str,
    sent_at: datetime,
    *,
    timeout: float,  # noqa: ASYNC109 - of each receipt
) -> AsyncIterator[Outcome]:
    commands = (outgoing.single(wish.command(gln=gln, at=sent_at)) for wish in wishes)
    asked = iter(wishes)
    async with terminal.register() as register:
        records = outgoing.parcelled(outgoing.each(commands), most=PARCEL)
        async for answer in register.stream(gln, records, timeout=timeout):
            said = answer.receipt or {"status": "not-sent" if answer.error else "unanswered", "error": answer.error}
            yield next(asked), said


async def _looked_at(wishes: Sequence[Wish], gln: str, sent_at: datetime) -> AsyncIterator[Outcome]:
    for wish in wishes:
        [item] = door.open_record(json.dumps(wish.command(gln=gln, at=sent_at), ensure_ascii=False).encode())
        reasons = [reason.model_dump(mode="json") for reason in item.reasons]
        yield wish, {"status": "rejected" if reasons else "valid", "reasons": reasons}


def _unread(wish: Wish) -> dict[str, Any]:
    assert wish.unread is not None, "only what could not be read is answered here"
    return {"status": "rejected", "reasons": [{"code": NOT_READ, "path": "", **asdict(wish.unread)}]}


class _Report:
    """What came of every row: counted, printed for machines, and kept where there is something to mend."""

    def __init__(self, *, people: bool) -> None:
        self.tally: Counter[str] = Counter()
        self.rest: list[tuple[table.Row, str, str, str]] = []
        self._codes: dict[str, list[dict[str, Any]]] = {}
        self._there = 0
        self._people = people

    def told(self, wish: Wish, said: dict[str, Any]) -> None:
        """What came of one resource."""
        reasons: list[dict[str, Any]] = said.get("reasons", [])
        self.tally[said["status"]] += 1
        there = any(reason["code"] == THERE for reason in reasons)
        self._there += there
        for reason in reasons:
            self._codes.setdefault(reason["code"], []).append(reason)
        if said["status"] == "rejected":
            codes = ", ".join(reason["code"] for reason in reasons)
            self.rest += [(row, codes, _why(reasons, "en"), _why(reasons, "nb")) for row in wish.rows]
        if not self._people:
            line = {
                "lines": [row.line for row in wish.rows],
                "status": said["status"],
                "resource_id": wish.subject,
                "metering_point_id": wish.fields.get("metering_point_id", ""),
                "duplicate": there or said.get("duplicate", False),
                "reasons": reasons,
            }
            terminal.line(line | ({"error": said["error"]} if said.get("error") else {}))

    def sum_up(self, read: Sequence[Wish]) -> None:
        """The sums: whoever meant 1.5 kW and wrote 1500 sees it here."""
        up, down = (sum(wish.fields[name] for wish in read) for name in ("up_w", "down_w"))
        said = ", ".join(f"{count} {status}" for status, count in self.tally.items()) or "no rows"
        said += f" ({self._there} of them registered before)" if self._there else ""
        terminal.note(f"{said}; {len(read)} resources read, {_kw(up)} kW up and {_kw(down)} kW down in all")
        if self._people and self._codes:
            grid = Grid("rows", "code", "why", "what to do", box=None, header_style="bold")
            for code, reasons in sorted(self._codes.items(), key=lambda each: -len(each[1])):
                grid.add_row(str(len(reasons)), code, reasons[0]["text_en"], reasons[0]["fix_en"])
            terminal.console().print(grid)
        if self.tally["unanswered"] or self.tally["not-sent"]:
            terminal.note("some were not answered: import the same file again, what was done is not done twice")


def _why(reasons: Sequence[dict[str, Any]], language: str) -> str:
    texts = (f"{reason.get(f'text_{language}', '')} {reason.get(f'fix_{language}', '')}" for reason in reasons)
    return "; ".join(text.strip() for text in texts)


def _kw(watt: int) -> str:
    return f"{watt // 1000}.{watt % 1000:03d}"


def _progress(*, people: bool) -> Progress:
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    return Progress(*parts, console=console, disable=not (people or console.is_terminal))
