"""National identity numbers in texts: a mistake is seen before it is written where nothing can be erased."""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = 11
_APART: Final = r"(?:[^\w\r\n]|_)"
"""What people set digits apart with: spaces, dots, dashes, slashes … but no letters, and no new line."""
_RUNS: Final = re.compile(rf"\d+(?:{_APART}{{1,3}}\d+)*")
_GROUP: Final = re.compile(r"\d+")
_ANYHOW: Final = re.compile(rf"\d(?:{_APART}*\d){{{_DIGITS - 1}}}").search


def may_be(name: str) -> bool:
    """Whether a name has eleven digits, however they are set apart: no name has."""
    return _ANYHOW(name) is not None


def stands_in(text: str) -> bool:
    """Whether a text has what looks like a national identity number.

    Eleven digits in one, or eleven in groups that begin with a day and a month. Longer numbers (a GSRN, a GLN) are
    none, nor is a date with a number behind it (`19.01.2026 150`).
    """
    return any(_in_run(run[0]) for run in _RUNS.finditer(text))


def _in_run(run: str) -> bool:
    groups = _GROUP.findall(run)
    for first in range(len(groups)):
        digits, last = "", first
        while len(digits) < _DIGITS and last < len(groups):
            digits += groups[last]
            last += 1
        if len(digits) == _DIGITS and (last == first + 1 or _dated(digits, groups[first:last])):
            return True
    return False


def _dated(digits: str, groups: list[str]) -> bool:
    """Whether it begins with a birth date, as such numbers do: a D number adds 40 to the day, others to the month."""
    if [len(group) for group in groups[:3]] == [2, 2, 4]:
        return False
    day, month = int(digits[:2]), int(digits[2:4])
    return 1 <= day % 40 <= 31 and day <= 71 and (1 <= month % 40 <= 12 or 66 <= month <= 77)
