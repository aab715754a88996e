"""The policies that a new register opens with, what they may be changed to, and how a service holds those in force.

A policy is data: a value, valid from a moment, with its source. The values are the defaults of the decisions `D…`; the
TSO changes them by `registry`'s command `set-policy`, and rules never name a figure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NamedTuple

from contracts import calendar
from contracts.gateway.v1 import PoliciesAdded, PolicyValue, RegisterOpened
from contracts.registry.v1 import PolicySet

Value = int | str | bool

VALID_FROM: Final = calendar.midnight(date(2026, 1, 1))
"""From when the defaults are valid."""

ID: Final = "policies"
"""The id of the documents that hold policies: each service has one for each service that says some."""


# What a policy may be


@dataclass(frozen=True, slots=True)
class Between:
    """A whole number within bounds, both allowed."""

    least: int
    most: int

    def takes(self, value: Value) -> bool:
        """Whether the policy may have this value."""
        return type(value) is int and self.least <= value <= self.most

    def __str__(self) -> str:
        return f"{self.least}..{self.most}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some words or flags: those that the rules know how to follow today."""

    choices: tuple[str | bool, ...]

    def takes(self, value: Value) -> bool:
        """Whether the policy may have this value."""
        return any(type(value) is type(choice) and value == choice for choice in self.choices)

    def __str__(self) -> str:
        return ", ".join(str(choice).lower() for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Span:
    """A text `a..b` of two whole numbers within bounds, the first not above the second."""

    least: int
    most: int

    def takes(self, value: Value) -> bool:
        """Whether the policy may have this value."""
        found = _SPAN(value) if isinstance(value, str) else None
        return found is not None and self.least <= int(found[1]) <= int(found[2]) <= self.most

    def __str__(self) -> str:
        return f"a..b ({self.least} ≤ a ≤ b ≤ {self.most})"


_SPAN: Final = re.compile(r"(0|[1-9]\d{0,8})\.\.(0|[1-9]\d{0,8})", re.ASCII).fullmatch

Allowed = Between | OneOf | Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A policy as a new register opens with it, and what it may be changed to."""

    key: str
    value: Value
    unit: str | None
    source: str
    owner: str
    allowed: Allowed


class Order(NamedTuple):
    """Two policies of which the one is not above the other, or, where `strictly`, below it."""

    lesser: str
    greater: str
    strictly: bool = False

    def holds(self, lesser: Value, greater: Value) -> bool:
        """Whether two values can stand beside each other."""
        if not isinstance(lesser, int) or not isinstance(greater, int):
            return False
        return lesser < greater or (lesser == greater and not self.strictly)

    def __str__(self) -> str:
        return f"{self.lesser} {'<' if self.strictly else '≤'} {self.greater}"


_YEAR: Final = 366

METERED_BASELINES: Final = ("meter-before", "meter-before-and-after", "sliding-window")
"""What every group has a baseline by: of the other methods each group's own is to be agreed, or said by its BSP."""

_FOUND: Final[dict[str, tuple[tuple[str, Value, str | None, str, Allowed], ...]]] = {
    "registry": (
        ("metering-point.group-limit-kw", 1000, "kW", "D1; R5", Between(1, 1_000_000)),
        ("group.min-kw", 1000, "kW", "D2; R9", Between(1, 1_000_000)),
        ("group.max-kw", 5000, "kW", "D2; R10", Between(1, 1_000_000)),
        ("group.min-members", 2, "points", "R6", Between(2, 2000)),
        ("group.warn-margin-kw", 100, "kW", "R12; E7", Between(0, 1000)),
        ("group.brp", "single", None, "D9; R44", OneOf(("single", "warn"))),
        ("member.must-leave-days", 28, "days", "D9, D25", Between(1, _YEAR)),
        ("resource.small-kw", 50, "kW", "as in Elhub's FIS", Between(1, 1000)),
        ("timeline.freeze-days", 14, "days", "D14", Between(0, 10 * _YEAR)),
        ("identifiers.strict", True, None, "D17", OneOf((True,))),
    ),
    "prequal": (
        ("bid.step-kw", 1000, "kW", "D3", Between(1, 1_000_000)),
        ("zone.full.growth", "wait", None, "D5", OneOf(("wait",))),
        ("zone.queue", "fifo", None, "D6", OneOf(("fifo",))),
        ("group.below-min.grace-days", 28, "days", "D8", Between(0, _YEAR)),
        ("group.concentration-pct", 50, "%", "our choice; R17", Between(1, 100)),
        ("approval.unqualified-days", 90, "days", "our choice; R41", Between(0, 5 * _YEAR)),
        ("dso.answer-days", 28, "days", "D11", Between(1, _YEAR)),
        ("prequalification.decide-months", 3, "months", "SOGL art. 159(4)", Between(1, 24)),
        ("prequalification.completeness-weeks", 8, "weeks", "SOGL art. 159(3)", Between(1, 52)),
        ("prequalification.missing-weeks", 4, "weeks", "SOGL art. 159(3)", Between(1, 52)),
        ("prequalification.reminder-days", 7, "days", "our choice", Between(0, _YEAR)),
        ("prequalification.test", "optional", None, "SOGL art. 159(2)", OneOf(("optional", "required"))),
        ("prequalification.reassess-months", 60, "months", "SOGL art. 159(6)", Between(1, 240)),
        ("prequalification.reassess-reminder-months", 6, "months", "E22", Between(0, 24)),
        ("prequalification.reassess-overdue", "keep", None, "E22", OneOf(("keep", "stop"))),
        ("evidence.max-age-months", 12, "months", "C8", Between(1, 240)),
        ("qualification.confirm-weeks", 8, "weeks", "SOGL art. 155(3), 159(3); D24", Between(1, 52)),
        ("qualification.answer-weeks", 4, "weeks", "SOGL art. 155(3), 159(3); D24", Between(1, 52)),
        ("qualification.decide-months", 3, "months", "SOGL art. 155(4), 159(4); D24", Between(1, 24)),
        ("qualification.remind-days", 7, "days", "ours", Between(0, _YEAR)),
        ("qualification.expiry-remind-days", 180, "days", "ours: a new application takes so long", Between(0, _YEAR)),
        ("communication-test.limit-seconds", 60, "seconds", "R41", Between(1, 3600)),
        ("communication-test.wait-minutes", 60, "minutes", "R41", Between(1, 1440)),
        ("communication-test.max-age-days", 90, "days", "R41", Between(1, 10 * _YEAR)),
        ("temporary-limit.max-days", 28, "days", "R38", Between(1, _YEAR)),
        ("readiness.warn-margin-kw", 100, "kW", "R12; E7", Between(0, 1000)),
        ("readiness.warn-ahead-days", 28, "days", "ours; R12", Between(1, _YEAR)),
    ),
    "bsp-switch": (
        ("switch.notice-min-days", 14, "days", "D13; R43", Between(0, _YEAR)),
        ("switch.notice-max-days", 28, "days", "D13; R43", Between(1, _YEAR)),
        ("switch.lapse-days", 7, "days", "D15: our choice", Between(1, _YEAR)),
        ("merger.notice-min-days", 14, "days", "our choice: as D13", Between(1, _YEAR)),
        ("claim.back-days", 7, "days", "D13", Between(0, _YEAR)),
        ("claim.ahead-days", 28, "days", "D13", Between(1, _YEAR)),
        ("consent.warn-days", 28, "days", "R31", Between(1, _YEAR)),
        ("consent.attestation", "optional", None, "R30", OneOf(("optional", "required"))),
    ),
    "meter-ingest": (
        ("values.max-age-years", 3, "years", "BRS-NO-313 rule 7", Between(1, 30)),
        ("completeness.remind-every-days", 2, "days", "ours; BRS-NO-314", Between(1, _YEAR)),
        ("completeness.remind-last-days", 5, "days", "ours: D+5, when values are billing-ready", Between(1, _YEAR)),
        ("completeness.delay-max-days", 28, "days", "ours", Between(1, _YEAR)),
        ("values.quarantine-days", 30, "days", "our choice", Between(1, _YEAR)),
        ("verification.tolerance-pct", "90..120", "%", "D19", Span(0, 1000)),
        ("evidence.required", False, None, "R46: not in force yet", OneOf((True, False))),
        ("baseline.default", "meter-before", None, "D20", OneOf(METERED_BASELINES)),
        ("baseline.ahead-days", 7, "days", "our choice", Between(1, 31)),
        ("hour-price.fallback", "mean-of-quarters", None, "D22; § 7-6", OneOf(("mean-of-quarters", "none"))),
        ("last-resort.first-days", 42, "days", "D23; § 2-1a", Between(1, _YEAR)),
        ("last-resort.first-ore", 5, "øre/kWh", "§ 2-1a", Between(0, 1000)),
        ("last-resort.then-ore", 8, "øre/kWh", "§ 2-1a", Between(0, 1000)),
        ("annual-volume.change-pct", 5, "%", "BRS-NO-317; EI-270", Between(0, 100)),
        ("retention.values-years", 3, "years", "D21", Between(3, 30)),
        ("retention.marked-values-years", 10, "years", "D21", Between(10, 30)),
        ("retention.read-log-years", 3, "years", "ours: as the values that were read", Between(3, 30)),
        ("data-access.answer-working-days", 3, "days", "BRS-NO-622", Between(1, 60)),
        ("data-access.history-years", 3, "years", "D21", Between(0, 30)),
        ("data-access.warn-days", 28, "days", "ours: as R31", Between(1, _YEAR)),
        ("exports.keep-days", 7, "days", "our choice", Between(1, 90)),
        ("exports.at-once", 4, "exports", "our choice", Between(1, 100)),
    ),
}
"""By the service that owns them: the one whose rule they feed, `registry` where they feed several."""

DEFINED: Final = {
    key: Definition(key=key, value=value, unit=unit, source=source, owner=owner, allowed=allowed)
    for owner, found in _FOUND.items()
    for key, value, unit, source, allowed in found
}
"""Every policy by its key."""

ORDERED: Final = (
    Order("group.min-kw", "group.max-kw"),
    Order("switch.notice-min-days", "switch.notice-max-days", strictly=True),
    Order("claim.back-days", "timeline.freeze-days"),
    Order("values.max-age-years", "retention.values-years"),
    Order("retention.values-years", "retention.marked-values-years"),
)
"""What must hold between two policies at every moment."""

DEFAULTS: Final = tuple(
    PolicyValue(key=one.key, value=one.value, unit=one.unit, valid_from=VALID_FROM, source=one.source, owner=one.owner)
    for one in DEFINED.values()
)
"""Every default policy."""


# What is known of them


class PolicyUnknown(KeyError):
    """Raised where a rule asks for a policy that is not in force at that moment."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one service has said of policies: their values by key, in the order in which they were learned.

    It cannot be asked for a value: what another service said may have changed it (`Policies`).
    """

    by_key: dict[str, tuple[PolicyValue, ...]] = field(default_factory=dict[str, tuple[PolicyValue, ...]])


def evolve(state: Said | None, event: RegisterOpened | PoliciesAdded | PolicySet) -> Said:
    """Fold the register's opening, what upgrades brought, and what commands changed. What is said again stands last."""
    by_key = dict(state.by_key) if state else {}
    for policy in _values(event):
        others = (one for one in by_key.get(policy.key, ()) if one != policy)
        by_key[policy.key] = (*others, policy)
    return Said(by_key)


def _values(event: RegisterOpened | PoliciesAdded | PolicySet) -> tuple[PolicyValue, ...]:
    if not isinstance(event, PolicySet):
        return event.policies
    return (
        PolicyValue(
            key=event.key,
            value=event.value,
            unit=event.unit,
            valid_from=event.valid_from,
            source=event.source,
            owner=event.owner,
        ),
    )


@dataclass(frozen=True, slots=True)
class Policies:
    """All that a service knows of policies: what the register opened with, then what commands changed."""

    said: tuple[Said, ...]

    def value(self, key: str, *, at: datetime) -> Value:
        """The value in force at a moment: the one valid latest; of two the one learned last. Raises `PolicyUnknown`.

        What was in force first goes for what lies before it, too: values from three years back have deadlines there.
        """
        named = self._named(key)
        if not named:
            raise PolicyUnknown(f"there is no policy {key}")
        first = min(policy.valid_from for policy in named)
        held = [policy for policy in named if policy.valid_from <= max(at, first)]
        # The first of the greatest, so the one learned last.
        return max(reversed(held), key=lambda policy: policy.valid_from).value

    def whole(self, key: str, *, at: datetime) -> int:
        """The same of a policy that is a whole number. Raises `TypeError` where it is none."""
        value = self.value(key, at=at)
        if type(value) is not int:
            raise TypeError(f"the policy {key} is no whole number: {value!r}")
        return value

    def changes(self, key: str) -> set[datetime]:
        """The moments from which a policy has a value of its own."""
        return {policy.valid_from for policy in self._named(key)}

    def _named(self, key: str) -> tuple[PolicyValue, ...]:
        return tuple(policy for said in self.said for policy in said.by_key.get(key, ()))


def known(opened: Said | None, changed: Said | None) -> Policies:
    """What the gateway said at the opening and since, and what `registry` changed: one view of both."""
    if opened is None:
        raise LookupError("no policies are known yet: the register has not been opened")
    return Policies((opened, changed) if changed else (opened,))
