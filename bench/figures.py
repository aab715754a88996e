"""Figures: what was measured, what the same machine can do at most, and what the project wants."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass, field
from typing import Literal

from rich.console import Console
from rich.table import Table

Better = Literal["more", "less"]
WIDTH = 150
"""Of the table, where it goes into a file."""


@dataclass(kw_only=True)
class Figure:
    """One line of the table. Several runs of a benchmark add to the same figure; the median counts."""

    bench: str
    what: str
    unit: str
    budget: str = ""
    """What the project wants, in words."""
    wanted: float | None = None
    """The same as a number; whether it was met is shown and decides nothing."""
    wanted_ratio: float | None = None
    """The same as a part of the limit."""
    better: Better = "more"
    against: str = ""
    """What the limit is."""
    runs: list[float] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)

    @property
    def value(self) -> float:
        """The median of the runs."""
        return statistics.median(self.runs)

    @property
    def limit(self) -> float | None:
        """The median of the limit."""
        return statistics.median(self.limits) if self.limits else None

    @property
    def ratio(self) -> float | None:
        """The figure in parts of the limit: the median of the runs' own ratios, because a shared machine drifts."""
        pairs = [run / limit for run, limit in zip(self.runs, self.limits, strict=False) if limit]
        return statistics.median(pairs) if pairs else None

    @property
    def met(self) -> bool | None:
        """Whether the budget was met on this machine in this run."""
        held = [
            (self.value, self.wanted),
            (self.ratio, self.wanted_ratio),
        ]
        asked = [(is_, wanted) for is_, wanted in held if is_ is not None and wanted is not None]
        if not asked:
            return None
        return all(is_ >= wanted if self.better == "more" else is_ <= wanted for is_, wanted in asked)


class Sheet:
    """All figures of a run."""

    def __init__(self, *, as_json: bool, console: Console | None = None) -> None:
        self.as_json = as_json
        self.notes: list[str] = []
        self._console = console or Console(stderr=True, highlight=False)
        self._figures: dict[tuple[str, str], Figure] = {}

    def say(self, text: str) -> None:
        """What is going on, for whoever waits."""
        self._console.print(f"[dim]{text}[/]")

    def note(self, text: str) -> None:
        """Something that the table alone does not tell."""
        if text not in self.notes:
            self.notes.append(text)

    def add(
        self,
        bench: str,
        what: str,
        value: float,
        unit: str,
        *,
        limit: float | None = None,
        against: str = "",
        budget: str = "",
        wanted: float | None = None,
        wanted_ratio: float | None = None,
        better: Better = "more",
    ) -> None:
        """One measurement."""
        made = Figure(
            bench=bench,
            what=what,
            unit=unit,
            budget=budget,
            wanted=wanted,
            wanted_ratio=wanted_ratio,
            better=better,
            against=against,
        )
        figure = self._figures.setdefault((bench, what), made)
        figure.runs.append(value)
        if limit is not None:
            figure.limits.append(limit)
        beside = f"   {against} {_number(limit)}" if limit is not None else ""
        self.say(f"  {bench}: {what} {_number(value)} {unit}{beside}")

    def show(self) -> None:
        """The table, or JSON lines on stdout."""
        if self.as_json:
            for figure in self._figures.values():
                print(json.dumps(_plain(figure), ensure_ascii=False))
            for note in self.notes:
                print(json.dumps({"note": note}, ensure_ascii=False))
            return
        table = Table(
            "", "figure", "unit", "limit", "", "of it", "budget", header_style="bold", box=None, pad_edge=False
        )
        for number in (1, 3, 5):
            table.columns[number].justify = "right"
        table.add_column("")
        last = ""
        for figure in self._figures.values():
            if figure.bench != last:
                table.add_section()
                table.add_row(f"[bold]{figure.bench}[/]")
                last = figure.bench
            ratio = figure.ratio
            table.add_row(
                f"  {figure.what}",
                _number(figure.value) + _spread(figure.runs),
                figure.unit,
                "" if figure.limit is None else _number(figure.limit),
                f"[dim]{figure.against}[/]",
                "" if ratio is None else f"{ratio:.2f}",
                figure.budget,
                {True: "[green]met[/]", False: "[yellow]missed[/]", None: ""}[figure.met],
            )
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = WIDTH
        console.print(table)
        for note in self.notes:
            console.print(f"[dim]{note}[/]")


def _plain(figure: Figure) -> dict[str, object]:
    return {
        "bench": figure.bench,
        "what": figure.what,
        "value": figure.value,
        "unit": figure.unit,
        "runs": figure.runs,
        "limit": figure.limit,
        "against": figure.against,
        "ratio": figure.ratio,
        "budget": figure.budget,
        "met": figure.met,
    }


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def _spread(runs: list[float]) -> str:
    return f" [dim]({_number(min(runs))} to {_number(max(runs))})[/]" if len(runs) > 1 else ""


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all are at or below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
