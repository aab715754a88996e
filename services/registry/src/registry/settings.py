"""The settings of `registry`, from the environment."""

from __future__ import annotations

import chassis.settings
from pydantic_settings import SettingsConfigDict


class Settings(chassis.settings.Settings):
    """Every setting starts with `REGISTRY_`."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_")
