"""What the OpenAPI document is put together of."""

from __future__ import annotations

from typing import Any, Final, get_args

WH: Final = {"type": ["integer", "null"], "description": "Wh (varh), exactly; null: nothing is there."}
TIME: Final = {"type": "string", "format": "date-time"}
MAY_TIME: Final = {"type": ["string", "null"], "format": "date-time"}
DATE: Final = {"type": "string", "format": "date"}
COUNT: Final = {"type": "integer", "minimum": 0}
TEXT: Final = {"type": "string"}
GSRN: Final = {"type": "string", "pattern": "^[0-9]{18}$"}
LINE: Final = {
    "type": "string",
    "default": "consumption",
    "examples": ["consumption", "production", "consumption.reactive"],
}


def one_of(given: Any, *, nullable: bool = False) -> dict[str, Any]:
    """One of the words of a Literal."""
    return {"enum": [*get_args(given), *([None] if nullable else [])]}


def an_object(**fields: Any) -> dict[str, Any]:
    """All fields are there but those whose name ends with `_`."""
    required = [name for name in fields if not name.endswith("_")]
    properties = {name.rstrip("_"): schema for name, schema in fields.items()}
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def many(schema: Any) -> dict[str, Any]:
    """An array."""
    return {"type": "array", "items": schema}


def ref(name: str) -> dict[str, str]:
    """A schema that stands in the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def query(name: str, schema: Any, about: str, *, required: bool = False) -> dict[str, Any]:
    """A parameter of the query."""
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": about}


FOR_END_USER: Final = {
    "name": "end_user",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "format": "uuid"},
    "description": "For the TSO and the datahub: on behalf of this end user, what it stood behind and no more.",
}


def path(name: str, schema: Any) -> dict[str, Any]:
    """A parameter in the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema}


def says(about: str, schema: str) -> dict[str, Any]:
    """An answer in JSON."""
    return {"description": about, "content": {"application/json": {"schema": ref(schema)}}}


def answers(**by_status: Any) -> dict[str, Any]:
    """Answers by status, with those that every request may get."""
    refused = {
        "400": says("It cannot be read so.", "Reason"),
        "401": says("Nobody that is known here has signed it so.", "Reason"),
        "404": says("There is no such thing, or not for the caller: the two are answered alike.", "Reason"),
        "429": says("Too often. `Retry-After` says when to come back.", "Reason"),
    }
    return {**{name[1:]: said for name, said in by_status.items()}, **refused}
