"""How a step is played: somebody speaks, all is decided, and what came is held against what had to come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Self

from contracts import calendar, topics
from flexreg import log
from flexreg.problem import Problem
from flexreg.story import cast as who
from flexreg.story.heard import Heard

if TYPE_CHECKING:
    from types import TracebackType

    from contracts.message import Event, Message
    from flexreg.client import Register
    from flexreg.story.cast import Cast, Party
    from flexreg.story.messages import Wish
    from flexreg.story.table import Board

PATIENCE_SECONDS: Final = 120
PAUSE_SECONDS: Final = 0.03
PARCEL: Final = 500

Data = dict[str, Any]
Receipt = dict[str, Any]


class UnableToGoOn(Problem):
    """Something on which all that follows rests did not come."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that had to be so."""

    what: str
    actual: object
    expected: object

    @property
    def holds(self) -> bool:
        """Whether it is."""
        return self.actual == self.expected

    def __str__(self) -> str:
        """For whoever has to find out why."""
        return f"{self.what}: {_short(self.expected)} expected, {_short(self.actual)} came"


class Play:
    """One playing of the story on a register that is up; `async with`."""

    def __init__(self, register: Register, board: Board) -> None:
        self.register = register
        self.board = board
        self.cast: Cast = who.cast()
        self.checks: list[Check] = []
        self.sent = 0
        self._stack = AsyncExitStack()
        self._log: Heard | None = None
        self._post: Heard | None = None
        self._since = 0
        self._post_since = 0

    async def __aenter__(self) -> Self:
        """Begin to listen to what is decided."""
        self._log = heard = await self._stack.enter_async_context(self._hearing(log.of_register()))
        await heard.catch_up()
        self.board.clock(await self.register.now())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        await self._stack.aclose()

    @property
    def log(self) -> Heard:
        """All commands and events."""
        assert self._log is not None
        return self._log

    @property
    def post(self) -> Heard:
        """All that the parties were sent."""
        assert self._post is not None, "the parties' topics are there once they have been onboarded"
        return self._post

    @property
    def parties(self) -> tuple[Party, ...]:
        """The operator and everyone whom it has onboarded."""
        return (who.OPERATOR, *who.ONBOARDED)

    async def listen_to_post(self) -> None:
        """Once the parties are ready: read along with what each is sent."""
        names = [name for name in self._names() if name.startswith("egress.")]
        self._post = await self._stack.enter_async_context(self._hearing(names))

    async def doors(self) -> Heard:
        """All that came in, at the end."""
        names = [name for name in self._names() if name.startswith("ingress.")]
        doors = await self._stack.enter_async_context(self._hearing(names))
        await doors.catch_up()
        return doors

    def _names(self) -> Iterator[str]:
        return (topic.name for one in self.parties for topic in topics.party_topics(one.gln, [one.role]))

    def _hearing(self, names: Iterable[str]) -> AbstractAsyncContextManager[Heard]:
        return Heard.of(self.register.bootstrap, self.register.namespace, names)

    # What happens

    def step(self, number: str, title: str) -> None:
        """Another step begins."""
        self.board.step(number, title)

    async def move(self, day: date, clock: str = "00:00") -> None:
        """Move the sandbox clock; what is looked for from now on has happened since the move began."""
        self.mark()
        to = calendar.at_local(day, clock)
        await self.register.move_clock(to)
        self.board.clock(to)
        await self.follow()

    def mark(self) -> None:
        """What is looked for from now on happens after this."""
        self._since = len(self.log.entries)
        self._post_since = len(self._post.entries) if self._post else 0

    async def say(
        self,
        party: Party,
        said: str,
        wishes: Sequence[Wish],
        *,
        decided: str = "",
        rule: str = "",
        refused: Mapping[int, str] | None = None,
        parcel: int = PARCEL,
    ) -> list[Receipt]:
        """A party sends commands, and gets its receipts. `refused`: which must be (partly) refused, by which rule."""
        line = self.board.say(party.short, said)
        answers = await self.register.send(party.gln, wishes, parcel=parcel, timeout=PATIENCE_SECONDS)
        receipts = [answer for answer in answers if answer is not None]
        self.sent += len(wishes)
        if len(receipts) != len(wishes):
            self.board.decided(line, "not answered in time", holds=False)
            raise UnableToGoOn(f"{party.short} was not answered in time when it {said}")
        found = {
            number: ", ".join(reason["code"] for reason in receipt["reasons"])
            for number, receipt in enumerate(receipts)
            if receipt["status"] != "accepted"
        }
        holds = self.expect(f"{party.short} {said}; refused", found, dict(refused or {}))
        self.board.decided(line, decided or _outcome(receipts), rule or _rules(receipts), holds=holds)
        return receipts

    async def follow(self) -> None:
        """Wait until nothing moves any more, and read what was decided and sent."""
        await self.register.settled()
        await self.log.catch_up()
        if self._post is not None:
            await self._post.catch_up()

    async def until(self, model: type[Event], count: int, **match: object) -> list[Data]:
        """Wait until so many events of this type stand in the log. Raises `UnableToGoOn` when they do not come."""
        end = time.monotonic() + PATIENCE_SECONDS
        while len(found := self.log.found(model, match, since=self._since)) < count:
            if time.monotonic() > end:
                raise UnableToGoOn(f"{len(found)} of {count} {model.type} came")
            await asyncio.sleep(PAUSE_SECONDS)
            await self.log.catch_up()
        return [entry.envelope["data"] for entry in found]

    async def delivered(self, party: Party, model: type[Event], **match: object) -> Data:
        """Wait until a party has this on its own topic, as its system would. Raises `UnableToGoOn` without it."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            await self.post.catch_up()
            for entry in self.post.found(model, match, since=self._post_since):
                if entry.topic.split(".")[1] == party.gln:
                    return entry.envelope["data"]
            if time.monotonic() > end:
                raise UnableToGoOn(f"{party.short} was sent no {_kind(model)}")
            await asyncio.sleep(PAUSE_SECONDS)

    # What had to happen

    def expect(self, what: str, actual: object, expected: object) -> bool:
        """Hold what came against what had to come. What does not hold is shown, and fails the story at its end."""
        check = Check(what, actual, expected)
        self.checks.append(check)
        if not check.holds:
            self.board.tell("", str(check), holds=False)
        return check.holds

    def expect_all(self, what: str, found: Mapping[str, Any], **expected: object) -> bool:
        """The same for several fields of one event."""
        return self.expect(what, {name: found.get(name) for name in expected}, expected)

    def events(self, model: type[Event], count: int, **match: object) -> list[Data]:
        """The events of this type since the mark; so many there must be."""
        found = [entry.envelope["data"] for entry in self.log.found(model, match, since=self._since)]
        self.expect(f"events {_kind(model)}", len(found), count)
        return found

    def event(self, model: type[Event], **match: object) -> Data:
        """The one event of this type since the mark. Raises `UnableToGoOn` where there is none."""
        found = self.events(model, 1, **match)
        if not found:
            raise UnableToGoOn(f"no {_kind(model)} came")
        return found[-1]

    def told(self, model: type[Event], parties: Mapping[Party, int], **match: object) -> None:
        """Who was sent so many events of this type since the mark; everyone else must have been sent none."""
        found = {party.short: 0 for party in self.parties}
        names = {party.gln: party.short for party in self.parties}
        for entry in self.post.found(model, match, since=self._post_since):
            found[names[entry.topic.split(".")[1]]] += 1
        expected = dict.fromkeys(found, 0) | {party.short: count for party, count in parties.items()}
        self.expect(f"who was told {_kind(model)}", found, expected)

    def tell(self, service: str, what: str, decided: str = "", rule: str = "") -> None:
        """Show what a service has decided by itself."""
        self.board.tell(service, what, decided, rule)


def _kind(model: type[Message]) -> str:
    return model.type.split(".")[-2]


def _outcome(receipts: Sequence[Receipt]) -> str:
    if len(receipts) == 1:
        (receipt,) = receipts
        reason = next((f": {one['text_en']}" for one in receipt["reasons"]), "")
        return {"accepted": "accepted", "partly-accepted": "partly accepted", "rejected": "refused"}[
            receipt["status"]
        ] + reason
    counts = {
        name: sum(receipt["status"] == status for receipt in receipts)
        for status, name in (("accepted", "accepted"), ("partly-accepted", "partly accepted"), ("rejected", "refused"))
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def _rules(receipts: Sequence[Receipt]) -> str:
    found = {f"{one['code']} {one['rule']}".strip(): None for receipt in receipts for one in receipt["reasons"]}
    return ", ".join(found)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 600 else f"{text[:600]}…"
