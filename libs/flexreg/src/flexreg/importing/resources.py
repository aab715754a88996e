"""Rows as `register-resource` commands: one resource a row; further rows of the same resource add devices.

The same row gives the same resource id, whenever and from whichever file it is sent: what is registered already, just
as the row says, is answered so, and nothing is done twice. The message's id is the run's: every row is decided anew,
for what was refused once may stand today.
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
from flexreg.importing.table import Row, Unread

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
_LEAVE_OUT = ("Utelat den ene raden.", "Leave one of the rows out.")
_NAMEPLATE = ("make", "model", "serial")
_WHOLE = re.compile(r"\d{1,12}", re.ASCII).fullmatch


class _Wrong(ValueError):
    """A cell that cannot be understood."""

    def __init__(self, text_nb: str, text_en: str, *fixes: str) -> None:
        super().__init__(text_en)
        self.unread = Unread(text_nb, text_en, *fixes)


@dataclass(slots=True)
class Wish:
    """One resource that the file asks for: its rows and its command, or what is wrong with it."""

    rows: list[Row]
    subject: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    devices: list[dict[str, Any]] = field(default_factory=list)
    unread: Unread | None = None

    @property
    def error(self) -> str:
        """What is wrong with it, in English; nothing, as a rule."""
        return self.unread.text_en if self.unread else ""

    def command(self, *, gln: str, at: datetime) -> dict[str, Any]:
        """The whole envelope, sent at a moment. Its id follows from what it says and that moment."""
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
    """What the rows ask for, in the order of their first rows. Rows of another decimal habit are refused."""
    rows = list(rows)
    mixed = _mixed(rows)
    found: dict[str, Wish] = {}
    for row in rows:
        if unread := row.unread or mixed.get(row.line):
            found[f"line {row.line}"] = Wish([row], unread=unread)
            continue
        try:
            wish = _wish(row, gln)
        except _Wrong as wrong:
            found[f"line {row.line}"] = Wish([row], unread=wrong.unread)
            continue
        known = found.get(wish.subject)
        if known is None:
            found[wish.subject] = wish
        elif not row.cells.get("resource_id"):
            first = known.rows[0].line
            found[f"line {row.line}"] = Wish([row], unread=_twice(first))
        else:
            _more(known, wish)
    return list(found.values())


def _wish(row: Row, gln: str) -> Wish:
    cells = row.cells
    if "type" in cells or "data" in cells:
        raise _Wrong(
            "dette er en kommando, ikke en rad",
            "this is a command, not a row",
            "Send den med `flexreg send`.",
            "Send it with `flexreg send`.",
        )
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


def _twice(first: int) -> Unread:
    return Unread(
        f"enheten står i linje {first}, bak det samme målepunktet",
        f"the device stands in line {first}, behind the same point",
        *_LEAVE_OUT,
    )


def _more(known: Wish, wish: Wish) -> None:
    """A further row of a resource: one more device. What else it says must be the same."""
    known.rows += wish.rows
    line, first = wish.rows[0].line, known.rows[0].line
    if wish.fields != known.fields:
        known.unread = Unread(
            f"linje {line} sier noe annet om den samme ressursen enn linje {first}",
            f"line {line} says of the same resource something else than line {first}",
            "La radene si det samme, eller gi dem hver sin `resource_id`.",
            "Let the rows say the same, or give each its own `resource_id`.",
        )
    elif not wish.devices or any(device in known.devices for device in wish.devices):
        known.unread = Unread(
            f"linje {line} står to ganger i filen", f"line {line} stands in the file twice", *_LEAVE_OUT
        )
    known.devices += wish.devices


def _devices(cells: dict[str, Any]) -> list[dict[str, Any]]:
    if (devices := cells.get("devices")) is not None:
        if not isinstance(devices, list) or not all(isinstance(device, dict) for device in devices):
            raise _Wrong("devices er ikke en liste av objekter", "devices is no list of objects")
        return devices
    device: dict[str, Any] = {part: str(cells[part]) for part in (*_NAMEPLATE, "device_type") if cells.get(part)}
    if (rated := cells.get("rated_kw")) is not None:
        device["rated_w"] = _watts("rated_kw", rated)
    return [device] if device else []


def _text(cells: dict[str, Any], name: str) -> str:
    value = cells.get(name)
    if value is None or value == "":
        raise _Wrong(f"{name} mangler", f"{name} is missing")
    return str(value)


def _power(cells: dict[str, Any], direction: str) -> int:
    """W, from a column in kW (three decimals) or in W. A missing direction is 0; both columns are one too many."""
    kw, watt = cells.get(f"{direction}_kw"), cells.get(f"{direction}_w")
    if kw is not None and watt is not None:
        raise _Wrong(
            f"både {direction}_kw og {direction}_w er oppgitt",
            f"{direction}_kw and {direction}_w are both given",
            "Utelat den ene.",
            "Leave one out.",
        )
    if watt is not None:
        if _WHOLE(str(watt)) is None:
            raise _Wrong(
                f"{direction}_w er {watt!r}",
                f"{direction}_w is {watt!r}",
                "Skriv hele watt, uten fortegn, enhet og skilletegn.",
                "Write whole watts, without sign, unit or separators.",
            )
        return int(watt)
    if kw is None:
        return 0
    return _watts(f"{direction}_kw", kw)


def _watts(name: str, kw: object) -> int:
    found = _KW(str(kw))
    if found is None:
        raise _Wrong(
            f"{name} er {kw!r}",
            f"{name} is {kw!r}",
            "Skriv kW med høyst tre desimaler, uten fortegn, enhet og tusenskille.",
            "Write kW with at most three decimals, without sign, unit or thousands.",
        )
    whole, _, decimals = found.groups()
    return int(whole) * 1000 + int((decimals or "").ljust(3, "0"))


def _mixed(rows: list[Row]) -> dict[int, Unread]:
    """By line: rows that write decimals otherwise than most do, for one mark may be meant for thousands.

    Where as many rows write the one as the other, none with decimals is understood; one without always is.
    """
    marks = {row.line: _marks(row) for row in rows}
    lines = {mark: [line for line, found in marks.items() if mark in found] for mark in ",."}
    if not all(lines.values()):
        return {}
    comma, point = lines[","], lines["."]
    strange = {*(comma if len(comma) <= len(point) else ()), *(point if len(point) <= len(comma) else ())}
    unread = Unread(
        f"desimalkomma (linje {comma[0]}) og desimalpunktum (linje {point[0]}) i én fil",
        f"decimal comma (line {comma[0]}) and decimal point (line {point[0]}) in one file",
        "Bruk ett av dem.",
        "Use one of them.",
    )
    return dict.fromkeys(sorted(strange), unread)


def _marks(row: Row) -> set[str]:
    names = ("up_kw", "down_kw", "rated_kw", "ramp_kw_per_min")
    return {found[2] for name in names if (found := _KW(str(row.cells.get(name, "")))) and found[2]}


def _subject(gln: str, own: str) -> str:
    """A UUID as it is given; from any other reference one that is the same every time."""
    try:
        return values.uuid(own.lower())
    except ValueError:
        return envelope.new_id(_BEGINNING, "resource", gln, own)


_BEGINNING = values.parse_time("2026-01-01T00:00:00Z")
