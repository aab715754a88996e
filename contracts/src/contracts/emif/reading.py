"""A `CollectedData` document as the series that the JSON form gives, payload by payload.

One payload that is wrong does not sink the others: it carries its fault, with Elhub's code. Elements that are not known
are passed over, as later editions add some. XML is read without DTD, entities or anything outside the document.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - compiled, without types

from contracts import door_rules as rules
from contracts import phrases, values
from contracts.emif import bulk, names, quantities
from contracts.emif.names import abie, rsm
from contracts.message import Refused, trusted
from contracts.meter_ingest.v1 import EnergyDirection, Product, Series, ValueStatus
from contracts.strict_json import echo

MAX_PAYLOADS: Final = 9999
"""Series of one document, as Elhub has it."""

_START: Final = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<")
_ENCODING: Final = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_END: Final = re.compile(rb"CollectedData\s*>")
_BEFORE_END: Final = re.compile(rb"</(?:[A-Za-z_][A-Za-z0-9_.-]{0,99}:)?\Z")
_UUID: Final = re.compile(values.UUID_PATTERN[1:-1]).fullmatch
_FRACTION: Final = re.compile(r"(\.\d{6})\d{1,3}(?!\d)")
_TOO_FINE: Final = re.compile(r"\.\d{4}")
_PARTY: Final = 13
"""What the schema allows a party's identification at most; a longer one is nobody's."""
_MIDNIGHT_24: Final = "T24:00:00"
_PAYLOAD: Final = rsm("PayloadEnergyTimeSeries")
_OBSERVATION: Final = abie("Observation")
_IDENTIFICATION: Final = abie("Identification")
_PERIOD: Final = "ObservationPeriodTimeSeriesPeriod"
_PRODUCT: Final = "ProductIncludedProductCharacteristics"
_MEASURED: Final = "MPDetailMeasurementMeteringPointCharacteristic"
_POINT: Final = "MeteringPointUsedDomainLocation"
_OFFSETS: Final = frozenset({"Z", "+00:00", "-00:00", "+01:00", "+02:00"})
"""What a moment may be written in: UTC, or what Norway has in winter and in summer."""
_GIVEN: Final = set(Series.model_fields) - {"confirmed", "own"}


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
    registered: bool = True
    """Whether it says when it was registered; else that is when it is received, and the series' own means nothing."""


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


_PATHS: Final = {
    "metering_point_id": f"/{_POINT}/Identification",
    "direction": f"/{_MEASURED}/Direction",
    "product": f"/{_PRODUCT}/Identification",
    "resolution": f"/{_PERIOD}/ResolutionDuration",
    "start": f"/{_PERIOD}/Start",
    "end": f"/{_PERIOD}/End",
    "values_wh": "/Observation",
    "status": "/Observation",
    "statuses": "/Observation",
    "registered_at": "/RegistrationDateTime",
}
"""Where in a payload the fields of a series stand."""


def path_of(field: str | None, step: str | None) -> str:
    """The path within a payload of a field of its series; of a value (from 0) its observation, by sequence (from 1)."""
    found = _PATHS.get(field or "", "")
    return f"{found}/{int(step) + 1}" if step and field == "values_wh" else found


def is_xml(raw: bytes) -> bool:
    """Whether it is meant to be XML, by its first character."""
    return _START.match(raw) is not None


def split(raw: bytes) -> list[bytes]:
    """Documents that stand in a row, one by one; what cannot be divided stays whole."""
    ends = [
        match.end()
        for match in _END.finditer(raw)
        if _BEFORE_END.search(raw, max(0, match.start() - 110), match.start())
    ]
    if len(ends) < 2:
        return [raw]
    parts = [raw[start:end].lstrip() for start, end in zip([0, *ends], ends, strict=False)]
    rest = raw[ends[-1] :].strip()
    return [*parts, rest] if rest else parts


def read(raw: bytes) -> Document:
    """Read one document. Raises `Refused` where it is no XML that is taken; other faults stand in the document."""
    _check(raw)
    rest, plain = bulk.taken_out(raw)
    if plain:
        # What is wrong with it, and where, is said of the document as it was sent.
        with contextlib.suppress(Refused):
            return _read(rest, plain)
    return _read(raw, [])


def _read(raw: bytes, plain: list[bulk.Run]) -> Document:
    head: dict[str, Any] = {}
    payloads: list[Payload] = []
    root: Any = None
    for element, parent in _elements(raw):
        if parent is None:
            break
        if element.tag != _PAYLOAD:
            head[element.tag] = element
            root = parent
            continue
        root = parent
        if len(payloads) == MAX_PAYLOADS:
            too_many = Fault(
                "EH055", "/PayloadEnergyTimeSeries", f"at most {MAX_PAYLOADS}", f"more than {MAX_PAYLOADS}"
            )
            return Document(*_named(head), (), (too_many,))
        payloads.append(_payload(element, len(payloads), plain))
        element.clear()
        parent.remove(element)
    faults = list(_faults(head, root))
    if not payloads and not faults:
        faults.append(Fault("EH055", "/PayloadEnergyTimeSeries", "at least one", "nothing"))
    doubled = {one.id for one in payloads if one.id}
    if len(doubled) < sum(1 for one in payloads if one.id):
        faults.append(Fault("EH055", "/PayloadEnergyTimeSeries/Identification", "each once", "one that stands twice"))
    return Document(*_named(head), tuple(payloads), tuple(faults))


def _check(raw: bytes) -> None:
    """What no document may be or have, by its bytes. Raises `Refused`."""
    found = _ENCODING.match(raw)
    if found and found[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"}:
        raise _not_xml(echo(f"encoding {found[1].decode()}"))
    if b"!" in raw and (b"<!DOCTYPE" in raw or b"<!ENTITY" in raw):
        raise _not_xml("a DTD")
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise _not_xml("bytes that are not UTF-8") from None


def _elements(raw: bytes) -> Iterator[tuple[Any, Any]]:
    """Header, context and each payload with its parent, as they end; memory holds one payload."""
    try:
        parsing = etree.iterparse(
            io.BytesIO(raw),
            events=("end",),
            tag=(rsm("Header"), rsm("ProcessEnergyContext"), _PAYLOAD),
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
    except etree.XMLSyntaxError as error:
        raise _not_xml(_stopped(error)) from None


def _stopped(error: Any) -> str:
    """Where the parser stopped, and why where that can be said in a word; its own words are no reader's."""
    if "depth" in str(error):
        return "too great a depth"
    if str(error).startswith("Extra content"):
        return "Extra content behind the document"
    line, column = error.position
    return f"line {line}, column {column}"


def _not_xml(actual: str) -> Refused:
    return Refused(phrases.told(rules.NOT_XML, actual=actual))


def _named(head: dict[str, Any]) -> tuple[str, str, str]:
    header = head.get(rsm("Header"))
    if header is None:
        return "", "", ""
    id_ = _text(header, "Identification") or ""
    parties = ("JuridicalSenderEnergyParty", "JuridicalRecipientEnergyParty")
    sender, recipient = (_text(header, name, "Identification") or "" for name in parties)
    return (
        (id_ if _UUID(id_) else ""),
        (sender if len(sender) <= _PARTY else ""),
        (recipient if len(recipient) <= _PARTY else ""),
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


def _payload(element: Any, place: int, plain: list[bulk.Run]) -> Payload:
    children = _children(element)
    id_ = _said(children, "Identification") or ""
    id_ = id_ if _UUID(id_) else ""
    try:
        if not id_:
            raise _Unfit("EH055", "/Identification", "a UUID in lower case", _said(children, "Identification"))
        registered = abie("RegistrationDateTime") in children
        return Payload(id_, _series(element, children, plain), registered=registered)
    except _Unfit as unfit:
        fault = unfit.fault
        return Payload(id_, None, fault._replace(path=f"/PayloadEnergyTimeSeries/{place}{fault.path}"))


def _series(element: Any, children: dict[str, Any], plain: list[bulk.Run]) -> Series:
    if abie(_PERIOD) not in children:
        raise _Unfit("EH032", f"/{_PERIOD}", "a period", None)
    period = _children(children[abie(_PERIOD)])
    for name in ("MeterReadingStart", "MeterReadingEnd"):
        if abie(name) in period:
            raise _Unfit("EH066", f"/{_PERIOD}/{name}", "nothing", _said(period, name))
    duration = _said(period, "ResolutionDuration")
    resolution = names.RESOLUTIONS.get(duration or "")
    if resolution is None:
        raise _Unfit("EH075", f"/{_PERIOD}/ResolutionDuration", "PT15M, PT60M, PT1H", duration)
    start, end = (_bound(_said(period, name), f"/{_PERIOD}/{name}") for name in ("Start", "End"))
    product = _product(_children(children.get(abie(_PRODUCT), ())))
    direction = _direction(product, _children(children.get(abie(_MEASURED), ())))
    point = _children(children.get(abie(_POINT), ())).get(_IDENTIFICATION)
    if point is not None and point.get("schemeAgencyIdentifier", names.GS1) != names.GS1:
        agency = point.get("schemeAgencyIdentifier")
        raise _Unfit("E10", f"/{_POINT}/Identification/@schemeAgencyIdentifier", names.GS1, agency)
    registered = _said(children, "RegistrationDateTime")
    at = end
    if registered is not None or abie("RegistrationDateTime") in children:
        at = _time(registered, "E50", "/RegistrationDateTime")
    wh, statuses = _observations(element, plain)
    # All of it is checked above; of values by the ten thousand, checking them again is most of the time.
    fields: dict[str, Any] = {
        "metering_point_id": ((point.text or "").strip() if point is not None else ""),
        "direction": direction,
        "product": product,
        "resolution": resolution,
        "start": start,
        "end": end,
        "values_wh": wh,
        "status": statuses[0].status,
        "statuses": statuses if len(statuses) > 1 else (),
        "registered_at": at,
        "confirmed": False,
        "own": None,
    }
    return trusted(Series, fields, _GIVEN)


def _product(said: dict[str, Any]) -> Product:
    """What is measured, and that its unit goes with it (BRS-NO-313 rule 10)."""
    code = _said(said, "Identification")
    product = names.PRODUCTS.get(code or "")
    if product is None:
        raise _Unfit("EH072", f"/{_PRODUCT}", ", ".join(names.PRODUCTS), code)
    if (unit := _said(said, "UnitType")) != names.UNITS[product]:
        raise _Unfit("E73", f"/{_PRODUCT}/UnitType", names.UNITS[product], unit)
    return product


def _direction(product: Product, said: dict[str, Any]) -> EnergyDirection:
    """Which way; of capacitive and inductive energy that is not looked at, as Elhub does not."""
    if product in names.DIRECTION_IGNORED:
        return "consumption"
    text = _said(said, "Direction")
    direction = names.DIRECTIONS.get(text or "")
    if direction is None:
        raise _Unfit("E10", f"/{_MEASURED}/Direction", "Out, In", text)
    return direction


def _observations(element: Any, plain: list[bulk.Run]) -> bulk.Run:
    """Values by sequence, which begins at 1 at the period's start and has no holes; and their statuses, run by run."""
    first = next(element.iterchildren(_OBSERVATION), None)
    if plain and first is not None and (mark := first.get(bulk.MARK)) is not None:
        return plain[int(mark)]
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
    return bulk.Run(tuple(wh for wh, _ in in_order), bulk.in_runs(status for _, status in in_order))


def _bound(text: str | None, path: str) -> datetime:
    """The start or end of a period: to the millisecond at most, in UTC or Norway's time."""
    at = _time(text, "EH032", path)
    cut = text or ""
    offset = "Z" if cut.endswith(("Z", "z")) else cut[-6:]
    if offset not in _OFFSETS or _TOO_FINE.search(cut):
        raise _Unfit("EH032", path, "three decimals, and Z, +01:00 or +02:00", text)
    return at


def _time(text: str | None, code: str, path: str) -> datetime:
    """A moment: with any offset, up to nine decimals (kept to the microsecond), 24:00:00 as the next midnight."""
    if text is None:
        raise _Unfit(code, path, "a moment", None)
    try:
        return _moment(text)
    except (ValueError, OverflowError):
        raise _Unfit(code, path, "2026-01-05T00:00:00+01:00", text) from None


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime:
    """A document says few moments, many times each."""
    cut = _FRACTION.sub(r"\1", text)
    late = _MIDNIGHT_24 in cut
    at = values.parse_time(cut.replace(_MIDNIGHT_24, "T00:00:00") if late else cut)
    return at + timedelta(days=1) if late else at


def _children(element: Iterable[Any]) -> dict[str, Any]:
    """The first child of each name."""
    found: dict[str, Any] = {}
    for child in element:
        found.setdefault(child.tag, child)
    return found


def _said(children: dict[str, Any], name: str) -> str | None:
    element = children.get(abie(name))
    return None if element is None else (element.text or "").strip() or None


def _text(element: Any, *way: str) -> str | None:
    found = element
    for name in way:
        found = found.find(abie(name))
        if found is None:
            return None
    text = (found.text or "").strip()
    return text or None
