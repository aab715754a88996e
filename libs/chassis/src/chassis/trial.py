"""What would follow: a service's own handlers on a copy of its documents, and nothing is written.

A trial takes what the service takes (commands, foreign events, the passing of time), in the order given, and says what
would be decided. It is the code that decides, so the answer is what would happen if nothing else came between. What is
parked is not looked at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import store
from chassis.asking import UnableToAnswer, moment
from chassis.service import Answer, Due, Incoming, Service
from chassis.work import DeadlinePending, Key, Load, Published, Work
from contracts.message import Command, Event, Refused
from contracts.validation import first_fault

MOST = 1000
"""So many steps in a trial."""
SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
"""All that is read is of one moment, and nothing can be written."""
_DUE = text(
    "SELECT due_at, kind, id, name FROM own.deadline WHERE due_at <= :until AND kind = ANY(CAST(:kinds AS text[]))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that would come in: a command with its sender, or a foreign event; `at`: not before the last one's."""

    message: Command | Event
    subject: str
    sender: str = ""
    role: str = ""
    at: datetime | None = None

    @classmethod
    def parse(cls, service: Service, given: Mapping[str, Any]) -> Step:
        """From `{type, subject, data}` and perhaps `sender`, `role`, `at`. Raises `UnableToAnswer`."""
        try:
            type_, data = str(given["type"]), given["data"]
        except (KeyError, TypeError):
            raise UnableToAnswer("a step has type, subject and data") from None
        model = service.takes.get(type_) or service.listens.get(type_)
        if model is None:
            raise UnableToAnswer(f"{service.name} takes no {type_}")
        try:
            message = model.model_validate(data)
        except ValidationError:
            raise UnableToAnswer(f"{type_}: {first_fault(model, data)}") from None
        subject = str(given.get("subject") or (message.subject if isinstance(message, Event) else ""))
        at = moment(str(given["at"])) if given.get("at") else None
        role, sender = str(given.get("role", "")), str(given.get("sender", ""))
        return cls(message=message, subject=subject, sender=sender, role=role, at=at)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a step or of a deadline (`kind|id|name`)."""

    what: str
    subject: str
    at: datetime
    events: tuple[Event, ...] = ()
    refused: Refused | None = None
    answer: Answer = field(default_factory=Answer)

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        reasons = self.refused.reasons if self.refused else self.answer.reasons
        told = {
            "what": self.what,
            "subject": self.subject,
            "at": self.at,
            "refused": self.refused is not None,
            "reasons": [reason.model_dump() for reason in reasons],
            "events": [{"type": event.type, "subject": event.subject, "data": event} for event in self.events],
        }
        return to_jsonable_python(told)


DueBy = Callable[[datetime], Awaitable[Iterable[Due]]]
"""The deadlines that stand in the store up to a moment."""


@dataclass
class Trial:
    """Documents as they are fetched, with what the steps so far did to them."""

    service: Service
    fetch: Load
    due_by: DueBy
    at: datetime
    position: int = 0
    """Of the last input that was really decided: those of the trial follow it."""
    work: Work = field(init=False)

    def __post_init__(self) -> None:
        self.work = Work(self.service, self.fetch)

    async def give(self, step: Step) -> list[Tried]:
        """What falls due before it, and the step."""
        at = max(self.at, step.at or self.at)
        found = await self.until(at)
        message = step.message
        self.position += 1
        incoming = Incoming(
            data=message,
            type=message.type,
            id=f"trial-{self.position}",
            source=f"/parties/{step.sender}" if step.sender else "/services/trial",
            subject=step.subject,
            at=at,
            position=self.position,
            sender=step.sender,
            sender_role=step.role,
        )
        return [*found, await self.decide(incoming)]

    async def decide(self, incoming: Incoming[Any]) -> Tried:
        """A command or a foreign event, as the engine decides it."""
        message, work = incoming.data, self.work
        is_command = isinstance(message, Command)
        work.begin(deadlines_before=incoming.at if is_command else None)
        answer = Answer()
        try:
            if is_command:
                answer = await self.service.commands[type(message)].handler(work, incoming) or answer
            else:
                await work.learn(message)
                if (on := self.service.reactions.get(type(message))) is not None:
                    await on.handler(work, incoming)
        except Refused as refused:
            work.begin(deadlines_before=None)
            return Tried(message.type, incoming.subject, incoming.at, refused=refused)
        except DeadlinePending as pending:
            raise UnableToAnswer(f"{message.type} would wait for a deadline of {pending}") from None
        return Tried(message.type, incoming.subject, incoming.at, self._done(), answer=answer)

    async def until(self, to: datetime) -> list[Tried]:
        """Time passes: everything due by then, in due order."""
        found: list[Tried] = []
        waiting = {(due.at, due.kind, due.id, due.name) for due in await self.due_by(to)}
        while True:
            waiting |= self._due_here(to)
            stands = sorted(waiting)
            if not stands:
                break
            at, kind, id_, name = stands[0]
            waiting.discard(stands[0])
            await self.work.prefetch([(self.service.kind[kind], [id_])])
            if any((one.due_at, one.name) == (at, name) for one in self.work.deadlines((kind, id_))):
                found.append(await self.fall_due(Due(kind, id_, name, at, self.position + 1)))
        self.at = max(self.at, to)
        return found

    async def fall_due(self, due: Due) -> Tried:
        """A deadline, as the engine decides it."""
        self.position = due.position
        self.work.begin(deadlines_before=None)
        await self.service.deadlines[due.name](self.work, due)
        return Tried(f"{due.kind}|{due.id}|{due.name}", due.id, due.at, self._done())

    def _due_here(self, to: datetime) -> set[tuple[datetime, str, str, str]]:
        """What the documents that were changed here have due by then."""
        return {
            (deadline.due_at, *key, deadline.name)
            for key in self.work.before
            for deadline in self.work.deadlines(key)
            if deadline.due_at <= to
        }

    def _done(self) -> tuple[Event, ...]:
        return tuple(output.event for output in self.work.done() if isinstance(output, Published))

    def changed(self, kinds: Iterable[str]) -> list[dict[str, Any]]:
        """The documents of these kinds that are otherwise now: `{kind, id, before, after}`."""
        wanted = set(kinds)
        return [
            {
                "kind": kind,
                "id": id_,
                "before": self._state((kind, id_), self.work.before[kind, id_].state),
                "after": self._state((kind, id_), self.work.documents[kind, id_].state),
            }
            for kind, id_ in self.work.before
            if kind in wanted
        ]

    def _state(self, key: Key, state: Any) -> Any:
        return None if state is None else self.service.kind[key[0]].adapter.dump_python(state, mode="json")


async def on_copy(
    connection: AsyncConnection,
    service: Service,
    given: Sequence[Mapping[str, Any]],
    *,
    at: datetime,
    until: datetime | None,
    kinds: Iterable[str],
) -> dict[str, Any]:
    """Try these steps on what the database holds now: `{at, tried, changed}`. Raises `UnableToAnswer`."""
    if len(given) > MOST:
        raise UnableToAnswer(f"a trial has at most {MOST} steps")
    steps = [Step.parse(service, one) for one in given]
    await connection.execute(SNAPSHOT)
    writer = (
        await connection.execute(
            text("SELECT position, recorded_at FROM engine.writer WHERE shard = :shard"), {"shard": service.shard}
        )
    ).one()

    async def due_by(to: datetime) -> list[Due]:
        names = [kind.name for kind in service.kinds if kind.deadlines is not None]
        rows = await connection.execute(_DUE, {"until": to, "kinds": names})
        return [Due(row.kind, row.id, row.name, row.due_at) for row in rows]

    began = max(at, writer.recorded_at or at)
    trial = Trial(service, store.loader(connection), due_by, began, writer.position)
    tried: list[Tried] = []
    for step in steps:
        tried += await trial.give(step)
    if until is not None and until > trial.at:
        tried += await trial.until(until)
    return {
        "at": to_jsonable_python(began),
        "tried": [one.plain() for one in tried],
        "changed": trial.changed(kinds),
    }
