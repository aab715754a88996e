"""Validation rules, and what they keep aside."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.meter_ingest.v1.lines import EnergyDirection, Product
from contracts.registry.v1 import SettlementMethod
from contracts.values import Role

Check = Literal["agreed-power", "fuse", "spike", "zero-run", "flat-quarters", "net-loss", "negative", "decimals"]
"""What a validation rule looks for."""


Consequence = Literal["warn", "quarantine", "reject", "off"]
"""What becomes of a series that a validation rule finds: from the mildest on; `off` looks for nothing."""


class Threshold(Part):
    """One figure of a validation rule: `percent`, `hours` …, as its check names it."""

    name: values.PolicyKey
    value: values.StrictInt


class SetValidationRule(Command):
    """How a validation rule shall be from a moment to come, all of it. Subject: the rule's key; a new one adds a rule.

    Without directions, products, resolutions or settlement methods it is for all of them.
    """

    senders: ClassVar = frozenset({Role.TSO, Role.OPERATOR})
    subject_is: ClassVar = values.PolicyKey

    check: Check
    consequence: Consequence
    thresholds: tuple[Threshold, ...] = Field(default=(), max_length=10)
    directions: tuple[EnergyDirection, ...] = Field(default=(), max_length=2)
    products: tuple[Product, ...] = Field(default=(), max_length=4)
    resolutions: tuple[values.Resolution, ...] = Field(default=(), max_length=2)
    settlement_methods: tuple[SettlementMethod, ...] = Field(default=(), max_length=3)
    valid_from: values.UtcTime
    reason: values.NameText


class ValidationRuleSet(Event):
    """A validation rule is like this from a moment on, until what is valid later; of two for one moment, the last."""

    home: ClassVar = "key"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO), everyone(Role.DSO), everyone(Role.OPERATOR))

    key: values.PolicyKey
    check: Check
    consequence: Consequence
    thresholds: tuple[Threshold, ...]
    directions: tuple[EnergyDirection, ...]
    products: tuple[Product, ...]
    resolutions: tuple[values.Resolution, ...]
    settlement_methods: tuple[SettlementMethod, ...]
    valid_from: values.UtcTime
    by: values.Gln
    reason: str
    former: Consequence | None
    """What the rule would have done from that moment; None: there was no such rule."""
    former_thresholds: tuple[Threshold, ...]


class QuarantinedSeries(Part):
    """What is kept aside of one series: how many values and a salted hash; never the values, nor their sum."""

    metering_point_id: values.Gsrn
    direction: EnergyDirection
    product: Product = "active"
    start: values.UtcTime
    end: values.UtcTime
    resolution: values.Resolution
    registered_at: values.UtcTime
    count: int
    salted_sha256: str
    rules: tuple[values.PolicyKey, ...]
    """The validation rules that found it."""


class ValuesQuarantined(Event):
    """Series of one record that are kept aside: they count nowhere, until the sender confirms them or they lapse."""

    home: ClassVar = "quarantine"
    audience: ClassVar[tuple[Audience, ...]] = (party("sender"),)

    quarantine: str
    """`<record>/quarantine`."""
    record: str
    """The ingress position."""
    shard: str
    position: int
    sender: values.Gln
    series: tuple[QuarantinedSeries, ...]
    lapses_at: values.UtcTime
    """What is not confirmed or corrected by then is no longer waited for."""
    decided_at_case_position: int
