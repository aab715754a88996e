"""A message as a person reads it: one line, when, by whom, what, and the figures that it carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.text import Text
from rich.tree import Tree

from flexreg import moments, types

if TYPE_CHECKING:
    from flexreg.cause import Bunch, Node
    from flexreg.log import Entry

FIGURES = 6
"""So many fields are shown."""
STATUS = {"accepted": "green", "partly-accepted": "yellow", "rejected": "red"}


def one(entry: Entry) -> Text:
    """A message in one line."""
    head = entry.envelope
    data: Mapping[str, Any] = head.get("data") or {}
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{_when(head)}  ", "dim")
    text.append(f"{_who(head):<14} ", "cyan")
    if types.is_receipt(head.get("type", "")):
        text.append(f"{data.get('status')}", STATUS.get(str(data.get("status")), ""))
        text.append(f" {types.short(str(data.get('command_type')))} {data.get('command_subject', '')}")
        text.append(f"  {' '.join(_codes(data))}", "bold")
        return text
    is_command = entry.topic.startswith("commands.") and head.get("type") not in types.CONTROL
    text.append(types.short(str(head.get("type"))), "bold yellow" if is_command else "bold")
    text.append(f" {head.get('subject', '')}")
    text.append(f"  {' '.join(_figures(data, str(head.get('subject', ''))))}", "dim")
    return text


def many(entries: tuple[Entry, ...]) -> Text:
    """Messages that are alike in one line."""
    if len(entries) == 1:
        return one(entries[0])
    first, last = entries[0].envelope, entries[-1].envelope
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{_when(first)}  ", "dim")
    text.append(f"{_who(first):<14} ", "cyan")
    if types.is_receipt(first.get("type", "")):
        statuses = [str((entry.envelope.get("data") or {}).get("status")) for entry in entries]
        told = ", ".join(f"{statuses.count(status)} {status}" for status in STATUS if status in statuses)
        text.append(f"{len(entries)} receipts: {told}", "bold")
        return text
    text.append(f"{len(entries)} x {types.short(str(first.get('type')))}", "bold")
    if (until := _when(last)) != _when(first):
        text.append(f"  until {until}", "dim")
    return text


def change(row: Mapping[str, Any]) -> Text:
    """One event of a document's history in one line: when it was recorded, by whom or on what, and its figures."""
    kind, *rest = str(row["cause"]).split("|")
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{moments.local(datetime.fromisoformat(row['recorded_at']), seconds=True)}  ", "dim")
    text.append(f"{row['position']:>7} ", "dim")
    if row.get("sender"):
        text.append(f"{row['sender']:<14} ", "cyan")
    else:
        text.append(f"⏰ {kind} {rest[-2]} " if len(rest) > 2 else f"{'an event':<14} ", "magenta")
    text.append(types.short(str(row["type"])), "bold")
    text.append(f"  {' '.join(_figures(row['data'], ''))}", "dim")
    return text


def grown(title: str, nodes: Iterable[Node]) -> Tree:
    """The whole tree, a line for every message."""
    root = Tree(Text(title, "bold"), guide_style="dim")
    waiting = [(root, node) for node in nodes]
    while waiting:
        branch, node = waiting.pop(0)
        own = branch.add(_caused(node.entry).append_text(one(node.entry)))
        waiting += [(own, child) for child in node.children]
    return root


def bunched(title: str, bunches: Iterable[Bunch]) -> Tree:
    """The tree with what is alike told once."""
    root = Tree(Text(title, "bold"), guide_style="dim")
    waiting = [(root, bunch) for bunch in bunches]
    while waiting:
        branch, bunch = waiting.pop(0)
        own = branch.add(_caused(bunch.entries[0]).append_text(many(bunch.entries)))
        waiting += [(own, child) for child in bunch.children]
    return root


def _caused(entry: Entry) -> Text:
    """What fell due, where that is the cause: `group|…|below-minimum|2026-03-01T23:00:00+00:00`."""
    kind, *rest = str(entry.envelope.get("causationid") or "").split("|")
    if len(rest) < 3:
        return Text(no_wrap=True, overflow="ellipsis")
    return Text(f"⏰ {kind} {rest[-2]} fell due: ", "magenta", no_wrap=True, overflow="ellipsis")


def _when(head: Mapping[str, Any]) -> str:
    try:
        return moments.local(datetime.fromisoformat(head.get("receivedat") or head["time"]))
    except (KeyError, ValueError, TypeError):
        return " " * 16


def _who(head: Mapping[str, Any]) -> str:
    return str(head.get("source", "")).removeprefix("/services/").removeprefix("/parties/")


def _codes(data: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(str(reason.get("code")) for reason in data.get("reasons") or ()))


def _figures(data: Mapping[str, Any], subject: str) -> list[str]:
    found: list[str] = []
    for name, value in data.items():
        if isinstance(value, str | int) and value not in ("", subject):
            found.append(f"{name}={value}")
        elif isinstance(value, list) and value:
            found.append(f"{len(value)} {name}")
    return found[:FIGURES]
