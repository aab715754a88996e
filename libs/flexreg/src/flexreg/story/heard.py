"""What stands in some topics, as far as it has been read: all of it at any moment one asks."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from chassis import kafka
from contracts import topics
from flexreg.log import Entry, short_name

if TYPE_CHECKING:
    from contracts.message import Message

MOST = 5000


class Heard:
    """Entries in the order in which the broker appended them, read on from where one stopped."""

    def __init__(self, consumer: Any, namespace: str) -> None:
        self.entries: list[Entry] = []
        self._consumer = consumer
        self._namespace = namespace
        self._by_type: defaultdict[str, list[tuple[int, Entry]]] = defaultdict(list)

    @classmethod
    @contextlib.asynccontextmanager
    async def of(cls, bootstrap: str, namespace: str, names: Iterable[str]) -> AsyncGenerator[Heard, None]:
        """Listen to these topics (without namespace), from their start."""
        full = [topics.full_name(namespace, name) for name in names]
        async with kafka.reading(bootstrap, *full) as consumer:
            yield cls(consumer, namespace)

    async def catch_up(self) -> None:
        """Read all that stands there now."""
        end = await kafka.ends(self._consumer, self._consumer.assignment())
        self._consumer.resume(*end)
        new: list[Entry] = []
        while behind := [partition for partition in end if await self._consumer.position(partition) < end[partition]]:
            found = await self._consumer.getmany(*behind, timeout_ms=200, max_records=MOST)
            new += [
                Entry(short_name(self._namespace, at.topic), at.partition, one.offset, one.timestamp, one.value or b"")
                for at, records in found.items()
                for one in records
            ]
        # Until it is asked again: one who only listens should not keep the broker busy.
        self._consumer.pause(*end)
        self.take(new)

    def take(self, new: Iterable[Entry]) -> None:
        """These came after all that is here."""
        for entry in sorted(new, key=_order):
            self._by_type[entry.envelope.get("type", "")].append((len(self.entries), entry))
            self.entries.append(entry)

    def found(self, model: type[Message], match: Mapping[str, object] | None = None, *, since: int = 0) -> list[Entry]:
        """The messages of this type whose data say this, from the `since`-th entry on."""
        return [
            entry
            for place, entry in self._by_type[model.type]
            if place >= since
            and all(entry.envelope["data"].get(name) == value for name, value in (match or {}).items())
        ]


def _order(entry: Entry) -> tuple[int, bool, str, int, int]:
    return entry.stamp, not entry.topic.startswith("commands."), entry.topic, entry.partition, entry.offset
