"""EMIF XML at the value shard's door, beside a bare parse of the same bytes by the same parser."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - compiled, without types

from bench.ground import Ground
from contracts.emif import names
from contracts.values import make_gsrn
from meter_ingest import emif

NAME = "emif"
SERIES = 100
QUARTERS = 96
TIMES = 9
METERED: tuple[str, str] = ("Metered", "")
ESTIMATED: tuple[str, str] = ("Estimated", ' Quality="56" ValidationCode="V002" EstimationCode="E001"')


async def measure(ground: Ground) -> None:
    """Processor time, as others on the machine do not count in it; the two by turns, the median of each."""
    for what, raw in (
        ("all metered", _document([METERED])),
        ("all metered, indented", _indented(_document([METERED]))),
        ("one value in eight estimated", _document([METERED] * 7 + [ESTIMATED])),
    ):
        opened, bare = _each(raw, ground.options.pick(TIMES, 2))
        values = SERIES * QUARTERS
        ground.sheet.add(
            NAME,
            f"opened at the door, {what}",
            values / opened,
            "values/s",
            limit=values / bare,
            against="a bare parse",
            budget="≥ 0.5 of it",
            wanted=0.5 * values / bare,
        )


def _each(raw: bytes, times: int) -> tuple[float, float]:
    ways: tuple[Callable[[bytes], Any], ...] = (emif.item, etree.fromstring)
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for way, seconds in zip(ways, took, strict=True):
            began = time.process_time()
            way(raw)
            seconds.append(time.process_time() - began)
    return statistics.median(took[0]), statistics.median(took[1])


def _document(statuses: list[tuple[str, str]]) -> bytes:
    chance = random.Random(1)
    party = '<a:Identification schemeAgencyIdentifier="9">7080000000012</a:Identification>'
    payloads = "".join(_payload(serial, statuses, chance) for serial in range(1, SERIES + 1))
    return (
        f'<?xml version="1.0"?><c:CollectedData xmlns:c="{names.COLLECTED}" xmlns:a="{names.ENTITIES}">'
        "<c:Header><a:Identification>0192f000-0000-7000-8000-00000000d001</a:Identification>"
        f'<a:DocumentType listAgencyIdentifier="260">{names.DOCUMENT_TYPE}</a:DocumentType>'
        f"<a:Creation>2026-01-06T06:00:00Z</a:Creation><a:JuridicalSenderEnergyParty>{party}"
        f"</a:JuridicalSenderEnergyParty></c:Header><c:ProcessEnergyContext><a:EnergyBusinessProcess>{names.PROCESS}"
        f'</a:EnergyBusinessProcess><a:EnergyBusinessProcessRole listAgencyIdentifier="6">{names.ROLE}'
        f"</a:EnergyBusinessProcessRole></c:ProcessEnergyContext>{payloads}</c:CollectedData>"
    ).encode()


def _payload(serial: int, statuses: list[tuple[str, str]], chance: random.Random) -> str:
    made: list[str] = []
    for place in range(1, QUARTERS + 1):
        name, attributes = statuses[place % len(statuses)]
        figure = f"{chance.randint(300, 3000) / 1000:.3f}"
        made.append(f'<a:Observation Sequence="{place}"><a:{name}{attributes}>{figure}</a:{name}></a:Observation>')
    return (
        f"<c:PayloadEnergyTimeSeries><a:Identification>0192f000-0000-7000-8000-{serial:012d}</a:Identification>"
        "<a:RegistrationDateTime>2026-01-06T06:00:00+01:00</a:RegistrationDateTime><a:ObservationPeriodTimeSeriesPeriod>"
        "<a:ResolutionDuration>PT15M</a:ResolutionDuration><a:Start>2026-01-05T00:00:00+01:00</a:Start>"
        "<a:End>2026-01-06T00:00:00+01:00</a:End></a:ObservationPeriodTimeSeriesPeriod>"
        '<a:ProductIncludedProductCharacteristics><a:Identification schemeAgencyIdentifier="9">8716867000030'
        "</a:Identification><a:UnitType>kWh</a:UnitType></a:ProductIncludedProductCharacteristics>"
        "<a:MPDetailMeasurementMeteringPointCharacteristic><a:Direction>Out</a:Direction>"
        "</a:MPDetailMeasurementMeteringPointCharacteristic><a:MeteringPointUsedDomainLocation>"
        f'<a:Identification schemeAgencyIdentifier="9">{make_gsrn(serial)}</a:Identification>'
        f"</a:MeteringPointUsedDomainLocation>{''.join(made)}</c:PayloadEnergyTimeSeries>"
    )


def _indented(raw: bytes) -> bytes:
    return etree.tostring(etree.fromstring(raw), pretty_print=True, xml_declaration=True, encoding="UTF-8")
