"""The topics: legal names, an owner and readers for each, retention as the architecture has it."""

from __future__ import annotations

import re

import pytest

from contracts import topics
from contracts.values import Role, make_gln

pytestmark = pytest.mark.unit

EVERY = [*topics.catalogue(), *topics.party_topics(make_gln(1), Role)]
SERVICES = {"gateway", *topics.DECIDING}


@pytest.mark.parametrize("topic", EVERY, ids=lambda topic: topic.name)
def test_every_topic_is_whole(topic: topics.Topic):
    assert topics.full_name("checkout-1", topic.name) == f"checkout-1.{topic.name}"
    assert re.fullmatch(r"[a-z0-9.-]+\.v1", topic.name), "an underscore could be confused with a dot"
    assert topic.owner in {*SERVICES, "party", "operator"}
    assert topic.consumers
    assert set(topic.consumers) <= {*SERVICES, "party"}
    assert topic.what.endswith(".")
    assert topic.key
    assert topic.partitions >= 1


@pytest.mark.parametrize("topic", EVERY, ids=lambda topic: topic.name)
def test_retention_is_as_promised(topic: topics.Topic):
    kind = topic.name.split(".")[0]
    expected = "for-ever" if kind in {"commands", "events", "control"} else "35-days"
    assert topic.retention == ("compacted" if topic.name.endswith(".activation.v1") else expected)


@pytest.mark.parametrize("topic", EVERY, ids=lambda topic: topic.name)
def test_the_broker_is_told(topic: topics.Topic):
    config = topic.config(3)
    assert config["message.timestamp.type"] == "LogAppendTime"
    assert config["min.insync.replicas"] == "2"
    assert topic.config(1)["min.insync.replicas"] == "1"
    assert config["max.message.bytes"] == str((12 if topic.name.startswith("ingress.") else 4) * 1024 * 1024)
    if topic.retention == "for-ever":
        assert (config["cleanup.policy"], config["retention.ms"]) == ("delete", "-1")
    if topic.retention == "35-days":
        assert (config["cleanup.policy"], config["retention.ms"]) == ("delete", "3024000000")
        assert config["segment.ms"] == "86400000", "else a week's records would go when the last of them is old"


def test_names_are_unique():
    assert len({topic.name for topic in EVERY}) == len(EVERY)


def test_only_the_gateway_writes_commands_and_each_service_its_own_events():
    for topic in topics.catalogue():
        kind, service = topic.name.split(".")[:2]
        if kind == "commands":
            assert (topic.owner, topic.consumers) == ("gateway", (service,))
        if kind == "events":
            assert topic.owner == service
            assert "gateway" in topic.consumers


def test_the_registry_never_listens_to_prequal():
    by_name = {topic.name: topic for topic in topics.catalogue()}
    assert "registry" not in by_name[topics.events("prequal")].consumers


def test_decisions_have_one_partition_and_values_one_beside_the_case_shard():
    partitions = {topic.name: topic.partitions for topic in topics.catalogue()}
    values = partitions.pop(topics.events("meter-ingest"))
    assert values == 1 + max(topics.CASE_SHARD, topics.VALUE_SHARD)
    assert set(partitions.values()) == {1}


@pytest.mark.parametrize(
    ("roles", "extra"),
    [
        ({Role.BSP}, {"ingress.{}.meter-values.v1"}),
        ({Role.BRP}, set()),
        ({Role.DSO}, {"ingress.{}.meter-values.v1", "egress.{}.activation.v1"}),
        ({Role.TSO, Role.OPERATOR}, {"egress.{}.activation.v1"}),
        (set(), set()),
    ],
)
def test_each_party_gets_the_topics_of_its_roles(roles: set[Role], extra: set[str]):
    gln = make_gln(7)
    names = {topic.name for topic in topics.party_topics(gln, roles)}
    assert names == {name.format(gln) for name in {"ingress.{}.v1", "egress.{}.v1"} | extra}


@pytest.mark.parametrize("name", ["", "a_b", "A", "a..b", ".a", "a b", "x" * 250])
def test_illegal_names_are_refused(name: str):
    with pytest.raises(ValueError, match="a topic is named"):
        topics.full_name("", name)
