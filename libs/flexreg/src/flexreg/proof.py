"""Counting over the whole log: every ingress position has its one receipt, every id one content, every sequence no gap.

`Count` is fed with records and knows nothing of a broker; `count` feeds it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis import kafka
from contracts import door, strict_json, topics
from contracts.gateway.v1 import SecurityEventRecorded
from contracts.message import Refused
from flexreg import log, positions, types
from flexreg.positions import Position

SHOWN = 20
"""Of what does not hold, so many are named."""


def envelopes_in(body: bytes) -> int:
    """How many positions a record is: of a parcel that is opened its envelopes, of anything else one."""
    if body.lstrip()[:1] != b"[":
        return 1
    try:
        found = strict_json.parse(body)
    except Refused:
        return 1
    return len(found) if isinstance(found, list) and 0 < len(found) <= door.MAX_PARCEL else 1


@dataclass
class Count:
    """What was counted so far. `begins` and `ends`: what of each ingress partition was looked at; the rest is gone."""

    begins: Mapping[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    ends: Mapping[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    messages: int = 0
    resent: int = 0
    _came_in: set[Position] = field(default_factory=set[Position])
    _answers: dict[Position, str] = field(default_factory=dict[Position, str])
    _doubled: list[str] = field(default_factory=list[str])
    _contents: dict[tuple[str, str], tuple[bytes, str, int]] = field(
        default_factory=dict[tuple[str, str], tuple[bytes, str, int]]
    )
    _differing: list[str] = field(default_factory=list[str])
    _sequences: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    _gaps: list[str] = field(default_factory=list[str])
    _unreadable: list[str] = field(default_factory=list[str])
    _ids: set[str] = field(default_factory=set[str])
    _caused: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    _before_cause: list[str] = field(default_factory=list[str])

    def came_in(self, entry: log.Entry) -> None:
        """A record of an ingress topic. Meter values are one envelope a record, whatever they are."""
        many = 1 if entry.topic.endswith(".meter-values.v1") else envelopes_in(entry.body)
        self._came_in.update(Position(entry.topic, entry.partition, entry.offset, place) for place in range(many))

    def said(self, entry: log.Entry) -> None:
        """A record of a commands or events topic."""
        self.messages += 1
        head = entry.envelope
        try:
            source, id_, type_ = str(head["source"]), str(head["id"]), str(head["type"])
        except KeyError:
            self._unreadable.append(entry.position)
            return
        if not self._is_new(source, id_, entry):
            return
        self._has_cause(id_, head, entry)
        if not entry.topic.startswith("events."):
            return
        if types.is_receipt(type_):
            self._answered(head, id_)
            return
        if type_ == SecurityEventRecorded.type:
            self._answered(head, id_)
        self._follows((source, str(head.get("subject", ""))), head.get("sequence"), entry)

    def _has_cause(self, id_: str, head: Mapping[str, Any], entry: log.Entry) -> None:
        """Whatever a service says was said after what it says was the cause."""
        if (effect := self._caused.pop(id_, None)) is not None and effect[1] < entry.stamp:
            self._before_cause.append(effect[0])
        cause = str(head.get("causationid", ""))
        # What fell due has no message as its cause. A participant may write anything there.
        if entry.topic.startswith("events.") and "|" not in cause and cause not in self._ids:
            self._caused[cause] = (entry.position, entry.stamp)
        self._ids.add(id_)

    def _follows(self, stream: tuple[str, str], sequence: object, entry: log.Entry) -> None:
        before = self._sequences.get(stream, 0)
        if sequence != before + 1:
            self._gaps.append(f"{' '.join(stream)}: {sequence} after {before} ({entry.position})")
        self._sequences[stream] = sequence if isinstance(sequence, int) else before + 1

    def _is_new(self, source: str, id_: str, entry: log.Entry) -> bool:
        content = hashlib.blake2b(entry.body, digest_size=16).digest()
        known = self._contents.setdefault((source, id_), (content, entry.topic, entry.offset))
        if known == (content, entry.topic, entry.offset):
            return True
        if known[0] != content:
            self._differing.append(f"{source} {id_} ({entry.position})")
        elif known[1] == entry.topic:
            self.resent += 1
        return False

    def _answered(self, head: Mapping[str, Any], id_: str) -> None:
        text = str(head.get("data", {}).get("ingressposition", ""))
        try:
            position = positions.parse(text)
        except ValueError:
            self._unreadable.append(f"{head['type']} {id_}")
            return
        if self._answers.setdefault(position, id_) != id_:
            self._doubled.append(text)

    def result(self) -> dict[str, Any]:
        """The figures, and under `wrong` what does not hold, at most so many of each; `holds` says whether all does."""
        answered = {position for position in self._answers if self._looked_at(position)}
        missing = sorted(self._came_in - answered)
        strange = sorted(answered - self._came_in)
        wrong: dict[str, list[str]] = {
            "without a receipt": list(map(str, missing)),
            "with more than one receipt": self._doubled,
            "receipts of nothing that came in": list(map(str, strange)),
            "one id, two contents": self._differing,
            "sequence not gapless": self._gaps,
            "said before its cause": self._before_cause,
            "not readable": self._unreadable,
        }
        return {
            "ingress_positions": len(self._came_in),
            "receipts": len(answered),
            "expired": len(self._answers) - len(answered),
            "messages": self.messages,
            "resent": self.resent,
            "streams": len(self._sequences),
            "wrong": {name: {"count": len(found), "first": found[:SHOWN]} for name, found in wrong.items() if found},
            "holds": not any(wrong.values()),
        }

    def _looked_at(self, position: Position) -> bool:
        topic, partition, offset, _ = position
        if (topic, partition) not in self.ends:
            return True
        return self.begins.get((topic, partition), 0) <= offset < self.ends[topic, partition]


@dataclass
class Deliveries:
    """What the parties were sent: each receipt once, and nothing between two deliveries missing.

    What is sent again after a fault is the same message in the same place of the sequence.
    """

    _answers: Counter[str] = field(default_factory=Counter[str])
    _answered: Counter[str] = field(default_factory=Counter[str])
    _seen: set[tuple[Any, Any]] = field(default_factory=set[tuple[Any, Any]])
    _sent: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    _last: dict[str, int] = field(default_factory=dict[str, int])
    _begun: set[str] = field(default_factory=set[str])
    """Parties whose first deliveries have expired."""
    _gaps: list[str] = field(default_factory=list[str])
    _doubled: list[str] = field(default_factory=list[str])
    resent: int = 0

    def said(self, entry: log.Entry) -> None:
        """A record of an events topic."""
        head = entry.envelope
        message = (head.get("source"), head.get("id"))
        if types.is_receipt(str(head.get("type"))) and message not in self._seen:
            self._seen.add(message)
            self._answered[str(head["data"].get("sender"))] += 1

    def was_sent(self, entry: log.Entry) -> None:
        """A record of an egress topic. Of one whose beginning has expired only what follows is looked at."""
        head, topic = entry.envelope, entry.topic
        place, id_ = int(head.get("deliverysequence", 0)), str(head.get("id"))
        if self._sent.setdefault((topic, place), id_) != id_:
            self._doubled.append(f"{topic} {place}: {id_}")
            return
        if head.get("repeated"):
            # It was asked for, and says nothing of where the topic begins.
            self.resent += 1
            return
        last = self._last.get(topic, 0 if entry.offset == 0 else None)
        if last is None:
            self._begun.add(topic.split(".")[1])
        elif place <= last:
            self.resent += 1
            return
        elif place != last + 1:
            self._gaps.append(f"{topic}: {place} after {last}")
        self._last[topic] = place
        if types.is_receipt(str(head.get("type"))):
            self._answers[topic.split(".")[1]] += 1

    def result(self, known: Collection[str]) -> dict[str, Any]:
        """As `Count.result`; `known` are the parties that have topics (a receipt of anyone else has no address)."""
        differing = [
            f"{party}: {self._answers[party]} of {self._answered[party]}"
            for party in sorted(known)
            if party not in self._begun and self._answers[party] != self._answered[party]
        ]
        wrong = {
            "deliveries with a gap": self._gaps,
            "one delivery, two messages": self._doubled,
            "parties without all their receipts": differing,
        }
        return {
            "deliveries": len(self._sent),
            "parties": len(known),
            "resent": self.resent,
            "wrong": {name: {"count": len(found), "first": found[:SHOWN]} for name, found in wrong.items() if found},
            "holds": not any(wrong.values()),
        }


async def deliveries(bootstrap: str, namespace: str, parties: Collection[str], egress: Iterable[str]) -> dict[str, Any]:
    """Hold what these parties were sent against what the register said."""
    found = Deliveries()
    # What is sent while it is looked at is for the next time: the deliveries are read first.
    async for entry in log.entries(bootstrap, namespace, egress):
        found.was_sent(entry)
    async for entry in log.entries(bootstrap, namespace, [n for n in log.of_register() if n.startswith("events.")]):
        found.said(entry)
    return found.result(parties)


async def count(bootstrap: str, namespace: str, ingress: Sequence[str]) -> Count:
    """Count what stands in these ingress topics, and everything that was said since."""
    counted = Count()
    if ingress:
        async with kafka.reading(bootstrap, *(topics.full_name(namespace, name) for name in ingress)) as consumer:
            # What comes in while it is counted is for the next time: its receipts are not expected.
            end = await kafka.ends(consumer, consumer.assignment())
            begin = await consumer.beginning_offsets(list(end))
            counted.begins = {_place(namespace, tp): offset for tp, offset in begin.items()}
            counted.ends = {_place(namespace, tp): offset for tp, offset in end.items()}
            async for entry in log.standing(consumer, namespace, end):
                counted.came_in(entry)
    async for entry in log.entries(bootstrap, namespace, log.of_register()):
        counted.said(entry)
    return counted


def _place(namespace: str, partition: Any) -> tuple[str, int]:
    return log.short_name(namespace, partition.topic), partition.partition
