"""What `prequal` keeps: its own documents, and what it knows of others."""

from __future__ import annotations

from prequal.store import (
    applications,
    approvals,
    callers,
    comments,
    documents,
    foreign,
    locations,
    qualifications,
    restrictions,
    rounds,
    tasks,
    zones,
)
from prequal.store.applications import *
from prequal.store.approvals import *
from prequal.store.callers import *
from prequal.store.comments import *
from prequal.store.documents import *
from prequal.store.foreign import *
from prequal.store.locations import *
from prequal.store.qualifications import *
from prequal.store.restrictions import *
from prequal.store.rounds import *
from prequal.store.tasks import *
from prequal.store.zones import *

KINDS = (  # pyright: ignore[reportConstantRedefinition] - those of the modules, put together
    *qualifications.KINDS,
    *zones.KINDS,
    *applications.KINDS,
    *approvals.KINDS,
    *documents.KINDS,
    *comments.KINDS,
    *tasks.KINDS,
    *restrictions.KINDS,
    *rounds.KINDS,
    *locations.KINDS,
    *foreign.KINDS,
    *callers.KINDS,
)
