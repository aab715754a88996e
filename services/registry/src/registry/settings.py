"""The settings of `registry`, from the environment."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

import chassis.settings


class Settings(chassis.settings.Settings):
    """Every setting starts with `REGISTRY_`."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_")
