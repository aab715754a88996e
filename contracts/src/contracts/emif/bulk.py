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
from contracts.message import trusted
from contracts.meter_ingest.v1 import StatusRun, ValueStatus

MARK: Final = "observations-read-before"
"""The attribute of what takes the place of observations: which of them they are."""
MOST: Final = 9999
"""Observations of a payload."""

_REMEMBERED: Final = 65536
_MARK: Final = MARK.encode()
_END: Final = re.compile(rb"</((?:[A-Za-z_][A-Za-z0-9_.-]*:)?)PayloadEnergyTimeSeries>")
_FIRST: Final = re.compile(
    rb'<((?:[A-Za-z_][A-Za-z0-9_.-]*:)?)Observation Sequence="1">([ \t\r\n]*)'
    rb"<\1(Metered|Estimated|Temporary)[^<>]*>[^<>]*</\1\3>([ \t\r\n]*)</\1Observation>([ \t\r\n]*)"
)
_TAG: Final = re.compile(rb'(Metered|Estimated|Temporary)((?: [A-Za-z]+="[A-Za-z0-9]*")*)').fullmatch
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


class _Tag(NamedTuple):
    """What a value's element says, and how it ends."""

    status: ValueStatus
    end: bytes


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
        prefix, inside, _, after, apart = first.groups()
        closing = b"</%sObservation>" % prefix
        last = part.rfind(closing) + len(closing)
        if _OBSERVATION.search(part, 0, first.start()) or _OBSERVATION.search(part, last):
            continue
        run = _run(part[first.start() : last] + apart, _Way(prefix, inside, after, apart))
        if run is not None:
            mark = b'<%sObservation %s="%d"/>' % (prefix, _MARK, len(runs))
            parts[place] = part[: first.start()] + mark + part[last:]
            runs.append(run)
    return end[0].join(parts), runs


def _run(text: bytes, way: _Way) -> Run | None:
    """What observations say; nothing where they are not plain, or one of them is not right."""
    opens = text.index(b"<", 1) + 1
    head = text[opens : text.index(b">", opens) + 1]
    try:
        return _of_one_status(text, way, head) or _mixed(text, way)
    except (ValueError, quantities.Unfit):
        return None


def _of_one_status(text: bytes, way: _Way, head: bytes) -> Run | None:
    """Where all is written as the first observation is, whose value begins with `head`.

    Where the figures stand is guessed by counting bytes; that there is nothing else, by writing all of it again.
    """
    prefix, inside, _, apart = way
    tag = _tag(head[:-1], way)
    begin = b'<%sObservation Sequence="' % prefix
    before = b'">%s<%s' % (inside, head)
    behind = b"<%s</%sObservation>%s" % (tag.end, prefix, apart)
    quotes = 2 + head.count(b'"')
    first, last = len(before) - 1 - before.rfind(b'"'), 1 - len(behind) - len(begin)
    figures = tuple([one[first:last] for one in (text + begin).split(b'"')[quotes::quotes]])
    count = len(figures)
    if not 0 < count <= MOST or _written(begin, before, behind, count) % figures != text:
        return None
    return Run(tuple(map(_WH, figures)), (StatusRun(status=tag.status, count=count),))


@lru_cache(maxsize=16)
def _written(begin: bytes, before: bytes, behind: bytes, count: int) -> bytes:
    """So many observations, with a place for the figure of each. There is no `%` in what stands between them."""
    return b"".join(b"%s%d%s%%b%s" % (begin, number, before, behind) for number in range(1, count + 1))


def _mixed(text: bytes, way: _Way) -> Run | None:
    """Where only the statuses differ.

    Cut at each `<` there are four pieces of an observation, and every byte is in one of them: three are compared with
    what they have to be, and the second is an element's name, its attributes and a figure.
    """
    prefix, inside, _, apart = way
    pieces = text.split(b"<")
    count, over = divmod(len(pieces) - 1, 4)
    if over or not 0 < count <= MOST or pieces[1::4] != _begins(prefix, inside, count):
        return None
    if pieces[4::4] != [b"/%sObservation>%s" % (prefix, apart)] * count:
        return None
    cut = [one.partition(b">") for one in pieces[2::4]]
    tags = [_tag(name, way) for name, _, _ in cut]
    if pieces[3::4] != [tag.end for tag in tags]:
        return None
    return Run(tuple([_WH(figure) for _, _, figure in cut]), in_runs(tag.status for tag in tags))


def in_runs(statuses: Iterable[ValueStatus]) -> tuple[StatusRun, ...]:
    """The statuses of values, in order, run by run."""
    found = ((status, sum(1 for _ in some)) for status, some in groupby(statuses))
    return tuple(trusted(StatusRun, {"status": status, "count": count}, {"status", "count"}) for status, count in found)


@lru_cache(maxsize=16)
def _begins(prefix: bytes, inside: bytes, count: int) -> list[bytes]:
    return [b'%sObservation Sequence="%d">%s' % (prefix, number, inside) for number in range(1, count + 1)]


@lru_cache(maxsize=1024)
def _tag(name: bytes, way: _Way) -> _Tag:
    """Raises `ValueError` for what is not plain, `Unfit` for what is not right."""
    found = _TAG(name.removeprefix(way.prefix)) if name.startswith(way.prefix) else None
    if found is None:
        raise ValueError(name)
    said = {key.decode(): value.decode() for key, value in _ATTRIBUTE.findall(found[2])}
    if not said.keys() <= _KNOWN or len(said) < found[2].count(b"="):
        raise ValueError(name)
    status = quantities.status_of(abie(found[1].decode()), said)
    return _Tag(status, b"/%s%s>%s" % (way.prefix, found[1], way.after))


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
