"""The settings of `bsp-switch`, from the environment."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

import chassis.settings
from chassis.door.settings import DoorSettings


class Settings(DoorSettings, chassis.settings.Settings):
    """What every service has, and the door's; every setting starts with `BSP_SWITCH_`."""

    model_config = SettingsConfigDict(env_prefix="BSP_SWITCH_")
