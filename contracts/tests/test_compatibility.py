"""Which changes of a schema are refused. Each case is a change that someone could make in passing."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from contracts.compatibility import ADVICE, Kind, breaks

pytestmark = pytest.mark.unit


class Part(BaseModel):
    """A part."""

    a: int
    b: str = ""


class NarrowPart(BaseModel):
    """The same part, narrower."""

    a: int = Field(ge=0)
    b: str = ""


def schema(**fields: Any) -> dict[str, Any]:
    """The schema of a model with these fields, each a type or a type and a default."""
    given = {name: field if isinstance(field, tuple) else (field, ...) for name, field in fields.items()}
    return create_model("Model", **given).model_json_schema()


OLD = {"a": int, "b": (str, "x")}

NEVER = {
    "a field is gone": (OLD, {"b": (str, "x")}),
    "a field has another name": (OLD, {"a": int, "c": (str, "x")}),
    "a new field is required": (OLD, {**OLD, "c": int}),
    "a field is now required": (OLD, {"a": int, "b": str}),
    "another type": (OLD, {**OLD, "a": str}),
    "another default": (OLD, {**OLD, "b": (str, "y")}),
    "no list any more": ({"a": tuple[int, ...]}, {"a": int}),
    "a list of something else": ({"a": tuple[int, ...]}, {"a": tuple[str, ...]}),
    "null no longer taken": ({"a": int | None}, {"a": int}),
    "a word is gone": ({"a": Literal["x", "y"]}, {"a": Literal["x"]}),
    "words where any text was taken": ({"a": str}, {"a": Literal["x"]}),
    "a higher minimum": ({"a": (int, Field(ge=0))}, {"a": (int, Field(ge=1))}),
    "a new maximum": ({"a": int}, {"a": (int, Field(le=9))}),
    "a shorter text": ({"a": (str, Field(max_length=9))}, {"a": (str, Field(max_length=8))}),
    "a longer list": ({"a": (list[int], Field(min_length=1))}, {"a": (list[int], Field(min_length=2))}),
    "a new pattern": ({"a": str}, {"a": (str, Field(pattern="^x"))}),
    "another pattern": ({"a": (str, Field(pattern="^x"))}, {"a": (str, Field(pattern="^y"))}),
    "narrower in a part": ({"a": Part}, {"a": NarrowPart}),
    "narrower in a list of parts": ({"a": tuple[Part, ...]}, {"a": tuple[NarrowPart, ...]}),
    "narrower in an optional part": ({"a": (Part | None, None)}, {"a": (NarrowPart | None, None)}),
}

ONLY_COMMANDS = {
    "a field may be left out": (OLD, {"a": (int, 0), "b": (str, "x")}),
    "one more word": ({"a": Literal["x"]}, {"a": Literal["x", "y"]}),
    "any text": ({"a": Literal["x"]}, {"a": str}),
    "null taken": ({"a": int}, {"a": int | None}),
    "a lower minimum": ({"a": (int, Field(ge=1))}, {"a": (int, Field(ge=0))}),
    "no maximum": ({"a": (int, Field(le=9))}, {"a": int}),
    "wider in a part": ({"a": NarrowPart}, {"a": Part}),
}

ALWAYS = {
    "the same": (OLD, OLD),
    "a new field that may be left out": (OLD, {**OLD, "c": (int | None, None)}),
    "other words about it": (OLD, {**OLD, "a": (int, Field(description="how many", title="A"))}),
}


def cases(changes: dict[str, Any]) -> Any:
    return pytest.mark.parametrize(("old", "new"), changes.values(), ids=changes)


@pytest.mark.parametrize("kind", ["command", "event"])
@cases(NEVER)
def test_breaking_changes_are_refused(old: dict[str, Any], new: dict[str, Any], kind: Kind):
    assert breaks(schema(**old), schema(**new), kind)


@cases(ONLY_COMMANDS)
def test_a_command_may_take_more_but_an_event_may_not_say_more(old: dict[str, Any], new: dict[str, Any]):
    assert breaks(schema(**old), schema(**new), "command") == []
    assert breaks(schema(**old), schema(**new), "event")


@pytest.mark.parametrize("kind", ["command", "event"])
@cases(ALWAYS)
def test_what_breaks_nothing_is_let_through(old: dict[str, Any], new: dict[str, Any], kind: Kind):
    assert breaks(schema(**old), schema(**new), kind) == []


def test_the_message_says_where_and_what_to_do():
    assert breaks(schema(a=Part), schema(a=NarrowPart), "command") == ["/a/a: minimum was None and is 0"]
    assert "make a v2" in ADVICE
