"""The settings of `bsp-switch`, from the environment."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

import chassis.settings


class Settings(chassis.settings.Settings):
    """Every setting starts with `BSP_SWITCH_`."""

    model_config = SettingsConfigDict(env_prefix="BSP_SWITCH_")
