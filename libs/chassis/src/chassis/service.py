"""How a service is declared: its kinds of documents, what it decides, and what it listens to.

A service is data. `Kind` says how one kind of state is folded from events, `On` names the function that decides an
input, `Service` puts them together. Nothing here does I/O, and nothing here knows the business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Column, Table

from contracts.message import Command, Event, Reason, ReceiptData, RefusedRow

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from chassis.record import Record
    from chassis.work import Work

State = TypeVar("State")
Data = TypeVar("Data")


def SUBJECT(event: Event) -> str:  # noqa: N802 - used as a word in declarations
    """The key of a fold whose document is the event's own aggregate; that document counts the event's `sequence`."""
    return event.subject


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """What a document must have decided by when. Part of the state: it is gone when the state says so."""

    due_at: datetime
    name: str


@dataclass(frozen=True, eq=False)
class Kind(Generic[State]):
    """One kind of document: a state folded from events, one per id.

    `folds` says for each event type which documents it changes; where each takes its own part of the event, the parts
    by id (`evolve` is then given the part). `of` names the foreign service (the state is then *known*, not *own*).
    `rows` are tables that are a pure function of the state (what must be unique, what queries need). `deadlines`
    likewise: the chassis keeps them in a table and calls the service when they fall due.
    """

    name: str
    state: type[State]
    evolve: Callable[[State | None, Any], State | None]
    folds: Mapping[type[Event], Callable[[Any], str | Iterable[str] | Mapping[str, Any]]]
    of: str | None = None
    rows: Mapping[Table, Callable[[str, State], Iterable[tuple[Any, ...]]]] = field(default_factory=dict)
    deadlines: Callable[[State], Iterable[Deadline]] | None = None
    shared: bool = False
    """Whether nearly every input reads it, so that one that waits may not hold it: it would hold everything."""
    valid: Callable[[Any, datetime], object] | None = None
    """How it is at a moment; without it, `chassis.asking.in_force` leaves out what is not in force then."""
    since: Callable[[Any], datetime | None] | Literal["recorded"] | None = None
    """Since when there is such a document: by its state's own dates, or since it was first recorded. Before that it is
    answered like one that there is not; None: it is not said."""
    course: Callable[[Any, Any], Any] | None = None
    """An `evolve` that forgets nothing, where the state does not keep all that `valid` needs: `valid` is then given
    what this makes of the document's history, each time it is asked for."""
    seen: Callable[[Iterable[tuple[datetime, Any]], str], object | None] | None = None
    """What a party (its GLN) may see of it, made from all its events, each with the moment at which it was recorded;
    None where that is nothing. Without it nobody but the operator sees a document."""
    remembered: bool = True
    """Whether what it was is kept: not of a mere index over other documents, which changes with each of them."""
    finds: Mapping[str, tuple[Column[Any], Column[Any]]] = field(default_factory=dict)
    """Fields that may be asked for (dotted) that a table of rows has: the column of the document's id, and the value's.

    A list by such a field reads only what has the value, however many documents there are; with an index on both.
    """
    read: Callable[[str], State] | None = None
    """Reads what `adapter` has written, to the same state and with less work; for documents that are read by the
    thousand."""

    @cached_property
    def adapter(self) -> TypeAdapter[State]:
        """Reads and writes the state as JSON."""
        return TypeAdapter(self.state)

    def parts(self, event: Event) -> Mapping[str, Any]:
        """The documents that this event changes, and what each is given to fold."""
        named = self.folds[type(event)](event)
        # A zone or a role is a text of its own class: as an id it is plain, as it comes back from the store.
        if isinstance(named, str):
            return {str(named): event}
        return named if isinstance(named, Mapping) else dict.fromkeys(map(str, named), event)


@dataclass(slots=True)
class Incoming(Generic[Data]):
    """One input as a handler sees it. `at` is the moment it is decided at; a participant cannot set it.

    Nobody but the engine changes one (its `position`); it is not frozen because that costs, and there are many.
    """

    data: Data
    type: str
    id: str
    source: str
    subject: str
    at: datetime
    position: int
    sender: str = ""
    sender_role: str = ""
    case: str = ""
    ingressposition: str = ""
    traceparent: str = ""
    body: bytes = b""
    """The message's exact bytes, where it came as a record."""


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline that has come."""

    kind: str
    id: str
    name: str
    at: datetime
    position: int = 0


@dataclass(slots=True)
class Raw:
    """One input opened from a raw record: a key that it always has, its type in `Service.internal`, its content."""

    key: tuple[str, ...]
    type: str
    data: Any
    subject: str = ""
    id: str = ""
    source: str = ""
    sender: str = ""
    case: str = ""
    position: str = ""
    traceparent: str = ""
    """As the sender gave it; without one the record's position begins a trace."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler adds to an accepted command's receipt: notices, and the refused rows of a list command."""

    reasons: tuple[Reason, ...] = ()
    rows: tuple[RefusedRow, ...] = ()


Handler = Callable[["Work", Incoming[Any]], Awaitable[Answer | None]]
Needs = Callable[[Incoming[Any]], Iterable[tuple[Kind[Any], Iterable[str]]]]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a bulk handler decided about one input."""

    events: tuple[Event, ...] = ()
    reasons: tuple[Reason, ...] = ()
    rows: tuple[RefusedRow, ...] = ()
    rejected: bool = False
    receipt: ReceiptData | None = None
    """The receipt, where it is not the ordinary one."""
    beside: int | None = None
    """Where the other shard stood whose documents it was decided on: kept in the inbox, for a re-run."""


Bulk = Callable[["AsyncConnection", "Work", Sequence[Incoming[Any]]], Awaitable[Sequence[Decision]]]
"""Decides many inputs of one type at once, with the transaction at hand (meter values)."""


Ask = Callable[["AsyncConnection", Callable[[], "Work"], Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Answers what an operator asks of what is in no document, without effect: from a read-only snapshot, documents
through a unit of work that is made as often as it is asked for (so that not all that was read is kept)."""


@dataclass(frozen=True, slots=True)
class On:
    """A handler, and the documents that it will load as far as the input alone tells.

    These are fetched for a whole batch at once; what is not named is still found, one query each.
    """

    handler: Handler
    needs: Needs | None = None


Asked = Callable[
    ["AsyncConnection", Sequence[str], Sequence[str]], Awaitable[tuple[Sequence[str], Sequence[str], Sequence[Reason]]]
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a private table is proved: events say enough of it to be held against, and do not tell what is in it.

    `said` gives the lines of an own event, `stored` all lines of what is stored; both must be the same lines.
    """

    said: Callable[[Event], Iterable[str]]
    stored: Callable[[AsyncConnection], Awaitable[Sequence[str]]]
    asked: Asked | None = None
    """Which of the said and of the stored lines are held against each other, where some are gone as was decided; and
    what of it cannot be proved any more, and why."""


@dataclass(frozen=True, eq=False)
class Service:
    """A deciding service.

    `commands`: what it decides. `reactions`: what it decides when a foreign event arrives (the event is folded into the
    known kinds first). `deadlines`: by name. `kinds`: own and known. The topics follow from these.
    """

    name: str
    kinds: Sequence[Kind[Any]]
    receipt: type[ReceiptData]
    commands: Mapping[type[Command], On] = field(default_factory=dict)
    reactions: Mapping[type[Event], On] = field(default_factory=dict)
    deadlines: Mapping[str, Callable[[Work, Due], Awaitable[None]]] = field(default_factory=dict)
    ahead: Mapping[str, Callable[[Work, Sequence[str]], Awaitable[None]]] = field(default_factory=dict)
    """By a deadline's name: told, before one is decided, of whom the next are, so that what they need is on its way. It
    decides nothing; whether it is told, and whether it fails, makes no difference to what is decided."""
    bulk: Mapping[str, Bulk] = field(default_factory=dict)
    """Raw inputs that are decided many at once, by their type; each gets its receipt from the chassis."""
    raw: Mapping[str, Callable[[Record], Iterable[Raw]]] = field(default_factory=dict)
    """For topics whose records are not the register's own messages (what participants send): the topic's name, or its
    pattern with `*` for one segment, and how a record is opened into inputs."""
    internal: Mapping[str, On] = field(default_factory=dict)
    """What decides raw inputs and those that the process gives itself, by their type."""
    moment: Callable[[Work, Incoming[Any]], Awaitable[datetime]] | None = None
    """The `at` of a raw input, where the broker's time is not the register's (the sandbox clock)."""
    trace_ratio: float = 0.0
    """The part of the raw inputs without a `traceparent` that are traced; whether one is follows from its position."""
    uncounted: frozenset[type[Event]] = frozenset()
    """Event types whose subject is new every time, as a receipt's is: their sequence is always 1.

    New among all of them: of two that one input leads to, each names it in another way. `Scenario` looks at that."""
    streams: frozenset[type[Event]] = frozenset()
    """Event types whose subject is no document's: each such subject counts its own stream."""
    replays: Mapping[str, Callable[[Mapping[str, Any]], Event | None]] = field(default_factory=dict)
    """Beside its events topic: further topics that its own state is the fold of, and the event a message there
    stands for."""
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    """By the name of the private table."""
    asks: Mapping[str, Ask] = field(default_factory=dict)
    """What an operator may ask (`POST /ask/<name>`)."""
    remembers: bool = True
    """Whether it keeps which event changed which own document. Not where other messages than its events stand for
    changes, as for what is passed on."""
    shard: str = ""
    """Of a service with several writers: which one this is (`case`, `0`)."""
    partition: int = 0
    """The partition of its events topic that this shard writes."""

    @cached_property
    def source(self) -> str:
        """The `source` of what it publishes."""
        return f"/services/{self.name}/{self.shard}" if self.shard else f"/services/{self.name}"

    @cached_property
    def kind(self) -> dict[str, Kind[Any]]:
        """The kinds by name."""
        return {kind.name: kind for kind in self.kinds}

    @cached_property
    def own_folds(self) -> dict[type[Event], tuple[Kind[Any], ...]]:
        """For each of its own event types the kinds that fold it."""
        return self._folds(own=True)

    @cached_property
    def known_folds(self) -> dict[type[Event], tuple[Kind[Any], ...]]:
        """For each foreign event type the known kinds that fold it."""
        return self._folds(own=False)

    def _folds(self, *, own: bool) -> dict[type[Event], tuple[Kind[Any], ...]]:
        found: dict[type[Event], list[Kind[Any]]] = {}
        for kind in self.kinds:
            if (kind.of is None) == own:
                for event in kind.folds:
                    found.setdefault(event, []).append(kind)
        return {event: tuple(kinds) for event, kinds in found.items()}

    @cached_property
    def homes(self) -> dict[type[Event], Kind[Any]]:
        """For each own event type the kind whose document counts its sequence."""
        return {
            event: kind for event, kinds in self.own_folds.items() for kind in kinds if kind.folds[event] is SUBJECT
        }

    def miscounted(self, events: Iterable[type[Event]]) -> dict[type[Event], str]:
        """What is wrong with how its own event types are counted: by type, in words; nothing, if all is well.

        A reader is promised that `sequence` has no gap per subject. So each type is counted by one kind, the one that
        it is folded into by its subject, and types with the same `home` by the same.
        """
        found: dict[type[Event], str] = {}
        by_home: dict[str, str] = {}
        for event in events:
            if event is self.receipt or event in self.uncounted:
                continue
            counts = [kind.name for kind in self.own_folds.get(event, ()) if kind.folds[event] is SUBJECT]
            counts += ["a stream of its own"] if event in self.streams else []
            if len(counts) != 1:
                found[event] = f"is counted by {' and '.join(counts) or 'no kind'}"
            elif (other := by_home.setdefault(event.home, counts[0])) != counts[0]:
                found[event] = f"is counted by {counts[0]}, others of the same {event.home} by {other}"
        return found

    @cached_property
    def listens(self) -> dict[str, type[Event]]:
        """Foreign event types by name."""
        return {event.type: event for event in (*self.known_folds, *self.reactions)}

    @cached_property
    def stems(self) -> frozenset[str]:
        """All message types it declares, without their major versions."""
        return frozenset(type_.rpartition(".")[0] for type_ in (*self.takes, *self.listens))

    @cached_property
    def takes(self) -> dict[str, type[Command]]:
        """Its commands by name."""
        return {command.type: command for command in self.commands}
