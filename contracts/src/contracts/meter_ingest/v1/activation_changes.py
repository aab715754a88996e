"""Activations after they were ordered: amended, cancelled; verifications that do not count any more."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.meter_ingest.v1.activations import RAMP_S as _RAMP_S
from contracts.meter_ingest.v1.activations import ActivationType, PartlyMembers, Purpose, RampSeconds
from contracts.meter_ingest.v1.baselines import BaselineMethod
from contracts.values import Role


class AmendActivation(Command):
    """The TSO's fact: this is what the activation is now, all of it. Subject: the activation.

    The later word counts: a cancelled activation that is amended stands again.
    """

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    direction: Literal["up", "down"]
    power_w: values.Watt
    period: values.Period
    purpose: Purpose | None = None
    activation_type: ActivationType | None = None
    ramp_s: RampSeconds = _RAMP_S


class CancelActivation(Command):
    """The TSO's fact: the activation was not to be, whether or not it had begun. Subject: the activation."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid


class AnnulVerification(Command):
    """What the runs so far have read was wrong: none counts until there is a later one. Subject: the activation."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid


class AnnulVerifications(Command):
    """What a DSO had sent of a period was wrong: no run that read any of it counts. Subject: a new UUID.

    What the DSO had sent until now, and counts; what has been replaced already, nothing rests on any more. Where there
    are many, they are annulled a few at a time.
    """

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    dso: values.Gln
    period: values.Period
    reason: values.NameText


class VerifyAgain(Command):
    """The TSO asks for a run on what counts now, whether or not anything has changed. Subject: the activation."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid


class ActivationAmended(Event):
    """What an activation is from now on; what it was before is in the events before."""

    home: ClassVar = "activation_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    activation_id: values.Uuid
    version: int
    """The order is the first."""
    group_id: values.Uuid
    bsp: values.Gln | None
    direction: Literal["up", "down"]
    power_w: int
    period: values.Period
    former_period: values.Period
    biddable_w: int
    metering_points: tuple[values.Gsrn, ...]
    """Who is a member in any of the period's quarters: what is verified."""
    purpose: Purpose | None = None
    activation_type: ActivationType | None = None
    esett_codes: tuple[str, ...] = ()
    ramp_s: RampSeconds = _RAMP_S
    baseline_methods: tuple[BaselineMethod, ...] = ("meter-before",)
    ordered_at: values.UtcTime | None = None
    """When the present period was said; a quarter that was ordered before counts what was submitted by then."""
    baseline_versions: int | None = None
    at: values.UtcTime | None = None
    """When this was said."""
    findings: tuple[Literal["GROUP_UNKNOWN", "ABOVE_BIDDABLE", "AFTER_START", "WAS_CANCELLED"], ...] = ()
    partly: tuple[PartlyMembers, ...] = ()
    """Those of `metering_points` that are not throughout."""


class ActivationMemberChanged(Event):
    """What is known of a point in an activation is otherwise than when it was ordered: `registry` has said so since."""

    home: ClassVar = "activation_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    activation_id: values.Uuid
    version: int
    group_id: values.Uuid
    bsp: values.Gln
    period: values.Period
    baseline_methods: tuple[BaselineMethod, ...]
    metering_point_id: values.Gsrn
    quarters: str
    """`0110`: in which of the activation's quarters it is a member; in none, where it is not one of its points."""
    because: Literal["membership", "place", "power"]
    """Whether it is a member, or, until it is over, what is expected of it where."""


class ActivationCancelled(Event):
    """The activation was not to be."""

    home: ClassVar = "activation_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    activation_id: values.Uuid
    version: int
    group_id: values.Uuid
    bsp: values.Gln | None
    period: values.Period
    findings: tuple[Literal["AFTER_START"], ...] = ()


class VerificationAnnulled(Event):
    """Runs that do not count any more: none does, until there is a later one. They stay as they were published."""

    home: ClassVar = "activation_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    activation_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    run: int
    """The last of them: this and all before it."""
    because: Literal["amended", "cancelled", "source-wrong"]
    annulment_id: values.Uuid | None = None
    """The annulment of all that rested on a source, where it is one of these; its command says what `dso` sent."""
    dso: values.Gln | None = None
    reason: str | None = None
    period: values.Period | None = None
    """What they were of."""
    at: values.UtcTime | None = None


class VerificationNotRenewed(Event):
    """Values or facts came that a run would have been made again for, and none is made: what is published stands."""

    home: ClassVar = "notice_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("sender"), party("bsp"), everyone(Role.TSO))

    notice_id: str
    """`<activation>/<sender>`, or `<activation>/facts`."""
    activation_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    sender: values.Gln | None
    """Whose values came, which are accepted, and count everywhere else; None: what was said was no values."""
    because: Literal["values-erased", "values-expired"]
    """Values that the run would read were erased for an end user, or are kept no longer: without them it would say
    something else of all."""
    run: int | None
    """The one that stands; None: it is annulled."""
    at: values.UtcTime


class SourceAnnulled(Event):
    """All that rested on what a DSO had sent of a period is annulled, as far as this has come. Told after each step."""

    home: ClassVar = "annulment_id"
    case: ClassVar = "annulment_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("dso", without=("looked_at", "last_day", "last_activation")),
        everyone(Role.TSO),
    )

    annulment_id: values.Uuid
    dso: values.Gln
    period: values.Period
    reason: str
    received_before: values.UtcTime
    """What had come by then was wrong: when it was said."""
    looked_at: int
    """How many activations have been looked at."""
    annulled: int
    """How many of their runs do not count any more."""
    last_day: date | None
    """How far it has come: the local day, and of that the activation; without one, the whole day."""
    last_activation: values.Uuid | None
    next_at: values.UtcTime | None
    """When it goes on; None: that was all."""
