"""`flexreg meter`: values from files, with a result for every series; what counts, and what they are held against."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from contracts import values
from flexreg import measured, measuring, moments, terminal, validating
from flexreg.commands.sending import exit_code
from flexreg.held import UnableToAnswer
from flexreg.measuring import Sent
from flexreg.outgoing import Outgoing
from flexreg.problem import Problem

_meter_app = typer.Typer(
    help="Send meter values, read what counts, and look at the rules that they are held against.", no_args_is_help=True
)
app = typer.Typer()
app.add_typer(_meter_app, name="meter")


class NothingToSay(Problem):
    """There is no such point, or nothing of it is this party's."""

    code = 1


@_meter_app.callback()
def _of_what() -> None:
    """Send meter values, read what counts, and look at the rules that they are held against."""


@_meter_app.command("send")
def send(
    *,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="JSON (lines), EMIF XML or Arrow; gzip, zstd.")],
    gln: Annotated[str, typer.Option("--as", metavar="GLN", help="Who sends: a DSO, or a BSP of its own meters.")],
    acknowledgements: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where EMIF acknowledgements of XML documents are put.")
    ] = None,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="You have looked, and stand by all of it; XML is then sent as JSON.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds that each receipt is waited for.")] = 120,
    as_json: Annotated[bool, typer.Option("--json", help="A line for every series, on a terminal too.")] = False,
) -> None:
    """Send meter values, and say what came of each series.

    What a file is, and what it is packed with, is told by its content. JSON is an envelope, series, or lines of either;
    XML is one or more CollectedData documents, each sent as it is.

    Exit 0: all accepted; 1: some refused or kept aside; 2: some could not be sent, or were not answered.
    """
    people = terminal.for_people(as_json=as_json)
    raise typer.Exit(
        terminal.run(_send(files, gln, into=acknowledgements, confirmed=confirmed, timeout=timeout, people=people))
    )


@_meter_app.command("get")
def get(
    *,
    point: Annotated[str, typer.Argument(metavar="[POINT]", help="The metering point.")] = "",
    resource: Annotated[
        str, typer.Option(metavar="ID", help="Of this resource's own meter; without one, of the point it is behind.")
    ] = "",
    device: Annotated[str, typer.Option(metavar="ID", help="Which of the resource's own meters.")] = "",
    group: Annotated[str, typer.Option(metavar="ID", help="Of a group's members, each while it is one.")] = "",
    virtual: Annotated[str, typer.Option(metavar="ID", help="Of a virtual channel, computed now.")] = "",
    start: Annotated[str, typer.Option("--from", metavar="T", help=f"{moments.HOW}.")],
    end: Annotated[str, typer.Option("--to", metavar="T", help="Exclusive.")],
    line: Annotated[str, typer.Option(metavar="LINE", help="production, consumption.reactive …")] = "consumption",
    resolution: Annotated[
        str, typer.Option(metavar="PT15M|PT60M", help="Otherwise each day in the one that counts on it.")
    ] = "",
    source: Annotated[bool, typer.Option("--source", help="All that came, as it came, counting or not.")] = False,
    fill: Annotated[bool, typer.Option("--fill", help="Estimate what nobody sent; marked, never kept.")] = False,
    as_of: Annotated[str, typer.Option(metavar="T", help="What counted then, by time of receipt.")] = "",
    revisions: Annotated[
        bool, typer.Option("--revisions", help="What came when, by whom, and what counted then.")
    ] = False,
    gln: Annotated[str, typer.Option("--as", metavar="GLN", help="Only what this party may see.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="A header, and a row for every value.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON line for every value, on a terminal too.")] = False,
) -> None:
    """Print the values that count of a point, a resource, a group or a virtual channel, one a line.

    Each says how it was made (origin), which channel counts that day, by which version of which profile, and in which
    records what it is made from came; of a virtual channel by which definition, and with --revisions which versions of
    what it is made of count. Exit 1 where there is none.
    """
    if sum(map(bool, (point, resource, group, virtual))) != 1 or (virtual and (source or fill)):
        terminal.said(_refuse)
    asked = {
        "point": point,
        "resource": resource,
        "device": device,
        "group": group,
        "virtual": virtual,
        "line": line,
        "resolution": resolution,
        "as": gln,
        "revisions": str(revisions).lower(),
        "source": "true" if source else "",
        "fill": "true" if fill else "",
    }
    times = {"from": start, "to": end, "as_of": as_of}
    people = terminal.for_people(as_json=as_json) and not as_csv
    terminal.run(_get({name: value for name, value in asked.items() if value}, times, people=people, as_csv=as_csv))


def _refuse() -> None:
    raise Problem(
        "values are of a point, a resource, a group or a virtual channel; the last is computed of what counts",
        "give one; --source and --fill are for points",
    )


_OTHERS = {"revisions": measured.revisions, "versions": measured.versions}
"""What is not values, by its name in the answer."""


async def _get(asked: dict[str, str], times: dict[str, str], *, people: bool, as_csv: bool) -> None:
    async with terminal.register() as register:
        now = await register.now()
        parsed = {name: values.time_text(moments.parse(text, now=now)) for name, text in times.items() if text}
        found = await register.values(asked | parsed)
    if found is None:
        seen = f" that {asked['as']} may see" if "as" in asked else ""
        named = asked.get("virtual") or asked.get("group") or asked.get("resource") or asked.get("point")
        raise NothingToSay(f"meter-ingest knows nothing of {named}{seen} then", "check the id and the period")
    shown = next((name for name in _OTHERS if name in found), "")
    rows = list(_OTHERS[shown](found) if shown else measured.rows(found))
    if as_csv:
        measured.write_csv(sys.stdout, rows)
    elif people:
        grid = Grid(*(rows[0] if rows else ()), box=None, header_style="bold")
        for row in rows:
            grid.add_row(*("" if value is None else str(value) for value in row.values()))
        terminal.console().print(grid)
    else:
        terminal.lines(rows)


@_meter_app.command("validation")
def validation(
    *,
    change: Annotated[
        list[str] | None,
        typer.Option("--try", metavar="KEY=CONSEQUENCE|KEY.THRESHOLD=N", help="Suppose this; may be repeated."),
    ] = None,
    day: Annotated[str | None, typer.Option(metavar="DATE", help="Of which local day; else of yesterday.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, on a terminal too.")] = False,
) -> None:
    """Show the validation rules in force; with `--try`, what a change would do to a day's values, without effect.

    What was refused was not kept: a milder rule is not shown what it would let in.
    """
    terminal.run(_validation(change or [], day, people=terminal.for_people(as_json=as_json)))


async def _validation(change: list[str], day: str | None, *, people: bool) -> None:
    asked: dict[str, Any] = {"try": validating.changes(change), **({"day": day} if day else {})}
    async with terminal.register() as register:
        now = await register.now()
        asked |= {"at": now.isoformat(), "by": register.operator}
        try:
            answer = await register.ask("meter-ingest", "validation", asked)
        except UnableToAnswer as refused:
            if not change:
                raise
            raise validating.NotUnderstood("these rules cannot stand together or alone", refused.todo) from None
    if not people:
        terminal.line(answer)
    elif "effect" not in answer:
        _show(validating.rules(answer))
    else:
        terminal.note(f"values of {answer['effect']['date']}, now → then")
        _show(validating.effect(answer))
        _show(validating.examples(answer))


def _show(rows: Iterable[dict[str, str]]) -> None:
    found = list(rows)
    if found:
        grid = Grid(*found[0], box=None, header_style="bold")
        for row in found:
            grid.add_row(*row.values())
        terminal.console().print(grid)


async def _send(
    files: list[Path],
    gln: str,
    *,
    into: Path | None,
    confirmed: bool,
    timeout: float,  # noqa: ASYNC109 - of each receipt
    people: bool,
) -> int:
    # All are read before anything is sent: a file that is not what it seems costs none of the others.
    raw = [(file.name, _bytes(file)) for file in files]
    tally: Counter[str] = Counter()
    codes: dict[str, list[dict[str, Any]]] = {}
    async with terminal.register() as register:
        at = await register.now()
        sent = [
            one
            for name, content in raw
            for one in measuring.records(name, content, gln=gln, at=at, confirmed=confirmed)
        ]
        with _progress(people=people) as progress:
            task = progress.add_task("sending", total=sum(max(1, len(one.series)) for one in sent))
            asked = iter(sent)
            async for answer in register.stream(gln, _each(sent), timeout=timeout):
                one = next(asked)
                for said in measuring.told(one, answer.receipt, answer.error):
                    tally[said["status"]] += 1
                    progress.advance(task)
                    tally["with warnings"] += "warnings" in said
                    for reason in (*said.get("reasons", ()), *said.get("warnings", ())):
                        codes.setdefault(reason["code"], []).append(reason)
                    if not people:
                        terminal.line(said)
                if into is not None and answer.receipt is not None:
                    _keep(into, one, answer.receipt, at)
    _sum_up(tally, codes, people=people)
    return exit_code(tally)


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > measuring.MOST:
            raise measuring.UnableToRead(f"{file} has more than {measuring.MOST} bytes", "divide it")
        return file.read_bytes()
    except OSError as error:
        raise Problem(f"{file} cannot be read ({error.strerror})", "give a file") from None


async def _each(sent: list[Sent]) -> AsyncIterator[Outgoing]:
    for one in sent:
        yield one.record


def _keep(into: Path, sent: Sent, receipt: dict[str, Any], at: Any) -> None:
    into.mkdir(parents=True, exist_ok=True)
    for place, content in enumerate(measuring.acknowledgements(sent, receipt, at=at), 1):
        (into / f"{sent.record.heads[0].id}-{place}.xml").write_bytes(content)


def _sum_up(tally: Counter[str], codes: dict[str, list[dict[str, Any]]], *, people: bool) -> None:
    terminal.note(", ".join(f"{count} series {status}" for status, count in tally.items() if count) or "no series")
    if people and codes:
        grid = Grid("series", "code", "why", "what to do", box=None, header_style="bold")
        for code, reasons in sorted(codes.items(), key=lambda each: -len(each[1])):
            first = reasons[0]
            grid.add_row(str(len(reasons)), code, first.get("text_en", ""), first.get("fix_en", ""))
        terminal.console().print(grid)


def _progress(*, people: bool) -> Progress:
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    return Progress(*parts, console=console, disable=not (people or console.is_terminal))
