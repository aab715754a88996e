"""What a point's volumes are worth by the hour (§ 7-6): what who bills goes by, never a bill.

Profiled quarters are summed to hours like all others. Norgespris is shown, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from meter_ingest.domain.settlement import last_resort, money
from meter_ingest.domain.settlement.hour_price import HourPrice

_KWH_PER_MWH = Decimal(1000)
"""NOK/kWh as NOK/MWh."""


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of a point: what was used, at which price, whether it has Norgespris."""

    start: datetime
    wh: int | None
    price: HourPrice
    surcharge_nok_kwh: Decimal | None
    """Of a supply of last resort."""
    norgespris: bool

    @property
    def amount(self) -> Decimal | None:
        """In NOK, exactly; None where there is no price or no volume."""
        if self.wh is None or self.price.nok_per_mwh is None:
            return None
        with money.exactly():
            whole = self.price.nok_per_mwh + (self.surcharge_nok_kwh or money.ZERO) * _KWH_PER_MWH
        return money.of(self.wh, whole)


def hours(
    starts: Sequence[datetime],
    volumes: Sequence[int | None],
    priced: Sequence[HourPrice],
    *,
    norgespris: Sequence[bool],
    since: date | None = None,
    terms: last_resort.Terms | None = None,
) -> list[Hour]:
    """Hour by hour. `since`, `terms`: of a supply of last resort."""
    return [
        Hour(
            start,
            wh,
            price,
            last_resort.surcharge(start, since=since, terms=terms) if since and terms else None,
            is_,
        )
        for start, wh, price, is_ in zip(starts, volumes, priced, norgespris, strict=True)
    ]


def total(some: Iterable[Hour]) -> Decimal:
    """All that is priced, exactly; what is not is not in it."""
    return money.total([one.amount for one in some if one.amount is not None])
