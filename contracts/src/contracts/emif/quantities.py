"""One observed value: its energy in whole watt-hours, and its status (MV-15; XSD 2.4.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from contracts.emif import names
from contracts.emif.names import abie
from contracts.meter_ingest.v1 import ValueStatus

METERED: Final = abie("Metered")
ESTIMATED: Final = abie("Estimated")
TEMPORARY: Final = abie("Temporary")
ELEMENTS: Final = (METERED, ESTIMATED, TEMPORARY)

_USUAL: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,3})?").fullmatch
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})").fullmatch
_VALIDATIONS: Final = frozenset({"V001", "V002", "V003", "V004", "V011", "V012", "V013", "V014", "V999"})
_ESTIMATIONS: Final = frozenset(f"E00{number}" for number in range(1, 9))
_SHORT: Final = 20
"""Longer texts are legal, by their spaces; they are not remembered."""
_MOST: Final = 10**15
"""decimal(15,3) of kWh in Wh."""


class Unfit(Exception):
    """A value that the schema does not allow."""

    def __init__(self, limit: str, actual: str | None) -> None:
        super().__init__(limit, actual)
        self.limit = limit
        self.actual = actual


def read(element: Any) -> tuple[int, ValueStatus]:
    """The energy in Wh and the status of a value. Raises `Unfit`."""
    return energy(element.text or ""), status_of(element.tag, element.attrib)


def status_of(tag: str, said: Mapping[str, str]) -> ValueStatus:
    """The status of a value, from its element's name and attributes. Raises `Unfit`."""
    return "metered" if tag == METERED else _status(tag, said)


def energy(text: str) -> int:
    """Energy in kWh with at most three decimals, as Wh. XML Schema knows the decimal point only. Raises `Unfit`."""
    return _remembered(text) if len(text) <= _SHORT else _energy(text)


def _energy(text: str) -> int:
    text = text.strip()
    if _USUAL(text):
        whole, _, part = text.partition(".")
        return int(whole + part.ljust(3, "0"))
    if not _DECIMAL(text):
        raise Unfit("a number with a decimal point", text)
    wh = Decimal(text).scaleb(3)
    if wh < 0:
        raise Unfit("minInclusive 0", text)
    if wh != wh.to_integral_value():
        raise Unfit("fractionDigits 3", text)
    if wh >= _MOST:
        raise Unfit("totalDigits 15", text)
    return int(wh)


_remembered = lru_cache(maxsize=65536)(_energy)
"""Meters say the same few thousand figures again and again."""


def _status(tag: str, said: Mapping[str, str]) -> ValueStatus:
    if said.get("ValidationCode") not in _VALIDATIONS:
        raise Unfit("ValidationCode required", said.get("ValidationCode"))
    quality = said.get("Quality")
    if tag == ESTIMATED and quality not in names.QUALITIES:
        raise Unfit("Quality not in {56,81}", quality)
    if said.get("EstimationCode") not in _ESTIMATIONS:
        raise Unfit("EstimationCode required", said.get("EstimationCode"))
    return names.QUALITIES[quality or ""] if tag == ESTIMATED else "temporary"
