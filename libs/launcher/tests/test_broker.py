from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from chassis.kafka import answers
from launcher.broker import Broker
from launcher.home import Home

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.bus


async def _make_topic(bootstrap: str, name: str) -> None:
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def _send(bootstrap: str, topic: str, *values: bytes) -> None:
    producer: Any = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=12 * 1024 * 1024)
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def _received(bootstrap: str, topic: str, *, count: int) -> list[bytes]:
    consumer: Any = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_records_survive_kill_9(own_broker: Broker) -> None:
    address = own_broker.bootstrap
    await _make_topic(address, "kept")
    sent = [str(number).encode() for number in range(50)]
    await _send(address, "kept", *sent)

    await own_broker.kill()
    assert not await answers(address)
    await own_broker.restart()

    assert own_broker.bootstrap == address
    assert await _received(address, "kept", count=50) == sent


async def test_a_frozen_broker_goes_on(own_broker: Broker) -> None:
    own_broker.freeze()
    assert not await answers(own_broker.bootstrap)
    own_broker.resume()

    # Its controller has fenced it meanwhile, where it was away for longer than its session, and lets it in again.
    await own_broker.child.until_ready(lambda: answers(own_broker.bootstrap), within_s=60)


async def test_ten_mebibytes_fit_in_a_record(kafka_bootstrap: str, namespace: str) -> None:
    await _make_topic(kafka_bootstrap, f"{namespace}.large")

    await _send(kafka_bootstrap, f"{namespace}.large", b"x" * 10 * 1024 * 1024)

    (value,) = await _received(kafka_bootstrap, f"{namespace}.large", count=1)
    assert len(value) == 10 * 1024 * 1024


async def test_two_instances_run_side_by_side(kafka_bootstrap: str, servers_folder: Path) -> None:
    other = Broker(Home(servers_folder / "beside"))
    await other.start()
    try:
        assert other.bootstrap != kafka_bootstrap
        assert await answers(kafka_bootstrap)
        assert await answers(other.bootstrap)
    finally:
        await other.stop()
