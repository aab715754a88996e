"""What would follow from an approval, another cap or another policy, as `flexreg what-if` asks it; nothing is kept."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from zones_given import approved, prepared

from chassis.service import Due, Kind
from chassis.trial import Step, Trial
from chassis.work import Document, Key, deadlines_of
from contracts.prequal import v1
from flexreg import supposing
from prequal import store
from prequal.app import SERVICE

pytestmark = pytest.mark.unit


class Supposed:
    """A trial on a scenario's documents, and what the command makes of it."""

    def __init__(self, world: Any, at: datetime) -> None:
        documents: dict[Key, Document] = world.scenario.documents
        self.world, self.at = world, at
        self.tried: list[dict[str, Any]] = []

        async def fetch(wanted: Iterable[tuple[Kind[Any], Sequence[str]]]) -> Mapping[Key, Document]:
            keys = [(kind.name, id_) for kind, ids in wanted for id_ in ids]
            return {key: documents[key] for key in keys if key in documents}

        async def due_by(to: datetime) -> list[Due]:
            return [
                Due(kind, id_, deadline.name, deadline.due_at)
                for (kind, id_), document in documents.items()
                for deadline in deadlines_of(SERVICE.kind.get(kind), document.state)
                if deadline.due_at <= to
            ]

        self.trial = Trial(SERVICE, fetch, due_by, at)

    async def give(self, *steps: dict[str, Any]) -> Supposed:
        for step in steps:
            self.tried += [one.plain() for one in await self.trial.give(Step.parse(SERVICE, step))]
        return self

    async def until(self, to: datetime) -> Supposed:
        self.tried += [one.plain() for one in await self.trial.until(to)]
        return self

    def zone(self) -> dict[str, Any]:
        [found] = supposing.zones(self.trial.changed(["zone"]))
        return found

    def followed(self, what: str) -> list[dict[str, Any]]:
        return [one["data"] for one in supposing.followed(self.tried) if one["what"] == what]

    def policy(self, said: str) -> list[dict[str, Any]]:
        """A policy, and every group that stands decided again."""
        documents = self.world.scenario.documents
        groups = sorted(id_ for kind, id_ in documents if kind == store.APPROVAL.name)
        steps = [
            supposing.looked_at_again(
                id_, _plain(documents, store.GROUP, id_), _plain(documents, store.GRID, id_), at=self.at
            )
            for id_ in groups
        ]
        return [supposing.policy(said, at=self.at), *steps]


def _plain(documents: Mapping[Key, Document], kind: Kind[Any], id_: str) -> dict[str, Any]:
    return kind.adapter.dump_python(documents[kind.name, id_].state, mode="json")


@pytest.fixture
def full(world: Any) -> Any:
    """3 MW of 4 used, and one of 2 MW and one of 1 MW that wait."""
    world.cap(4_000_000)
    approved(world, 0, 3_000_000)
    approved(world, 1, 2_000_000)
    approved(world, 2, 1_000_000)
    return world


def cap(world: Any, given: str) -> dict[str, Any]:
    return supposing.cap(given, by=world.TSO)


async def test_a_cap_raised_serves_the_queue_and_nothing_is_kept(full: Any) -> None:
    before = copy.deepcopy(full.scenario.documents)
    supposed = await Supposed(full, full.oslo(2, 1)).give(cap(full, "NO3=5.5"))
    zone = supposed.zone()
    assert (zone["before"]["used_w"], zone["before"]["waiting"]) == (3_000_000, 2)
    assert (zone["after"]["cap_w"], zone["after"]["used_w"], zone["after"]["free_w"]) == (5_500_000, 5_000_000, 500_000)
    assert [one["application_id"] for one in zone["after"]["queue"]] == [full.id(202)]
    assert [one["application_id"] for one in supposed.followed("VolumeReserved")] == [full.id(201)]
    assert full.scenario.documents == before


async def test_it_says_what_the_service_then_decides(full: Any) -> None:
    supposed = await Supposed(full, full.oslo(2, 1)).give(cap(full, "NO3=6"))
    outcome = full.cap(6_000_000, at=full.oslo(2, 1), reasons=("operating-pattern",), assessment=supposing.REASON)
    said = [
        (event["type"], event["data"])
        for one in supposed.tried
        for event in one["events"]
        # What was due before is decided first, here and there; the scenario keeps it apart.
        if event["type"] != v1.ClockStatisticPublished.type
    ]
    decided = [(event.type, event.model_dump(mode="json")) for event in (*outcome.events, *outcome.beside)]
    assert sorted(said, key=str) == sorted(decided, key=str)


async def test_a_set_of_approvals_is_tried_together(full: Any) -> None:
    for n in (3, 4):
        prepared(full, n, 1_000_000)
    supposed = Supposed(full, full.oslo(2, 1))
    await supposed.give(
        cap(full, "NO3=7"),
        supposing.approval(f"{full.id(204)}=1", by=full.TSO),
        supposing.approval(f"{full.id(203)}=1", by=full.TSO),
        supposing.approval(f"{full.id(203)}=1", by=full.TSO),
    )
    assert supposed.zone()["after"]["used_w"] == 7_000_000
    assert [one["place"] for one in supposed.followed("ApplicationQueued")] == [1]
    [refused] = supposing.refusals(supposed.tried)
    assert [reason["code"] for reason in refused["reasons"]] == ["NOT_UNDER_DECISION"]


async def test_groups_that_fall_out_under_another_policy_are_named(full: Any) -> None:
    supposed = Supposed(full, full.oslo(2, 1))
    await supposed.give(*supposed.policy("group.min-kw=2000"))
    assert supposing.falling_out(supposed.tried) == [full.id(102)]
    supposed = Supposed(full, full.oslo(2, 1))
    await supposed.give(*supposed.policy("group.min-kw=4000"))
    assert supposing.falling_out(supposed.tried) == [full.id(100), full.id(101), full.id(102)]
    await supposed.until(full.oslo(3, 2))
    [ended] = supposed.followed("ApprovalEnded")
    assert (ended["group_id"], ended["because"]) == (full.id(100), "below-minimum")
    assert supposed.zone()["after"]["used_w"] == 0


async def test_a_cap_to_come_is_seen_when_time_passes(full: Any) -> None:
    opens = full.oslo(3, 1)
    full.cap(9_000_000, at=full.oslo(2, 1), valid_from=opens)
    supposed = await Supposed(full, full.oslo(2, 1)).until(opens)
    assert supposed.zone()["after"]["used_w"] == 6_000_000
    assert full.scenario.state(store.ZONE, "NO3").used_w == 3_000_000


@pytest.mark.parametrize("given", ["NO3", "NO9=1", "NO3=x", "NO3=-1", "NO3=0.0000001", "=1"])
def test_a_cap_that_cannot_be_supposed_is_said(given: str) -> None:
    with pytest.raises(supposing.NotUnderstood):
        supposing.cap(given, by="7080000000029")


@pytest.mark.parametrize("given", ["group.min-kw", "group.min=1", "group.min-kw=few", "zone.queue=lifo"])
def test_a_policy_that_cannot_be_supposed_is_said(world: Any, given: str) -> None:
    with pytest.raises(supposing.NotUnderstood):
        supposing.policy(given, at=world.oslo(2, 1))


def test_a_power_is_written_in_mw() -> None:
    assert [supposing.watts(given) for given in ("0", "1.25", "12")] == [0, 1_250_000, 12_000_000]


def test_an_approval_names_both_directions_or_the_first(world: Any) -> None:
    step = supposing.approval(f"{world.id(1)}=2/1.5", by=world.TSO)
    assert (step["data"]["up_w"], step["data"]["down_w"], step["role"]) == (2_000_000, 1_500_000, "tso")
    assert supposing.approval(f"{world.id(1)}=2", by=world.TSO)["data"]["down_w"] == 0
    assert Step.parse(SERVICE, step).message == v1.DecidePrequalification(
        decision="approved", up_w=2_000_000, down_w=1_500_000, reasons=supposing.REASON
    )
