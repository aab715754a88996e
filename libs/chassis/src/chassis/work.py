"""The unit of work: what a batch of inputs loads, decides and changes, before anything is written.

Every read of a decision goes through `load`, by kind and id, so that a decision sees what the inputs before it in the
same batch did. What one input does is kept apart until it is done: a refused or failing input leaves no trace.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from chassis.service import SUBJECT, Deadline, Kind, Service, State
from contracts.message import Event

Key = tuple[str, str]
"""(kind, id)"""


class KeyHeld(Exception):
    """An input touched a document that a parked or waiting input holds; it waits behind that one."""

    def __init__(self, key: Key) -> None:
        super().__init__("/".join(key))
        self.key = key


class DeadlinePending(Exception):
    """A command touched a document with an undecided deadline at or before its own moment; the deadline comes first."""

    def __init__(self, key: Key) -> None:
        super().__init__("/".join(key))
        self.key = key


@dataclass(slots=True)
class Document:
    """A state and its version (the sequence of its stream's last event), as loaded and as changed so far."""

    state: Any
    version: int


class Published(NamedTuple):
    """An event that was decided, in the order of decisions."""

    event: Event
    sequence: int
    changes: tuple[Key, ...] = ()
    """The own documents that it was folded into, of kinds that are remembered."""


class Sent(NamedTuple):
    """A message that is passed on as it is (the gateway forwards and delivers)."""

    topic: str
    key: str
    id: str
    type: str
    body: bytes


Load = Callable[[Iterable[tuple[Kind[Any], Sequence[str]]]], Awaitable[Mapping[Key, Document]]]
"""Fetches documents of several kinds; one that does not exist is not among them."""

# An event that no kind has as its own aggregate is still counted, per subject.
STREAM: Kind[int] = Kind("stream", int, lambda state, _event: (state or 0) + 1, {})


@dataclass
class Work:
    """What a batch does. Handlers use `load`, `load_many`, `append` and `send`."""

    service: Service
    fetch: Load
    documents: dict[Key, Document] = field(default_factory=dict)
    """All that was loaded, with the changes of the inputs done so far."""
    before: dict[Key, Document] = field(default_factory=dict)
    """What stood in the store, of the documents that changed."""
    held: set[Key] = field(default_factory=set)
    """Documents that parked and waiting inputs hold."""
    coming: dict[str, Any] = field(default_factory=dict)
    """What was begun for deadlines that are decided next (`Service.ahead`), by id; gone with the batch."""

    _changed: dict[Key, Document] = field(default_factory=dict)
    outputs: list[Published | Sent] = field(default_factory=list)
    touched: dict[Key, None] = field(default_factory=dict)
    _deadlines_before: datetime | None = None

    # For handlers

    async def load(self, kind: Kind[State], id: str) -> State | None:  # noqa: A002 - the field's word
        """The state of a document, or None where there is none."""
        return (await self._document(kind, id)).state

    async def load_many(self, kind: Kind[State], ids: Iterable[str]) -> dict[str, State | None]:
        """The states of many documents of one kind, in the order asked."""
        wanted = list(dict.fromkeys(ids))
        await self.prefetch([(kind, wanted)])
        return {id_: (await self._document(kind, id_)).state for id_ in wanted}

    async def append(self, *events: Event) -> None:
        """Decide that these happened: they are folded at once and published in this order."""
        for event in events:
            if type(event) is self.service.receipt or type(event) in self.service.uncounted:
                self.outputs.append(Published(event, 1, await self.fold(event)))
                continue
            home = self.service.homes.get(type(event), STREAM)
            document = await self._document(home, event.subject)
            sequence = document.version + 1
            if home is STREAM:
                self._changed[STREAM.name, event.subject] = Document(sequence, sequence)
            self.outputs.append(Published(event, sequence, await self.fold(event, sequence=sequence)))

    async def fold(self, event: Event, *, sequence: int = 0) -> tuple[Key, ...]:
        """Fold an event into the own state without publishing it (what is sent stands for it in the log)."""
        changed: list[Key] = []
        for kind in self.service.own_folds.get(type(event), ()):
            keys = await self._fold(kind, event, sequence if kind.folds[type(event)] is SUBJECT else None)
            if kind.remembered:
                changed += keys
        return tuple(changed)

    async def put(self, kind: Kind[State], id: str, state: State | None) -> None:  # noqa: A002
        """Set a private document, which no event stands for."""
        document = await self._document(kind, id)
        self._changed[kind.name, id] = Document(state, document.version)

    def send(self, *, topic: str, key: str, id: str, type: str, body: bytes) -> None:  # noqa: A002
        """Pass a message on as it is, in order with the events."""
        self.outputs.append(Sent(topic=topic, key=key, id=id, type=type, body=body))

    # For the chassis

    async def learn(self, event: Event) -> None:
        """Fold a foreign event into what is known."""
        for kind in self.service.known_folds.get(type(event), ()):
            await self._fold(kind, event, None)

    async def prefetch(self, wanted: Iterable[tuple[Kind[Any], Iterable[str]]]) -> None:
        """Load documents of several kinds, as far as they are not loaded."""
        missing: list[tuple[Kind[Any], list[str]]] = []
        for kind, ids in wanted:
            name = kind.name
            if some := [id_ for id_ in dict.fromkeys(ids) if (name, id_) not in self.documents]:
                missing.append((kind, some))
                # Not there until it is found; `wanted` may name it twice.
                self.documents.update({(name, id_): Document(None, 0) for id_ in some})
        if missing:
            try:
                self.documents.update(await self.fetch(missing))
            except BaseException:
                for kind, some in missing:
                    for id_ in some:
                        del self.documents[kind.name, id_]
                raise

    def begin(self, *, deadlines_before: datetime | None) -> None:
        """Start an input. With `deadlines_before`, documents with a deadline due by then may not be touched."""
        self._changed = {}
        self.outputs = []
        self.touched = {}
        self._deadlines_before = deadlines_before

    def done(self) -> list[Published | Sent]:
        """The input is decided: keep what it did."""
        for key, document in self._changed.items():
            self.before.setdefault(key, self.documents[key])
            self.documents[key] = document
        outputs = self.outputs
        self.begin(deadlines_before=None)
        return outputs

    @property
    def changed(self) -> tuple[Key, ...]:
        """What the input under way has changed."""
        return tuple(self._changed)

    def deadlines(self, key: Key) -> frozenset[Deadline]:
        """The deadlines that a loaded document has now."""
        return deadlines_of(self.service.kind.get(key[0]), self.documents[key].state)

    async def _document(self, kind: Kind[Any], id: str) -> Document:  # noqa: A002
        key = (kind.name, id)
        if changed := self._changed.get(key):
            return changed
        self.touched[key] = None
        if key in self.held:
            raise KeyHeld(key)
        if key not in self.documents:
            await self.prefetch([(kind, [id])])
        document = self.documents[key]
        if self._deadlines_before is not None and kind.deadlines is not None and document.state is not None:
            for deadline in kind.deadlines(document.state):
                if deadline.due_at <= self._deadlines_before:
                    raise DeadlinePending(key)
        return document

    async def _fold(self, kind: Kind[Any], event: Event, sequence: int | None) -> list[Key]:
        parts = kind.parts(event)
        for id_, part in parts.items():
            document = await self._document(kind, id_)
            state = kind.evolve(document.state, part)
            self._changed[kind.name, id_] = Document(state, sequence or document.version)
        return [(kind.name, id_) for id_ in parts]


def deadlines_of(kind: Kind[Any] | None, state: object) -> frozenset[Deadline]:
    """The deadlines of a state."""
    if kind is None or kind.deadlines is None or state is None:
        return frozenset()
    return frozenset(kind.deadlines(state))
