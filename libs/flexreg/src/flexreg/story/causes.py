"""A group's whole story: all that was said of it, by whom, in order of cause, with what is alike told once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flexreg.log import Entry


@dataclass(frozen=True, slots=True)
class Told:
    """Some messages of one type with causes of one type; `depth` steps away from what began it all."""

    depth: int
    type: str
    entries: tuple[Entry, ...]

    def __str__(self) -> str:
        """Each step further in: `2026-04-01 07:00      60 membership-end-announced  registry`."""
        head = self.entries[0].envelope
        many = f"{len(self.entries)} " if len(self.entries) > 1 else ""
        said_by = head["source"].rpartition("/")[2] if "parties" in head["source"] else head["source"].split("/")[2]
        when = head["time"][:16].replace("T", " ")
        return f"{when}  {'   ' * self.depth}{many}{self.type.split('.')[-2]}  ({said_by})"


def of_group(entries: Iterable[Entry], group_id: str) -> list[Entry]:
    """What is said of a group, with everything that led to it; receipts apart. In the order of the log."""
    by_id: dict[str, Entry] = {}
    for entry in entries:
        if not _is_receipt(entry):
            by_id.setdefault(entry.envelope["id"], entry)
    found: dict[str, None] = {}
    for id_, entry in by_id.items():
        if _is_about(entry, group_id):
            following: str | None = id_
            while following in by_id and following not in found:
                found[following] = None
                following = by_id[following].envelope.get("causationid")
    return [entry for id_, entry in by_id.items() if id_ in found]


def in_order(entries: Sequence[Entry]) -> list[Told]:
    """Causes before what they caused; of causes that are alike, all they caused together."""
    known = {entry.envelope["id"] for entry in entries}
    caused: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        cause = entry.envelope.get("causationid", "")
        caused[cause if cause in known else ""].append(entry)
    return [told for root in caused[""] for told in _told(0, [root], caused)]


def out_of_order(entries: Sequence[Entry]) -> list[str]:
    """What stands in the log before its own cause."""
    place = {entry.envelope["id"]: number for number, entry in enumerate(entries)}
    return [
        entry.envelope["id"]
        for number, entry in enumerate(entries)
        if place.get(entry.envelope.get("causationid", ""), -1) >= number
    ]


def _told(depth: int, alike: Sequence[Entry], caused: dict[str, list[Entry]]) -> Iterator[Told]:
    yield Told(depth, alike[0].envelope["type"], tuple(alike))
    by_type: dict[str, list[Entry]] = {}
    for entry in alike:
        for effect in caused.get(entry.envelope["id"], ()):
            by_type.setdefault(effect.envelope["type"], []).append(effect)
    for effects in by_type.values():
        yield from _told(depth + 1, effects, caused)


def _is_about(entry: Entry, group_id: str) -> bool:
    head = entry.envelope
    return group_id in (head.get("correlationid"), head.get("subject")) or head["data"].get("group_id") == group_id


def _is_receipt(entry: Entry) -> bool:
    return ".receipt.v" in entry.envelope["type"]
