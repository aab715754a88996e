"""Settings of `prequal`, from the environment (`PREQUAL_…`)."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from chassis import settings


class Settings(settings.Settings):
    """What every service has; nothing of its own."""

    model_config = SettingsConfigDict(env_prefix="PREQUAL_")
