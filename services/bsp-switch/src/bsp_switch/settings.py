"""The settings of `bsp-switch`, from the environment."""

from __future__ import annotations

import chassis.settings
from pydantic_settings import SettingsConfigDict


class Settings(chassis.settings.Settings):
    """Every setting starts with `BSP_SWITCH_`."""

    model_config = SettingsConfigDict(env_prefix="BSP_SWITCH_")
