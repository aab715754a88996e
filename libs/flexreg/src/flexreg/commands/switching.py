"""`flexreg switch`: take over a portfolio of metering points, with a result for every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table as Grid

from flexreg import moments, outgoing, terminal
from flexreg.commands.importing import NOT_READ, read, write_rest
from flexreg.commands.sending import exit_code
from flexreg.importing import points, table
from flexreg.importing.points import Asked

app = typer.Typer()

Why = tuple[str, str]
"""A code, and in words why."""


@app.command("switch")
def switch_portfolio(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV (; , or tabs) or JSON lines: a point a row.")],
    gln: Annotated[str, typer.Option("--as", metavar="GLN", help="The BSP that takes the points over.")],
    start: Annotated[
        str, typer.Option(metavar="DATE", help="The midnight of the switch; not with --to, which has one.")
    ] = "",
    to: Annotated[str, typer.Option("--to", metavar="ID", help="Add the points to this switch instead.")] = "",
    mend: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the rows to mend go; else beside the file.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds that each receipt is waited for.")] = 120,
    as_json: Annotated[bool, typer.Option("--json", help="A line for every row, on a terminal too.")] = False,
) -> None:
    """Take over the metering points in a table (column metering_point_id) from their BSPs, all at one midnight.

    It is one switch, asked for in parts of 2,000 points; what of it stands is not undone by rows that are refused.
    Those go into a file; when they are mended, it is added to the switch (--to) while there is notice enough.
    Exit 0: all accepted; 1: some refused; 2: some not answered.
    """
    if bool(start) == bool(to):
        raise typer.BadParameter("give --start DATE for a new switch, or --to ID for one that there is")
    now = datetime.now(UTC)
    midnight = moments.parse(start, now=now) if start else None
    people = terminal.for_people(as_json=as_json)
    report = _Report(people=people)
    found = terminal.said(read, file, points.COLUMNS)
    # Random: the BSP that gives a point up is sent it, and must not find out from it who takes over. A second run is a
    # switch of its own, in which the points of the first are refused (SWITCH_PENDING).
    switch_id = to or outgoing.new_id()
    asked = points.asked(found.rows)
    code = terminal.run(_switch(asked, report, gln=gln, switch_id=switch_id, start=midnight, at=now, timeout=timeout))
    report.sum_up(switch_id)
    write_rest(file, found, report.rest, mend)
    raise typer.Exit(code)


async def _switch(
    asked: Sequence[Asked],
    report: _Report,
    *,
    gln: str,
    switch_id: str,
    start: datetime | None,
    at: datetime,
    timeout: float,  # noqa: ASYNC109 - of each receipt
) -> int:
    for one in asked:
        if one.unread is not None:
            report.told(one, "rejected", (NOT_READ, f"{one.unread.text_en} {one.unread.fix_en}"))
    unanswered = False
    async with terminal.register() as register:
        for part in points.parts(asked):
            if unanswered:
                # Whether there is a switch to extend, only the missing answer tells.
                report.all_told(part, "not-sent")
                continue
            command = points.command(part, gln=gln, switch_id=switch_id, start=start, at=at)
            answers = [answer async for answer in register.stream(gln, _one(command), timeout=timeout)]
            receipt = answers[0].receipt
            if receipt is None:
                unanswered = True
                report.all_told(part, "not-sent" if answers[0].error else "unanswered")
                continue
            report.part(part, receipt)
            if receipt["status"] != "rejected":
                start = None
    return exit_code(report.tally)


async def _one(command: dict[str, Any]) -> AsyncIterator[outgoing.Outgoing]:
    yield outgoing.single(command)


class _Report:
    """What came of every row: counted, printed for machines, and kept where there is something to mend."""

    def __init__(self, *, people: bool) -> None:
        self.tally: Counter[str] = Counter()
        self.rest: list[tuple[table.Row, str, str, str]] = []
        self._people = people
        self._codes: Counter[Why] = Counter()
        self._notices: list[str] = []
        self._nb: dict[str, str] = {}

    def part(self, part: Sequence[Asked], receipt: dict[str, Any]) -> None:
        """What came of a command: its refused rows; where it is refused as a whole for none of them, all."""
        self._nb |= {
            each["code"]: f"{each.get('text_nb', '')} {each.get('fix_nb', '')}".strip()
            for each in receipt.get("reasons", [])
        }
        texts = {each["code"]: f"{each['text_en']} {each['fix_en']}".strip() for each in receipt.get("reasons", [])}
        refused = {row["row"]: row["code"] for row in receipt.get("rows") or []}
        whole = receipt["status"] == "rejected" and not refused
        first = next(iter(texts.items()), ("", ""))
        self._notices += [text for code, text in texts.items() if not whole and code not in refused.values()]
        for place, one in enumerate(part):
            if whole:
                self.told(one, "rejected", first)
            elif code := refused.get(place):
                self.told(one, "rejected", (code, texts.get(code, "")))
            else:
                self.told(one, "accepted")

    def all_told(self, part: Sequence[Asked], status: str) -> None:
        """The same of every row."""
        for one in part:
            self.told(one, status)

    def told(self, one: Asked, status: str, why: Why | None = None) -> None:
        """What came of a row."""
        self.tally[status] += 1
        if why is not None:
            self._codes[why] += 1
            unread = one.unread
            why_nb = f"{unread.text_nb} {unread.fix_nb}" if unread else self._nb.get(why[0], "")
            self.rest.append((one.row, *why, why_nb))
        if not self._people:
            said = {"line": one.row.line, "metering_point_id": one.point, "status": status}
            terminal.line(said | ({"code": why[0]} if why else {}))

    def sum_up(self, switch_id: str) -> None:
        """The sums, what there is to do, and which switch it is."""
        said = ", ".join(f"{count} {status}" for status, count in self.tally.items()) or "no rows"
        terminal.note(f"{said}; switch {switch_id}")
        for text in self._notices:
            terminal.note(text)
        if self._people and self._codes:
            grid = Grid("rows", "code", "why, and what to do", box=None, header_style="bold")
            for (code, text), count in self._codes.most_common():
                grid.add_row(str(count), code, text)
            terminal.console().print(grid)
        if self.tally["unanswered"] or self.tally["not-sent"]:
            terminal.note(f"some were not answered: see what stands with `flexreg show bsp-switch switch {switch_id}`")
