"""What belongs to a group's whole story: all that was said of it by any service, and everything that led to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from flexreg import cause, moments, types

if TYPE_CHECKING:
    from flexreg.cause import Bunch
    from flexreg.log import Entry


def of_group(entries: Iterable[Entry], group_id: str) -> list[Entry]:
    """A group's case, the cases about it (activations), and their causes; receipts apart. As the log has them."""
    by_id: dict[str, Entry] = {}
    for entry in entries:
        if not types.is_receipt(entry.envelope["type"]):
            by_id.setdefault(entry.envelope["id"], entry)
    found: set[str] = set()
    for id_, entry in by_id.items():
        if cause.about(entry, group_id):
            following: str | None = id_
            while following in by_id and following not in found:
                found.add(following)
                following = by_id[following].envelope.get("causationid")
    return [entry for id_, entry in by_id.items() if id_ in found]


def shown(bunches: Iterable[Bunch], names: Mapping[str, str]) -> Tree:
    """A tree of what was said when and by whom, each under its cause; `names` of the parties by their numbers."""
    root = Tree("", hide_root=True, guide_style="dim")
    waiting = [(root, bunch) for bunch in bunches]
    while waiting:
        branch, bunch = waiting.pop(0)
        own = branch.add(_line(bunch.entries, names))
        waiting += [(own, child) for child in bunch.children]
    return root


def _line(entries: Sequence[Entry], names: Mapping[str, str]) -> Text:
    head = entries[0].envelope
    speaker = head["source"].removeprefix("/parties/").removeprefix("/services/")
    at = moments.local(datetime.fromisoformat(head["time"]))
    text = Text(f"{at}  ", "dim", no_wrap=True)
    text.append(f"{names.get(speaker, speaker):<14}", "cyan")
    text.append(f" {types.short(head['type'])}", "bold")
    if len(entries) > 1:
        text.append(f" ({len(entries)} times)")
    # What a deadline caused has no message as its cause, but the deadline's own words.
    if "|" in head.get("causationid", ""):
        text.append("  when it fell due", "magenta")
    return text


def out_of_order(entries: Sequence[Entry]) -> list[str]:
    """What stands in the log before its own cause."""
    place = {entry.envelope["id"]: number for number, entry in enumerate(entries)}
    return [
        entry.envelope["id"]
        for number, entry in enumerate(entries)
        if place.get(entry.envelope.get("causationid", ""), -1) >= number
    ]
