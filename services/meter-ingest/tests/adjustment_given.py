"""What those hold who are told volumes by party and place: the last of each, and what all changes add up to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contracts.meter_ingest import v1


class Books:
    """Of one day."""

    def __init__(self) -> None:
        self.last: dict[tuple[str | None, ...], v1.VolumeAdjusted] = {}
        self.changed: dict[tuple[str | None, ...], int] = {}

    def take(self, events: Iterable[Any]) -> None:
        """What is told, in its order."""
        for one in events:
            if isinstance(one, v1.VolumeAdjusted):
                key = one.role, one.party, one.grid_area, one.zone
                self.last[key] = one
                self.changed[key] = self.changed.get(key, 0) + one.changed_wh

    def holds(self, run: v1.ImbalanceAdjusted) -> None:
        """Over suppliers, over BRPs and over BSPs the same, in each quarter, and as the run says it."""
        whole = {one.start: one.delivered_wh for one in run.quarters if one.delivered_wh}
        for role in ("supplier", "brp", "bsp"):
            some = [one for (named, *_), one in self.last.items() if named == role]
            sums: dict[datetime, int] = {}
            for one in some:
                assert all(each.delivered_wh for each in one.quarters)
                assert one.delivered_wh == sum(each.delivered_wh for each in one.quarters)
                for each in one.quarters:
                    sums[each.start] = sums.get(each.start, 0) + each.delivered_wh
            assert {start: wh for start, wh in sums.items() if wh} == whole, role
            assert sum(one.delivered_wh for one in some) == run.delivered_wh
        assert self.changed == {key: one.delivered_wh for key, one in self.last.items()}
