"""Settings that every process has, from the environment.

What would lose data is refused here, by name and with the reason.
"""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SAFE_REPLICAS = 2


def _common(name: str) -> AliasChoices:
    """A setting that all processes of a register share: read without a service's prefix."""
    return AliasChoices(name, name.lower())


class Settings(BaseSettings):
    """Shared by all services; each adds its environment prefix (`REGISTRY_`, `BSP_SWITCH_` …)."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    kafka_bootstrap: Annotated[str, Field(validation_alias=_common("KAFKA_BOOTSTRAP"), min_length=3)]
    namespace: Annotated[str, Field(default="", validation_alias=_common("FLEXREG_NAMESPACE"))]
    """Prefixes topics and groups, so that tests, sandboxes and checkouts can share a broker."""
    sandbox: Annotated[bool, Field(default=False, validation_alias=_common("FLEXREG_SANDBOX"))]
    """The clock is set through `control.clock.v1` and stands still between moves."""
    operator: Annotated[str, Field(default="7080000000012", validation_alias=_common("FLEXREG_OPERATOR"))]
    one_broker: Annotated[bool, Field(default=False, validation_alias=_common("FLEXREG_ONE_BROKER"))]
    """What is on the log may be lost with the one broker's disk: a laptop's register, a bench. Never in production."""
    min_insync_replicas: Annotated[int, Field(default=2, ge=1, validation_alias=_common("FLEXREG_MIN_INSYNC_REPLICAS"))]
    """The least that a topic must have; 3 replicas are the rule. 1 only with `one_broker`."""

    database_url: SecretStr
    port: int = Field(ge=0, le=65535)
    """The operator's port, on the loopback address; 0 takes a free one."""
    acks: str = "all"
    batch: int = Field(default=500, ge=1, le=5000)
    """Inputs in one transaction."""
    attempts: int = Field(default=3, ge=1, le=20)
    """How often an input is tried alone before it parks."""
    trace_ratio: float = Field(default=0.01, ge=0, le=1)

    @field_validator("namespace")
    @classmethod
    def _namespace(cls, value: str) -> str:
        if value and not re.fullmatch(r"[a-z0-9-]{1,40}", value):
            message = (
                "FLEXREG_NAMESPACE: lower-case letters, digits and hyphens, at most 40; it becomes part of topic names"
            )
            raise ValueError(message)
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith("postgresql+asyncpg://"):
            message = (
                "…DATABASE_URL: must begin with postgresql+asyncpg:// (SQLite and others cannot keep the constraints)"
            )
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.acks != "all":
            message = f"…ACKS={self.acks}: only 'all' is allowed; with less an acknowledged event can be lost"
            raise ValueError(message)
        if self.min_insync_replicas < SAFE_REPLICAS and not self.one_broker:
            message = (
                f"FLEXREG_MIN_INSYNC_REPLICAS={self.min_insync_replicas}: must be at least {SAFE_REPLICAS}; with less"
                " an acknowledged event can be lost. FLEXREG_ONE_BROKER=1 says that this register may"
            )
            raise ValueError(message)
        return self
