"""Settlement of deviations (avviksoppgjør): what was corrected after the balance was locked, in energy and money.

Amounts are decimal texts in NOK. `…_exact` has all its decimals; an amount to the øre was rounded once, and the amounts
of parts add up to that of the whole. Positive: the supplier owes the grid company.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.values import Role


class RunDeviationSettlement(Command):
    """The TSO has the deviations of a grid area computed, of up to a month of local days. Subject: a new UUID.

    A draft comes of it: nobody is told but the TSO until it is published.
    """

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    grid_area: values.EicY
    first_day: values.LocalDate
    last_day: values.LocalDate
    """Inclusive."""


class PublishSettlement(Command):
    """The TSO publishes a draft: from now on only what differs from it is settled. Subject: the run's UUID."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid


class AnnulSettlement(Command):
    """The TSO annuls a run as a whole, a draft or a published one. Subject: the run's UUID."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    reason: values.NameText


class ShardPosition(Part):
    """How far a value shard had been heard: the values that something rests on."""

    shard: str
    position: int


class SettledDay(Part):
    """One local day of a run."""

    date: values.LocalDate
    since: values.Uuid | None
    """The published run that this one carries on from; None: from the balance as it was locked at the end of D+5."""
    points: int
    """Those of which anything differs."""
    energy_wh: int
    amount_exact: str


class DeviationPair(Part):
    """A supplier and a grid company."""

    supplier: values.Gln | None
    """None: nobody has said who supplied the points; such a run cannot be published."""
    dso: values.Gln | None
    energy_wh: int
    """Corrected less settled; consumption, production counting negative."""
    amount_exact: str
    carried_exact: str = "0"
    """What rounding has left of what was published between them of the area before."""
    amount: str
    """Both together, to the øre."""


class DeviationSettlementDrafted(Event):
    """A run, as a draft."""

    home: ClassVar = "run_id"
    case: ClassVar = "run_id"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    run_id: values.Uuid
    grid_area: values.EicY
    zone: values.BiddingZone
    first_day: values.LocalDate
    last_day: values.LocalDate
    at: values.UtcTime
    as_of: tuple[ShardPosition, ...]
    """The values that it rests on."""
    days: tuple[SettledDay, ...]
    """Those on which anything differs."""
    pairs: tuple[DeviationPair, ...]
    points: int
    quarters: int
    """Of all points and lines, those that differ."""
    lacking: int
    """Of these, those without a price, a supplier or a grid company: such a run cannot be published."""
    energy_wh: int
    amount_exact: str
    amount: str
    revisions_sha256: str
    """Over the names of the versions of values and prices on both sides."""


class DeviationSettlementPublished(Event):
    """A run counts."""

    home: ClassVar = "run_id"
    case: ClassVar = "run_id"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    run_id: values.Uuid
    grid_area: values.EicY
    days: tuple[values.LocalDate, ...]
    pairs: int
    amount: str


class DeviationSettlementAnnulled(Event):
    """A run does not count, and never did."""

    home: ClassVar = "run_id"
    case: ClassVar = "run_id"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    run_id: values.Uuid
    grid_area: values.EicY
    days: tuple[values.LocalDate, ...]
    was_published: bool
    reason: str


class SupplierDeviationSettled(Event):
    """What a run means for one supplier and one grid company; told when it is published, and when that is annulled."""

    home: ClassVar = "share_id"
    case: ClassVar = "run_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("supplier"), party("dso"))

    share_id: str
    """`<run>/<supplier>/<dso>`"""
    run_id: values.Uuid
    status: Literal["published", "annulled"]
    grid_area: values.EicY
    zone: values.BiddingZone
    first_day: values.LocalDate
    last_day: values.LocalDate
    supplier: values.Gln
    dso: values.Gln
    energy_wh: int
    amount_exact: str
    carried_exact: str = "0"
    """What rounding has left of what was published between them of the area before."""
    amount: str
    """Both together, to the øre."""
