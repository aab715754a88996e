"""Documents of blocks, read by the thousand: what many places say alike is made once.

Of a hundred neighbouring points nearly all have the same channel since the same day, and few differ in what they are.
So a document is taken apart as text, and each place's part is looked up among those that were read before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

State = TypeVar("State")
_HEAD: Final = '{"places":{"'
_TAIL: Final = "]}}"
_NEXT: Final = '],"'
"""Between two places. In a text it could not stand: there a quotation mark has a stroke before it."""
_NAMED: Final = '":['
_REMEMBERED: Final = 16_384


class _Remembered(dict[str, Any]):
    """What was read of a place, by its text from behind the place's name on."""

    def __init__(self, validate: Callable[[str], Any]) -> None:
        self.validate = validate

    def __missing__(self, text: str) -> Any:
        if not text.startswith(_NAMED):
            raise ValueError(text)
        if len(self) >= _REMEMBERED:
            self.clear()
        found = self[text] = self.validate(f"[{text[len(_NAMED) :]}]")
        return found


def of(state: type[State], place: Any) -> Callable[[str], State]:
    """A reader of documents that are nothing but `places`, a list by place; what looks otherwise is read as ever.

    `state`: the class, a dataclass. `place`: the type of what stands for one place; several share it.
    """
    made: Any = state
    strict = TypeAdapter(state)
    remembered = _Remembered(TypeAdapter(place).validate_json)

    def read(stored: str) -> State:
        if not (stored.startswith(_HEAD) and stored.endswith(_TAIL)):
            return strict.validate_json(stored)
        parts = stored[len(_HEAD) : -len(_TAIL)].split(_NEXT)
        try:
            places = {part[:3]: remembered[part[3:]] for part in parts}
        except ValueError:
            # A list within a list is cut in the middle: it is right as a whole.
            return strict.validate_json(stored)
        if not "".join(places).isdigit():
            return strict.validate_json(stored)
        return made(places)

    return read
