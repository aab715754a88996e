"""Settings of `prequal`, from the environment (`PREQUAL_…`)."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from chassis import settings
from chassis.door.settings import DoorSettings


class Settings(DoorSettings, settings.Settings):
    """What every service has, and the door's."""

    model_config = SettingsConfigDict(env_prefix="PREQUAL_")
