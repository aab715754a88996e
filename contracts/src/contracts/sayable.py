"""What of a message that was refused may be said again: a receipt stands for ever, and people write anything anywhere.

Numbers, moments and ids of the right form can hardly say who lives where. A text where an id or a word of a list
belongs, and a name that no type has, may be a person's: there it is said what was expected, and nothing else.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import BaseModel

from contracts import values
from contracts.envelope import OPTIONAL, REQUIRED, RESERVED
from contracts.message import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

HIDDEN: Final = "…"
"""Stands in a path for a name that no type has, and in a text for what is not said again."""

_IDS: Final = re.compile(rf"{values.UUID_PATTERN[1:-1]}|\d{{18}}|\d{{13}}|\d\d[A-Z][0-9A-Z-]{{13}}").fullmatch
"""A UUID, a GSRN, a GLN, an EIC; whether their check digits are right or not."""
_TYPES: Final = re.compile(r"[a-z0-9.-]{1,100}").fullmatch
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]{5,15}(Z|[+-]\d\d:?\d\d)?)?").fullmatch
_OF_MOMENTS: Final = frozenset({"time_form", "time_value", "time_naive", "date_form", "date_value", "midnight"})
_OF_SIZE: Final = frozenset({"greater_than_equal", "less_than_equal", "greater_than", "less_than"})
_OF_LENGTH: Final = frozenset({"string_too_long", "string_too_short", "too_long"})
_SMALL: Final = 10_000
"""Numbers below this are nobody's, nor a day."""


def word(given: Any) -> str | None:
    """What may be said again of something that is not as it should be, wherever it stood."""
    if given is None or isinstance(given, bool):
        return {None: "null", True: "true", False: "false"}[given]
    if isinstance(given, int):
        return str(given) if abs(given) < _SMALL else None
    return given if isinstance(given, str) and (not given or _IDS(given)) else None


def shown(found: str | None) -> str:
    """It, or that it is not said again; for rules that speak of it."""
    return HIDDEN if found is None else found


def type_name(given: str) -> str:
    """A message type that is not known, where it is written like one."""
    return given if _TYPES(given) else HIDDEN


def of(detail: ErrorDetails) -> str | None:
    """What came where a field is wrong; of what is too long, how long it is."""
    kind, given = detail["type"], detail["input"]
    if kind in {"missing", "extra_forbidden"} or kind.startswith("text_"):
        return None
    if kind in _OF_LENGTH:
        return str(len(given))
    if kind in _OF_SIZE and isinstance(given, int):
        return str(given)
    if isinstance(given, str):
        if kind in _OF_MOMENTS and _MOMENT(given):
            return given
        if kind == "organisation_number_check_digit":
            return given
    return word(given)


def steps(way: Iterable[str | int], model: type[BaseModel] | None = None) -> Iterable[str | int]:
    """The steps of a path, without names that no type has, nor the model that was expected."""
    own = names_of(model) if model else frozenset[str]()
    return (step if isinstance(step, int) or step in known() or step in own else HIDDEN for step in way)


@cache
def names_of(model: type[BaseModel]) -> frozenset[str]:
    """The names of all fields that a model has, and the models in it, as they are written."""
    found: set[str] = set()
    _walk(model, found, set())
    return frozenset(found)


def _walk(annotation: Any, found: set[str], models: set[type[BaseModel]]) -> None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in models:
            models.add(annotation)
            for name, field in annotation.model_fields.items():
                found.add(field.alias or name)
                _walk(field.annotation, found, models)
        return
    for each in get_args(annotation):
        _walk(each, found, models)


@cache
def known() -> frozenset[str]:
    """The names of all fields that any command has, and of an envelope's attributes."""
    found: set[str] = {*REQUIRED, *OPTIONAL, *RESERVED, "data"}
    models: set[type[BaseModel]] = set()
    for model in COMMANDS.values():
        _walk(model, found, models)
    return frozenset(found)
