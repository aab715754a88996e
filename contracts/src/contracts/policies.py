"""The policies that a new register opens with, and how a service holds those in force.

A policy is data: a value, valid from a moment, with its source. The values are the defaults of the decisions `D…`; the
TSO changes them by command, and rules never name a figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from contracts import calendar
from contracts.gateway.v1 import PoliciesAdded, PolicyValue, RegisterOpened

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = int | str | bool

VALID_FROM: Final = calendar.midnight(date(2026, 1, 1))
"""From when the defaults are valid."""

_FOUND: Final[dict[str, tuple[tuple[str, Value, str | None, str], ...]]] = {
    "registry": (
        ("metering-point.group-limit-kw", 1000, "kW", "D1; R5"),
        ("group.min-kw", 1000, "kW", "D2; R9"),
        ("group.max-kw", 5000, "kW", "D2; R10"),
        ("group.min-members", 2, "points", "R6"),
        ("group.warn-margin-kw", 100, "kW", "R12; E7"),
        ("group.brp", "single", None, "D9; R44"),
        ("member.must-leave-days", 28, "days", "D9, D25"),
        ("timeline.freeze-days", 14, "days", "D14"),
        ("identifiers.strict", True, None, "D17"),
    ),
    "prequal": (
        ("bid.step-kw", 1000, "kW", "D3"),
        ("zone.full.growth", "wait", None, "D5"),
        ("zone.queue", "fifo", None, "D6"),
        ("group.below-min.grace-days", 28, "days", "D8"),
        ("dso.answer-days", 28, "days", "D11"),
        ("prequalification.decide-months", 3, "months", "SOGL art. 159(4)"),
    ),
    "bsp-switch": (
        ("switch.notice-min-days", 14, "days", "D13; R43"),
        ("switch.notice-max-days", 28, "days", "D13; R43"),
        ("claim.back-days", 7, "days", "D13"),
        ("claim.ahead-days", 28, "days", "D13"),
    ),
    "meter-ingest": (
        ("values.max-age-years", 3, "years", "BRS-NO-313 rule 7"),
        ("verification.tolerance-pct", "90..120", "%", "D19"),
        ("baseline.default", "meter-before", None, "D20"),
        ("retention.values-years", 3, "years", "D21"),
        ("retention.marked-values-years", 10, "years", "D21"),
    ),
}
"""By the service that owns them: the one whose rule they feed, `registry` where they feed several."""

DEFAULTS: Final = tuple(
    PolicyValue(key=key, value=value, unit=unit, valid_from=VALID_FROM, source=source, owner=owner)
    for owner, found in _FOUND.items()
    for key, value, unit, source in found
)
"""Every default policy."""


class PolicyUnknown(KeyError):
    """Raised where a rule asks for a policy that is not in force at that moment."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies that a service knows, in the order it learned them."""

    values: tuple[PolicyValue, ...] = ()

    def value(self, key: str, *, at: datetime) -> Value:
        """The value in force at a moment: the one valid latest; of two the one learned last. Raises `PolicyUnknown`."""
        best: PolicyValue | None = None
        for policy in self._named(key):
            if policy.valid_from <= at and (best is None or policy.valid_from >= best.valid_from):
                best = policy
        if best is None:
            raise PolicyUnknown(f"no policy {key} is in force at {at.isoformat()}")
        return best.value

    def whole(self, key: str, *, at: datetime) -> int:
        """The same of a policy that is a whole number. Raises `TypeError` where it is none."""
        value = self.value(key, at=at)
        if type(value) is not int:
            raise TypeError(f"the policy {key} is no whole number: {value!r}")
        return value

    def _named(self, key: str) -> Iterator[PolicyValue]:
        return (policy for policy in self.values if policy.key == key)


def evolve(state: Policies | None, event: RegisterOpened | PoliciesAdded) -> Policies:
    """Fold the register's opening and what upgrades brought. A policy that is already known is not told twice."""
    known = state.values if state else ()
    return Policies((*known, *(policy for policy in event.policies if policy not in known)))
