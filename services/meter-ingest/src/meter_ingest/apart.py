"""Series that are not as a series is written, beside those of the same record that are: each is refused by itself.

What opens a record says which series are whole, and by their places what is wrong with the others. The value shard
decides the whole ones; in the receipt they stand together, by the places that they came in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from chassis.service import Decision
from contracts import door, sayable, strict_json, validation, values
from contracts.message import Reason, Refused, RefusedRow, Rule
from contracts.meter_ingest.v1 import SendMeterValues, Series
from meter_ingest.domain import series_rules
from meter_ingest.domain.series import MOST_REASONS

_SERIES: Final = re.compile(r"^/series/([0-9]+)")
_DEPTH: Final = 4
"""Of a series in its envelope."""
_MOST: Final = 1000


class Fault(NamedTuple):
    """What is wrong with a series: the place in it, in Norwegian and English, and what stands there."""

    rule: Rule
    path: str
    nb: str
    en: str
    actual: str | None

    def reason(self, place: int) -> Reason:
        """As a receipt says it."""
        made = self.rule.reason(path=f"/series/{place}{self.path}", limit=self.en, actual=self.actual)
        return made.model_copy(update={"text_nb": self.rule.text_nb.format(limit=self.nb, actual=self.actual, unit="")})


@dataclass(frozen=True, slots=True)
class Apart:
    """The places of the series that are whole, and what is wrong with the others."""

    places: tuple[int, ...]
    faults: tuple[tuple[int, Fault], ...]


@dataclass(slots=True)
class Item(door.Item):
    """A record of JSON of which not all series are whole."""

    apart: Apart | None = None


def rule_of(path: str) -> Rule:
    """What a series is refused by, whose fault stands there."""
    if path.startswith("/resolution"):
        return series_rules.SERIES_RESOLUTION_UNKNOWN
    return series_rules.SERIES_VALUE_INVALID if path.startswith("/values_wh/") else series_rules.SERIES_INVALID


def item(content: bytes) -> Item | None:
    """A record whose envelope is right, and some series of which are not; None of any other."""
    try:
        found = strict_json.parse(content)
    except Refused:
        return None
    if type(found) is list and len(found) == 1:
        found = found[0]
    if type(found) is not dict or type(data := found.get("data")) is not dict or data.keys() != {"series"}:
        return None
    some = data["series"]
    if found.get("type") != SendMeterValues.type or type(some) is not list or not 0 < len(some) <= _MOST:
        return None
    whole: list[tuple[int, Series]] = []
    faults: list[tuple[int, Fault]] = []
    for place, one in enumerate(some):
        fault = _fault(one)
        if fault is None:
            whole.append((place, Series.model_validate(one, context=values.SENT)))
        else:
            faults.append((place, fault))
    rest = {name: value for name, value in found.items() if name != "data" and value is not None}
    if not faults or strict_json.fault(rest) or strict_json.null_character(rest):
        return None
    said, reasons = door.attributes({**rest, "data": {}})
    if "subject" in said:
        reasons += validation.subject_reasons(SendMeterValues, said["subject"])
    if reasons:
        return None
    return Item(
        **said,
        # What is no JSON of ours has no form that does not depend on how it was written.
        contenthash=hashlib.sha256(content).hexdigest(),
        command=SendMeterValues.model_construct({"series"}, series=tuple(one for _, one in whole)) if whole else None,
        apart=Apart(tuple(place for place, _ in whole), tuple(faults)),
    )


def _fault(one: Any) -> Fault | None:
    if not isinstance(one, dict):
        wrong = strict_json.fault([one], depth=_DEPTH)
        actual = door.fault_told(wrong).actual if wrong else sayable.shown(sayable.word(one))
        actual = None if actual is None else str(actual)
        return Fault(
            series_rules.SERIES_INVALID, "", "verdien skal være et objekt", "the value must be an object", actual
        )
    found = strict_json.fault(one, depth=_DEPTH) or strict_json.null_character(one)
    if found is not None:
        reason = door.fault_told(found)
        nb, en = (text.removesuffix(".") for text in (reason.text_nb, reason.text_en))
        return Fault(rule_of(reason.path), reason.path, nb, en, None if reason.actual is None else str(reason.actual))
    said = validation.part_fault(Series, one)
    return None if said is None else Fault(rule_of(said[0]), *said)


def together(apart: Apart, decision: Decision) -> Decision:
    """What was decided of the whole series, and what is wrong with the others, by the places that they came in."""
    rows = [row.model_copy(update={"row": apart.places[row.row]}) for row in decision.rows]
    rows += [RefusedRow(row=place, code=fault.rule.key, actual=fault.actual) for place, fault in apart.faults]
    said = [_placed(reason, apart.places) for reason in decision.reasons]
    told: set[tuple[Any, ...]] = set()
    for place, fault in apart.faults:
        key = fault if len(told) < MOST_REASONS else (fault.rule.key,)
        if key not in told:
            told.add(key)
            told.add((fault.rule.key,))
            said.append(fault.reason(place))
    return replace(decision, rows=tuple(sorted(rows, key=lambda row: row.row)), reasons=tuple(said))


def _placed(reason: Reason, places: Sequence[int]) -> Reason:
    path = _SERIES.sub(lambda found: f"/series/{places[int(found[1])]}", reason.path or "")
    return reason.model_copy(update={"path": path})


def of_columns(faults: Mapping[int, tuple[str, str, str]], count: int) -> Apart | None:
    """Of rows of columns: by row, the column, what was expected in it, and what stands there."""
    if not faults:
        return None
    from contracts.columnar import norsk  # noqa: PLC0415 - large, and needed only where columns are sent

    found = tuple(
        (row, Fault(rule_of(f"/{column}"), f"/{column}", f"«{norsk(limit)}» ventet", f"“{limit}” expected", actual))
        for row, (column, limit, actual) in sorted(faults.items())
    )
    return Apart(tuple(row for row in range(count) if row not in faults), found)
