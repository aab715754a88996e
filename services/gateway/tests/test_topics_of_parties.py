"""Whose topics the gateway makes: of parties and roles that are new to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from gate import BSP, DSO, OPERATOR, TSO

from contracts.values import Role
from gateway import app, store
from gateway.domain.directory import Directory, Register

pytestmark = pytest.mark.unit


class Broker:
    """Stands for the process and its broker: what is known, which topics were made, what the process said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.register = Register(OPERATOR, (), ready=(OPERATOR, TSO))
        self.people = Directory(by_role={Role.TSO: (TSO,), Role.BSP: (BSP,)})
        self.made: dict[str, list[Role]] = {}
        self.topics: list[str] = []
        self.said: list[str] = []
        for name in ("know", "lead"):
            setattr(self, name, self._nothing)
        monkeypatch.setattr(app.kafka, "apply", self._apply)
        monkeypatch.setattr(app, "say", self._say)
        monkeypatch.setattr(app, "_document", self._document)

    async def look(self) -> tuple[list[str], list[str]]:
        """The topics made, and for whom it was said that they are there, since the last look."""
        self.topics, self.said = [], []
        settings: Any = SimpleNamespace(kafka_bootstrap="", namespace="", replication=1)
        process: Any = None
        consumer: Any = self
        await app._ready(process, settings, consumer, self.made)
        return self.topics, self.said

    async def _nothing(self, *_: Any) -> None: ...

    async def _apply(self, _bootstrap: str, _namespace: str, wanted: Any, *, replication: int) -> None:
        self.topics += [topic.name for topic in wanted] * replication

    async def _say(self, _consumer: Any, _type: str, key: Any, _data: Any) -> None:
        self.said += key

    async def _document(self, _running: Any, kind: Any, _id: str) -> Any:
        return self.register if kind is store.REGISTER else self.people


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    return Broker(monkeypatch)


async def test_at_a_start_everyones_topics_are_looked_at_and_the_new_ones_announced(broker: Broker) -> None:
    topics, said = await broker.look()
    assert {f"ingress.{gln}.v1" for gln in (OPERATOR, TSO, BSP)} <= set(topics)
    assert said == [BSP]
    broker.register = Register(OPERATOR, (), ready=(OPERATOR, TSO, BSP))
    assert await broker.look() == ([], [])


async def test_a_new_party_that_may_not_act_yet_has_topics(broker: Broker) -> None:
    await broker.look()
    broker.register = Register(OPERATOR, (), ready=(OPERATOR, TSO, BSP))
    broker.people = Directory(by_role=broker.people.by_role, new={DSO: (Role.DSO,)})
    topics, said = await broker.look()
    assert set(topics) == {
        *(f"ingress.{DSO}.v1", f"ingress.{DSO}.meter-values.v1"),
        *(f"egress.{DSO}.v1", f"egress.{DSO}.activation.v1"),
    }
    assert said == [DSO]


async def test_a_role_that_is_gained_brings_its_topics(broker: Broker) -> None:
    await broker.look()
    broker.register = Register(OPERATOR, (), ready=(OPERATOR, TSO, BSP))
    broker.people = Directory(by_role={Role.TSO: (TSO,), Role.BSP: (BSP,), Role.DSO: (BSP,)})
    topics, said = await broker.look()
    assert f"ingress.{BSP}.meter-values.v1" in topics
    assert not any(TSO in name for name in topics)
    assert said == []


async def test_who_has_left_has_no_topics_made(broker: Broker) -> None:
    broker.people = Directory(by_role={Role.TSO: (TSO,)})
    topics, said = await broker.look()
    assert (said, any(BSP in name for name in topics)) == ([], False)
