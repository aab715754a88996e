"""What the validation rules are, and what a change of them would do to the values of a day: `POST /ask/validation`.

Values are read from a snapshot as they stand in the store, some thousand at a time; nothing is written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import to_jsonable_python
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.asking import UnableToAnswer, moment
from chassis.work import Work
from contracts import values
from contracts.message import Reason, Refused
from contracts.meter_ingest.v1 import SetValidationRule
from contracts.validation import first_fault
from meter_ingest import store, value_store
from meter_ingest.domain import blocks, days, known, lines, validation
from meter_ingest.domain.checks import Plan
from meter_ingest.domain.effect import Effect
from meter_ingest.domain.validation import Validation, ValidationRule
from meter_ingest.domain.values import Version

CHUNK: Final = 1000
"""So many series are held at a time."""

_DAY = text(
    f"SELECT {value_store.SELECTED}, false AS aside FROM private.value_version v"  # noqa: S608 - declared names
    " WHERE v.day = :day"
    f" UNION ALL SELECT {value_store.SELECTED}, true AS aside FROM private.quarantined_version v"
    " WHERE v.day = :day ORDER BY metering_point_id, line"
)


class _Stored(NamedTuple):
    """One line of a point on the day."""

    point: str
    line: str
    counts: list[Version]
    aside: list[Version]


async def validation_asked(
    connection: AsyncConnection, work: Callable[[], Work], asked: Mapping[str, Any]
) -> dict[str, Any]:
    """The rules in force `at` a moment; with `try`, what would become of the values of a `day` (yesterday).

    `try`: `[{key, consequence?, thresholds?}]`, what is left out is as it stands; a new rule says its `check`, may
    say `directions`, `products`, `resolutions`, `settlement_methods`. Raises `UnableToAnswer`.
    """
    at = moment(str(asked["at"])) if asked.get("at") else datetime.now(UTC)
    state = await work().load(store.VALIDATION, validation.ID)
    in_force = validation.in_force(state, at)
    answer: dict[str, Any] = {"at": at, "rules": [_plain(one) for one in in_force]}
    if not asked.get("try"):
        return answer
    supposed = _supposed(state, asked, at)
    local = _day(asked, at)
    effect = Effect(Plan(in_force), Plan(validation.in_force(supposed, at)), local)
    async for some in _chunks(connection, local):
        await _look(effect, some, work(), days.day(local).start)
    return {**answer, "effect": effect.told()}


async def _look(effect: Effect, some: Iterable[_Stored], work: Work, at: datetime) -> None:
    found = list(some)
    points = await work.load_many(store.POINTS, blocks.by_block(one.point for one in found))
    for one in found:
        effect.look(one.point, one.line, one.counts, one.aside, known.point_at(points, one.point, at))


async def _chunks(connection: AsyncConnection, local: date) -> AsyncIterator[list[_Stored]]:
    rows = await connection.stream(_DAY, {"day": local}, execution_options={"yield_per": CHUNK})
    found: list[_Stored] = []
    async for row in rows:
        point, line = str(row.metering_point_id), lines.of_code(row.line)
        if not found or (found[-1].point, found[-1].line) != (point, line):
            if len(found) == CHUNK:
                yield found
                found = []
            found.append(_Stored(point, line, [], []))
        (found[-1].aside if row.aside else found[-1].counts).append(value_store.version_of(row))
    if found:
        yield found


def _day(asked: Mapping[str, Any], at: datetime) -> date:
    given = asked.get("day")
    if not given:
        return days.day_at(at).date - timedelta(days=1)
    try:
        return values.parse_date(given)
    except ValueError as error:
        raise UnableToAnswer(f"day: {error}") from None


def _supposed(state: Validation | None, asked: Mapping[str, Any], at: datetime) -> Validation:
    """What would have been set, each change decided as the command would be."""
    supposed = state or Validation()
    changes = asked["try"]
    if not isinstance(changes, list) or not all(isinstance(one, dict) for one in changes):
        raise UnableToAnswer("try is a list of objects")
    for one in changes:
        key = str(one.get("key", ""))
        standing = {rule.key: rule for rule in validation.in_force(supposed, at)}.get(key)
        try:
            wish = SetValidationRule.model_validate(_wish(one, standing, at))
            event = validation.decide_set(supposed, key=key, wish=wish, by=str(asked.get("by", "")), at=at)
        except Refused as refused:
            raise UnableToAnswer(f"{key}: {'; '.join(_why(reason) for reason in refused.reasons)}") from None
        except ValidationError:
            raise UnableToAnswer(f"{key}: {first_fault(SetValidationRule, _wish(one, standing, at))}") from None
        supposed = validation.evolve(supposed, event)
    return supposed


def _why(reason: Reason) -> str:
    return f"{reason.text_en} {reason.fix_en}"


def _wish(change: Mapping[str, Any], standing: ValidationRule | None, at: datetime) -> dict[str, Any]:
    base = _plain(standing) if standing else {}
    thresholds = {**base.get("thresholds", {}), **(change.get("thresholds") or {})}
    said = {name: value for name, value in {**base, **change}.items() if name not in {"key", "valid_from"}}
    return {
        **said,
        "thresholds": [{"name": name, "value": value} for name, value in thresholds.items()],
        "valid_from": at,
        "reason": "What if",
    }


def _plain(rule: ValidationRule) -> dict[str, Any]:
    return to_jsonable_python(rule)
