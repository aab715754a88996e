"""Imbalance adjustment: what activations delivered in a day, for those whose balance it would otherwise disturb.

Energies in Wh delivered upwards (less consumption, more production); what was delivered downwards counts negative.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, Part, everyone, party
from contracts.meter_ingest.v1.settlement import ShardPosition
from contracts.values import Role

AdjustmentVersion = Literal["D+1", "D+5", "D+13"]
"""A draft on the morning after; locked at the end of the fifth day; once more at the end of the thirteenth. Where
something is verified, or annulled, or a supplier or BRP said otherwise, after that: `D+13` again, at 10:00 the next
day."""
AdjustmentStatus = Literal["draft", "locked", "recalculated"]


class AdjustedActivation(Part):
    """An activation that is in a run, and which verification of it."""

    activation_id: values.Uuid
    run: int
    revisions_sha256: str


class AdjustedSum(Part):
    """What was delivered by the points of one supplier, BRP, BSP, grid area and bidding zone; None: not known."""

    supplier: values.Gln | None
    brp: values.Gln | None
    bsp: values.Gln
    grid_area: values.EicY | None
    zone: values.BiddingZone | None
    delivered_wh: int


class AdjustedQuarter(Part):
    """One quarter."""

    start: values.UtcTime
    delivered_wh: int


class ImbalanceAdjusted(Event):
    """A run of one local day. A later version replaces the one before; all are kept."""

    home: ClassVar = "local_date"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    local_date: values.LocalDate
    version: AdjustmentVersion
    status: AdjustmentStatus
    at: values.UtcTime
    as_of: tuple[ShardPosition, ...]
    activations: tuple[AdjustedActivation, ...]
    unverified: tuple[values.Uuid, ...] = ()
    """Activations of the day of which there is no verification (yet, as of one that goes on after midnight), or one
    without a figure: nothing of them is in this version."""
    points: int
    sums: tuple[AdjustedSum, ...]
    """Those of suppliers, of BRPs, of BSPs and of all quarters add up to the same."""
    quarters: tuple[AdjustedQuarter, ...]
    delivered_wh: int
    sha256: str
    """Over the verifications that it rests on."""
    values_erased: bool = False
    """Values that it rests on are erased, or kept no longer: it has no figures, and the version before it stands."""


class AdjustmentReopened(Event):
    """After a day's last version it was said that other parties stood behind points of it: it has another version."""

    home: ClassVar = "local_date"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    local_date: values.LocalDate
    at: values.UtcTime
    """The version is made at 10:00 the next local day, of all that is said until then."""
    because: Literal["supply"]


class PartyAdjusted(Event):
    """What a run means for one party, quarter by quarter."""

    home: ClassVar = "share_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"),)

    share_id: str
    """`<date>/<version>/<role>/<party>`"""
    party: values.Gln
    role: Literal["supplier", "brp", "bsp"]
    local_date: values.LocalDate
    version: AdjustmentVersion
    status: AdjustmentStatus
    quarters: tuple[AdjustedQuarter, ...]
    delivered_wh: int
    changed_wh: int | None = None
    """By how much it is other than what the party was told of the day before; of the first version all of it."""


class VolumeAdjusted(Event):
    """What a run means for one BRP or BSP in one bidding zone, or for one supplier in one grid area, by quarter.

    It is what imbalance settlement takes in. Those of a role add up to the run's `quarters`, and `delivered_wh`.
    """

    home: ClassVar = "volume_id"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO), party("party"))

    volume_id: str
    """`<date>/<version>/<role>/<party>/<zone, or of a supplier grid area>`; `-` where it is not known."""
    party: values.Gln | None
    """None: nobody is known to stand behind the points. That is told to the TSO alone."""
    role: Literal["supplier", "brp", "bsp"]
    grid_area: values.EicY | None
    """Of a supplier; None of the others, and where it is not known."""
    zone: values.BiddingZone | None
    local_date: values.LocalDate
    version: AdjustmentVersion
    status: AdjustmentStatus
    quarters: tuple[AdjustedQuarter, ...]
    """Those in which it is not zero; none where there is nothing any more."""
    delivered_wh: int
    changed_wh: int
    """By how much the day is other than in the version before; of the first version all of it."""
