"""Documents of blocks, read by the thousand: what many places say alike is made once.

Of a hundred neighbouring points nearly all have the same channel since the same day, and few differ in what they are.
So a document is taken apart as text, and each place's part is looked up among those that were read before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

State = TypeVar("State")
_HEAD: Final = '{"places":{"'
_TAIL: Final = "]}}"
_NEXT: Final = '],"'
"""Between two places. In a text it could not stand: there a quotation mark has a stroke before it."""
_NAMED: Final = '":['
_REMEMBERED: Final = 16_384


def of(state: type[State], place: Any) -> Callable[[str], State]:
    """A reader of documents that are nothing but `places`, a list by place; what looks otherwise is read as ever.

    `state`: the class, a dataclass. `place`: the type of what stands for one place; several share it.
    """
    made: Any = state
    strict = TypeAdapter(state)
    one: TypeAdapter[Any] = TypeAdapter(place)
    remembered = lru_cache(maxsize=_REMEMBERED)(one.validate_json)

    def read(stored: str) -> State:
        if not (stored.startswith(_HEAD) and stored.endswith(_TAIL)):
            return strict.validate_json(stored)
        places: dict[str, Any] = {}
        try:
            for part in stored[len(_HEAD) : -len(_TAIL)].split(_NEXT):
                if part[3:6] != _NAMED or not part[:3].isdigit():
                    return strict.validate_json(stored)
                places[part[:3]] = remembered(f"[{part[6:]}]")
        except ValidationError:
            # A list within a list is cut in the middle: it is right as a whole.
            return strict.validate_json(stored)
        return made(places)

    return read
