"""What would lose data is refused at the start, by name and with the reason."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from chassis.settings import Settings

pytestmark = pytest.mark.unit

SAFE: dict[str, Any] = {
    "kafka_bootstrap": "broker:9092",
    "database_url": "postgresql+asyncpg://u:p@host/registry",
    "port": 0,
}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"acks": "1"}, "only 'all' is allowed"),
        ({"acks": "0"}, "only 'all' is allowed"),
        ({"database_url": "sqlite:///x"}, "must begin with postgresql"),
        ({"namespace": "With.Dots"}, "lower-case letters"),
        ({"attempts": 0}, "greater than or equal to 1"),
        ({"min_insync_replicas": 0}, "greater than or equal to 1"),
        ({"min_insync_replicas": 1}, "must be at least 2"),
        ({"min_insync_replicas": 1, "sandbox": True}, "must be at least 2"),
    ],
)
def test_unsafe_settings_are_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Settings(**SAFE | changed)


def test_one_broker_is_allowed_only_where_it_is_said() -> None:
    assert Settings(**SAFE).min_insync_replicas == 2
    assert Settings(**SAFE, one_broker=True, min_insync_replicas=1).min_insync_replicas == 1


def test_shared_settings_are_read_without_a_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "elsewhere:9092")
    monkeypatch.setenv("FLEXREG_SANDBOX", "1")
    settings = Settings(database_url=SAFE["database_url"], port=0)
    assert (settings.kafka_bootstrap, settings.sandbox, settings.acks) == ("elsewhere:9092", True, "all")


def test_a_password_is_not_shown() -> None:
    assert "u:p@" not in repr(Settings(**SAFE))
