"""Lines: a text and a number that say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_ingest.domain import lines


def test_the_active_lines_of_the_settlement_meter_are_their_directions() -> None:
    assert [lines.of_code(number) for number in range(2)] == ["consumption", "production"]
    assert lines.line("production", "reactive") == "production.reactive"
    assert lines.line("consumption", "active", 3) == "consumption.active.3"


def test_capacitive_and_inductive_energy_has_one_line_whatever_direction_is_said() -> None:
    assert lines.line("production", "inductive") == lines.line("consumption", "inductive") == "consumption.inductive"
    assert lines.line("production", "capacitive", 2) == "consumption.capacitive.2"


@given(st.integers(0, 32759))
def test_a_number_and_its_text_say_the_same(number: int) -> None:
    name = lines.of_code(number)
    assert lines.code(name) == number
    direction, product, meter = lines.parts(name)
    one_way = product in {"capacitive", "inductive"}
    assert lines.line("consumption" if one_way else direction, product, meter) == lines.line(direction, product, meter)
    assert one_way or lines.line(direction, product, meter) == name


def test_what_is_no_line_is_refused() -> None:
    for name in ("", "up", "consumption.active", "consumption.active.0", "consumption.active.-1", "production.blue"):
        with pytest.raises(ValueError, match=r".*"):
            lines.code(name)
