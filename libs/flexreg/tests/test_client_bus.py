"""The client against a broker, with a stand-in for the register that answers whatever comes in at a party's door."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chassis import kafka
from contracts import door, topics
from contracts.values import Role, make_gln
from flexreg import outgoing, sending
from flexreg.address import Address
from flexreg.client import Register
from flexreg.sending import PartyUnknown

pytestmark = pytest.mark.bus

PARTY = "7080000000012"
OTHER = "7080000000029"


class Door:
    """Opens what a party sends, and answers each message with a receipt of its subject."""

    def __init__(self, bootstrap: str, namespace: str) -> None:
        self.bootstrap, self.namespace = bootstrap, namespace
        self.silent: set[str] = set()
        self.seen = 0

    async def run(self) -> None:
        full = [
            topics.full_name(self.namespace, name) for name in (topics.ingress(PARTY), topics.ingress_values(PARTY))
        ]
        egress = topics.full_name(self.namespace, topics.egress(PARTY))
        async with kafka.reading(self.bootstrap, *full) as consumer, kafka.producing(self.bootstrap) as producer:
            while True:
                for tp, records in (await consumer.getmany(timeout_ms=100)).items():
                    for record in records:
                        for place, item in enumerate(door.open_record(record.value)):
                            self.seen += 1
                            if item.subject in self.silent:
                                continue
                            short = tp.topic.removeprefix(f"{self.namespace}.")
                            await producer.send(
                                egress, self.receipt(item, f"{short}/{tp.partition}/{record.offset}/{place}")
                            )

    def receipt(self, item: door.Item, position: str) -> bytes:
        data = {
            "command_id": item.id,
            "command_type": item.type,
            "command_subject": item.subject,
            "status": "rejected" if item.reasons else "accepted",
            "ingressposition": position,
        }
        return json.dumps({"type": "no.flexregister.registry.receipt.v1", "data": data}).encode()


@contextlib.asynccontextmanager
async def answering(bootstrap: str, namespace: str) -> AsyncIterator[Door]:
    wanted = [*topics.catalogue(), *topics.party_topics(PARTY, [Role.DSO])]
    await kafka.apply(bootstrap, namespace, wanted)
    answering = Door(bootstrap, namespace)
    task = asyncio.create_task(answering.run())
    yield answering
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def at(bootstrap: str, namespace: str) -> contextlib.AbstractAsyncContextManager[Register]:
    return Register.at(Address(bootstrap, namespace, PARTY))


def onboarding(number: int) -> dict[str, object]:
    return {"type": "onboard-party", "subject": make_gln(number), "data": {"name": f"party {number}", "roles": ["brp"]}}


@pytest.mark.parametrize("parcel", [1, 7])
async def test_receipts_come_in_the_order_of_the_input(kafka_bootstrap: str, namespace: str, parcel: int) -> None:
    async with answering(kafka_bootstrap, namespace), at(kafka_bootstrap, namespace) as register:
        receipts = await register.send(PARTY, [onboarding(n) for n in range(200)], parcel=parcel)
        assert [receipt and receipt["command_subject"] for receipt in receipts] == [make_gln(n) for n in range(200)]


async def test_one_that_is_not_answered_in_time_leaves_a_gap_and_the_others_their_receipts(
    kafka_bootstrap: str, namespace: str
) -> None:
    async with answering(kafka_bootstrap, namespace) as there, at(kafka_bootstrap, namespace) as register:
        there.silent = {make_gln(1)}
        receipts = await register.send(PARTY, [onboarding(n) for n in range(3)], timeout=1.5)
        assert [receipt is not None for receipt in receipts] == [True, False, True]


async def test_meter_values_go_to_their_own_topic(kafka_bootstrap: str, namespace: str) -> None:
    async with answering(kafka_bootstrap, namespace), at(kafka_bootstrap, namespace) as register:
        values = {"type": "send-meter-values", "subject": "v", "data": {"series": []}}
        receipts = await register.send(PARTY, [onboarding(1), values, onboarding(2)], parcel=10)
        places = [receipt["ingressposition"].split("/")[0] for receipt in receipts if receipt]
        assert places == [topics.ingress(PARTY), topics.ingress_values(PARTY), topics.ingress(PARTY)]


async def test_bytes_without_a_readable_id_find_their_receipt_by_position(kafka_bootstrap: str, namespace: str) -> None:
    lines = [b"not json", b"", b"[]", b"[{}, {}]", b"[" + b"{}," * 1000 + b"{}]", b"\xff", b'{"a": NaN}', b"[" * 5000]
    async with answering(kafka_bootstrap, namespace), at(kafka_bootstrap, namespace) as register:
        records = outgoing.each(outgoing.raw(line) for line in lines)
        answers = [answer async for answer in register.stream(PARTY, records, timeout=10)]
        assert len(answers) == len(lines) + 1  # the parcel of two
        assert all(answer.receipt and answer.receipt["status"] == "rejected" for answer in answers)
        assert [answer.receipt["ingressposition"] for answer in answers if answer.receipt] == [
            answer.position for answer in answers
        ]


async def test_what_is_too_large_for_the_client_is_said_and_the_rest_goes_on(
    kafka_bootstrap: str, namespace: str
) -> None:
    async with answering(kafka_bootstrap, namespace), at(kafka_bootstrap, namespace) as register:
        records = outgoing.each([outgoing.raw(b"x" * 13_000_000), outgoing.raw(b"{}")])
        large, small = [answer async for answer in register.stream(PARTY, records, timeout=10)]
        assert "MessageSizeTooLarge" in large.error
        assert small.receipt is not None


async def test_without_waiting_the_positions_come_back(kafka_bootstrap: str, namespace: str) -> None:
    async with answering(kafka_bootstrap, namespace) as there, at(kafka_bootstrap, namespace) as register:
        there.silent = {make_gln(n) for n in range(10)}
        assert await register.send(PARTY, [onboarding(n) for n in range(10)], wait=False) == [None] * 10
        position = await register.publish(PARTY, b"{}")
        assert position == f"{topics.ingress(PARTY)}/0/10"


async def test_a_party_without_topics_is_unknown(kafka_bootstrap: str, namespace: str) -> None:
    async with answering(kafka_bootstrap, namespace), at(kafka_bootstrap, namespace) as register:
        with pytest.raises(PartyUnknown):
            await register.send(OTHER, [onboarding(1)])


async def test_many_lines_stream_in_flat_memory(
    kafka_bootstrap: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "WINDOW", 100)

    async def lines(many: int) -> AsyncIterator[outgoing.Outgoing]:
        for n in range(many):
            yield outgoing.single(outgoing.filled(onboarding(n), gln=PARTY, at=datetime.now(UTC)))

    async with answering(kafka_bootstrap, namespace), at(kafka_bootstrap, namespace) as register:
        peaks: list[int] = []
        # The first is for what is made once; buffers fill more or less with the pace of the moment.
        for many in (500, 500, 4_000):
            tracemalloc.start()
            count = 0
            async for answer in register.stream(PARTY, outgoing.parcelled(lines(many), most=50)):
                assert answer.receipt is not None
                count += 1
            assert count == many
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[2] < 3 * peaks[1], "eight times the lines in the same memory"


async def test_the_log_is_read_in_the_order_it_was_appended(kafka_bootstrap: str, namespace: str) -> None:
    async with answering(kafka_bootstrap, namespace), at(kafka_bootstrap, namespace) as register:
        async with kafka.producing(kafka_bootstrap) as producer:
            for n in range(300):
                name = ("commands.registry.v1", "events.registry.v1", "events.prequal.v1")[n % 3]
                await producer.send_and_wait(topics.full_name(namespace, name), json.dumps({"id": f"{n}"}).encode())
                await asyncio.sleep(0.001)
        entries = [entry async for entry in register.log()]
        assert [entry.envelope["id"] for entry in entries] == [f"{n}" for n in range(300)]
        assert entries[0].position == "commands.registry.v1/0/0"


async def test_following_goes_on_until_it_is_told_to_stop(kafka_bootstrap: str, namespace: str) -> None:
    async with answering(kafka_bootstrap, namespace), at(kafka_bootstrap, namespace) as register:
        done = asyncio.Event()

        async def say() -> None:
            async with kafka.producing(kafka_bootstrap) as producer:
                for n in range(5):
                    await producer.send_and_wait(topics.full_name(namespace, topics.egress(PARTY)), b'{"id": "%d"}' % n)
            done.set()

        before = [entry async for entry in register.egress(PARTY)]
        saying = asyncio.create_task(say())
        heard = [entry async for entry in register.egress(PARTY, follow=True, stop=done.is_set)]
        await saying
        assert before == []
        assert [entry.envelope["id"] for entry in heard] == ["0", "1", "2", "3", "4"]


async def test_a_party_receives_from_where_it_stopped(kafka_bootstrap: str, namespace: str) -> None:
    async with answering(kafka_bootstrap, namespace), at(kafka_bootstrap, namespace) as register:

        async def received(**how: bool) -> list[str]:
            found = [many async for many in register.received(PARTY, **how)]
            return [entry.envelope["data"]["command_subject"] for many in found for entry in many]

        await register.send(PARTY, [onboarding(n) for n in range(3)])
        assert await received() == [make_gln(n) for n in range(3)]
        assert await received() == []
        await register.send(PARTY, [onboarding(3)])
        async for _ in register.received(PARTY):
            break  # what was given but not asked on from was perhaps never printed
        assert await received() == [make_gln(3)]
        assert await received(from_start=True) == [make_gln(n) for n in range(4)]
