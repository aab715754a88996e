"""The documents of `registry`, and the tables whose rows follow from them: what must be unique, what is looked up."""

from __future__ import annotations

from registry.store import (
    foreign,
    grid,
    groups,
    keys,
    parties,
    points,
    policy,
    regulation_objects,
    resending,
    resources,
)
from registry.store.foreign import *
from registry.store.grid import *
from registry.store.groups import *
from registry.store.keys import *
from registry.store.metadata import *
from registry.store.parties import *
from registry.store.points import *
from registry.store.policy import *
from registry.store.regulation_objects import *
from registry.store.resending import *
from registry.store.resources import *

KINDS = (  # pyright: ignore[reportConstantRedefinition] - those of the modules, put together
    *parties.KINDS,
    *keys.KINDS,
    *resending.KINDS,
    *grid.KINDS,
    *points.KINDS,
    *resources.KINDS,
    *groups.KINDS,
    *policy.KINDS,
    *regulation_objects.KINDS,
    *foreign.KINDS,
)
