"""The worked examples of `docs/baselines.md`, computed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts import calendar
from meter_ingest.domain import baselines, days
from meter_ingest.domain.baselines import METHODS, Given, Lacking

pytestmark = pytest.mark.unit

DOCUMENT = Path(__file__).parents[3] / "docs" / "baselines.md"
MISSING = "\N{EN DASH}"
_METHOD = re.compile(r"`([a-z-]+)`").fullmatch
_ACTIVE = re.compile(r"(Activation|Another activation) (\S+) (\S+), (\d+) quarters?\.").fullmatch
_RESULT = re.compile(r"Baseline: (none, )?\*\*([^*]+)\*\*").search


@dataclass
class Example:
    method: Any
    title: str
    active: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    series: dict[str, dict[datetime, int | None]] = field(default_factory=dict)
    result: tuple[int, ...] | str = ""


def _moment(day: str, clock: str) -> datetime:
    return calendar.at_local(date.fromisoformat(day), clock)


def _examples() -> Iterator[Example]:
    for part in re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE):
        method = _METHOD(part.partition("\n")[0])
        for example in part.split("\n### ")[1:]:
            assert method is not None
            yield _example(method[1], example.splitlines())


def _example(method: str, lines: list[str]) -> Example:
    example, columns = Example(method, lines[0]), list[str]()
    for line in lines[1:]:
        if active := _ACTIVE(line):
            example.active[active[1]] = (_moment(active[2], active[3]), int(active[4]))
        elif line.startswith("| From |"):
            columns = [cell.strip() for cell in line.split("|")[2:-1]]
        elif line.startswith("| 2"):
            start, *cells = (cell.strip() for cell in line.split("|")[1:-1])
            for column, cell in zip(columns, cells, strict=True):
                example.series.setdefault(column, {}).update(_row(_moment(*start.split()), cell))
        elif result := _RESULT(line):
            example.result = result[2] if result[1] else tuple(map(int, result[2].split(", ")))
    return example


def _row(start: datetime, cell: str) -> dict[datetime, int | None]:
    said = (None if wh == MISSING else int(wh) for wh in cell.split(", "))
    return {start + index * days.QUARTER: wh for index, wh in enumerate(said)}


EXAMPLES = list(_examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.method}: {example.title}")
def test_a_worked_example_is_what_is_computed(example: Example) -> None:
    start, count = example.active["Activation"]
    other, touched = example.active.get("Another activation", (start, 0))
    covered = {other + index * days.QUARTER for index in range(touched)}
    series: Any = example.series
    end = start + count * days.QUARTER
    found = baselines.compute(example.method, Given(start, end, covered=covered, **series))
    assert (found.why if isinstance(found, Lacking) else found) == example.result


def test_every_method_is_explained_with_an_example() -> None:
    assert tuple(dict.fromkeys(example.method for example in EXAMPLES)) == METHODS
    assert len(EXAMPLES) == DOCUMENT.read_text().count("\n### "), "no example is overlooked"
    text = DOCUMENT.read_text()
    for method in METHODS:
        part = text.partition(f"## `{method}`")[2].partition("\n## ")[0]
        assert "\n> B" in part, f"{method} has its formula"
        assert "Source: " in part, f"{method} has its source"
