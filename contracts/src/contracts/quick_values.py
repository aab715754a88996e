"""Records of meter values opened in one pass, where it can be proved that nothing about them is wrong.

Most records of values are right, and hold tens of thousands of numbers. For these the strict way (`contracts.door`)
takes ten times as long, most of it in looking for what is hardly ever there. So one C parser reads the record straight
into the shape it must have, and writes it again in RFC 8785 form. The proof: the shape has room for whole numbers only,
for no name that is not known and for no name twice; no backslash means that texts stand there as they are; so every
token is written in no more bytes than it was read from, and if as many bytes come out as went in, space aside, then
nothing was dropped. Whatever is not proved is opened the strict way, which alone says what is right and what is wrong.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from pydantic import BaseModel

from contracts import values
from contracts.door import Item, attributes
from contracts.message import trusted
from contracts.meter_ingest.v1 import (
    EnergyDirection,
    MissingSteps,
    OwnMeter,
    Product,
    SendMeterValues,
    SentResolution,
    Series,
    StatusRun,
    ValueStatus,
)
from contracts.strict_json import MAX_BYTES
from contracts.validation import subject_reasons


# Fields stand in the order of their names: so they are written as RFC 8785 wants them. Without the garbage collector's
# care: they hold no cycles, and a record makes a thousand of them.
class _StatusRun(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    count: Annotated[int, Meta(ge=1, le=9999)]
    status: ValueStatus


class _MissingSteps(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    count: Annotated[int, Meta(ge=1, le=9999)]
    first: Annotated[int, Meta(ge=0, le=9998)]


class _OwnMeter(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    clock_offset_ms: Annotated[int, Meta(ge=-86_400_000, le=86_400_000)] | UnsetType = UNSET
    device_id: str | UnsetType = UNSET
    missing: Annotated[list[_MissingSteps], Meta(max_length=9999)] | UnsetType = UNSET
    resource_id: str


class _Series(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    confirmed: bool | UnsetType = UNSET
    direction: EnergyDirection | UnsetType = UNSET
    end: str
    metering_point_id: str | UnsetType = UNSET
    own: _OwnMeter | UnsetType = UNSET
    product: Product | UnsetType = UNSET
    registered_at: str
    resolution: SentResolution
    start: str
    status: ValueStatus | UnsetType = UNSET
    statuses: Annotated[list[_StatusRun], Meta(max_length=9999)] | UnsetType = UNSET
    values_wh: Annotated[
        list[Annotated[int, Meta(ge=-values.SAFE_INTEGER, le=values.SAFE_INTEGER)]], Meta(max_length=9999)
    ]


class _Data(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    series: Annotated[list[_Series], Meta(min_length=1, max_length=1000)]


class _Envelope(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    actingas: str | UnsetType = UNSET
    causationid: str | UnsetType = UNSET
    correlationid: str | UnsetType = UNSET
    data: _Data
    datacontenttype: str | UnsetType = UNSET
    dataschema: str | UnsetType = UNSET
    id: str
    source: str
    specversion: str
    subject: str
    time: str
    traceparent: str | UnsetType = UNSET
    type: Literal["no.flexregister.meter-ingest.send-meter-values.v1"]


SHAPES: Final[dict[type[BaseModel], type[msgspec.Struct]]] = {
    SendMeterValues: _Data,
    Series: _Series,
    StatusRun: _StatusRun,
    OwnMeter: _OwnMeter,
    MissingSteps: _MissingSteps,
}
"""What each part of a record is read into: a test holds them together."""

_DECODE: Final = msgspec.json.Decoder(_Envelope).decode
_ENCODE: Final = msgspec.json.Encoder().encode
_SPACE: Final = (b" ", b"\n", b"\r", b"\t")
_ATTRIBUTES: Final = tuple(name for name in _Envelope.__struct_fields__ if name != "data")
_DEFAULTS: Final = tuple(
    (name, field.get_default()) for name, field in Series.model_fields.items() if not field.is_required()
)
_REQUIRED: Final = {name for name, field in Series.model_fields.items() if field.is_required()}
_moment: Final = lru_cache(maxsize=4096)(values.parse_time)
"""A record says few moments, many times each."""


def opened(raw: bytes) -> Item | None:
    """The item that `door.open_record` gives for this record, or None where that is not certain."""
    if len(raw) > MAX_BYTES or b"\\" in raw:
        return None
    try:
        found = _DECODE(raw)
        body = _ENCODE(found)
        if len(raw) - sum(map(raw.count, _SPACE)) != len(body) - body.count(b" ") or b"\\" in body:
            return None
        series = tuple(map(_series, found.data.series))
    except ValueError:
        return None
    attributed = {name: value for name in _ATTRIBUTES if (value := getattr(found, name)) is not UNSET}
    said, reasons = attributes(attributed)
    if reasons or subject_reasons(SendMeterValues, found.subject):
        return None
    command = SendMeterValues.model_construct({"series"}, series=series)
    return Item(**said, contenthash=hashlib.sha256(body).hexdigest(), body=body, command=command)


def _series(found: _Series) -> Series:
    """What `Series` makes of it, without checking again what the shape has checked. Raises `ValueError`."""
    given = _REQUIRED
    made: dict[str, Any] = {
        "metering_point_id": found.metering_point_id,
        "direction": found.direction,
        "product": found.product,
        "resolution": found.resolution,
        "start": _moment(found.start),
        "end": _moment(found.end),
        "values_wh": tuple(found.values_wh),
        "status": found.status,
        "statuses": found.statuses,
        "registered_at": _moment(found.registered_at),
        "confirmed": found.confirmed,
        "own": found.own,
    }
    for name, default in _DEFAULTS:
        if made.get(name, UNSET) is UNSET:
            made[name] = default
        else:
            given = {*given, name}
    if found.statuses is not UNSET:
        made["statuses"] = tuple(StatusRun(status=run.status, count=run.count) for run in found.statuses)
    if found.own is not UNSET:
        made["own"] = OwnMeter.model_validate(msgspec.to_builtins(found.own))
    return trusted(Series, made, given)
