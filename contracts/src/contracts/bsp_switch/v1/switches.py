"""What is said about switches of BSP (R43)."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

WhySwitchCancelled = Literal["incoming", "moved", "objection", "consent", "move-out", "point-closed", "operator"]
"""Why control does not pass as announced: the incoming BSP takes it back, or moves it (it is announced anew), an
objection is upheld, its consent ended first, the end user is another, the point is closed, the operator says so."""

WhySwitchLapsed = Literal[WhySwitchCancelled, "late", "not-held"]
"""Why a point waits no longer and does not pass: those of a cancelled one; the fact has not come in time; the BSP that
was to give it up no longer holds it until then."""

MOST_POINTS: Final = 10_000
"""The points that a switch may have in all."""


# Commands


class RequestSwitch(Command):
    """Take over metering points that another BSP holds, from a midnight. Subject: a new UUID. A list command."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    start: values.Midnight
    mode: Literal["all", "each"] = "all"


class ExtendSwitch(Command):
    """Add points to one's own switch, for the same midnight: with notice, as a new one (D13). Subject: the switch.

    A list command. A portfolio is a request and as many of these as it takes, each decided by itself.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    mode: Literal["all", "each"] = "all"


class CancelSwitch(Command):
    """Take points out of one's own switch before its midnight; all of them, if none is named. Needs no notice (D13).

    What facts have cancelled is called off, too: it does not come back. Subject: the switch. A list command.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(default=(), max_length=2000)
    mode: Literal["all", "each"] = "all"


class CancelSwitchByOperator(Command):
    """The register's operator takes points out of a switch before its midnight; all of them, if none is named.

    Subject: the switch. A list command.
    """

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(default=(), max_length=2000)
    mode: Literal["all", "each"] = "all"
    reason: values.NameText


class MoveSwitch(Command):
    """Let one's own switch, as it stands, take effect at another midnight: with notice, as a new one (D13).

    Subject: the switch. All of its points move, or none.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    start: values.Midnight


# Events


class SwitchRequested(Event):
    """A switch is under way; its points follow, one event each."""

    home: ClassVar = "switch_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("incoming"), everyone(Role.TSO))

    switch_id: values.Uuid
    incoming: values.Gln
    start: values.UtcTime
    points: int
    waiting: int = 0
    """How many of them wait for a late fact."""


class SwitchExtended(Event):
    """A switch has further points; they follow, one event each."""

    home: ClassVar = "switch_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("incoming"), everyone(Role.TSO))

    switch_id: values.Uuid
    incoming: values.Gln
    start: values.UtcTime
    points: int
    """The further ones; how many of them wait for a late fact; and how many there are now in all."""
    waiting: int
    in_all: int


class SwitchStalled(Event):
    """A point of a switch waits for a late fact about who stands behind it, and holds its place meanwhile (D15).

    It is announced as soon as the fact comes, or lapses; the notice is given with this.
    """

    home: ClassVar = "metering_point_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        # Neither BSP learns who the other is (R13); the outgoing one nothing of the consent, nor of what is late.
        party(
            "incoming",
            without=(
                "outgoing",
                "outgoing_successor",
            ),
        ),
        party(
            "incoming_successor",
            without=(
                "outgoing",
                "outgoing_successor",
            ),
        ),
        party("outgoing", without=("incoming", "incoming_successor", "consent_id", "missing")),
        party("outgoing_successor", without=("incoming", "incoming_successor", "consent_id", "missing")),
        party("dso", without=("consent_id", "missing")),
        party("brps", without=("consent_id", "missing")),
        everyone(Role.TSO),
    )

    switch_id: values.Uuid
    metering_point_id: values.Gsrn
    outgoing: values.Gln
    incoming: values.Gln
    dso: values.Gln | None
    start: values.UtcTime
    consent_id: values.Uuid
    missing: tuple[str, ...]
    """The fields of the datahub's fact that name a party who is unknown or not active."""
    lapses_at: values.UtcTime
    notice_days: int
    """The days of notice it was given with, and (D13) the least allowed."""
    notice_min_days: int
    brps: tuple[values.Gln, ...] = ()
    """Who is balance responsible for the point then, each once, as far as is known."""
    outgoing_successor: values.Gln | None = None
    """Who has taken the outgoing BSP over by then; it is told the same."""
    incoming_successor: values.Gln | None = None
    """Who has taken the incoming BSP over by then; it is told the same."""


class SwitchLapsed(Event):
    """A point that has waited for a late fact does not pass, and its place is free again."""

    home: ClassVar = "metering_point_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party(
            "incoming",
            without=(
                "outgoing",
                "outgoing_successor",
                "told",
            ),
        ),
        party(
            "incoming_successor",
            without=(
                "outgoing",
                "outgoing_successor",
                "told",
            ),
        ),
        party(
            "outgoing",
            without=(
                "incoming",
                "incoming_successor",
                "told",
            ),
        ),
        party(
            "outgoing_successor",
            without=(
                "incoming",
                "incoming_successor",
                "told",
            ),
        ),
        party("dso", without=("told",)),
        party("brps", without=("told",)),
        # Nor do those of before learn whose balance it is in now.
        party("told", without=("brps", "told")),
        everyone(Role.TSO),
    )

    switch_id: values.Uuid
    metering_point_id: values.Gsrn
    outgoing: values.Gln
    incoming: values.Gln
    dso: values.Gln | None
    start: values.UtcTime
    because: WhySwitchLapsed
    reason: str | None = None
    """Where the register's operator is the cause, why."""
    brps: tuple[values.Gln, ...] = ()
    """Who is balance responsible for the point then, each once, as far as is known."""
    told: tuple[values.Gln, ...] = ()
    """The DSOs and BRPs that were told of the switch, and whom the point does not concern then any more."""
    outgoing_successor: values.Gln | None = None
    """Who has taken the outgoing BSP over by then; it is told the same."""
    incoming_successor: values.Gln | None = None
    """Who has taken the incoming BSP over by then; it is told the same."""


class SwitchAnnounced(Event):
    """At `start` control of this point goes from the outgoing to the incoming BSP."""

    home: ClassVar = "metering_point_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        # Neither BSP learns who the other is (R13).
        party(
            "incoming",
            without=(
                "outgoing",
                "outgoing_successor",
            ),
        ),
        party(
            "incoming_successor",
            without=(
                "outgoing",
                "outgoing_successor",
            ),
        ),
        party("outgoing", without=("incoming", "incoming_successor", "consent_id")),
        party("outgoing_successor", without=("incoming", "incoming_successor", "consent_id")),
        party("dso", without=("consent_id",)),
        party("brps", without=("consent_id",)),
        everyone(Role.TSO),
    )

    switch_id: values.Uuid
    metering_point_id: values.Gsrn
    outgoing: values.Gln
    incoming: values.Gln
    dso: values.Gln | None
    start: values.UtcTime
    consent_id: values.Uuid
    notice_days: int
    """The days of notice it was given with, and (D13) the least allowed."""
    notice_min_days: int
    brps: tuple[values.Gln, ...] = ()
    """Who is balance responsible for the point then, each once, as far as is known."""
    waited: bool = False
    """Whether it had waited for a late fact; the notice is then that of `switch-stalled`."""
    restored: bool = False
    """Whether a fact had cancelled it that has been corrected since; the notice is that of its first announcement.

    What the incoming BSP had arranged ahead has lapsed, and is to be sent again.
    """
    outgoing_successor: values.Gln | None = None
    """Who has taken the outgoing BSP over by then; it is told the same."""
    incoming_successor: values.Gln | None = None
    """Who has taken the incoming BSP over by then; it is told the same."""


class SwitchNotified(Event):
    """Who has become DSO or BRP of a point since its switch was announced, or began to wait, is told of it, too."""

    home: ClassVar = "metering_point_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), party("brps"), everyone(Role.TSO))

    switch_id: values.Uuid
    metering_point_id: values.Gsrn
    outgoing: values.Gln
    incoming: values.Gln
    dso: values.Gln | None
    """In whose grid it lies then, if that is who is told."""
    brps: tuple[values.Gln, ...]
    """Those who are told, of those who are balance responsible for it then."""
    start: values.UtcTime
    lapses_at: values.UtcTime | None
    """While it waits for a late fact: until when."""
    outgoing_successor: values.Gln | None = None
    """Who has taken the outgoing BSP over by then."""
    incoming_successor: values.Gln | None = None
    """Who has taken the incoming BSP over by then."""


class SwitchMoved(Event):
    """A switch is to take effect at another midnight. Its points follow: each is cancelled and announced anew."""

    home: ClassVar = "switch_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("incoming"), everyone(Role.TSO))

    switch_id: values.Uuid
    incoming: values.Gln
    former_start: values.UtcTime
    start: values.UtcTime
    points: int
    disputed: tuple[values.Uuid, ...] = ()
    """The objections to it that nobody has decided about: they are to the new midnight now."""


class SwitchCancelled(Event):
    """Control of this point does not pass at `start` after all: it is as if the switch had not been announced (R43)."""

    home: ClassVar = "metering_point_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("incoming", without=("outgoing", "outgoing_successor", "valid_to", "told")),
        party("incoming_successor", without=("outgoing", "outgoing_successor", "valid_to", "told")),
        party(
            "outgoing",
            without=(
                "incoming",
                "incoming_successor",
                "told",
            ),
        ),
        party(
            "outgoing_successor",
            without=(
                "incoming",
                "incoming_successor",
                "told",
            ),
        ),
        party("dso", without=("told",)),
        party("brps", without=("told",)),
        # Nor do those of before learn whose balance it is in now.
        party("told", without=("brps", "told")),
        everyone(Role.TSO),
    )

    switch_id: values.Uuid
    metering_point_id: values.Gsrn
    outgoing: values.Gln
    incoming: values.Gln
    dso: values.Gln | None
    start: values.UtcTime
    because: WhySwitchCancelled
    valid_to: values.UtcTime | None
    """Until when the outgoing BSP holds the point now: another end that stands, or none."""
    reason: str | None = None
    """Where the register's operator is the cause, why."""
    brps: tuple[values.Gln, ...] = ()
    """Who is balance responsible for the point then, each once, as far as is known."""
    told: tuple[values.Gln, ...] = ()
    """The DSOs and BRPs that were told of the switch, and whom the point does not concern then any more."""
    outgoing_successor: values.Gln | None = None
    """Who has taken the outgoing BSP over by then; it is told the same."""
    incoming_successor: values.Gln | None = None
    """Who has taken the incoming BSP over by then; it is told the same."""


class SwitchTookEffect(Event):
    """The midnight of the switch has come. `points` and `outgoing` are those of what passed, not what was cancelled."""

    home: ClassVar = "switch_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("incoming", without=("outgoing",)),
        party("outgoing", without=("incoming", "outgoing", "points")),
        everyone(Role.TSO),
    )

    switch_id: values.Uuid
    incoming: values.Gln
    outgoing: tuple[values.Gln, ...]
    start: values.UtcTime
    points: int


class SwitchIncomingSuspended(Event):
    """A switch has taken effect for a BSP that may not act, as one that is suspended: it holds its points all the same.

    What is to become of them is the TSO's to say. The outgoing BSP is not told how another stands.
    """

    home: ClassVar = "switch_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("incoming"), everyone(Role.TSO))

    switch_id: values.Uuid
    incoming: values.Gln
    start: values.UtcTime
    points: int
