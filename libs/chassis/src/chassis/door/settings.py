"""What a service with a door adds to its settings."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class DoorSettings(BaseSettings):
    """`<SERVICE>_DOOR_PORT` and `<SERVICE>_DOOR_HOST`."""

    door_port: int | None = Field(default=None, ge=0, le=65535)
    """The port of the door; without one it is closed, with 0 it takes a free one."""
    door_host: str = "127.0.0.1"
    """It speaks plain HTTP: what stands before it on the network ends TLS."""
