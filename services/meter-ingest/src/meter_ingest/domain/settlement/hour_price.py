"""The price of an hour (§ 7-6 as RME recommends it, D22): for whom is billed by the hour, also where that is profiled.

The published price of the hour; where there is none, what the method that RME may fix makes of the quarters (the
policy `hour-price.fallback`); of fewer than four nothing is made: the hour has no price. Not for deviations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from meter_ingest.domain.settlement import money
from meter_ingest.domain.settlement.prices import Price

Source = Literal["published-hour", "mean-of-quarters", "unpriced"]

MEAN: Final = "mean-of-quarters"
_PER_HOUR = 4
_KWH_PER_MWH = 3
_FOUR_DECIMALS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class HourPrice:
    """What an hour costs in NOK/MWh (None: it has no price), by which way, and the published versions it rests on."""

    nok_per_mwh: Decimal | None
    source: Source
    versions: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    """Where those were from: "Nord Pool"."""

    @property
    def nok_per_kwh(self) -> Decimal | None:
        """With four decimals, half up: as it stands on a bill. What is computed with is not rounded."""
        return None if self.nok_per_mwh is None else per_kwh(self.nok_per_mwh)


UNPRICED = HourPrice(None, "unpriced")


def of_hour(published: Price | None, quarters: Sequence[Price | None], *, fallback: str) -> HourPrice:
    """The price of one hour. `fallback`: how where it was not published; any other word than `MEAN` is not at all."""
    if published is not None:
        return HourPrice(published.nok_per_mwh, "published-hour", (published.version,), (published.source,))
    there = [one for one in quarters if one is not None]
    if fallback != MEAN or len(there) != _PER_HOUR:
        return UNPRICED
    with money.exactly():
        mean = sum((one.nok_per_mwh for one in there), money.ZERO) / _PER_HOUR
    versions = tuple(dict.fromkeys(one.version for one in there))
    return HourPrice(mean, "mean-of-quarters", versions, tuple(dict.fromkeys(one.source for one in there)))


def of_day(
    published: Sequence[Price | None], quarters: Sequence[Price | None], *, fallback: str
) -> tuple[HourPrice, ...]:
    """Hour by hour of a day of 23, 24 or 25."""
    return tuple(
        of_hour(one, quarters[_PER_HOUR * hour : _PER_HOUR * (hour + 1)], fallback=fallback)
        for hour, one in enumerate(published)
    )


def per_kwh(nok_per_mwh: Decimal) -> Decimal:
    """NOK/kWh with four decimals, half up (MV-19)."""
    return nok_per_mwh.scaleb(-_KWH_PER_MWH).quantize(_FOUR_DECIMALS, rounding=ROUND_HALF_UP)
