"""Settings, from the environment with the prefix `METER_INGEST_`."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

import chassis.settings
from chassis.door.settings import DoorSettings


class Settings(DoorSettings, chassis.settings.Settings):
    """What every service has, and the door's."""

    model_config = SettingsConfigDict(env_prefix="METER_INGEST_", extra="ignore", populate_by_name=True)
