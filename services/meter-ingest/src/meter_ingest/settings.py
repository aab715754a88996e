"""Settings, from the environment with the prefix `METER_INGEST_`."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

import chassis.settings
from chassis.door.settings import DoorSettings


class Settings(DoorSettings, chassis.settings.Settings):
    """What every service has, the door's, and where exports are made."""

    model_config = SettingsConfigDict(env_prefix="METER_INGEST_", extra="ignore", populate_by_name=True)

    exports_apart: bool = False
    """Files of exports are made by `python -m meter_ingest exports`, and not by the process that takes values in."""
