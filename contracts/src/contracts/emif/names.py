"""The names and codes of EMIF 2.4.3 that meter values need."""

from __future__ import annotations

from typing import Final

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import EnergyDirection, ValueStatus

COLLECTED: Final = "urn:no:elhub:emif:metering:CollectedData:v2"
ACKNOWLEDGEMENT: Final = "urn:no:elhub:emif:Acknowledgement:v2"
ENTITIES: Final = "urn:no:elhub:emif:common:AggregatedBusinessInformationEntities:v2"

PROCESS: Final = "BRS-NO-313"
DOCUMENT_TYPE: Final = "E13"
ROLE: Final = "DDE"

ACTIVE_ENERGY: Final = "8716867000030"
KWH: Final = "kWh"

RESOLUTIONS: Final[dict[str, Resolution]] = {"PT15M": "PT15M", "PT60M": "PT60M", "PT1H": "PT60M"}
DIRECTIONS: Final[dict[str, EnergyDirection]] = {"Out": "consumption", "In": "production"}
QUALITIES: Final[dict[str, ValueStatus]] = {"56": "estimated", "81": "final-estimated"}


def rsm(name: str) -> str:
    """An element of the document itself."""
    return f"{{{COLLECTED}}}{name}"


def abie(name: str) -> str:
    """An element that all documents share."""
    return f"{{{ENTITIES}}}{name}"
