"""What the parts of a virtual channel's definition must be, whatever they name."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import chain
from typing import Final

from contracts.meter_ingest.v1 import DefineVirtualChannel, VirtualTerm
from meter_ingest.domain import virtual_rules

_NONE: Final = "-"
_ONCE: Final = "1 x"

Wrong = Iterable[tuple[str, str]]
"""Where, and how it should be."""


def refuse_shape(command: DefineVirtualChannel) -> None:
    """Refuses with VIRTUAL_SHAPE_INVALID: the first thing that is wrong."""
    for path, limit in chain(_terms(command), _method(command), _sharing(command), _check(command)):
        raise virtual_rules.VIRTUAL_SHAPE_INVALID.refused(path=path, limit=limit, actual=command.method)


def _terms(command: DefineVirtualChannel) -> Wrong:
    met: set[Hashable] = set()
    for place, term in enumerate(command.terms):
        path = f"/terms/{place}"
        key = (term.metering_point_id, term.virtual_id, term.recipient, term.direction, term.product)
        if key in met:
            yield path, _ONCE
        met.add(key)
        yield from _term(term, path, command.method)


def _term(term: VirtualTerm, path: str, method: str) -> Wrong:
    if (term.metering_point_id is None) == (term.virtual_id is None):
        yield path, "metering_point_id | virtual_id"
    if term.recipient is not None and term.virtual_id is None:
        yield f"{path}/recipient", "virtual_id"
    if method != "copy" and term.product != "active":
        yield f"{path}/product", "active"
    if term.minus and method != "net":
        yield f"{path}/minus", "false"


def _method(command: DefineVirtualChannel) -> Wrong:
    terms, is_share = command.terms, command.method == "share"
    if command.method in ("copy", "share") and len(terms) != 1:
        yield "/terms", "1"
    if command.method == "copy" and terms[0].metering_point_id and terms[0].direction != command.direction:
        yield "/direction", terms[0].direction
    if command.method == "net" and not any(term.minus for term in terms):
        yield "/terms", "minus: true"
    if is_share != (command.grid_area is None):
        yield "/grid_area", _NONE if is_share else "grid_area"
    if is_share and (terms[0].metering_point_id is None or terms[0].direction != "production"):
        yield "/terms/0", "metering_point_id, production"
    if is_share and command.direction != "production":
        yield "/direction", "production"


def _sharing(command: DefineVirtualChannel) -> Wrong:
    is_share, is_manual = command.method == "share", command.sharing == "manual"
    if is_share != (command.sharing is not None):
        yield "/sharing", "sharing" if is_share else _NONE
    if is_share != bool(command.recipients):
        yield "/recipients", "1..1000" if is_share else _NONE
    for place, one in enumerate(command.recipients):
        if (one.share_ppm is not None) != is_manual:
            yield f"/recipients/{place}/share_ppm", "0..1000000" if is_manual else _NONE
    if len({one.metering_point_id for one in command.recipients}) != len(command.recipients):
        yield "/recipients", _ONCE


def _check(command: DefineVirtualChannel) -> Wrong:
    of_points = all(term.metering_point_id and term.product == "active" for term in command.terms)
    if command.check is not None and (command.method == "share" or not of_points):
        yield "/check", "copy | sum | net, metering_point_id, active"
