"""The documents of the case shard.

The value shard reads `BLOCK`, `POINTS`, `RETENTION`, `ERASED`, `VALIDATION`, `OWN_METERS`, `CONTROL` and `PARTY`, and
writes `value_store` and `aside`.
"""

from __future__ import annotations

from meter_ingest.store import (
    activations,
    baselines,
    channels,
    computed,
    data_access,
    deliveries,
    estimates,
    foreign,
    kept,
    public,
    requested,
    settlement,
)
from meter_ingest.store.activations import *
from meter_ingest.store.baselines import *
from meter_ingest.store.channels import *
from meter_ingest.store.computed import *
from meter_ingest.store.data_access import *
from meter_ingest.store.deliveries import *
from meter_ingest.store.estimates import *
from meter_ingest.store.foreign import *
from meter_ingest.store.kept import *
from meter_ingest.store.public import *
from meter_ingest.store.requested import *
from meter_ingest.store.settlement import *

OWN = (
    *channels.KINDS,
    *deliveries.KINDS,
    *activations.KINDS,
    *baselines.KINDS,
    *estimates.KINDS,
    *kept.KINDS,
    *computed.KINDS,
    *data_access.KINDS,
    *settlement.KINDS,
    *public.KINDS,
    *requested.KINDS,
)
KINDS = (*OWN, *foreign.KINDS, *public.FOREIGN)  # pyright: ignore[reportConstantRedefinition] - those of the modules, put together
