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
_METHOD = re.compile(r"## `([a-z-]+)`").fullmatch
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
    method, columns, example = "", list[str](), None
    for line in DOCUMENT.read_text().splitlines():
        if found := _METHOD(line):
            method = found[1]
        elif line.startswith("### "):
            example = Example(method, line[4:])
        elif example is None:
            continue
        elif found := _ACTIVE(line):
            example.active[found[1]] = (_moment(found[2], found[3]), int(found[4]))
        elif line.startswith("| From |"):
            columns = [cell.strip() for cell in line.split("|")[2:-1]]
        elif line.startswith("| 2"):
            start, *cells = (cell.strip() for cell in line.split("|")[1:-1])
            for column, cell in zip(columns, cells, strict=True):
                for index, wh in enumerate(cell.split(", ")):
                    quarter = _moment(*start.split()) + index * days.QUARTER
                    example.series.setdefault(column, {})[quarter] = None if wh == "–" else int(wh)
        elif found := _RESULT(line):
            example.result = found[2] if found[1] else tuple(map(int, found[2].split(", ")))
            yield example
            example = None


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
