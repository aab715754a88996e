"""Money: exact decimals, rounded once, to the øre, half up (away from zero), and parts that add up to the whole.

Nothing is rounded per line. Where the research leaves open which of two sums is invoiced (MV-24: 0.65 of rounded lines,
0.64 of the exact ones), it is the exact one rounded once: it does not depend on how lines are cut, and its error is at
most half an øre. Parts get what is left by largest remainder, ties to the earliest.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, Inexact, localcontext

ORE = Decimal("0.01")
ZERO = Decimal(0)
_WH_PER_MWH = 6
_EXACT = Context(prec=80, traps=[Inexact])
"""What would have to be rounded unasked is an error."""
_ROUNDING = Context(prec=80)


@contextmanager
def exactly() -> Generator[None]:
    """Arithmetic in here loses nothing, or raises."""
    with localcontext(_EXACT):
        yield


def of(wh: int, nok_per_mwh: Decimal) -> Decimal:
    """What so much energy is worth at a price, in NOK, exactly."""
    with exactly():
        return Decimal(wh).scaleb(-_WH_PER_MWH) * nok_per_mwh


def total(amounts: Sequence[Decimal]) -> Decimal:
    """Their sum, exactly."""
    with exactly():
        return sum(amounts, ZERO)


def to_ore(amount: Decimal) -> Decimal:
    """Rounded to the øre, half up."""
    return amount.quantize(ORE, rounding=ROUND_HALF_UP, context=_ROUNDING)


def to_ore_together(parts: Sequence[Decimal]) -> list[Decimal]:
    """Parts to the øre that add up to their exact sum rounded once; each is at most one øre from its own figure.

    Each is rounded down; what is missing then goes to those that lost most, of equal ones to the earliest.
    """
    down = [part.quantize(ORE, rounding=ROUND_FLOOR, context=_ROUNDING) for part in parts]
    left = int((to_ore(total(parts)) - total(down)) / ORE)
    with exactly():
        lost = [part - low for part, low in zip(parts, down, strict=True)]
        for index in sorted(range(len(parts)), key=lambda one: -lost[one])[:left]:
            down[index] += ORE
    return down


def text(amount: Decimal) -> str:
    """With all its decimals and no others: `1.015625`, `-0.0508`, `0`."""
    with exactly():
        return f"{amount.normalize():f}" if amount else "0"


def ore_text(amount: Decimal) -> str:
    """To the øre: `0.64`, `-12.00`, `0.00`."""
    found = to_ore(amount)
    return f"{found or abs(found):f}"
