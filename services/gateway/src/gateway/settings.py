"""Settings of the gateway, from `GATEWAY_…`."""

from datetime import datetime

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis import settings


class Settings(settings.Settings):
    """What only the gateway needs to know."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="ignore", populate_by_name=True)

    operator_name: str = "Registeroperatøren"
    sandbox_start: datetime = datetime.fromisoformat("2026-01-05T00:00:00+01:00")
    """Where a sandbox's clock stands when it is opened; it is moved forward from there."""
    tick_seconds: float = Field(default=2.0, gt=0, le=60)
    """How often time passes, where the clock is real."""
    replication: int = Field(default=1, ge=1, le=5)
    """Of the parties' topics."""
