"""EMIF XML at the door: a document as a message that the value shard decides like any other, and its acknowledgement.

What was wrong with single payloads waits beside the series that were whole; in the receipt they stand together, by
their places in the document.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.service import Decision
from contracts import door, envelope, phrases
from contracts.emif import reading
from contracts.message import Reason, Refused, RefusedRow
from contracts.meter_ingest.v1 import Acknowledgement, SendMeterValues
from meter_ingest.domain import codes
from meter_ingest.domain.series import MOST_REASONS

_PAYLOAD = "/PayloadEnergyTimeSeries"
_SERIES = re.compile(r"/series/([0-9]+)(?:/([a-z_]+)(?:/([0-9]+))?)?")


@dataclass(frozen=True, slots=True)
class Emif:
    """What an XML document has beside its series."""

    payloads: tuple[str, ...]
    """The identification of each, by its place."""
    places: tuple[int, ...]
    """The place of each series that was whole."""
    faults: tuple[tuple[int, reading.Fault], ...]
    """What is wrong with the others, by place."""
    refused: tuple[str, ...]
    """Elhub's codes, where the document is refused as a whole."""
    undated: frozenset[int] = frozenset()
    """Which of the whole series do not say when they were registered: that is when they are received."""


@dataclass(slots=True)
class Item(door.Item):
    """A record of values: as the gateway's door has it, or from XML."""

    emif: Emif | None = None


def item(raw: bytes) -> Item:
    """A document as an item. Without one whole series it has no command; the value shard answers it even so."""
    parts = reading.split(raw)
    if len(parts) > 1:
        return Item(reasons=(door.PARCEL_TOO_LARGE.reason(limit=1, actual=len(parts)),))
    try:
        found = reading.read(raw)
    except Refused as refused:
        return Item(reasons=refused.reasons)
    whole = [(place, one.series) for place, one in enumerate(found.payloads) if one.series is not None]
    undated = frozenset(number for number, (place, _) in enumerate(whole) if not found.payloads[place].registered)
    return Item(
        id=found.id,
        source=envelope.party_source(found.sender) if found.sender else "",
        type=SendMeterValues.type,
        subject=found.id,
        contenthash=hashlib.sha256(raw).hexdigest(),
        # Whole series, and so many as Elhub takes: the length of a JSON message is no limit here.
        command=SendMeterValues.model_construct({"series"}, series=tuple(one for _, one in whole)) if whole else None,
        reasons=tuple(
            phrases.told(door.EMIF_DOCUMENT_INVALID, path=fault.path, limit=fault.limit, actual=fault.actual)
            for fault in found.faults
        ),
        emif=Emif(
            payloads=tuple(one.id for one in found.payloads),
            places=tuple(place for place, _ in whole),
            faults=tuple((place, one.fault) for place, one in enumerate(found.payloads) if one.fault is not None),
            refused=tuple(dict.fromkeys(fault.code for fault in found.faults)),
            undated=undated,
        ),
    )


def dated(emif: Emif, command: SendMeterValues, at: datetime) -> SendMeterValues:
    """The series as they are decided: what does not say when it was registered was registered as it came (§4.2)."""
    if not emif.undated:
        return command
    series = tuple(
        one.model_copy(update={"registered_at": at}) if number in emif.undated else one
        for number, one in enumerate(command.series)
    )
    return SendMeterValues.model_construct({"series"}, series=series)


def together(emif: Emif, decision: Decision) -> Decision:
    """What was decided of the whole series, with what was wrong with the others, by their places in the document."""
    rows = [row.model_copy(update={"row": emif.places[row.row]}) for row in decision.rows]
    rows += [
        RefusedRow(row=place, code=door.EMIF_SERIES_INVALID.key, actual=fault.code) for place, fault in emif.faults
    ]
    said = [_placed(reason, emif.places) for reason in decision.reasons]
    # Each payload its own, as far as they go; of too many one of each code.
    told: set[str] = set()
    for number, (_, fault) in enumerate(emif.faults):
        if number < MOST_REASONS or fault.code not in told:
            told.add(fault.code)
            said.append(phrases.told(door.EMIF_SERIES_INVALID, path=fault.path, limit=fault.limit, actual=fault.actual))
    return replace(decision, rows=tuple(sorted(rows, key=lambda row: row.row)), reasons=tuple(said))


def acknowledgements(
    emif: Emif, rows: Sequence[RefusedRow], *, rejected: bool, reasons: Iterable[Reason]
) -> tuple[Acknowledgement, ...]:
    """41 for each payload that was refused or kept aside, and 39 for the document if anything of it was accepted.

    A document that is refused as a whole, or of which a payload cannot be named, has one 41 of its own.
    """
    by_place = dict(emif.faults)
    said: list[Acknowledgement] = []
    of_document: dict[str, None] = {}
    for row in rows:
        code = by_place[row.row].code if row.row in by_place else codes.of(row.code)
        if emif.payloads[row.row]:
            said.append(Acknowledgement(payload=emif.payloads[row.row], status="41", reasons=(code,)))
        else:
            of_document[code] = None
    if rejected and not said and not of_document:
        of_document.update(dict.fromkeys(emif.refused or [codes.of(reason.code) for reason in reasons]))
        return (Acknowledgement(status="41", reasons=tuple(of_document)),)
    if of_document:
        said.append(Acknowledgement(status="41", reasons=tuple(of_document)))
    nothing = rejected or len({row.row for row in rows}) == len(emif.payloads)
    return tuple(said) if nothing else (Acknowledgement(status="39"), *said)


def _placed(reason: Reason, places: tuple[int, ...]) -> Reason:
    found = _SERIES.match(reason.path)
    if found is None:
        return reason
    number, field, step = found.groups()
    path = f"{_PAYLOAD}/{places[int(number)]}{reading.path_of(field, step)}"
    return reason.model_copy(update={"path": path})
