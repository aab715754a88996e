"""By which methods groups are verified, and what their BSPs say that they will use."""

from __future__ import annotations

from chassis.service import SUBJECT, Kind
from contracts.meter_ingest.v1 import BaselineChosen, BaselineSubmitted
from meter_ingest.domain import baseline_choice, baseline_series

BASELINES = Kind(
    "baselines",
    baseline_choice.Baselines,
    baseline_choice.evolve,
    {BaselineChosen: SUBJECT, BaselineSubmitted: SUBJECT},
)
"""By group."""

SUBMITTED = Kind(
    "submitted-baseline",
    baseline_series.Submitted,
    baseline_series.evolve,
    {BaselineSubmitted: baseline_series.submitted},
    remembered=False,
)
"""By `group|date`."""

KINDS = (BASELINES, SUBMITTED)
