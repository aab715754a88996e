"""Settings, from the environment with the prefix `METER_INGEST_`."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from chassis.settings import Settings as Common


class Settings(Common):
    """Nothing of its own yet."""

    model_config = SettingsConfigDict(env_prefix="METER_INGEST_", extra="ignore", populate_by_name=True)
