"""The golden examples: whole envelopes of every type, as participants send them and as the register publishes them.

Each stays readable for ever: what is stored is never changed or removed, new ones are added beside it. `index.json`
keeps the SHA-256 of each, so that neither happens unseen.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

INDEX = "index.json"


def of(type_: str) -> list[dict[str, Any]]:
    """The examples of a type, the plainest first; none for a type that does not exist."""
    return list(named(type_).values())


def named(type_: str) -> dict[str, dict[str, Any]]:
    """The examples of a type by their names."""
    folder = resources.files(__name__).joinpath(type_)
    if not type_ or not folder.is_dir():
        return {}
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return {file.name.removesuffix(".json"): json.loads(file.read_text(encoding="utf-8")) for file in files}


def types() -> list[str]:
    """The types that have a folder of examples."""
    return sorted(folder.name for folder in resources.files(__name__).iterdir() if folder.name.startswith("no."))


def index() -> dict[str, str]:
    """The SHA-256 of every stored example by `<type>/<name>`."""
    return json.loads(resources.files(__name__).joinpath(INDEX).read_text(encoding="utf-8"))
