"""Validation rules as data: what values are held against, since when, and how a rule is changed (ADR 0025).

A rule names its check, the lines that it is for, its thresholds and its consequence. The defaults ship here; what the
TSO sets stands beside them, by key and moment. `domain.checks` makes plain limits of the rules in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from contracts import calendar, policies
from contracts.message import Reason
from contracts.meter_ingest.v1 import (
    Check,
    Consequence,
    EnergyDirection,
    Product,
    SetValidationRule,
    Threshold,
    ValidationRuleSet,
)
from contracts.registry.v1 import SettlementMethod
from contracts.values import Resolution
from meter_ingest.domain import rules, virtual_rules

ID: Final = "rules"
"""The id of the document that holds every change."""

SEVERITY: Final[tuple[Consequence, ...]] = ("off", "warn", "quarantine", "reject")
"""From the mildest on."""

FIXED: Final[frozenset[Check]] = frozenset({"negative", "decimals"})
"""What values are at all, not what they may look like: the store has no room for anything else."""


OF_DAYS: Final[frozenset[Check]] = frozenset({"net-loss"})
"""What looks at a grid area's whole day, not at a series: it warns, or does nothing."""


class Bounds(NamedTuple):
    """What a threshold may be, both ends allowed."""

    least: int
    most: int


_PERCENT: Final = Bounds(1, 100_000)
THRESHOLDS: Final[dict[Check, dict[str, Bounds]]] = {
    "agreed-power": {"percent": _PERCENT},
    "fuse": {"percent": _PERCENT},
    # A value so many percent of the greater of its neighbours, and of the point's limit.
    "spike": {"percent": Bounds(200, 1_000_000), "limit-percent": Bounds(1, 100_000)},
    "zero-run": {"hours": Bounds(1, 366 * 24)},
    # Below half of the hours it would find meters that are read per quarter.
    "flat-quarters": {
        "share-basis-points": Bounds(5000, 10_000),
        "hours": Bounds(1, 25),
        "same-wh": Bounds(0, 1000),
        "levels": Bounds(1, 25),
    },
    # Negative by more than both: an energy, and a share of what comes in.
    "net-loss": {"wh": Bounds(0, 10**12), "basis-points": Bounds(0, 10_000)},
    "negative": {},
    "decimals": {"decimals": Bounds(3, 3)},
}
"""The thresholds that each check has, all of them."""

_FIRST: Final[dict[Check, str]] = {"agreed-power": "percent", "fuse": "percent", "zero-run": "hours"}
"""Where a rule with a graver consequence must have the greater threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRule:
    """A rule as it is from a moment on. Without directions, products … it is for all of them."""

    key: str
    check: Check
    consequence: Consequence
    thresholds: dict[str, int] = field(default_factory=dict[str, int])
    directions: tuple[EnergyDirection, ...] = ()
    products: tuple[Product, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    settlement_methods: tuple[SettlementMethod, ...] = ()
    valid_from: datetime = policies.VALID_FROM

    def covers(self, direction: str, product: str, resolution: str, settlement_method: str | None) -> bool:
        """Whether it is for these. A point of which no settlement method is known is in none."""
        return (
            (not self.directions or direction in self.directions)
            and (not self.products or product in self.products)
            and (not self.resolutions or resolution in self.resolutions)
            and (not self.settlement_methods or settlement_method in self.settlement_methods)
        )

    def meets(self, other: ValidationRule) -> bool:
        """Whether both are for some of the same."""
        return all(
            not ours or not theirs or set(ours) & set(theirs)
            for ours, theirs in (
                (self.directions, other.directions),
                (self.products, other.products),
                (self.resolutions, other.resolutions),
                (self.settlement_methods, other.settlement_methods),
            )
        )


Rules = tuple[ValidationRule, ...]
"""Those in force at one moment, by key."""

DEFAULTS: Final[Rules] = (
    ValidationRule(
        key="agreed-power", check="agreed-power", consequence="warn", thresholds={"percent": 100}, products=("active",)
    ),
    # What a plant feeds in may be far more than what was agreed that it takes out.
    ValidationRule(
        key="agreed-power-far",
        check="agreed-power",
        consequence="reject",
        thresholds={"percent": 500},
        directions=("consumption",),
        products=("active",),
    ),
    ValidationRule(key="decimals", check="decimals", consequence="reject", thresholds={"decimals": 3}),
    ValidationRule(
        key="flat-quarters",
        check="flat-quarters",
        consequence="warn",
        thresholds={"share-basis-points": 9000, "hours": 6, "same-wh": 1, "levels": 6},
        products=("active",),
        resolutions=("PT15M",),
    ),
    ValidationRule(key="fuse", check="fuse", consequence="warn", thresholds={"percent": 100}, products=("active",)),
    ValidationRule(
        key="fuse-far", check="fuse", consequence="reject", thresholds={"percent": 200}, products=("active",)
    ),
    ValidationRule(key="negative", check="negative", consequence="reject"),
    ValidationRule(
        key="negative-net-loss", check="net-loss", consequence="warn", thresholds={"wh": 1000, "basis-points": 0}
    ),
    ValidationRule(
        key="spike",
        check="spike",
        consequence="quarantine",
        thresholds={"percent": 1000, "limit-percent": 100},
        products=("active",),
    ),
    ValidationRule(
        key="zero-run",
        check="zero-run",
        consequence="warn",
        thresholds={"hours": 24},
        directions=("consumption",),
        products=("active",),
    ),
)
"""As the register opens, in order of their keys."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What was set, by key, in the order in which it was said."""

    changes: dict[str, tuple[ValidationRule, ...]] = field(default_factory=dict[str, tuple[ValidationRule, ...]])

    def moments(self) -> list[datetime]:
        """When anything changes, in order."""
        return sorted({one.valid_from for said in self.changes.values() for one in said})


def evolve(state: Validation | None, event: ValidationRuleSet) -> Validation:
    """What is said last stands last."""
    changes = state.changes if state else {}
    return Validation({**changes, event.key: (*changes.get(event.key, ()), rule_of(event))})


def rule_of(said: ValidationRuleSet) -> ValidationRule:
    """The rule that an event says."""
    return _rule(said.key, said)


def in_force(state: Validation | None, at: datetime) -> Rules:
    """The rules at a moment, those that are off too: of each key what is valid latest, of two what was said last."""
    changes = state.changes if state else {}
    shipped: Mapping[str, ValidationRule] = {one.key: one for one in DEFAULTS}
    found: list[ValidationRule] = []
    for key in sorted({*shipped, *changes}):
        best = shipped.get(key)
        for one in changes.get(key, ()):
            if one.valid_from <= at and (best is None or one.valid_from >= best.valid_from):
                best = one
        if best is not None:
            found.append(best)
    return tuple(found)


def decide_set(
    state: Validation | None, *, key: str, wish: SetValidationRule, by: str, at: datetime
) -> ValidationRuleSet:
    """Set a rule from now or later on; what was decided before stays decided.

    Refuses with VALIDATION_RULE_FIXED, VALIDATION_CHECK_OTHER, VALIDATION_THRESHOLDS_OTHER,
    VALIDATION_THRESHOLD_NOT_ALLOWED, VALIDATION_RULE_IN_THE_PAST, VALIDATION_RULES_CONTRADICT, VALIDATION_OF_DAYS.
    """
    former = next((one for one in in_force(state, wish.valid_from) if one.key == key), None)
    standing = former or next(iter((state.changes if state else {}).get(key, ())), None)
    if wish.check in FIXED or (standing is not None and standing.check in FIXED):
        raise rules.VALIDATION_RULE_FIXED.refused(path="/check", actual=wish.check)
    if standing is not None and standing.check != wish.check:
        raise rules.VALIDATION_CHECK_OTHER.refused(path="/check", limit=standing.check, actual=wish.check)
    _refuse_thresholds(wish)
    _refuse_of_days(wish)
    if wish.valid_from < at:
        raise rules.VALIDATION_RULE_IN_THE_PAST.refused(
            path="/valid_from", limit=calendar.local_text(at), actual=calendar.local_text(wish.valid_from)
        )
    event = ValidationRuleSet(
        key=key,
        check=wish.check,
        consequence=wish.consequence,
        thresholds=wish.thresholds,
        directions=wish.directions,
        products=wish.products,
        resolutions=wish.resolutions,
        settlement_methods=wish.settlement_methods,
        valid_from=wish.valid_from,
        by=by,
        reason=wish.reason,
        former=former.consequence if former else None,
        former_thresholds=thresholds_of(former) if former else (),
    )
    _refuse_contradiction(evolve(state, event), rule_of(event))
    return event


def notices(event: ValidationRuleSet) -> tuple[Reason, ...]:
    """What the TSO should know of a change: a milder rule does not bring back what was refused."""
    if event.former is None or SEVERITY.index(event.consequence) >= SEVERITY.index(event.former):
        return ()
    return (rules.VALIDATION_LOOSENED.reason(path="/consequence", limit=event.former, actual=event.consequence),)


def thresholds_of(rule: ValidationRule) -> tuple[Threshold, ...]:
    """As messages say them."""
    return tuple(Threshold(name=name, value=value) for name, value in rule.thresholds.items())


def _rule(key: str, said: SetValidationRule | ValidationRuleSet) -> ValidationRule:
    return ValidationRule(
        key=key,
        check=said.check,
        consequence=said.consequence,
        thresholds={one.name: one.value for one in said.thresholds},
        directions=said.directions,
        products=said.products,
        resolutions=said.resolutions,
        settlement_methods=said.settlement_methods,
        valid_from=said.valid_from,
    )


def _refuse_thresholds(wish: SetValidationRule) -> None:
    wanted = THRESHOLDS[wish.check]
    named = [one.name for one in wish.thresholds]
    if sorted(named) != sorted(wanted):
        raise rules.VALIDATION_THRESHOLDS_OTHER.refused(
            path="/thresholds", limit=", ".join(wanted), actual=", ".join(named)
        )
    for place, one in enumerate(wish.thresholds):
        least, most = wanted[one.name]
        if not least <= one.value <= most:
            raise rules.VALIDATION_THRESHOLD_NOT_ALLOWED.refused(
                path=f"/thresholds/{place}/value", limit=f"{least}..{most}", actual=one.value
            )


def _refuse_of_days(wish: SetValidationRule) -> None:
    if wish.check in OF_DAYS:
        narrowed = wish.directions or wish.products or wish.resolutions or wish.settlement_methods
        if narrowed or wish.consequence not in ("off", "warn"):
            raise virtual_rules.VALIDATION_OF_DAYS.refused(path="/consequence", actual=wish.check)


def _refuse_contradiction(state: Validation, changed: ValidationRule) -> None:
    """From the change on, a graver consequence needs more than a milder one: else the milder one would never be met."""
    name = _FIRST.get(changed.check)
    if name is None:
        return
    for at in (changed.valid_from, *(moment for moment in state.moments() if moment > changed.valid_from)):
        for mild, grave in _pairs([one for one in in_force(state, at) if one.check == changed.check]):
            if changed.key in {mild.key, grave.key} and grave.thresholds[name] <= mild.thresholds[name]:
                raise rules.VALIDATION_RULES_CONTRADICT.refused(
                    path="/thresholds",
                    limit=f"{mild.key} ({mild.consequence}) {name} {mild.thresholds[name]}",
                    actual=f"{grave.key} ({grave.consequence}) {name} {grave.thresholds[name]}",
                )


def _pairs(some: Iterable[ValidationRule]) -> Iterator[tuple[ValidationRule, ValidationRule]]:
    """The milder and the graver of each two that are for some of the same lines."""
    active = [one for one in some if one.consequence != "off"]
    for mild in active:
        for grave in active:
            if SEVERITY.index(mild.consequence) < SEVERITY.index(grave.consequence) and mild.meets(grave):
                yield mild, grave
