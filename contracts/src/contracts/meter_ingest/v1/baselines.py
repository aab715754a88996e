"""Baselines: by which methods a group is verified, and what its BSP says that it will use."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

BaselineMethod = Literal["meter-before", "meter-before-and-after", "sliding-window", "plan", "reported", "zero"]
SubmittedMethod = Literal["plan", "reported"]
"""What the BSP submits itself: a plan, or what a method of its own gives (a black box)."""

GroupWattHour = Annotated[int, Field(strict=True, ge=-1_000_000_000, le=1_000_000_000)]
"""Energy of a group in one quarter, in Wh of consumption, production counting negative."""


class ChooseBaseline(Command):
    """The TSO says by which methods a group's activations are verified from a moment on. Subject: the group."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    primary: BaselineMethod
    """What counts."""
    others: tuple[BaselineMethod, ...] = Field(default=(), max_length=5)
    """What is shown beside it."""
    valid_from: values.Midnight | None = None
    """A midnight to come; None: now."""
    reason: values.NameText


class BaselineChosen(Event):
    """A group's activations that begin from then on are verified so, until another choice is valid."""

    home: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    primary: BaselineMethod
    others: tuple[BaselineMethod, ...]
    valid_from: values.UtcTime
    reason: str
    recorded_at: values.UtcTime


class SubmitBaseline(Command):
    """The BSP says what its group will use, quarter by quarter, if it is not activated. Subject: the group.

    Said again of the same quarters it is one more version; both are kept.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    method: SubmittedMethod
    period: values.Period
    """Of whole quarters."""
    wh: tuple[GroupWattHour, ...] = Field(min_length=1, max_length=3200)
    """One per quarter."""


class BaselineSubmitted(Event):
    """One more version of what a group will use. The BSP alone is sent it: others see it when it is verified with."""

    home: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"),)

    group_id: values.Uuid
    bsp: values.Gln
    method: SubmittedMethod
    version: int
    """Given by the register, one after the other for a group."""
    period: values.Period
    wh: tuple[int, ...]
    recorded_at: values.UtcTime
    """An activation counts the latest that was recorded before it was ordered."""
