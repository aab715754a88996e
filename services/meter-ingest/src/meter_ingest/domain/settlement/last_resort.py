"""What a supply of last resort costs (leveringsplikt, § 2-1a): the hour's price and a surcharge, ex taxes.

Six weeks at first, which are 42 local days (D23): an hour more or less where the clocks change (MV-20). The days and
both surcharges are policies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from contracts import calendar

_ORE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Terms:
    """`last-resort.first-days`, `last-resort.first-ore`, `last-resort.then-ore`."""

    first_days: int
    first_ore: int
    then_ore: int


def switch_at(since: date, terms: Terms) -> datetime:
    """When the higher surcharge begins, of a supply since the beginning of a local day."""
    return calendar.midnight(since + timedelta(days=terms.first_days))


def surcharge(hour: datetime, *, since: date, terms: Terms) -> Decimal | None:
    """In NOK/kWh, of the hour that begins then; None before the supply."""
    if hour < calendar.midnight(since):
        return None
    return _ORE * (terms.first_ore if hour < switch_at(since, terms) else terms.then_ore)
