"""The register as a program sees it: send as a party, move the sandbox clock, read the log, ask what a service holds.

async with Register.open() as register:
    receipts = await register.send(gln, [{"type": "onboard-party", "subject": "7080…", "data": {…}}])
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from pydantic_core import to_json

from chassis import kafka
from contracts import topics, values
from flexreg import address, clock, log, outgoing, proof
from flexreg.address import START_ONE, Address, NoRegister
from flexreg.held import Asked, Held, NotThere, UnableToAnswer
from flexreg.outgoing import Outgoing
from flexreg.sending import Answer, Correspondence, PartyUnknown, UnableToSend

POLL = 0.05
PATIENCE = 60.0
"""Seconds without any movement after which a register that is not at rest is said to be stuck."""


class Register:
    """A register that is up. Made with `open`."""

    def __init__(self, place: Address, http: httpx.AsyncClient, stack: contextlib.AsyncExitStack) -> None:
        self.bootstrap = place.bootstrap
        self.namespace = place.namespace
        self.operator = place.operator
        self.sandbox = place.sandbox
        self.urls = place.urls
        self.doors = place.doors
        self.keys = place.keys
        self._http = http
        self._stack = stack
        self._opening = asyncio.Lock()
        self._reading_clock = asyncio.Lock()
        self._producer: Any = None
        self._clock: Any = None
        self._now: datetime | None = None
        self._correspondences: dict[str, Correspondence] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, state_path: Path | str | None = None) -> AsyncGenerator[Register]:
        """The register of a state file. Raises `NoRegister`; connections are made when they are needed."""
        async with cls.at(address.read(state_path)) as register:
            yield register

    @classmethod
    @contextlib.asynccontextmanager
    async def at(cls, place: Address) -> AsyncGenerator[Register]:
        """The register at these addresses."""
        timeout = httpx.Timeout(10, read=600)
        async with (
            contextlib.AsyncExitStack() as stack,
            # A proxy of the environment has no way to this machine's loopback.
            httpx.AsyncClient(trust_env=False, timeout=timeout) as http,
        ):
            yield cls(place, http, stack)

    # Sending

    async def send(
        self,
        gln: str,
        commands: Iterable[Mapping[str, Any]],
        *,
        parcel: int = 1,
        timeout: float = 60,  # noqa: ASYNC109 - of each command, from when the broker has it
        wait: bool = True,
    ) -> list[dict[str, Any] | None]:
        """Send commands as a party, and wait for their receipts: the receipts' data in the order of the input.

        A command has `type` (a short name will do), `subject` and `data`; any attribute may be given. `None` stands
        where no receipt came in time (or where none was awaited). Raises `PartyUnknown`, `UnableToSend`, `UnknownType`.
        """
        at = await self.now()
        records = outgoing.each(outgoing.single(outgoing.filled(command, gln=gln, at=at)) for command in commands)
        if parcel > 1:
            records = outgoing.parcelled(records, most=parcel)
        found: list[dict[str, Any] | None] = []
        async for answer in self.stream(gln, records, timeout=timeout, wait=wait):
            if answer.error:
                raise UnableToSend(f"{answer.head.type} {answer.head.subject} was not sent", answer.error)
            found.append(answer.receipt)
        return found

    async def stream(
        self,
        gln: str,
        records: AsyncIterable[Outgoing],
        *,
        timeout: float = 60,  # noqa: ASYNC109 - of each command, from when the broker has it
        wait: bool = True,
    ) -> AsyncIterator[Answer]:
        """Send records as they come, in flat memory; what came of each command, in the order of the input."""
        correspondence = await self._correspondence(gln)
        async for answer in correspondence.converse(records, within=timeout, wait=wait):
            yield answer

    async def publish(self, gln: str, body: bytes, *, meter_values: bool = False) -> str:
        """Send bytes as they are. Returns where they stand: `topic/partition/offset`. Raises `UnableToSend`."""
        correspondence = await self._correspondence(gln)
        sent = await correspondence.publish(Outgoing(body, meter_values=meter_values), within=60)
        [answer] = await sent.answers(wait=False)
        if answer.error:
            raise UnableToSend(f"{len(body)} bytes were not sent", answer.error)
        return answer.position.rpartition("/")[0]

    async def _correspondence(self, gln: str) -> Correspondence:
        async with self._opening:
            if self._producer is None:
                self._producer = await kafka.start_producer(self.bootstrap, client="flexreg")
                self._stack.push_async_callback(kafka.stop, self._producer)
            known = self._correspondences.get(gln)
            if known is None or known.broken:
                missing = await self._missing(topic.of(gln).name for topic in topics.PER_PARTY)
                if missing & {topics.ingress(gln), topics.egress(gln)}:
                    raise PartyUnknown(
                        f"{gln} is no party of this register, or its topics are not there yet",
                        "onboard it (`onboard-party`, as the operator) and wait for its `party-ready`",
                    )
                known = Correspondence(
                    self.bootstrap,
                    self.namespace,
                    gln,
                    self._producer,
                    has_values=topics.ingress_values(gln) not in missing,
                )
                await known.start()
                self._stack.push_async_callback(known.close)
                self._correspondences[gln] = known
            return known

    async def _missing(self, names: Iterable[str]) -> set[str]:
        patterns = {name: _declared(name) for name in names}
        plan = await kafka.apply(self.bootstrap, self.namespace, patterns.values(), dry_run=True)
        return {log.short_name(self.namespace, name) for name in plan.create}

    # Time

    async def now(self) -> datetime:
        """The register's clock, in UTC: the sandbox's, or the real one."""
        if not self.sandbox:
            return datetime.now(UTC)
        async with self._reading_clock:
            if self._clock is None:
                name = topics.full_name(self.namespace, topics.CLOCK)
                self._clock = await self._stack.enter_async_context(kafka.reading(self.bootstrap, name))
            [(partition, end)] = (await kafka.ends(self._clock, self._clock.assignment())).items()
            while await self._clock.position(partition) < end:
                for records in (await self._clock.getmany(timeout_ms=1000)).values():
                    for record in records:
                        self._clock_says(record.value)
            if self._now is None:
                raise NoRegister("the sandbox clock does not stand anywhere yet", "the register is still starting")
            return self._now

    def _clock_says(self, value: bytes) -> None:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            moment = values.parse_time(json.loads(value)["now"])
            # It never goes back, whatever is written there.
            self._now = moment if self._now is None else max(self._now, moment)

    async def move_clock(self, to: datetime) -> None:
        """Move the sandbox clock, from one thing that falls due to the next.

        Returns when every process has acted on all that fell due. Raises `NotASandbox`, `ClockMovesBackwards`,
        `UnableToSettle`.
        """
        if not self.sandbox:
            raise clock.NotASandbox("this register is no sandbox", "its clock is the real one and cannot be moved")
        now, to = await self.now(), to.astimezone(UTC)
        if to < now:
            raise clock.ClockMovesBackwards(
                f"the clock stands at {values.time_text(now)}, after {values.time_text(to)}",
                "it moves forward only; for an earlier time start a new register",
            )
        await self.settled()
        while True:
            step = clock.next_step(await self.status(), now=now, to=to)
            await self._set_clock(step)
            await self._rest(passed=step)
            now = step
            if step == to:
                return

    async def _set_clock(self, moment: datetime) -> None:
        async with self._opening:
            if self._producer is None:
                self._producer = await kafka.start_producer(self.bootstrap, client="flexreg")
                self._stack.push_async_callback(kafka.stop, self._producer)
        value = json.dumps({"now": values.time_text(moment)}).encode()
        await self._producer.send_and_wait(topics.full_name(self.namespace, topics.CLOCK), value)

    async def settled(self) -> None:
        """Return when nothing moves any more: nothing behind or unpublished, twice running. Raises `UnableToSettle`."""
        await self._rest(passed=None)

    async def _rest(self, *, passed: datetime | None) -> None:
        loop = asyncio.get_running_loop()
        before: Any = None
        changed = loop.time()
        while True:
            statuses = await self.status()
            seen = clock.picture(statuses)
            why = clock.unsettled(statuses, passed=passed)
            if not why and seen == before:
                return
            if seen != before:
                changed = loop.time()
            elif loop.time() - changed > PATIENCE:
                raise clock.UnableToSettle("the register does not come to rest", "; ".join(why))
            # One that is not at rest starts the count again.
            before = seen
            await asyncio.sleep(POLL)

    # What the services hold

    async def show(
        self,
        service: str,
        kind: str,
        id: str,  # noqa: A002 - the word for it
        valid_at: datetime | None = None,
        known_at: datetime | None = None,
        party: str | None = None,
    ) -> dict[str, Any] | None:
        """One document, as valid and as known at a moment, or as a party sees it, if given: see `flexreg.held`."""
        return await self._held(service, kind).show(id, Asked(valid_at, known_at, party=party))

    async def list(self, service: str, kind: str, *, limit: int | None = None, after: str = "") -> list[dict[str, Any]]:
        """The documents of a kind by id: `[{id, version, state}]`."""
        return [document async for document in self.each(service, kind, limit=limit, after=after)]

    def each(
        self, service: str, kind: str, *, limit: int | None = None, after: str = "", asked: Asked | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """The same one by one, as far as they are as `asked`."""
        return self._held(service, kind).each(asked or Asked(), limit=limit, after=after)

    def history(self, service: str, kind: str, id: str) -> AsyncIterator[dict[str, Any]]:  # noqa: A002 - the word for it
        """The events that changed a document, in order; nothing where there is no such document."""
        return self._held(service, kind).history(id)

    def _held(self, service: str, kind: str) -> Held:
        return Held(service, kind, partial(self._get, service))

    async def values(self, asked: Mapping[str, str]) -> dict[str, Any] | None:
        """Meter values as `meter-ingest` has them; None where there is no such point, or nothing may be said of it."""
        answer = await self._get("meter-ingest", "/values", asked)
        if answer.status_code == int(httpx.codes.NOT_FOUND):
            return None
        if answer.status_code == int(httpx.codes.BAD_REQUEST):
            raise UnableToAnswer("meter-ingest cannot answer that", answer.json()["error"])
        answer.raise_for_status()
        return answer.json()

    async def kinds(self, service: str) -> list[str]:
        """The kinds of documents that a service holds."""
        answer = await self._get(service, "/kinds")
        answer.raise_for_status()
        return answer.json()

    async def suppose(self, service: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What would follow of `{steps, at, until, kinds}`, without effect: see `chassis.trial.on_copy`."""
        return await self._post(service, "/try", asked)

    async def ask(self, service: str, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What a service answers by a name of its own, without effect."""
        return await self._post(service, f"/ask/{quote(name, safe='')}", asked)

    async def redecide(self, service: str, id: str, also: Iterable[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: A002
        """A decision again, with these foreign events known before it: see `chassis.redecide`."""
        return await self._post(service, f"/redecide/{quote(id, safe='')}", {"also": list(also)})

    async def _post(self, service: str, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Raises `UnableToAnswer`."""
        headers = {"content-type": "application/json"}
        answer = await self._http.post(f"{self._url(service)}{path}", headers=headers, content=to_json(dict(asked)))
        if answer.status_code == int(httpx.codes.BAD_REQUEST):
            raise UnableToAnswer(f"{service} cannot answer that", answer.json()["error"])
        answer.raise_for_status()
        return answer.json()

    async def status(self) -> list[dict[str, Any]]:
        """Every process: `{name, role, ready, shards}`; one that does not answer is not ready and has an `error`."""
        return list(await asyncio.gather(*(self._status(name) for name in self.urls)))

    async def _status(self, name: str) -> dict[str, Any]:
        try:
            answer = await self._http.get(f"{self.urls[name]}/status")
            answer.raise_for_status()
            return {**answer.json(), "name": name}
        except (httpx.HTTPError, ValueError) as error:
            return {"name": name, "role": "", "ready": False, "shards": [], "error": f"{type(error).__name__}: {error}"}

    async def parked(self) -> list[dict[str, Any]]:
        """Everything without a position in any process: `{service, shard, key, reason, holds, type, id, …}`."""
        found: list[dict[str, Any]] = []
        for name in self.urls:
            answer = await self._get(name, "/parked")
            answer.raise_for_status()
            found += [{"service": name, **row} for row in answer.json()]
        return found

    async def act(self, key: str, action: str) -> str:
        """`retry` or `drop` what is parked under a key, wherever it is: `ok`, `unknown` or `cannot-drop`."""
        for name in self.urls:
            url = f"{self._url(name)}/parked/{key}/{action}"
            answer = await self._http.post(url, headers={"content-type": "application/json"}, content=b"{}")
            result = str(answer.json().get("result", "unknown")) if answer.status_code < 500 else "unknown"
            if result != "unknown":
                return result
        return "unknown"

    async def prove(self) -> list[dict[str, Any]]:
        """Per service and shard: what is stored, and what its topics rebuild: `{service, shard, equal, tables, …}`."""
        found: list[dict[str, Any]] = []
        for name in self.urls:
            answer = await self._get(name, "/prove")
            answer.raise_for_status()
            found += answer.json()
        return found

    async def count(self) -> dict[str, Any]:
        """The counts over the whole log, and whether they hold: see `flexreg.proof.Count.result`."""
        there = await self._topics_of(await self._parties(), "ingress.")
        return (await proof.count(self.bootstrap, self.namespace, there)).result()

    async def deliveries(self) -> dict[str, Any]:
        """What the parties were sent, held against the log: see `flexreg.proof.Deliveries.result`."""
        parties = await self._parties()
        there = await self._topics_of(parties, "egress.")
        parties = {gln for gln in parties if topics.egress(gln) in there}
        return await proof.deliveries(self.bootstrap, self.namespace, parties, there)

    async def _parties(self) -> set[str]:
        return {party["id"] async for party in self.each("registry", "party")} | {self.operator}

    async def _topics_of(self, parties: Iterable[str], prefix: str) -> list[str]:
        names = [topic.of(gln).name for gln in sorted(parties) for topic in topics.PER_PARTY]
        wanted = [name for name in names if name.startswith(prefix)]
        return sorted(set(wanted) - await self._missing(wanted))

    async def _get(self, service: str, path: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        try:
            return await self._http.get(f"{self._url(service)}{path}", params=params)
        except httpx.TransportError as error:
            raise NoRegister(f"{service} does not answer ({type(error).__name__})", START_ONE) from None

    def _url(self, service: str) -> str:
        if service not in self.urls:
            raise NotThere(f"there is no service {service!r}", f"there are {', '.join(self.urls) or 'none'}")
        return self.urls[service]

    # Reading

    async def log(
        self, *, follow: bool = False, from_start: bool = True, stop: Callable[[], bool] = lambda: False
    ) -> AsyncIterator[log.Entry]:
        """All commands and events in the order they were appended; then, to `follow`, what comes (until `stop()`)."""
        names = log.of_register()
        async for entry in log.entries(
            self.bootstrap, self.namespace, names, follow=follow, from_start=from_start, stop=stop
        ):
            yield entry

    async def egress(
        self,
        gln: str,
        *,
        follow: bool = False,
        from_start: bool = True,
        stop: Callable[[], bool] = lambda: False,
    ) -> AsyncIterator[log.Entry]:
        """What a party was sent, on its own topic and on the one about activations. Raises `PartyUnknown`."""
        names = await self.egress_topics(gln)
        async for entry in log.entries(
            self.bootstrap, self.namespace, names, follow=follow, from_start=from_start, stop=stop
        ):
            yield entry

    async def received(
        self, gln: str, *, follow: bool = False, from_start: bool = False
    ) -> AsyncIterator[list[log.Entry]]:
        """What a party is sent, from where it stopped: what was given counts as read when the next is asked for."""
        names = await self.egress_topics(gln)
        group = topics.full_name(self.namespace, f"flexreg.receive.{gln}")
        async for entries in log.remembered(
            self.bootstrap, self.namespace, names, group=group, follow=follow, from_start=from_start
        ):
            yield entries

    async def egress_topics(self, gln: str) -> list[str]:
        """The topics that a party is sent something on. Raises `PartyUnknown`."""
        names = [topics.egress(gln), topics.egress_activation(gln)]
        missing = await self._missing(names)
        if names[0] in missing:
            raise PartyUnknown(f"{gln} is no party of this register", "`flexreg list registry party` lists them")
        return [name for name in names if name not in missing]


def _declared(name: str) -> topics.Topic:
    """The declaration of a party's topic."""
    gln = name.split(".")[1]
    return next(topic.of(gln) for topic in topics.PER_PARTY if topic.of(gln).name == name)
