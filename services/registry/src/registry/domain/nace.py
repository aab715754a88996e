"""Industrial classification: which code of SN2025 a code of SN2007 became.

Where one or several codes became one, a machine maps them; where one became several, a person says which (seed 001).
`nace.json` holds the table: by each code of SN2007 the codes that it became. It is to be filled from Statistics
Norway's correspondence table; a code that does not stand in it waits for a person, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Final, TypeAlias

from contracts.registry import v1

Table: TypeAlias = Mapping[str, tuple[str, ...]]
"""By the code of SN2007: what it became."""


def _table() -> Table:
    found = json.loads((resources.files("registry.domain") / "nace.json").read_text(encoding="utf-8"))
    return {old: tuple(new) for old, new in found["sn2025_by_sn2007"].items()}


TABLE: Final = _table()


def sn2025(
    nace: v1.Nace | None, given: Mapping[str, str], table: Table = TABLE
) -> tuple[str | None, v1.NaceMapping | None]:
    """The code in SN2025, and how it was found. `given`: what persons said, by the code of SN2007."""
    if nace is None:
        return None, None
    if nace.standard == "SN2025":
        return nace.code, "given"
    became = table.get(nace.code, ())
    if len(became) == 1:
        return became[0], "mapped"
    if nace.code in given:
        return given[nace.code], "given"
    return None, "waiting"
