"""What has come of a local day: the received map of one series, told in steps (`metering.md` §4.3, MV-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.calendar import Resolution
from meter_ingest.domain import days
from meter_ingest.domain.shares import percent


@dataclass(frozen=True, slots=True)
class Coverage:
    """Steps expected and received, and the sequence numbers (from 1, as in EMIF) that are missing."""

    expected: int
    received: int
    missing: tuple[int, ...]

    @property
    def complete(self) -> bool:
        """Whether the day may be closed: until then its values are provisional."""
        return not self.missing

    @property
    def percent(self) -> str:
        """The received share, with four decimals."""
        return percent(self.received, self.expected)


def of_day(local: date, resolution: Resolution, received: int) -> Coverage:
    """The coverage of a day by a map of its quarters (bit 0 is the first; an hour has come when all four have)."""
    quarters = days.day(local).quarters
    per_step = days.MINUTES[resolution] // 15
    whole = (1 << per_step) - 1
    expected = quarters // per_step
    missing = tuple(step + 1 for step in range(expected) if (received >> (step * per_step)) & whole != whole)
    return Coverage(expected, expected - len(missing), missing)
