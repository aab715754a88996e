"""Rows as `register-resource` commands: one resource a row; further rows of the same resource add devices.

The same file gives the same ids: sending it again is answered again, and nothing is done twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts import envelope, values
from contracts.registry.v1 import RegisterResource
from flexreg.importing.table import Row

NAMES: dict[str, tuple[str, ...]] = {
    "metering_point_id": ("meteringpoint", "målepunktid", "målepunkt", "malepunktid", "malepunkt", "gsrn"),
    "resource_id": ("resource", "ressursid", "ressurs"),
    "name": ("navn",),
    "technology": ("teknologi",),
    "up_kw": ("up", "oppkw", "opp"),
    "down_kw": ("down", "nedkw", "ned"),
    "up_w": ("oppw",),
    "down_w": ("nedw",),
    "make": ("fabrikat", "produsent"),
    "model": ("modell",),
    "serial": ("serienummer", "serialnumber"),
    "device_type": ("type", "enhetstype"),
    "rated_kw": ("rated", "merkeeffektkw", "merkeeffekt"),
    "ramp_kw_per_min": ("ramp", "rampekwmin", "rampe"),
}
"""Canonical columns, and what else they may be called. Case, spaces and punctuation do not count."""
COLUMNS = {_name: canonical for canonical, more in NAMES.items() for _name in (canonical.replace("_", ""), *more)}
TECHNOLOGIES = {
    "varmtvannsbereder": "water-heater",
    "elbillader": "ev-charger",
    "batteri": "battery",
    "elkjel": "electric-boiler",
    "elektrokjel": "electric-boiler",
    "varmepumpe": "heat-pump",
    "sol": "solar",
    "solceller": "solar",
    "vannkraft": "hydro",
    "aggregat": "genset",
    "industrilast": "industrial-load",
    "annet": "other",
}
_KW = re.compile(r"(\d{1,9})(?:([.,])(\d{1,3}))?", re.ASCII).fullmatch
_NAMEPLATE = ("make", "model", "serial")
_WHOLE = re.compile(r"\d{1,12}", re.ASCII).fullmatch


class _Wrong(ValueError):
    """A cell that cannot be understood."""


@dataclass(slots=True)
class Wish:
    """One resource that the file asks for: its rows and its command, or what is wrong with it."""

    rows: list[Row]
    subject: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    devices: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""

    def command(self, *, gln: str, at: datetime) -> dict[str, Any]:
        """The whole envelope. Its id follows from what it says and when the file was made."""
        data = {**self.fields, "devices": self.devices}
        said = json.dumps([gln, self.subject, data], ensure_ascii=False, sort_keys=True)
        return {
            "specversion": envelope.SPECVERSION,
            "id": envelope.new_id(at, said),
            "source": envelope.party_source(gln),
            "time": values.time_text(at),
            "type": RegisterResource.type,
            "subject": self.subject,
            "data": data,
        }


def wishes(rows: Iterable[Row], *, gln: str) -> list[Wish]:
    """What the rows ask for, in the order of their first rows. The file has one decimal habit, or it is refused."""
    rows = list(rows)
    mixed = _mixed(rows)
    found: dict[str, Wish] = {}
    for row in rows:
        if row.error or mixed:
            found[f"line {row.line}"] = Wish([row], error=row.error or mixed)
            continue
        try:
            wish = _wish(row, gln)
        except _Wrong as wrong:
            found[f"line {row.line}"] = Wish([row], error=str(wrong))
            continue
        known = found.get(wish.subject)
        if known is None:
            found[wish.subject] = wish
        elif not row.cells.get("resource_id"):
            first = known.rows[0].line
            found[f"line {row.line}"] = Wish([row], error=f"the device stands in line {first}, behind the same point")
        else:
            _more(known, wish)
    return list(found.values())


def _wish(row: Row, gln: str) -> Wish:
    cells = row.cells
    if "type" in cells or "data" in cells:
        raise _Wrong("this is a command, not a row: `flexreg send` sends it")
    devices = _devices(cells)
    fields: dict[str, Any] = {
        "metering_point_id": _text(cells, "metering_point_id"),
        "technology": TECHNOLOGIES.get(_text(cells, "technology").casefold(), _text(cells, "technology")),
        "up_w": _power(cells, "up"),
        "down_w": _power(cells, "down"),
    }
    if name := cells.get("name"):
        fields["name"] = name
    if (ramp := cells.get("ramp_kw_per_min")) is not None:
        fields["ramp_w_per_min"] = _watts("ramp_kw_per_min", ramp)
    own = cells.get("resource_id") or "|".join(
        (fields["metering_point_id"], *(str(device.get(part, "")) for device in devices for part in _NAMEPLATE))
    )
    return Wish([row], subject=_subject(gln, str(own)), fields=fields, devices=devices)


def _more(known: Wish, wish: Wish) -> None:
    """A further row of a resource: one more device. What else it says must be the same."""
    known.rows += wish.rows
    if wish.fields != known.fields:
        known.error = (
            f"line {wish.rows[0].line} says of the same resource something else than line {known.rows[0].line}"
        )
    elif not wish.devices or any(device in known.devices for device in wish.devices):
        known.error = f"line {wish.rows[0].line} stands in the file twice"
    known.devices += wish.devices


def _devices(cells: dict[str, Any]) -> list[dict[str, Any]]:
    if (devices := cells.get("devices")) is not None:
        if not isinstance(devices, list) or not all(isinstance(device, dict) for device in devices):
            raise _Wrong("devices is no list of objects")
        return devices
    device: dict[str, Any] = {part: str(cells[part]) for part in (*_NAMEPLATE, "device_type") if cells.get(part)}
    if (rated := cells.get("rated_kw")) is not None:
        device["rated_w"] = _watts("rated_kw", rated)
    return [device] if device else []


def _text(cells: dict[str, Any], name: str) -> str:
    value = cells.get(name)
    if value is None or value == "":
        raise _Wrong(f"{name} is missing")
    return str(value)


def _power(cells: dict[str, Any], direction: str) -> int:
    """W, from a column in kW (three decimals) or in W. A missing direction is 0; both columns are one too many."""
    kw, watt = cells.get(f"{direction}_kw"), cells.get(f"{direction}_w")
    if kw is not None and watt is not None:
        raise _Wrong(f"{direction}_kw and {direction}_w are both given: leave one out")
    if watt is not None:
        if _WHOLE(str(watt)) is None:
            raise _Wrong(f"{direction}_w is {watt!r}: whole watts, without sign, unit or separators")
        return int(watt)
    if kw is None:
        return 0
    return _watts(f"{direction}_kw", kw)


def _watts(name: str, kw: object) -> int:
    found = _KW(str(kw))
    if found is None:
        raise _Wrong(f"{name} is {kw!r}: kW with at most three decimals, without sign, unit or thousands")
    whole, _, decimals = found.groups()
    return int(whole) * 1000 + int((decimals or "").ljust(3, "0"))


def _mixed(rows: list[Row]) -> str:
    """Decimal commas and decimal points in one file: one of them may be meant for thousands."""
    first: dict[str, int] = {}
    for row in rows:
        for name in ("up_kw", "down_kw", "rated_kw", "ramp_kw_per_min"):
            if (found := _KW(str(row.cells.get(name, "")))) and found[2]:
                first.setdefault(found[2], row.line)
    if len(first) < 2:
        return ""
    return f"decimal comma (line {first[',']}) and decimal point (line {first['.']}) in one file: use one of them"


def _subject(gln: str, own: str) -> str:
    """A UUID as it is given; from any other reference one that is the same every time."""
    try:
        return values.uuid(own.lower())
    except ValueError:
        return envelope.new_id(_BEGINNING, "resource", gln, own)


_BEGINNING = values.parse_time("2026-01-01T00:00:00Z")
