"""Whether all has come, who is reminded, delays."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.values import Role


class DeclareDelay(Command):
    """A DSO's values are late for a known reason: reminders are held back. Subject: the DSO's GLN.

    Said by the TSO, or by the DSO of itself. Said again, it stands as said last.
    """

    senders: ClassVar = frozenset({Role.TSO, Role.DSO})
    subject_is: ClassVar = values.Gln

    since: values.LocalDate
    """The first local day whose values are late."""
    expected_by: values.UtcTime
    """When all is expected to have come; reminders begin again then."""
    reason: values.ShortText


class LiftDelay(Command):
    """The delay is over before its term. Subject: the DSO's GLN."""

    senders: ClassVar = frozenset({Role.TSO, Role.DSO})
    subject_is: ClassVar = values.Gln


class CompletenessPublished(Event):
    """How complete a DSO's values of a local day are, in series and values."""

    home: ClassVar = "dso"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    dso: values.Gln
    date: values.LocalDate
    expected_series: int
    complete_series: int
    expected_values: int
    received_values: int


class ValuesReminded(Event):
    """The one who owes values is reminded, with the points that are missing or have holes."""

    home: ClassVar = "dso"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    dso: values.Gln
    date: values.LocalDate
    metering_points: tuple[values.Gsrn, ...]
    again_at: values.UtcTime | None = None
    """When the DSO is reminded again of what is missing then; None: not again."""


class OwedEnded(Event):
    """A DSO that was to be reminded of a day's values owes them no longer: its task ends."""

    home: ClassVar = "dso"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    dso: values.Gln
    date: values.LocalDate
    because: Literal["arrived", "not-owed"]


class DelayDeclared(Event):
    """A DSO's values of days from `since` on are late: it is not reminded of them until `expected_by`."""

    home: ClassVar = "dso"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    dso: values.Gln
    since: values.LocalDate
    expected_by: values.UtcTime
    reason: str
    declared_by: values.Gln


class DelayLifted(Event):
    """A delay is over: by command, because every day that was due has come, or because its term is over."""

    home: ClassVar = "dso"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    dso: values.Gln
    since: values.LocalDate
    ended_at: values.UtcTime
    """From then on the DSO is reminded again."""
    because: Literal["lifted", "recovered", "term-over"]
    missing_dates: tuple[values.LocalDate, ...]
    """The days of which values are still missing."""


CompletenessScope = Literal["dso", "grid-area", "group", "bsp"]


class CompletenessChanged(Event):
    """How complete a local day is for a DSO, a grid area, a group or a BSP; replaces what was said of it before.

    A point counts where it was at the day's start, once for each series (a line of a point) that is expected of it.
    Values are counted in steps of each series' own resolution.
    """

    home: ClassVar = "completeness_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), party("bsp"), everyone(Role.TSO))

    completeness_id: str
    """`<scope>/<id>/<date>`, of a grid area `grid-area/<area>/<dso>/<date>`."""
    scope: CompletenessScope
    date: values.LocalDate
    dso: values.Gln | None = None
    """Who owes the values, of a DSO or a grid area."""
    grid_area: values.EicY | None = None
    group_id: values.Uuid | None = None
    bsp: values.Gln | None = None
    """Who holds the points, of a BSP or a group."""
    because: Literal["whole", "deadline", "change"]
    provisional: bool
    """Until the day is closed by a complete set, or at its deadline."""
    delayed: bool
    """Whether a delay of the DSO was declared that covers the day."""
    expected_series: int
    complete_series: int
    expected_values: int
    received_values: int
    on_time_values: int
    """Those that had come by 07:00 the next day."""
    estimated_values: int
    """Those of which what counts now is not metered."""
    changed_series: int
    """Series of which something that had come by 07:00 was said otherwise after it."""
    changed_later_series: int
    """The same after the fifth day."""


class SeriesCounts(Part):
    """Counts of one day, in series and in steps of their resolution; or by how much they change."""

    complete_series: int = 0
    received_values: int = 0
    on_time_values: int = 0
    estimated_values: int = 0
    changed_series: int = 0
    changed_later_series: int = 0


class CountedScope(Part):
    """What one scope has of a block's day, or by how much a scope's day changes."""

    scope: str
    """`dso/<gln>`, `grid-area/<area>/<dso>`, `group/<id>`, `bsp/<gln>`."""
    counts: SeriesCounts


class CountedBlock(Part):
    """What has been counted of a block of points in one line on one day, by scope; it replaces what was."""

    block: str
    """`block|line`."""
    date: values.LocalDate
    scopes: tuple[CountedScope, ...]


class CountedDay(Part):
    """By how much a scope's day changes."""

    scope: str
    date: values.LocalDate
    change: SeriesCounts


class ExpectedSince(Part):
    """From a day on, so many more series are expected of a scope."""

    scope: str
    date: values.LocalDate
    quarterly: int
    hourly: int


class ExpectedBlock(Part):
    """What is expected of a block of points in one line; it replaces what was."""

    block: str
    changes: tuple[ExpectedSince, ...]


class CompletenessCounted(Event):
    """What one input changed in the counts of completeness: the service's own book, told to nobody."""

    home: ClassVar = "cause"
    audience: ClassVar[tuple[Audience, ...]] = ()

    cause: str
    """The input's id."""
    blocks: tuple[CountedBlock, ...] = ()
    days: tuple[CountedDay, ...] = ()
    expected_blocks: tuple[ExpectedBlock, ...] = ()
    expected: tuple[ExpectedSince, ...] = ()
    """By how much what is expected of scopes changes."""


class PointRecounted(Event):
    """How far a point's days are looked at anew, after its resolution was corrected back in time: told to nobody.

    The latest days first; said after each step.
    """

    home: ClassVar = "recount_id"
    audience: ClassVar[tuple[Audience, ...]] = ()

    recount_id: str
    """`recount/<point>`: who is told of the point finds no gap."""
    metering_point_id: values.Gsrn
    first: values.LocalDate
    last: values.LocalDate
    """The days on which values count otherwise since."""
    counted_since: values.LocalDate
    """From here on they were counted when it was said."""
    looked_at: int
    """How many activations."""
    last_day: values.LocalDate
    """How far it has come, and of that day the activation; without one, the whole day."""
    last_activation: values.Uuid | None
    next_at: values.UtcTime | None
    """When it goes on; None: that was all."""
