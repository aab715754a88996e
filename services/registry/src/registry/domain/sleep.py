"""Resources behind a point that nobody holds: they sleep, and wake with the next claim (D30).

Nothing has to happen for it at a midnight. What counts resources is a membership or a regulation object, and these end
with the control; who may command them is asked of `Holder` at that moment. So sleeping is worked out from who holds the
point when, and the active resources are told, ahead or late as that becomes known, in which periods it is so.
"""

from __future__ import annotations

from collections.abc import Mapping

from contracts.message import Event
from contracts.registry import v1
from registry.domain.holder import Holder
from registry.domain.resource import Resource


def decide_sleep(resources: Mapping[str, Resource | None], *, holder: Holder, dso: str | None) -> list[Event]:
    """Tell the active ones of a point when they sleep, where that is not what they were told."""
    periods = tuple(v1.Unheld(valid_from=since, valid_to=until) for since, until in holder.unheld())
    return [
        v1.ResourceSleepChanged(
            resource_id=resource_id, metering_point_id=state.metering_point_id, dso=dso, periods=periods
        )
        for resource_id, state in resources.items()
        if state is not None and state.status == "active" and state.asleep != periods
    ]
