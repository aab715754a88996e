"""A `CollectedData` document as the series that the JSON form gives, payload by payload.

One payload that is wrong does not sink the others: it carries its fault, with Elhub's code. Elements that are not known
are passed over, as later editions add some. XML is read without DTD, entities or anything outside the document.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - compiled, without types

from contracts import door_rules as rules
from contracts import values
from contracts.emif import names, quantities
from contracts.emif.names import abie, rsm
from contracts.meter_ingest.v1 import Series, StatusRun, ValueStatus
from contracts.strict_json import echo

MAX_PAYLOADS: Final = 1000
"""Series of one document, as of one JSON message."""

_START: Final = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<")
_ENCODING: Final = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_ENDS: Final = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?CollectedData\s*>")
_UUID: Final = re.compile(values.UUID_PATTERN[1:-1]).fullmatch
_FRACTION: Final = re.compile(r"(\.\d{6})\d+")
_GLN: Final = 13
"""What the schema allows a party's identification at most; a longer one is nobody's."""
_MIDNIGHT_24: Final = "T24:00:00"
_OBSERVATION: Final = abie("Observation")
_SEQUENCES: Final = tuple(map(str, range(1, 1001)))
"""Of ten days of quarters: what is longer is read one by one."""


class Fault(NamedTuple):
    """What is wrong, in Elhub's code and in ours."""

    code: str
    path: str
    limit: str
    actual: str


@dataclass(frozen=True, slots=True)
class Payload:
    """One series of the document: either whole, or with what is wrong."""

    id: str
    series: Series | None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says. With `faults` it is refused as a whole; `id` and `sender` are empty if they are unfit."""

    id: str
    sender: str
    """The juridical sender's GLN, as it stands there."""
    recipient: str
    payloads: tuple[Payload, ...]
    faults: tuple[Fault, ...] = ()


class _Unfit(Exception):
    """Carries the fault of one payload out of it."""

    def __init__(self, code: str, path: str, limit: str, actual: object) -> None:
        super().__init__(code, path, limit, actual)
        self.fault = Fault(code, path, limit, "nothing" if actual is None else echo(str(actual)))


def is_xml(raw: bytes) -> bool:
    """Whether it is meant to be XML, by its first character."""
    return _START.match(raw) is not None


def split(raw: bytes) -> list[bytes]:
    """Documents that stand in a row, one by one; what cannot be divided stays whole."""
    ends = [match.end() for match in _ENDS.finditer(raw)]
    if len(ends) < 2:
        return [raw]
    parts = [raw[start:end].lstrip() for start, end in zip([0, *ends], ends, strict=False)]
    rest = raw[ends[-1] :].strip()
    return [*parts, rest] if rest else parts


def read(raw: bytes) -> Document:
    """Read one document. Raises `Refused` where it is no XML that is taken; other faults stand in the document."""
    head: dict[str, Any] = {}
    payloads: list[Payload] = []
    root: Any = None
    for element, parent in _elements(raw):
        if parent is None:
            break
        if element.tag != rsm("PayloadEnergyTimeSeries"):
            head[element.tag] = element
            root = parent
            continue
        root = parent
        if len(payloads) == MAX_PAYLOADS:
            too_many = Fault(
                "EH055", "/PayloadEnergyTimeSeries", f"at most {MAX_PAYLOADS}", f"more than {MAX_PAYLOADS}"
            )
            return Document(*_named(head), (), (too_many,))
        payloads.append(_payload(element, len(payloads)))
        element.clear()
        parent.remove(element)
    faults = list(_faults(head, root))
    if not payloads and not faults:
        faults.append(Fault("EH055", "/PayloadEnergyTimeSeries", "at least one", "nothing"))
    doubled = {one.id for one in payloads if one.id}
    if len(doubled) < sum(1 for one in payloads if one.id):
        faults.append(Fault("EH055", "/PayloadEnergyTimeSeries/Identification", "each once", "one that stands twice"))
    return Document(*_named(head), tuple(payloads), tuple(faults))


def _elements(raw: bytes) -> Iterator[tuple[Any, Any]]:
    """Header, context and each payload with its parent, as they end; memory holds one payload."""
    found = _ENCODING.match(raw)
    if found and found[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"}:
        raise rules.NOT_XML.refused(actual=echo(f"encoding {found[1].decode()}"))
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise rules.NOT_XML.refused(actual="a DTD")
    try:
        raw.decode()
        parsing = etree.iterparse(
            io.BytesIO(raw),
            events=("end",),
            tag=(rsm("Header"), rsm("ProcessEnergyContext"), rsm("PayloadEnergyTimeSeries")),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            attribute_defaults=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        for _, element in parsing:
            parent = element.getparent()
            if parent is None or parent.getparent() is not None:
                continue
            yield element, parent
        if parsing.root is None or parsing.root.tag != rsm("CollectedData"):
            yield parsing.root, None
    except UnicodeDecodeError:
        raise rules.NOT_XML.refused(actual="bytes that are not UTF-8") from None
    except etree.XMLSyntaxError as error:
        raise rules.NOT_XML.refused(actual=echo(str(error))) from None


def _named(head: dict[str, Any]) -> tuple[str, str, str]:
    header = head.get(rsm("Header"))
    if header is None:
        return "", "", ""
    id_ = _text(header, "Identification") or ""
    parties = ("JuridicalSenderEnergyParty", "JuridicalRecipientEnergyParty")
    sender, recipient = (_text(header, name, "Identification") or "" for name in parties)
    return (
        (id_ if _UUID(id_) else ""),
        (sender if len(sender) <= 13 else ""),
        (recipient if len(recipient) <= 13 else ""),
    )


def _faults(head: dict[str, Any], root: Any) -> Iterator[Fault]:
    """Rules 1 to 4 of BRS-NO-313, in their order."""
    header, context = head.get(rsm("Header")), head.get(rsm("ProcessEnergyContext"))
    if root is None or root.tag != rsm("CollectedData"):
        yield Fault("EH055", "", "CollectedData", "another message")
        return
    if header is None or context is None:
        yield Fault("EH055", "", "Header and ProcessEnergyContext", "a document without them")
        return
    for code, agency, of, name, wanted in (
        ("EH055", None, context, "EnergyBusinessProcess", names.PROCESS),
        ("EH011", "260", header, "DocumentType", names.DOCUMENT_TYPE),
        ("EH013", "6", context, "EnergyBusinessProcessRole", names.ROLE),
    ):
        place = "Header" if of is header else "ProcessEnergyContext"
        element: Any = of.find(abie(name))
        said = element.text.strip() if element is not None and element.text else None
        if said != wanted:
            yield Fault(code, f"/{place}/{name}", wanted, echo(said or "nothing"))
        elif agency and (given := of.find(abie(name)).get("listAgencyIdentifier")) != agency:
            yield Fault("EH025", f"/{place}/{name}/@listAgencyIdentifier", agency, echo(given or "nothing"))
    if header.find(abie("RequestPositiveAcknowledgement")) is not None:
        yield Fault("EH065", "/Header/RequestPositiveAcknowledgement", "nothing", "a wish for acknowledgements")
    if not _UUID(_text(header, "Identification") or ""):
        yield Fault("EH055", "/Header/Identification", "a UUID in lower case", "another text")


def _payload(element: Any, place: int) -> Payload:
    id_ = _text(element, "Identification") or ""
    id_ = id_ if _UUID(id_) else ""
    try:
        if not id_:
            raise _Unfit("EH055", "/Identification", "a UUID in lower case", _text(element, "Identification"))
        return Payload(id_, _series(element))
    except _Unfit as unfit:
        fault = unfit.fault
        return Payload(id_, None, fault._replace(path=f"/PayloadEnergyTimeSeries/{place}{fault.path}"))


def _series(element: Any) -> Series:
    period = element.find(abie("ObservationPeriodTimeSeriesPeriod"))
    if period is None:
        raise _Unfit("EH032", "/ObservationPeriodTimeSeriesPeriod", "a period", None)
    for name in ("MeterReadingStart", "MeterReadingEnd"):
        if period.find(abie(name)) is not None:
            raise _Unfit("EH066", f"/ObservationPeriodTimeSeriesPeriod/{name}", "nothing", _text(period, name))
    duration = _text(period, "ResolutionDuration")
    resolution = names.RESOLUTIONS.get(duration or "")
    if resolution is None:
        raise _Unfit("EH075", "/ObservationPeriodTimeSeriesPeriod/ResolutionDuration", "PT15M, PT60M, PT1H", duration)
    start, end = (
        _time(_text(period, name), "EH032", f"ObservationPeriodTimeSeriesPeriod/{name}") for name in ("Start", "End")
    )
    product = _text(element, "ProductIncludedProductCharacteristics", "Identification")
    if product != names.ACTIVE_ENERGY:
        raise _Unfit("EH072", "/ProductIncludedProductCharacteristics", names.ACTIVE_ENERGY, product)
    unit = _text(element, "ProductIncludedProductCharacteristics", "UnitType")
    if unit != names.KWH:
        raise _Unfit("E73", "/ProductIncludedProductCharacteristics/UnitType", names.KWH, unit)
    said = _text(element, "MPDetailMeasurementMeteringPointCharacteristic", "Direction")
    direction = names.DIRECTIONS.get(said or "")
    if direction is None:
        raise _Unfit("E10", "/MPDetailMeasurementMeteringPointCharacteristic/Direction", "Out, In", said)
    wh, statuses = _observations(element)
    return Series(
        metering_point_id=_text(element, "MeteringPointUsedDomainLocation", "Identification") or "",
        direction=direction,
        resolution=resolution,
        start=start,
        end=end,
        values_wh=tuple(wh),
        status=statuses[0].status,
        statuses=statuses if len(statuses) > 1 else (),
        registered_at=_time(_text(element, "RegistrationDateTime"), "E50", "RegistrationDateTime"),
    )


def _observations(element: Any) -> tuple[list[int], tuple[StatusRun, ...]]:
    """Values by sequence, which begins at 1 at the period's start and has no holes; and their statuses, run by run."""
    if metered := _all_metered(element):
        return metered, (StatusRun(status="metered", count=len(metered)),)
    by_place: dict[int, tuple[int, ValueStatus]] = {}
    for one in element.iterchildren(_OBSERVATION):
        sequence = one.get("Sequence", "")
        path = f"/Observation/{sequence if sequence.isdigit() else ''}"
        if not (sequence.isascii() and sequence.isdigit() and len(sequence) <= 4) or int(sequence) in by_place:
            raise _Unfit("E87", path, "a sequence number, each once", sequence)
        quantity = next(one.iterchildren(*quantities.ELEMENTS), None)
        if quantity is None:
            raise _Unfit("E86", path, "Metered, Estimated or Temporary", None)
        try:
            by_place[int(sequence)] = quantities.read(quantity)
        except quantities.Unfit as unfit:
            raise _Unfit("E86", path, unfit.limit, unfit.actual) from None
    if not by_place or by_place.keys() != set(range(1, len(by_place) + 1)):
        raise _Unfit("E87", "/Observation", "1, 2, 3 … without holes", f"{len(by_place)} observations")
    in_order = [by_place[place] for place in range(1, len(by_place) + 1)]
    runs = [[*run] for _, run in groupby(in_order, key=lambda one: one[1])]
    return [wh for wh, _ in in_order], tuple(StatusRun(status=run[0][1], count=len(run)) for run in runs)


def _all_metered(element: Any) -> list[int] | None:
    """The values where each is metered, in order and as usual, which is nearly always; else nothing, and no reason."""
    wh: list[int] = []
    try:
        for one, sequence in zip(element.iterchildren(_OBSERVATION), _SEQUENCES, strict=False):
            (quantity,) = one
            if quantity.tag != quantities.METERED or one.get("Sequence") != sequence:
                return None
            wh.append(quantities.energy(quantity.text or ""))
    except (ValueError, quantities.Unfit):
        return None
    return wh if len(wh) < len(_SEQUENCES) else None


def _time(text: str | None, code: str, name: str) -> datetime:
    """A moment: UTC or with an offset, up to nine decimals (kept to the microsecond), 24:00:00 as the next midnight."""
    if text is None:
        raise _Unfit(code, f"/{name}", "a moment", None)
    cut = _FRACTION.sub(r"\1", text)
    late = _MIDNIGHT_24 in cut
    try:
        at = values.parse_time(cut.replace(_MIDNIGHT_24, "T00:00:00") if late else cut)
        return at + timedelta(days=1) if late else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Unfit(code, f"/{name}", "2026-01-05T00:00:00+01:00", text) from None


def _text(element: Any, *way: str) -> str | None:
    found = element
    for name in way:
        found = found.find(abie(name))
        if found is None:
            return None
    text = (found.text or "").strip()
    return text or None
