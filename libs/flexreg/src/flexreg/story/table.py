"""What a person sees of the story: who said what, what was decided, by which rule.

On a terminal a live table of the step that is being played, the finished ones above it; anywhere else plain lines.
All of it on stderr.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from contracts.calendar import OSLO

if TYPE_CHECKING:
    from rich.console import RenderableType

WAITING = "…"


@dataclass(slots=True)
class Line:
    """One thing that was said, and what came of it."""

    when: str
    who: str
    said: str
    decided: str = WAITING
    rule: str = ""
    holds: bool = True
    """Whether it came as it had to."""


@dataclass(slots=True)
class Board:
    """Shows the story as it goes."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    _clock: datetime | None = None
    _title: str = ""
    _lines: list[Line] = field(default_factory=list[Line])
    _live: Live | None = None

    @contextlib.contextmanager
    def showing(self) -> Generator[None, None, None]:
        """As long as the story is played."""
        if not self.console.is_terminal:
            yield
            self._finish()
            return
        # Drawn when something changes and no oftener: the machine has better things to do.
        with Live(console=self.console, get_renderable=self._picture, auto_refresh=False, transient=True) as live:
            self._live = live
            try:
                yield
            finally:
                self._finish()
                self._live = None

    def clock(self, at: datetime) -> None:
        """The sandbox clock was moved."""
        self._clock = at

    def step(self, number: str, title: str) -> None:
        """Another step begins."""
        self._finish()
        self._title = f"{number}  {title}"
        if not self.console.is_terminal:
            self.console.print(f"\n{self._title}", markup=False)

    def say(self, who: str, said: str) -> Line:
        """Somebody says something; what comes of it is not known yet."""
        line = Line(self._when(), who, said)
        self._lines.append(line)
        self._draw()
        return line

    def decided(self, line: Line, decided: str, rule: str = "", *, holds: bool = True) -> None:
        """What came of it."""
        line.decided, line.rule, line.holds = decided, rule, holds
        if not self.console.is_terminal:
            self._plain(line)
        self._draw()

    def tell(self, who: str, said: str, decided: str = "", rule: str = "", *, holds: bool = True) -> None:
        """Something is said and done at once."""
        self.decided(self.say(who, said), decided, rule, holds=holds)

    def note(self, what: RenderableType) -> None:
        """Something else, below what was told."""
        self._finish()
        self.console.print(what)

    def total(self, rows: Sequence[tuple[str, str]], *, holds: bool) -> None:
        """The end: the figures, and whether all is as it had to be."""
        self._finish()
        table = Table(box=box.SIMPLE, show_header=False)
        table.add_column(style="bold")
        table.add_column(justify="right")
        for name, figure in rows:
            table.add_row(name, figure)
        self.console.print(table)
        self.console.print(
            Text("It all holds.", "bold green") if holds else Text("It does not all hold.", "bold red"), soft_wrap=True
        )

    def _when(self) -> str:
        return self._clock.astimezone(OSLO).strftime("%m-%d %H:%M") if self._clock else ""

    def _finish(self) -> None:
        """The step is over: its table stays above what comes."""
        table, lines = self._table(), self._lines
        self._title, self._lines = "", []
        if lines and self.console.is_terminal:
            self._draw()
            self.console.print(table)
        for line in lines:
            if line.decided == WAITING and not self.console.is_terminal:
                self._plain(line)

    def _draw(self) -> None:
        if self._live is not None:
            self._live.refresh()

    def _picture(self) -> RenderableType:
        if not self._lines:
            return Text(self._title, "dim")
        return Group(self._table(most=max(4, self.console.size.height // 2)))

    def _table(self, *, most: int | None = None) -> Table:
        """The step's lines; the last `most` of them, where not all would fit."""
        table = Table(title=self._title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, expand=True)
        table.add_column("when", style="dim", no_wrap=True, width=11)
        table.add_column("who", style="cyan", no_wrap=True, width=12)
        table.add_column("said", ratio=4)
        table.add_column("decided", ratio=5)
        table.add_column("rule", style="yellow", ratio=2)
        for line in self._lines[-most if most else 0 :]:
            style = "red" if not line.holds else "dim" if line.decided == WAITING else "green"
            table.add_row(line.when, line.who, Text(line.said), Text(line.decided, style), Text(line.rule))
        return table

    def _plain(self, line: Line) -> None:
        decided = f" → {line.decided}" if line.decided else ""
        rule = f"  [{line.rule}]" if line.rule else ""
        wrong = "" if line.holds else "✗ "
        self.console.print(
            f"{line.when:11}  {line.who:12}  {wrong}{line.said}{decided}{rule}", markup=False, soft_wrap=True
        )


def kw(power_w: int) -> str:
    """`2,020 kW`."""
    return f"{power_w // 1000:,} kW" if power_w % 1000 == 0 else f"{power_w / 1000:,.3f} kW"


def mw(power_w: int) -> str:
    """`2 MW`."""
    return f"{power_w // 1_000_000} MW" if power_w % 1_000_000 == 0 else kw(power_w)


def percent(basis_points: int) -> str:
    """`96.00 %`."""
    return f"{basis_points / 100:.2f} %"
