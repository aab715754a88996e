"""Facts in time: entries in order of `valid_from`, each valid until the next; late ones find their place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime
from operator import attrgetter
from typing import Protocol, TypeVar

_start = attrgetter("valid_from")


class Entry(Protocol):
    """Something that is valid from a moment (UTC)."""

    @property
    def valid_from(self) -> datetime:
        """Since when."""
        ...


EntryT = TypeVar("EntryT", bound=Entry)


def put(entries: tuple[EntryT, ...], entry: EntryT) -> tuple[EntryT, ...]:
    """The timeline with this entry; one from the same moment is replaced."""
    index = bisect_left(entries, entry.valid_from, key=_start)
    after = index + (index < len(entries) and entries[index].valid_from == entry.valid_from)
    return (*entries[:index], entry, *entries[after:])


def at(entries: tuple[EntryT, ...], moment: datetime) -> EntryT | None:
    """The entry valid at a moment; None before the first."""
    index = bisect_right(entries, moment, key=_start)
    return entries[index - 1] if index else None


def since(entries: tuple[EntryT, ...], moment: datetime) -> tuple[EntryT, ...]:
    """The entry valid at a moment, if any, and all later ones."""
    return entries[max(bisect_right(entries, moment, key=_start) - 1, 0) :]
