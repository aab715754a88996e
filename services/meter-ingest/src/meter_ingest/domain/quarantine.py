"""What the validation rules found of a record's series: kept aside, warned of, or confirmed by the sender.

What is kept aside counts nowhere. It is no state that values wait in: the sender sends them again, right or confirmed,
and these count like any others; so no order of messages changes what counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import ConfirmedSeries, QuarantinedSeries, RuleCount, Series, ValuesQuarantined
from meter_ingest.domain import days
from meter_ingest.domain.checks import Verdict
from meter_ingest.domain.values import Version


@dataclass(slots=True)
class Found:
    """Of one record."""

    aside: list[QuarantinedSeries] = field(default_factory=list[QuarantinedSeries])
    versions: list[Version] = field(default_factory=list[Version])
    """What is kept aside of them."""
    lapses_at: datetime | None = None
    warned: dict[str, int] = field(default_factory=dict[str, int])
    """How many accepted series each rule found."""
    confirmed: list[ConfirmedSeries] = field(default_factory=list[ConfirmedSeries])

    def keep_aside(
        self, series: Series, verdict: Verdict, salted: str, versions: list[Version], lapses_at: datetime
    ) -> None:
        """Values that do not count."""
        self.lapses_at = lapses_at
        self.versions += versions
        self.aside.append(
            QuarantinedSeries(
                metering_point_id=series.metering_point_id,
                direction=series.direction,
                product=series.product,
                start=series.start,
                end=series.end,
                resolution=cast("Resolution", series.resolution),
                registered_at=series.registered_at,
                count=len(series.values_wh),
                salted_sha256=salted,
                rules=tuple(one.rule for one in verdict.findings),
            )
        )

    def warn(self, series: Series, verdict: Verdict) -> None:
        """Values that count all the same, perhaps because the sender confirms them."""
        for one in verdict.findings:
            self.warned[one.rule] = self.warned.get(one.rule, 0) + 1
        if verdict.consequence == "quarantine":
            self.confirmed.append(
                ConfirmedSeries(
                    metering_point_id=series.metering_point_id,
                    direction=series.direction,
                    product=series.product,
                    start=series.start,
                    end=series.end,
                    rules=tuple(one.rule for one in verdict.findings if one.consequence == "quarantine"),
                )
            )

    def counted(self) -> tuple[RuleCount, ...]:
        """The warnings, in order of the rules' keys."""
        return tuple(RuleCount(rule=rule, series=count) for rule, count in sorted(self.warned.items()))

    def event(
        self, *, record: str, shard: str, position: int, sender: str, case_position: int
    ) -> ValuesQuarantined | None:
        """If anything is kept aside."""
        if self.lapses_at is None:
            return None
        return ValuesQuarantined(
            quarantine=f"{record}/quarantine",
            record=record,
            shard=shard,
            position=position,
            sender=sender,
            series=tuple(self.aside),
            lapses_at=self.lapses_at,
            decided_at_case_position=case_position,
        )


def lapses_at(received_at: datetime, after_days: int) -> datetime:
    """When what is kept aside is no longer waited for: at the end of that local day."""
    return days.day(days.day_at(received_at).date + timedelta(days=after_days)).end
