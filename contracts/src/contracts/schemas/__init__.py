"""The stored JSON Schemas (2020-12): of every command's and event's data, and of the envelope around them.

They are written by `python -m contracts.store`, which refuses a breaking change.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from contracts.envelope import schema_uri
from contracts.message import EVENTS

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from contracts.message import Message

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def of(type_: str) -> dict[str, Any]:
    """The stored schema of a type's data. Raises `KeyError` for a type that has none."""
    file = _file(type_)
    if not file.is_file():
        raise KeyError(type_)
    return _read(file)


def of_envelope() -> dict[str, Any]:
    """The stored schema of the envelope."""
    return _read(resources.files(__name__).joinpath("envelope.v1.json"))


def stored() -> dict[str, dict[str, Any]]:
    """Every stored schema of a type, by the type."""
    found: dict[str, dict[str, Any]] = {}
    for folder in sorted(resources.files(__name__).iterdir(), key=lambda one: one.name):
        if folder.is_dir():
            for file in sorted(folder.iterdir(), key=lambda one: one.name):
                if file.name.endswith(".json"):
                    found[f"no.flexregister.{folder.name}.{file.name.removesuffix('.json')}"] = _read(file)
    return found


def path(type_: str) -> str:
    """Where the schema of a type lies, below this package: `registry/register-resource.v1.json`."""
    _, _, service, name, version = type_.split(".")
    return f"{service}/{name}.{version}.json"


def current(model: type[Message]) -> dict[str, Any]:
    """The schema of a message as the code has it now."""
    found = model.model_json_schema()
    for part in (found, *found.get("$defs", {}).values()):
        for field in part.get("properties", {}).values():
            field.pop("title", None)  # it only repeats the field's name
        if model.type in EVENTS:
            # Events gain fields at every depth, and their readers ignore what they do not know.
            part.pop("additionalProperties", None)
    if (event := EVENTS.get(model.type)) is not None and "required" in found:
        # On the log they always stand; a party may be sent it without them.
        found["required"] = [name for name in found["required"] if name not in event.withheld()]
    return {"$schema": DIALECT, "$id": schema_uri(model.type), **found}


def _file(type_: str) -> Traversable:
    try:
        where = path(type_)
    except ValueError:
        raise KeyError(type_) from None
    return resources.files(__name__).joinpath(*where.split("/"))


def _read(file: Traversable) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))
