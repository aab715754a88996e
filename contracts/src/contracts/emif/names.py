"""The names and codes of EMIF 2.4.3 that meter values need."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import EnergyDirection, Product, ValueStatus

COLLECTED: Final = "urn:no:elhub:emif:metering:CollectedData:v2"
ACKNOWLEDGEMENT: Final = "urn:no:elhub:emif:Acknowledgement:v2"
ENTITIES: Final = "urn:no:elhub:emif:common:AggregatedBusinessInformationEntities:v2"

PROCESS: Final = "BRS-NO-313"
DOCUMENT_TYPE: Final = "E13"
ROLE: Final = "DDE"

PRODUCTS: Final[dict[str, Product]] = {
    "8716867000030": "active",
    "8716867000047": "reactive",
    "8716867000139": "capacitive",
    "8716867000146": "inductive",
}
"""What a grid company measures. The codes of what is derived (profiled, 6015, virtual) only ever come from Elhub."""
UNITS: Final[dict[Product, str]] = {
    "active": "kWh",
    "reactive": "kvarh",
    "capacitive": "kvarh",
    "inductive": "kvarh",
}
DIRECTION_IGNORED: Final = frozenset[Product]({"capacitive", "inductive"})
"""Products that say which way by what they are."""
GS1: Final = "9"
"""The agency of GSRN, GLN and the product codes."""

RESOLUTIONS: Final[dict[str, Resolution]] = {"PT15M": "PT15M", "PT60M": "PT60M", "PT1H": "PT60M"}
DIRECTIONS: Final[dict[str, EnergyDirection]] = {"Out": "consumption", "In": "production"}
QUALITIES: Final[dict[str, ValueStatus]] = {"56": "estimated", "81": "final-estimated"}


def rsm(name: str) -> str:
    """An element of the document itself."""
    return f"{{{COLLECTED}}}{name}"


@lru_cache
def abie(name: str) -> str:
    """An element that all documents share."""
    return f"{{{ENTITIES}}}{name}"
