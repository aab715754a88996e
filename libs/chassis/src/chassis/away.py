"""Telling a database or broker that is away (pause, park nothing) from an input that cannot be decided (park it)."""

from __future__ import annotations

import asyncpg
from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_CLASSES = ("08", "53", "57", "58", "XX")
"""Connection, resources, operator intervention, system, internal."""
_STATES = frozenset({"25006", "40001", "40P01", "55P03", "28P01", "3D000"})
"""Read-only, serialisation, deadlock, lock not available, wrong password, no such database: none is the input's
doing."""


def is_away(error: BaseException) -> bool:
    """Whether the same input may well succeed once the database or the broker is back."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or isinstance(error, InterfaceError):
            return True
        return _is_state(error.orig) or isinstance(error.orig, (OSError, TimeoutError))
    if isinstance(error, asyncpg.PostgresError):
        return _is_state(error)
    return isinstance(error, (OSError, TimeoutError, PoolTimeout, KafkaError, asyncpg.InterfaceError))


def _is_state(error: BaseException | None) -> bool:
    state = str(getattr(error, "sqlstate", "") or "")
    return state.startswith(_CLASSES) or state in _STATES
