"""A file's name, as far as it can do no harm: no path, no control, no second ending."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import unquote

MOST: Final = 80
_UNSAFE: Final = re.compile(r"[^\w \-().]")


def safe(given: str, *, ending: str) -> str:
    """A name of letters, digits, spaces and `-_().` with the ending of its type. `given` may be percent-encoded."""
    name = unicodedata.normalize("NFC", unquote(given, errors="replace"))
    name = re.split(r"[/\\]", name)[-1]
    stem = _UNSAFE.sub("_", name).strip(" ._")
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", stem).replace(".", "_").strip(" ._")
    return (stem[:MOST].rstrip(" ._") or "document") + ending
