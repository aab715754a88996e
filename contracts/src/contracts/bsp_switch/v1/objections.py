"""What is said about objections to switches of BSP (R43)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

ObjectionGround = Literal["no-consent", "wrong-end-user", "wrong-metering-point", "end-user-regrets", "other"]
"""Why a switch is objected to: the end user says that it gave no consent; another stands behind the point; the point is
another than the one that was meant; the end user gave its consent and regrets it; as the text says."""

ObjectionOutcome = Literal["upheld", "dismissed"]

# Commands


class ObjectToSwitch(Command):
    """Object to an announced switch, as its outgoing BSP, or as the TSO for the end user. The clock goes on.

    Subject: a new UUID. A list command.
    """

    senders: ClassVar = frozenset({Role.BSP, Role.TSO})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    switch_id: values.Uuid
    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    ground: ObjectionGround
    text: values.NameText
    """In words, without naming persons."""
    mode: Literal["all", "each"] = "all"


class ResolveObjection(Command):
    """Decide about an objection. Subject: the objection."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    outcome: ObjectionOutcome
    reason: values.NameText


# Events


class SwitchDisputed(Event):
    """Points of an announced switch are disputed; it takes effect all the same, unless the objection is upheld."""

    home: ClassVar = "objection_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("by", without=("incoming",)),
        party("incoming", without=("by",)),
        everyone(Role.TSO),
    )

    objection_id: values.Uuid
    switch_id: values.Uuid
    metering_points: tuple[values.Gsrn, ...]
    by: values.Gln
    for_end_user: bool
    """Whether it is the TSO that says so on the end user's behalf, not the outgoing BSP."""
    incoming: values.Gln
    start: values.UtcTime
    ground: ObjectionGround
    text: str


class ObjectionResolved(Event):
    """An objection is decided. Upheld before the midnight it cancels the switch of its points, an event each."""

    home: ClassVar = "objection_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("by", without=("incoming",)),
        party("incoming", without=("by",)),
        everyone(Role.TSO),
    )

    objection_id: values.Uuid
    switch_id: values.Uuid
    metering_points: tuple[values.Gsrn, ...]
    by: values.Gln
    """Who had objected."""
    incoming: values.Gln
    outcome: ObjectionOutcome
    too_late: bool
    """Whether the switch had taken effect: an objection that is upheld then has the TSO correct what follows."""
    reason: str


class ObjectionsReminded(Event):
    """A day is left before the midnight of a switch, and objections to it are undecided."""

    home: ClassVar = "switch_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    switch_id: values.Uuid
    start: values.UtcTime
    objections: tuple[values.Uuid, ...]
