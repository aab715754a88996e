"""From a type, a subject and data to a command, or to every reason why there is none."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts import catalogue, problems, sayable, values
from contracts import door_rules as rules
from contracts.message import COMMANDS, Command, Reason, Rule
from contracts.strict_json import pointer

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)

MAX_REASONS: Final = 20
"""How many things wrong with one message are told at once."""


def validate_command(type_: str, subject: str, data: Any) -> Command | tuple[Reason, ...]:
    """The command, or why there is none: an unknown type alone, else the subject and up to 20 things in the data.

    Paths are JSON pointers into the envelope (`/data/up_w`).
    """
    model = COMMANDS.get(type_)
    if model is None:
        return (unknown_type(type_),)
    reasons = subject_reasons(model, subject)
    try:
        command = model.model_validate(data, context=values.SENT)
    except ValidationError as error:
        details = _without_echoes(_helpful(error, model, data))
        told = details[: MAX_REASONS - len(reasons)]
        reasons += [_reason(rules.SCHEMA_INVALID, detail, ("data",)) for detail in told]
    else:
        if not reasons:
            return command
    return tuple(reasons)


def part_fault(model: type[BaseModel], value: Any) -> tuple[str, str, str, str] | None:
    """The first thing that is wrong with a part of a message: its path, what is wrong in Norwegian and English, it."""
    try:
        model.model_validate(value, context=values.SENT)
    except ValidationError as error:
        detail = _without_echoes(_helpful(error, model, value))[0]
        path, found = pointer(sayable.steps(detail["loc"])), sayable.shown(sayable.of(detail))
        return path, problems.norwegian(detail), problems.english(detail), found
    return None


def first_fault(model: type[BaseModel], value: Any) -> str:
    """Where the first thing is wrong, and what, in English; empty where nothing is."""
    found = part_fault(model, value)
    return f"{found[0]}: {found[2]}" if found else ""


def read_as(model: type[Model], value: Any, *, rule: Rule, under: str) -> Model | Reason:
    """What was written at a door as what it should be; or the first thing wrong with it, in both languages.

    `under`: where in the request it stands. `rule`: its texts say what is wrong by `{limit}`.
    """
    try:
        return model.model_validate(value, context=values.SENT)
    except ValidationError as error:
        detail = _without_echoes(_helpful(error, model, value))[0]
        path = pointer((under, *sayable.steps(detail["loc"], model)))
        return in_words(rule, path, problems.norwegian(detail), problems.english(detail), sayable.of(detail))


def in_words(rule: Rule, path: str, norwegian: str, english: str, found: str | None = None) -> Reason:
    """The reason of a rule whose texts say what is wrong by `{limit}`."""
    reason = rule.reason(path=path, limit=english, actual=found)
    return reason.model_copy(update={"text_nb": rule.text_nb.format(limit=norwegian, actual=found, unit="")})


def unknown_type(type_: str) -> Reason:
    """Why a type is not taken: another version of it is known, or some that are written much like it, or neither."""
    if known := catalogue.versions(type_):
        return rules.TYPE_VERSION_UNKNOWN.reason(path="/type", limit=", ".join(known), actual=sayable.type_name(type_))
    meant = catalogue.close_to(type_) or ["no.flexregister.<service>.<command>.v1"]
    return rules.TYPE_UNKNOWN.reason(path="/type", limit=", ".join(meant), actual=sayable.type_name(type_))


def subject_reasons(model: type[Command], subject: str) -> list[Reason]:
    """What is wrong with the subject of a command of this type."""
    try:
        _subject(model).validate_python(subject)
    except ValidationError as error:
        return [_reason(rules.SUBJECT_INVALID, detail, ("subject",)) for detail in error.errors(include_url=False)]
    return []


def _helpful(error: ValidationError, model: type[BaseModel], value: Any) -> list[ErrorDetails]:
    """What is wrong; of a field that there is not, with its place in its object and the fields that there are."""
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "extra_forbidden" and (names := _names(model, detail["loc"][:-1])):
            holder = value
            for step in detail["loc"][:-1]:
                holder = holder[step]
            place = list(holder).index(detail["loc"][-1]) + 1
            detail["ctx"] = {"place": place, "names": ", ".join(names)}
    return details


def _names(model: type[BaseModel], way: tuple[int | str, ...]) -> list[str]:
    """The fields of the object at the end of a way; none where it may be of several kinds."""
    at: list[Any] = [model]
    for step in way:
        if isinstance(step, int):
            continue
        fields = [field for one in at for name, field in one.model_fields.items() if step in (field.alias, name)]
        at = [one for field in fields for one in _models(field.annotation)]
    return [field.alias or name for name, field in at[0].model_fields.items()] if len(at) == 1 else []


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for each in get_args(annotation) for found in _models(each)]


def _without_echoes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    # A list whose entries are wrong is called too short as well, as if they were not there.
    within = {detail["loc"][:at] for detail in details for at in range(len(detail["loc"]))}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in within]


@cache
def _subject(model: type[Command]) -> TypeAdapter[Any]:
    type_: Any = model.subject_is
    return TypeAdapter(type_)


def _reason(rule: Rule, detail: ErrorDetails, under: tuple[str, ...]) -> Reason:
    path = pointer((*under, *sayable.steps(detail["loc"])))
    if detail["type"] == "text_national_id":
        return rules.TEXT_HAS_NATIONAL_ID.reason(path=path)
    found = sayable.of(detail)
    if rule is rules.SUBJECT_INVALID:
        found = sayable.shown(found)
    return in_words(rule, path, problems.norwegian(detail), problems.english(detail), found)
