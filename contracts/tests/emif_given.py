"""EMIF documents as a grid company's system writes them, element by element, so that a test can change one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

DOCUMENT = "0192f000-0000-7000-8000-00000000d001"
NAMESPACES = (
    'xmlns:c="urn:no:elhub:emif:metering:CollectedData:v2"'
    ' xmlns:a="urn:no:elhub:emif:common:AggregatedBusinessInformationEntities:v2"'
)


def payload_id(serial: int) -> str:
    return f"0192f000-0000-7000-8000-{serial:012d}"


def observation(sequence: int, kwh: str, status: str = "Metered", **attributes: str) -> str:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<a:Observation Sequence="{sequence}"><a:{status}{said}>{kwh}</a:{status}></a:Observation>'


def payload(point: str, values: Sequence[str] = ("1.000",), *, serial: int = 1, **changed: Any) -> str:
    is_ = {
        "id": payload_id(serial),
        "registered": "<a:RegistrationDateTime>2026-01-05T06:00:00+01:00</a:RegistrationDateTime>",
        "resolution": "PT15M",
        "start": "<a:Start>2026-01-05T00:00:00+01:00</a:Start>",
        "end": "<a:End>2026-01-05T00:15:00+01:00</a:End>",
        "stands": "",
        "product": '<a:Identification schemeAgencyIdentifier="9">8716867000030</a:Identification>',
        "unit": "kWh",
        "direction": "Out",
        "observations": "".join(observation(place, kwh) for place, kwh in enumerate(values, 1)),
        "agency": "9",
        "extra": "",
    } | changed
    period = is_.get(
        "period",
        f"<a:ObservationPeriodTimeSeriesPeriod><a:ResolutionDuration>{is_['resolution']}</a:ResolutionDuration>"
        f"{is_['start']}{is_['stands']}{is_['end']}</a:ObservationPeriodTimeSeriesPeriod>",
    )
    product = is_.get(
        "characteristics",
        f"<a:ProductIncludedProductCharacteristics>{is_['product']}<a:UnitType>{is_['unit']}</a:UnitType>"
        "</a:ProductIncludedProductCharacteristics>",
    )
    return (
        f"<c:PayloadEnergyTimeSeries><a:Identification>{is_['id']}</a:Identification>{is_['registered']}{period}{product}"
        f"<a:MPDetailMeasurementMeteringPointCharacteristic><a:Direction>{is_['direction']}</a:Direction>"
        "</a:MPDetailMeasurementMeteringPointCharacteristic>"
        f'<a:MeteringPointUsedDomainLocation><a:Identification schemeAgencyIdentifier="{is_["agency"]}">'
        f"{point}</a:Identification></a:MeteringPointUsedDomainLocation>"
        f"{is_['extra']}{is_['observations']}</c:PayloadEnergyTimeSeries>"
    )


def document(*payloads: str, sender: str = "7080000000012", **changed: str) -> bytes:
    is_ = {
        "declaration": '<?xml version="1.0" encoding="UTF-8"?>',
        "message": "CollectedData",
        "id": DOCUMENT,
        "type": '<a:DocumentType listAgencyIdentifier="260">E13</a:DocumentType>',
        "asks": "",
        "process": "BRS-NO-313",
        "role": '<a:EnergyBusinessProcessRole listAgencyIdentifier="6">DDE</a:EnergyBusinessProcessRole>',
    } | changed
    party = f'<a:Identification schemeAgencyIdentifier="9">{sender}</a:Identification>'
    return (
        f"{is_['declaration']}<c:{is_['message']} {NAMESPACES}>"
        f"<c:Header><a:Identification>{is_['id']}</a:Identification>{is_['type']}"
        f"<a:Creation>2026-01-05T06:00:00.123456789+01:00</a:Creation>{is_['asks']}"
        f"<a:PhysicalSenderEnergyParty>{party}</a:PhysicalSenderEnergyParty>"
        f"<a:JuridicalSenderEnergyParty>{party}</a:JuridicalSenderEnergyParty>"
        f"<a:JuridicalRecipientEnergyParty>{party}</a:JuridicalRecipientEnergyParty></c:Header>"
        '<c:ProcessEnergyContext><a:EnergyBusinessProcess listAgencyIdentifier="89">'
        f"{is_['process']}</a:EnergyBusinessProcess>{is_['role']}"
        "<a:EnergyIndustryClassification>23</a:EnergyIndustryClassification></c:ProcessEnergyContext>"
        f"{''.join(payloads)}</c:{is_['message']}>"
    ).encode()
