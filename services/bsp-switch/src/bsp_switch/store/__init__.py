"""The documents of the service, and the tables that keep what must not overlap from doing so."""

from __future__ import annotations

from typing import Any

from bsp_switch.store import consents, documents, end_users, foreign, mergers, points, responsibilities, switches
from bsp_switch.store.consents import *
from bsp_switch.store.documents import *
from bsp_switch.store.end_users import *
from bsp_switch.store.foreign import *
from bsp_switch.store.mergers import *
from bsp_switch.store.metadata import *
from bsp_switch.store.points import *
from bsp_switch.store.responsibilities import *
from bsp_switch.store.switches import *
from chassis.service import Kind

KINDS: tuple[Kind[Any], ...] = (  # pyright: ignore[reportConstantRedefinition] - those of the modules, put together
    *points.KINDS,
    *consents.KINDS,
    *end_users.KINDS,
    *documents.KINDS,
    *switches.KINDS,
    *responsibilities.KINDS,
    *mergers.KINDS,
    *foreign.KINDS,
)
