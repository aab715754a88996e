"""What may be activated where."""

from __future__ import annotations

from chassis.service import SUBJECT, Kind
from contracts.prequal import v1
from prequal.domain import location_readiness

LOCATION = Kind(
    name="location",
    state=location_readiness.Readiness,
    evolve=location_readiness.evolve,
    folds={v1.LocationReadinessChanged: SUBJECT},
)
"""By DSO and substation, or grid area: the sum over all groups."""

GROUP_LOCATIONS = Kind(
    name="group-locations",
    state=location_readiness.OfGroup,
    evolve=location_readiness.evolve_of_group,
    folds={v1.LocationReadinessChanged: location_readiness.parts},
)
"""By group: its part in each of its locations."""

KINDS = (LOCATION, GROUP_LOCATIONS)
