"""Policies that are changed by command, whichever service's rule they feed."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, everyone
from contracts.values import Role


class SetPolicy(Command):
    """Give a policy another value from a moment to come. Subject: the policy's key."""

    senders: ClassVar = frozenset({Role.TSO, Role.OPERATOR})
    subject_is: ClassVar = values.PolicyKey

    value: values.PolicyWord
    valid_from: values.UtcTime
    reason: values.NameText
    source: values.NameText
    """The legal source."""


class PolicySet(Event):
    """A policy has this value from a moment on, until one that is valid later; of two for one moment, the last said."""

    home: ClassVar = "key"
    audience: ClassVar[tuple[Audience, ...]] = tuple(everyone(role) for role in Role)

    key: values.PolicyKey
    value: int | str | bool
    unit: str | None
    valid_from: values.UtcTime
    source: str
    reason: str
    owner: str
    """The service whose rule it feeds; `registry` where it feeds several."""
    former: int | str | bool
    """The value that would have been in force at that moment."""


class GroupsReached(Event):
    """So many groups and regulation objects have been held against a policy's value, in order of their ids.

    Only of a policy that members are held against: what it means to one of them is in its own events.
    """

    home: ClassVar = "change"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO), everyone(Role.OPERATOR))

    change: str
    """`<key>/<moment from which it is valid>`."""
    groups: int
    last: values.Uuid | None
    """The last one; None if none was left."""
    next_at: values.UtcTime | None
    """When the next ones follow, or the first ones; None: all have been."""
