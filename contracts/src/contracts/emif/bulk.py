"""Observations as nearly all are written, read in bulk from a document's bytes before it is parsed as XML.

A payload's observations are most of a document: two elements a value. Where they are plain (in order, each as the
first one is written), their figures are taken out of the bytes, and one empty `Observation` with a mark takes their
place. The document that is left says what each payload is of, and is parsed as any; it is well-formed only where the
whole one is, and the mark stands wherever the observations stood. What is not plain, or not right, stays where it is,
and is read element by element.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from contracts.emif import quantities
from contracts.emif.names import abie
from contracts.meter_ingest.v1 import StatusRun, ValueStatus

MARK: Final = "observations-read-before"
"""The attribute of what takes the place of observations: which of them they are."""
MOST: Final = 9999
"""Observations of a payload."""

_REMEMBERED: Final = 65536
_MARK: Final = MARK.encode()
_END: Final = re.compile(rb"</((?:[A-Za-z_][A-Za-z0-9_.-]*:)?)PayloadEnergyTimeSeries>")
_FIRST: Final = re.compile(
    rb'<((?:[A-Za-z_][A-Za-z0-9_.-]*:)?)Observation Sequence="1">'
    rb"([ \t\r\n]*)<\1(Metered|Estimated|Temporary)((?: [A-Za-z]+=\"[A-Za-z0-9]*\")*)>[0-9.]{1,20}</\1\3>"
    rb"([ \t\r\n]*)</\1Observation>([ \t\r\n]*)"
)
_OBSERVATION: Final = re.compile(rb"Observation[\s/>]")
_ATTRIBUTE: Final = re.compile(rb'([A-Za-z]+)="([A-Za-z0-9]*)"')
_KNOWN: Final = frozenset({"Quality", "ValidationCode", "EstimationCode"})
_PLAIN: Final = re.compile(rb"[0-9]{1,12}(?:\.[0-9]{1,3})?").fullmatch


class Run(NamedTuple):
    """The observations of a payload."""

    wh: tuple[int, ...]
    statuses: tuple[StatusRun, ...]


class _Way(NamedTuple):
    """How a payload's observations are written: the prefix of their names, and the space between their tags."""

    prefix: bytes
    inside: bytes
    after: bytes
    apart: bytes


def taken_out(raw: bytes) -> tuple[bytes, list[Run]]:
    """The document without its plain observations, and these by the number that stands in their place.

    Nothing is taken where anything could stand in the document that is no element: a comment, CDATA, an instruction.
    """
    end = _END.search(raw)
    declared = raw.find(b"?>") + 2 if raw.startswith(b"<?xml") else 0
    if end is None or _MARK in raw or b"!" in raw or raw.find(b"?", declared) >= 0:
        return raw, []
    parts = raw.split(end[0])
    runs: list[Run] = []
    for place, part in enumerate(parts):
        first = _FIRST.search(part)
        if first is None:
            continue
        prefix, inside, name, attributes, after, apart = first.groups()
        closing = b"</%sObservation>" % prefix
        last = part.rfind(closing) + len(closing)
        if _OBSERVATION.search(part, 0, first.start()) or _OBSERVATION.search(part, last):
            continue
        way = _Way(prefix, inside, after, apart)
        run = _run(part[first.start() : last] + apart, way, name, attributes)
        if run is not None:
            mark = b'<%sObservation %s="%d"/>' % (prefix, _MARK, len(runs))
            parts[place] = part[: first.start()] + mark + part[last:]
            runs.append(run)
    return end[0].join(parts), runs


def _run(text: bytes, way: _Way, name: bytes, attributes: bytes) -> Run | None:
    """What observations say; nothing where they are not plain, or one of them is not right."""
    try:
        figures = _of_one_status(text, way, name, attributes)
        if figures is not None:
            status = StatusRun(status=_status(name, attributes), count=len(figures))
            return Run(tuple(map(_WH, figures)), (status,))
        mixed = _mixed(text, way)
        if mixed is not None:
            statuses = (_status(name, attributes) for _, name, attributes, _ in mixed)
            return Run(tuple(_WH(figure) for *_, figure in mixed), in_runs(statuses))
    except (ValueError, quantities.Unfit):
        pass
    return None


def in_runs(statuses: Iterable[ValueStatus]) -> tuple[StatusRun, ...]:
    """The statuses of values, in order, run by run."""
    return tuple(StatusRun(status=status, count=sum(1 for _ in some)) for status, some in groupby(statuses))


def _of_one_status(text: bytes, way: _Way, name: bytes, attributes: bytes) -> list[bytes] | None:
    """The figures where all is written as the first observation is.

    Where they stand is guessed by counting bytes; that there is nothing else, by writing all of it again.
    """
    prefix, inside, after, apart = way
    begin = b'<%sObservation Sequence="' % prefix
    before = b'">%s<%s%s%s>' % (inside, prefix, name, attributes)
    behind = b"</%s%s>%s</%sObservation>%s" % (prefix, name, after, prefix, apart)
    quotes = 2 + attributes.count(b'"')
    first = len(before) - 1 - before.rfind(b'"')
    last = -len(behind) - len(begin) + 1
    figures = [one[first:last] for one in (text + begin).split(b'"')[quotes::quotes]]
    count = len(figures)
    if not 0 < count <= MOST or _written(begin, before, behind, count) % tuple(figures) != text:
        return None
    return figures


@lru_cache(maxsize=16)
def _written(begin: bytes, before: bytes, behind: bytes, count: int) -> bytes:
    """So many observations, with a place for the figure of each. There is no `%` in what stands between them."""
    return b"".join(b"%s%d%s%%b%s" % (begin, number, before, behind) for number in range(1, count + 1))


def _mixed(text: bytes, way: _Way) -> list[tuple[bytes, bytes, bytes, bytes]] | None:
    """Sequence, element, attributes and figure of each, where only the statuses differ; proved as above."""
    found = _any_status(way).findall(text)
    prefix, inside, after, apart = way
    again = b"".join(
        b'<%sObservation Sequence="%d">%s<%s%s%s>%s</%s%s>%s</%sObservation>%s'
        % (prefix, place, inside, prefix, name, attributes, figure, prefix, name, after, prefix, apart)
        for place, (_, name, attributes, figure) in enumerate(found, 1)
    )
    return found if again == text and len(found) <= MOST else None


@lru_cache(maxsize=64)
def _any_status(way: _Way) -> re.Pattern[bytes]:
    prefix, inside, after, apart = map(re.escape, way)
    return re.compile(
        rb'<%bObservation Sequence="([0-9]{1,4})">%b<%b(Metered|Estimated|Temporary)((?: [A-Za-z]+="[A-Za-z0-9]*")*)>'
        rb"([0-9.]{1,20})</%b\2>%b</%bObservation>%b" % (prefix, inside, prefix, prefix, after, prefix, apart)
    )


@lru_cache(maxsize=1024)
def _status(name: bytes, attributes: bytes) -> ValueStatus:
    """Raises `ValueError` for attributes that are not plain, `Unfit` for those that are not right."""
    said = {name.decode(): value.decode() for name, value in _ATTRIBUTE.findall(attributes)}
    if not said.keys() <= _KNOWN or len(said) < attributes.count(b"="):
        raise ValueError(attributes)
    return quantities.status_of(abie(name.decode()), said)


class _Energies(dict[bytes, int]):
    """kWh with at most three decimals, in Wh. Meters say the same few thousand figures again and again."""

    def __missing__(self, text: bytes) -> int:
        if _PLAIN(text) is None:
            raise ValueError(text)
        whole, _, part = text.partition(b".")
        wh = int(whole + part.ljust(3, b"0"))
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = wh
        return wh


_WH: Final = _Energies().__getitem__
