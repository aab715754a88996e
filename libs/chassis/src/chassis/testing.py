"""Given, when, then: a service's handlers on documents in memory, without broker, database or clock.

    Scenario(SERVICE).given(event, …).when(command, subject=…, sender=…, at=…).then(event, …)
    Scenario(SERVICE).given(…).when(…).refused("GROUP_ABOVE_MAX", limit=5_000_000, actual=5_001_000)

`given` takes own and foreign events; a foreign event is folded and reacted to as it would be when it arrives. `when`
takes a command, a foreign event, or `until(at)`: time passes, and what fell due by then is decided in due order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial, reduce
from typing import Any

from pydantic_core import to_jsonable_python

from chassis.service import Answer, Deadline, Due, Incoming, Kind, Service, State
from chassis.work import Document, Key, Published, Sent, Work, deadlines_of
from contracts.envelope import join
from contracts.message import Command, Event, Reason, Refused, RefusedRow
from contracts.values import time_text

START = datetime(2026, 1, 4, 23, tzinfo=UTC)
"""2026-01-05 00:00 in Oslo: the `at` of what is given."""


@dataclass
class Outcome:
    """What came of an input."""

    events: list[Event]
    reasons: tuple[Reason, ...] = ()
    rows: tuple[RefusedRow, ...] = ()
    rejected: bool = False
    scenario: Scenario | None = field(default=None, repr=False)
    sent: list[Sent] = field(default_factory=list)
    """What was passed on as it is."""
    beside: list[Any] = field(default_factory=list)
    """Events of the types that the scenario keeps apart."""

    def then(self, *expected: Event) -> Scenario:
        """Exactly these events happened, in this order."""
        assert not self.rejected, f"refused: {self.reasons}"
        assert self.events == list(expected)
        return self._scenario()

    def then_only(self, *types: type[Event]) -> list[Any]:
        """Events of exactly these types happened, in this order; returns them."""
        assert not self.rejected, f"refused: {self.reasons}"
        assert [type(event).__name__ for event in self.events] == [expected.__name__ for expected in types]
        return self.events

    def refused(self, code: str, **figures: object) -> Reason:
        """The whole command was refused with this code (and these fields of the reason); nothing happened."""
        assert self.rejected, f"accepted: {self.events}"
        assert not self.events
        reason = next((reason for reason in self.reasons if reason.code == code), None)
        assert reason is not None, f"refused, but with {[reason.code for reason in self.reasons]}"
        for name, value in figures.items():
            assert getattr(reason, name) == value, f"{name}: {getattr(reason, name)!r} is not {value!r}"
        return reason

    def refused_rows(self, *rows: tuple[int, str]) -> Outcome:
        """Exactly these rows were refused."""
        assert [(row.row, row.code) for row in self.rows] == list(rows)
        return self

    def _scenario(self) -> Scenario:
        assert self.scenario is not None
        return self.scenario


class Documents(dict[Key, Document]):
    """Documents in memory, and which have changed since somebody looked."""

    def __init__(self, some: Mapping[Key, Document] | None = None) -> None:
        super().__init__(some or {})
        self.changed: set[Key] = set(self)

    def __setitem__(self, key: Key, document: Document) -> None:
        self.changed.add(key)
        super().__setitem__(key, document)

    def take(self, documents: Mapping[Key, Document]) -> None:
        """All of these."""
        for key, document in documents.items():
            self[key] = document


@dataclass
class Scenario:
    """A service with documents in memory."""

    service: Service
    documents: Documents = field(default_factory=Documents)
    position: int = 0
    log: list[Event] = field(default_factory=list)
    """All its own events so far."""
    apart: frozenset[type[Event]] = frozenset()
    """Events that follow from nearly every other one: an outcome has them `beside` its events."""
    ticking: frozenset[str] = frozenset()
    """Deadlines that nearly every document waits for: they have been decided by the moment of each input."""
    counted: dict[str, int] = field(default_factory=dict)
    """The last sequence of each subject."""
    _standing: dict[Key, frozenset[Deadline]] = field(default_factory=dict, repr=False)
    """Of each document that waits for any: years pass in a test day by day."""

    def given(self, *events: Event, at: datetime = START) -> Scenario:
        """These happened before: own events are folded, foreign ones arrive."""
        for event in events:
            if type(event) in self.service.own_folds:
                _drive(self._run(partial(_append, event)))
            else:
                self.when(event, at=at)
        return self

    def when(
        self,
        message: Command | Event,
        *,
        subject: str = "",
        sender: str = "",
        role: str = "",
        at: datetime = START,
        id: str = "",  # noqa: A002
    ) -> Outcome:
        """This arrives."""
        self._tick(at)
        self.position += 1
        attributes = {
            "specversion": "1.0",
            "id": id or f"input-{self.position}",
            "source": f"/parties/{sender}" if sender else "/services/other",
            "type": message.type,
            "subject": subject or (message.subject if isinstance(message, Event) else ""),
        }
        incoming = Incoming(
            data=message,
            type=message.type,
            id=attributes["id"],
            source=attributes["source"],
            subject=attributes["subject"],
            at=at,
            position=self.position,
            sender=sender,
            sender_role=role,
            body=join(attributes | {"time": time_text(at)}, message.model_dump_json().encode()),
        )

        async def decide(work: Work) -> Answer | None:
            if isinstance(message, Event):
                await work.learn(message)
                on = self.service.reactions.get(type(message))
            else:
                on = self.service.commands[type(message)]
            return await on.handler(work, incoming) if on else None

        return _drive(self._run(decide, deadlines_before=at if isinstance(message, Command) else None))

    def give(self, type: str, data: object, **fields: Any) -> Outcome:  # noqa: A002
        """A raw input of this type (`Service.internal`) comes in; `fields` are those of `Incoming`."""
        self.position += 1
        given: dict[str, Any] = {"id": f"input-{self.position}", "source": "", "subject": "", "at": START, **fields}
        incoming = Incoming(data=data, type=type, position=self.position, **given)

        async def decide(work: Work) -> Answer | None:
            return await self.service.internal[type].handler(work, incoming)

        return _drive(self._run(decide))

    def until(self, at: datetime) -> Outcome:
        """Time passes up to and including `at`."""
        events: list[Event] = []
        beside: list[Event] = []
        while due := self._next_due(at):
            outcome = self._decide(due)
            events += outcome.events
            beside += outcome.beside
            assert self._next_due(due.at) != due, f"{due} was decided but still stands"
        return Outcome(events, scenario=self, beside=beside)

    def state(self, kind: Kind[State], id: str) -> State | None:  # noqa: A002
        """A document's state now."""
        document = self.documents.get((kind.name, id))
        return document.state if document else None

    def view(self, kind: Kind[Any], id: str, at: datetime) -> Any:  # noqa: A002
        """How a document is at a moment, as far as is known now (`Kind.valid`)."""
        assert kind.valid is not None
        if kind.course is None:
            view = kind.valid(self.state(kind, id), at)
        else:
            parts = (kind.parts(event).get(id) for event in self.log if type(event) in kind.folds)
            view = kind.valid(reduce(kind.course, (part for part in parts if part is not None), None), at)
        # It is shown as JSON.
        to_jsonable_python(view)
        return view

    def _tick(self, at: datetime) -> None:
        while self.ticking and (due := self._next_due(at, self.ticking)):
            self._decide(due)

    def _decide(self, due: Due) -> Outcome:
        self.position += 1
        return _drive(self._run(partial(_call, self.service.deadlines[due.name], due)))

    def _next_due(self, until: datetime, names: frozenset[str] | None = None) -> Due | None:
        for key in self.documents.changed:
            document = self.documents.get(key)
            standing = deadlines_of(self.service.kind.get(key[0]), document.state if document else None)
            if standing:
                self._standing[key] = standing
            else:
                self._standing.pop(key, None)
        self.documents.changed.clear()
        due = [
            Due(kind=kind, id=id_, name=deadline.name, at=deadline.due_at, position=0)
            for (kind, id_), standing in self._standing.items()
            for deadline in standing
            if deadline.due_at <= until and (names is None or deadline.name in names)
        ]
        return min(due, key=lambda item: (item.at, item.kind, item.id, item.name), default=None)

    async def _run(self, decide: Any, deadlines_before: datetime | None = None) -> Outcome:
        async def fetch(wanted: Iterable[tuple[Kind[Any], Sequence[str]]]) -> Mapping[Key, Document]:
            keys = [(kind.name, id_) for kind, ids in wanted for id_ in ids]
            return {key: self.documents[key] for key in keys if key in self.documents}

        work = Work(self.service, fetch)
        work.begin(deadlines_before=deadlines_before)
        try:
            answer = await decide(work)
        except Refused as refused:
            return Outcome([], refused.reasons, refused.rows, rejected=True, scenario=self)
        outputs = work.done()
        events = [output.event for output in outputs if isinstance(output, Published)]
        self._count(output for output in outputs if isinstance(output, Published))
        self.documents.take(work.documents)
        # What is stored must come back as it was: a state that does not survive its own JSON would break a restart.
        for name, id_ in work.before:
            document = work.documents[name, id_]
            kind = self.service.kind.get(name)
            if kind is not None and document.state is not None:
                assert kind.adapter.validate_json(kind.adapter.dump_json(document.state)) == document.state
        self.log += events
        answer = answer if isinstance(answer, Answer) else Answer()
        sent = [output for output in outputs if isinstance(output, Sent)]
        beside = [event for event in events if type(event) in self.apart]
        events = [event for event in events if type(event) not in self.apart]
        return Outcome(events, answer.reasons, answer.rows, scenario=self, sent=sent, beside=beside)

    def _count(self, outputs: Iterable[Published]) -> None:
        """Nobody who reads may find a gap, or a number twice. What is set as stored counts on from there."""
        for event, sequence, _ in outputs:
            if type(event) is self.service.receipt:
                continue
            subject = event.subject
            if type(event) in self.service.uncounted:
                assert sequence == 1, f"{type(event).__name__} of {subject}"
                assert subject not in self.counted, f"{type(event).__name__}: {subject} is no new subject"
                self.counted[subject] = 1
                continue
            assert sequence == self.counted.get(subject, sequence - 1) + 1, f"{type(event).__name__} of {subject}"
            self.counted[subject] = sequence


async def _append(event: Event, work: Work) -> None:
    await work.append(event)


def _call(handler: Callable[[Work, Due], Awaitable[None]], due: Due, work: Work) -> Awaitable[None]:
    return handler(work, due)


def _drive(coroutine: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Run what never waits for anything: an event loop for each step would cost more than the step."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise RuntimeError("a handler waited for something else than documents")
