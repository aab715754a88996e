"""Figures of reasons in both languages: codes stay codes, and their words are Norwegian in Norwegian text."""

from __future__ import annotations

import pytest

from contracts import words
from contracts.message import Rule

pytestmark = pytest.mark.unit

RULE = Rule("X", "", "Perioden er {actual} {unit}; høyst {limit}.", "It is {actual} {unit}; at most {limit}.", "", "")


@pytest.mark.parametrize(
    ("said", "norwegian"),
    [
        ("days", "døgn"),
        ("no run", "ingen kjøring"),
        ("0193, run 11: verified", "0193, kjøring 11: verifisert"),
        ("not-settled, 1", "ikke endelig avregnet, 1"),
        ("a whole number from 1 to 100", "et helt tall fra 1 til 100"),
        ("PT15M or PT60M", "PT15M eller PT60M"),
        ("one of `from`, `to`", "en av `from`, `to`"),
        ("a moment with its offset, as 2026-03-01T00:00:00Z", "et tidspunkt med tidssone, som 2026-03-01T00:00:00Z"),
        ("not behind `from`", "ikke etter `from`"),
    ],
)
def test_words_of_figures_have_their_norwegian(said: str, norwegian: str) -> None:
    assert words.norwegian(said) == norwegian


@pytest.mark.parametrize("said", ["", "pre-run", "evidence/run", "published_at", "https://to.no/or", "W/min"])
def test_what_is_part_of_another_word_is_left(said: str) -> None:
    assert words.norwegian(said) == said


def test_figures_themselves_stay_as_they_are() -> None:
    reason = RULE.reason(actual=365, limit=31, unit="days")
    assert (reason.text_nb, reason.text_en) == ("Perioden er 365 døgn; høyst 31.", "It is 365 days; at most 31.")
    assert reason.unit == "days"
