"""Meter values as EMIF XML, at the door: beside the same parser that only parses the same bytes."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from bench.ground import Ground
from contracts.emif import reading
from contracts.meter_ingest.v1 import Series
from contracts.values import time_text
from flexreg.story import cast as who

NAME = "values"
AT_ONCE = 200
"""Payloads of a document."""
_NAMESPACES = (
    'xmlns:c="urn:no:elhub:emif:metering:CollectedData:v2"'
    ' xmlns:a="urn:no:elhub:emif:common:AggregatedBusinessInformationEntities:v2"'
)


def measure(ground: Ground, series: Sequence[Series]) -> None:
    """Processor time of reading documents to series; what becomes of these is as of JSON."""
    documents = list(_documents(series))
    values = sum(len(one.values_wh) for one in series)
    for _ in range(ground.options.repeat):
        bare, read = _took(documents, bare=True), _took(documents, bare=False)
        limit = {"limit": values / bare, "against": "bare parse", "budget": "≥ 0.5", "wanted_ratio": 0.5}
        ground.sheet.add(NAME, "EMIF XML to series, of one processor", values / read, "values/s", **limit)  # pyright: ignore[reportArgumentType]


def _took(documents: Sequence[bytes], *, bare: bool) -> float:
    began = time.process_time()
    for one in documents:
        if bare:
            for _ in etree.iterparse(io.BytesIO(one)):
                pass
        else:
            found = reading.read(one)
            assert all(payload.series for payload in found.payloads), found.payloads[0]
    return time.process_time() - began


def _documents(series: Sequence[Series]) -> Iterator[bytes]:
    party = f'<a:Identification schemeAgencyIdentifier="9">{who.DSO_1.gln}</a:Identification>'
    for first in range(0, len(series), AT_ONCE):
        some = series[first : first + AT_ONCE]
        payloads = "".join(_payload(number, one) for number, one in enumerate(some, first))
        yield (
            f'<?xml version="1.0" encoding="UTF-8"?><c:CollectedData {_NAMESPACES}>'
            f"<c:Header><a:Identification>{who.story_id('bench-emif', first)}</a:Identification>"
            '<a:DocumentType listAgencyIdentifier="260">E13</a:DocumentType>'
            f"<a:Creation>{time_text(some[0].registered_at)}</a:Creation>"
            f"<a:PhysicalSenderEnergyParty>{party}</a:PhysicalSenderEnergyParty>"
            f"<a:JuridicalSenderEnergyParty>{party}</a:JuridicalSenderEnergyParty>"
            f"<a:JuridicalRecipientEnergyParty>{party}</a:JuridicalRecipientEnergyParty></c:Header>"
            '<c:ProcessEnergyContext><a:EnergyBusinessProcess listAgencyIdentifier="89">BRS-NO-313'
            "</a:EnergyBusinessProcess>"
            '<a:EnergyBusinessProcessRole listAgencyIdentifier="6">DDE</a:EnergyBusinessProcessRole>'
            "<a:EnergyIndustryClassification>23</a:EnergyIndustryClassification></c:ProcessEnergyContext>"
            f"{payloads}</c:CollectedData>"
        ).encode()


def _payload(number: int, one: Series) -> str:
    observations = "".join(
        f'<a:Observation Sequence="{place}"><a:Metered>{wh / 1000:.3f}</a:Metered></a:Observation>'
        for place, wh in enumerate(one.values_wh, 1)
    )
    return (
        f"<c:PayloadEnergyTimeSeries><a:Identification>{who.story_id('bench-payload', number)}</a:Identification>"
        f"<a:RegistrationDateTime>{time_text(one.registered_at)}</a:RegistrationDateTime>"
        f"<a:ObservationPeriodTimeSeriesPeriod><a:ResolutionDuration>PT15M</a:ResolutionDuration>"
        f"<a:Start>{time_text(one.start)}</a:Start><a:End>{time_text(one.end)}</a:End></a:ObservationPeriodTimeSeriesPeriod>"
        '<a:ProductIncludedProductCharacteristics><a:Identification schemeAgencyIdentifier="9">8716867000030'
        "</a:Identification><a:UnitType>kWh</a:UnitType></a:ProductIncludedProductCharacteristics>"
        "<a:MPDetailMeasurementMeteringPointCharacteristic><a:Direction>Out</a:Direction>"
        "</a:MPDetailMeasurementMeteringPointCharacteristic>"
        '<a:MeteringPointUsedDomainLocation><a:Identification schemeAgencyIdentifier="9">'
        f"{one.metering_point_id}</a:Identification></a:MeteringPointUsedDomainLocation>"
        f"{observations}</c:PayloadEnergyTimeSeries>"
    )
