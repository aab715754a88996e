"""Lines: what tells one series of a metering point from the others.

A line is a direction, a product, and which meter it is read from: `consumption`, `production`, `consumption.reactive`,
and `consumption.active.3` for the third meter of the point's own (0 is the settlement meter, which is left out). It is
part of the ids of documents, and a small number in the store; the two say the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, get_args

from contracts.meter_ingest.v1 import EnergyDirection, Product

DIRECTIONS: Final[tuple[EnergyDirection, ...]] = get_args(EnergyDirection)
PRODUCTS: Final[tuple[Product, ...]] = get_args(Product)
_ONE_WAY: Final[frozenset[Product]] = frozenset(("capacitive", "inductive"))
_A_METER: Final = len(DIRECTIONS) * len(PRODUCTS)
MOST_METERS: Final = 32767 // _A_METER - 1
"""The greatest number of a meter that a small number has room for."""


@lru_cache(maxsize=4096)
def line(direction: EnergyDirection, product: Product = "active", meter: int = 0) -> str:
    """The line of a direction, product and meter.

    Capacitive and inductive energy say by what they are which way: the direction is not looked at (`metering.md` §4.1).
    """
    return _name("consumption" if product in _ONE_WAY else direction, product, meter)


def _name(direction: str, product: Product, meter: int) -> str:
    if meter:
        return f"{direction}.{product}.{meter}"
    return direction if product == "active" else f"{direction}.{product}"


@lru_cache(maxsize=4096)
def parts(name: str) -> tuple[EnergyDirection, Product, int]:
    """The direction, product and meter of a line."""
    return parts_of(code(name))


@lru_cache(maxsize=4096)
def code(name: str) -> int:
    """A line as the store has it. Raises `ValueError` for what is none."""
    said = name.split(".")
    meter = int(said[2]) if len(said) > 2 else 0
    if not 0 <= meter <= MOST_METERS:
        raise ValueError(name)
    product = said[1] if len(said) > 1 else "active"
    found = meter * _A_METER + [*PRODUCTS].index(product) * len(DIRECTIONS) + [*DIRECTIONS].index(said[0])
    if of_code(found) != name:
        raise ValueError(name)
    return found


@lru_cache(maxsize=4096)
def of_code(number: int) -> str:
    """The line that the store has as this number."""
    return _name(*parts_of(number))


def parts_of(number: int) -> tuple[EnergyDirection, Product, int]:
    """The direction, product and meter of a stored line."""
    meter, rest = divmod(number, _A_METER)
    product, direction = divmod(rest, len(DIRECTIONS))
    return DIRECTIONS[direction], PRODUCTS[product], meter
