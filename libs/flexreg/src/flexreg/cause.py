"""A case's story in order of cause: which messages belong to it, and the tree that they make. Pure.

To a case belong all messages with its `correlationid`, all that name it (a group's activations), all that caused them
(causes lead across cases), and the receipts of the commands among them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from flexreg import types

if TYPE_CHECKING:
    from flexreg.log import Entry

Scan: TypeAlias = "Callable[[], AsyncIterator[Entry]]"
"""Reads the whole log again, in the order it was appended."""


@dataclass(slots=True)
class Node:
    """A message and what it caused, in the order that it was said."""

    entry: Entry
    children: list[Node] = field(default_factory=list["Node"])


@dataclass(frozen=True, slots=True)
class Bunch:
    """Messages of one type that messages of one type caused: what is alike is told once."""

    entries: tuple[Entry, ...]
    children: tuple[Bunch, ...]


async def gather(scan: Scan, case: str) -> list[Entry]:
    """The messages of a case, in the order they were appended; the log is read again for every step across cases.

    What other cases say about it (a group's activations) belongs to it; nothing does where there is no such case.
    """
    found: dict[tuple[str, str], Entry] = {}
    wanted: set[str] = set()
    exists = False
    while True:
        async for entry in scan():
            exists = exists or entry.envelope.get("correlationid") == case
            if about(entry, case) or _belongs(entry, wanted):
                found.setdefault(_key(entry), entry)
        if not exists:
            return []
        known = {id_ for _, id_ in found}
        more = _causes(found.values()) - wanted - known
        more |= {id_ for (_, id_), entry in found.items() if _is_command(entry)} - wanted
        if not more:
            return sorted(found.values(), key=_order)
        wanted |= more


def about(entry: Entry, id_: str) -> bool:
    """Whether a message is of this case, or says something about the aggregate that the case is named after."""
    head = entry.envelope
    return id_ in (head.get("correlationid"), head.get("subject")) or (head.get("data") or {}).get("group_id") == id_


async def case_of(scan: Scan, id_: str) -> str:
    """The case of an aggregate or message: of the events about it, or else of a command; empty without any."""
    said: Counter[str] = Counter()
    wished = ""
    async for entry in scan():
        head = entry.envelope
        if id_ not in (head.get("subject"), head.get("id"), head.get("causationid")):
            continue
        case = str(head.get("correlationid") or "")
        if not entry.topic.startswith("events."):
            wished = wished or case
        elif not types.is_receipt(head.get("type", "")):
            said[case] += 1
    return said.most_common(1)[0][0] if said else wished


def tree(entries: Iterable[Entry]) -> list[Node]:
    """The messages under what caused them; one whose cause is not among them (a deadline, say) stands at the top."""
    ordered = sorted({_key(entry): entry for entry in entries}.values(), key=_order)
    nodes: dict[str, Node] = {}
    for entry in ordered:
        nodes.setdefault(_id(entry), Node(entry))
    top: list[Node] = []
    for id_, node in nodes.items():
        cause = nodes.get(_cause(node.entry))
        # A participant may write any cause into a command: one that was said later is none.
        if cause is None or _order(cause.entry) >= _order(node.entry) or _id(cause.entry) == id_:
            top.append(node)
        else:
            cause.children.append(node)
    return top


def walk(nodes: Iterable[Node], depth: int = 0) -> Iterator[tuple[int, Entry]]:
    """Every message with its depth, each cause before what it caused."""
    stack = [(depth, node) for node in reversed(list(nodes))]
    while stack:
        at, node = stack.pop()
        yield at, node.entry
        stack += [(at + 1, child) for child in reversed(node.children)]


def bunches(nodes: Sequence[Node]) -> tuple[Bunch, ...]:
    """The tree with what is alike put together: the effects of messages that are alike, by their type."""
    alike: defaultdict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        alike[str(node.entry.envelope.get("type"))].append(node)
    return tuple(
        Bunch(
            tuple(node.entry for node in same),
            bunches(sorted((child for node in same for child in node.children), key=lambda one: _order(one.entry))),
        )
        for same in alike.values()
    )


def _belongs(entry: Entry, wanted: set[str]) -> bool:
    head = entry.envelope
    if head.get("id") in wanted:
        return True
    return types.is_receipt(head.get("type", "")) and head.get("data", {}).get("command_id") in wanted


def _causes(entries: Iterable[Entry]) -> set[str]:
    return {cause for entry in entries if (cause := _cause(entry)) and "|" not in cause}


def _is_command(entry: Entry) -> bool:
    return entry.topic.startswith("commands.") and entry.envelope.get("type") not in types.CONTROL


def _key(entry: Entry) -> tuple[str, str]:
    return str(entry.envelope.get("source")), _id(entry)


def _id(entry: Entry) -> str:
    return str(entry.envelope.get("id"))


def _cause(entry: Entry) -> str:
    return str(entry.envelope.get("causationid") or "")


def _order(entry: Entry) -> tuple[int, bool, str, int]:
    return entry.stamp, not entry.topic.startswith("commands."), entry.topic, entry.offset
