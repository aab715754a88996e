"""The catalogue applied to a broker: first as a plan, then for real, then nothing is left to do."""

from __future__ import annotations

import pytest
from onlog import eventually

from chassis import kafka
from contracts import topics

pytestmark = pytest.mark.bus


async def test_a_dry_run_changes_nothing_and_a_second_run_finds_nothing(kafka_bootstrap: str, namespace: str) -> None:
    wanted = topics.catalogue()
    names = {topics.full_name(namespace, topic.name) for topic in wanted}
    planned = await kafka.apply(kafka_bootstrap, namespace, wanted, dry_run=True)
    assert set(planned.create) == names
    done = await kafka.apply(kafka_bootstrap, namespace, wanted)
    assert set(done.create) == names
    again = await kafka.apply(kafka_bootstrap, namespace, wanted)
    assert again == kafka.Plan((), (), ())


async def test_a_setting_that_drifted_is_put_right(kafka_bootstrap: str, namespace: str) -> None:
    wanted = topics.catalogue()[:1]
    await kafka.apply(kafka_bootstrap, namespace, wanted)

    class Changed(topics.Topic):
        def config(self, replication_factor: int) -> dict[str, str]:
            return {**super().config(replication_factor), "retention.ms": "1000"}

    drifted = [
        Changed(**{name: getattr(topic, name) for name in topics.Topic.__dataclass_fields__}) for topic in wanted
    ]
    await kafka.apply(kafka_bootstrap, namespace, drifted)

    async def plan() -> kafka.Plan:
        return await kafka.apply(kafka_bootstrap, namespace, wanted, dry_run=True)

    async def drift_is_seen() -> bool:
        return [change[1:] for change in (await plan()).alter] == [("retention.ms", "1000", "-1")]

    async def nothing_is_left() -> bool:
        return (await plan()).alter == ()

    # A broker tells of a changed setting a moment after it has taken it.
    await eventually(drift_is_seen)
    await kafka.apply(kafka_bootstrap, namespace, wanted)
    await eventually(nothing_is_left)


async def test_a_process_does_not_start_on_a_topic_that_would_lose_data(kafka_bootstrap: str, namespace: str) -> None:
    name = topics.full_name(namespace, topics.commands("registry"))
    with pytest.raises(kafka.UnsafeBroker, match="does not exist: run `flexreg topics apply`"):
        await kafka.check(kafka_bootstrap, [name], min_insync_replicas=1)
    await kafka.apply(kafka_bootstrap, namespace, topics.catalogue())
    await kafka.check(kafka_bootstrap, [name], min_insync_replicas=1)
    with pytest.raises(kafka.UnsafeBroker, match="1 replicas, not 2"):
        await kafka.check(kafka_bootstrap, [name], min_insync_replicas=2)


async def test_a_process_does_not_start_on_a_broker_that_makes_topics_by_itself(
    kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests' broker is safe: that the setting is looked at shows when the opposite is asked for."""
    monkeypatch.setattr(kafka, "SAFE_BROKER", {"auto.create.topics.enable": "true"})
    with pytest.raises(kafka.UnsafeBroker, match=r"auto\.create\.topics\.enable=false, must be true"):
        await kafka.check(kafka_bootstrap, [], min_insync_replicas=1)
