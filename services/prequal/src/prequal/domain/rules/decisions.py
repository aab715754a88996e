"""The rules about the TSO's decisions."""

from __future__ import annotations

from contracts.message import Rule

NOT_UNDER_DECISION = Rule(
    key="NOT_UNDER_DECISION",
    number="R42",
    text_nb="Søknaden er ikke under behandling; den er «{actual}».",
    text_en='The application is not being decided on; it is "{actual}".',
    fix_nb="Det er ikke noe å gjøre med denne søknaden.",
    fix_en="There is nothing to be done with this application.",
)
DSO_ANSWER_MISSING = Rule(
    key="DSO_ANSWER_MISSING",
    number="R36",
    text_nb="Ikke alle nettselskaper har svart, og fristen deres er ikke ute: {actual}.",
    text_en="Not all DSOs have answered, and their time is not up: {actual}.",
    fix_nb="Vent til de har svart eller fristen er ute.",
    fix_en="Wait until they have answered or their time is up.",
    retryable=True,
)
APPROVED_ABOVE_APPLIED = Rule(
    key="APPROVED_ABOVE_APPLIED",
    number="R42",
    text_nb="Det kan ikke godkjennes mer enn det er søkt om: {actual} {unit} mot {limit} {unit}.",
    text_en="No more can be approved than was applied for: {actual} {unit} against {limit} {unit}.",
    fix_nb="Godkjenn høyst {limit} {unit} i denne retningen.",
    fix_en="Approve at most {limit} {unit} in this direction.",
)
APPROVED_ABOVE_DELIVERABLE = Rule(
    key="APPROVED_ABOVE_DELIVERABLE",
    number="R36",
    text_nb="Etter nettselskapenes svar kan gruppen levere {limit} {unit}; det kan ikke godkjennes {actual} {unit}.",
    text_en="After the DSOs' answers the group can deliver {limit} {unit}; {actual} {unit} cannot be approved.",
    fix_nb="Godkjenn høyst {limit} {unit} i denne retningen.",
    fix_en="Approve at most {limit} {unit} in this direction.",
)
APPROVED_BELOW_MINIMUM = Rule(
    key="APPROVED_BELOW_MINIMUM",
    number="R9",
    text_nb="En fleksibilitetsgruppe må godkjennes for minst {limit} {unit}; dette er {actual} {unit}.",
    text_en="A flexibility group must be approved for at least {limit} {unit}; this is {actual} {unit}.",
    fix_nb="Godkjenn minst {limit} {unit}, eller avslå søknaden.",
    fix_en="Approve at least {limit} {unit}, or reject the application.",
)
APPROVED_ABOVE_MAXIMUM = Rule(
    key="APPROVED_ABOVE_MAXIMUM",
    number="R10",
    text_nb="En fleksibilitetsgruppe kan godkjennes for høyst {limit} {unit}; dette er {actual} {unit}.",
    text_en="A flexibility group can be approved for at most {limit} {unit}; this is {actual} {unit}.",
    fix_nb="Godkjenn høyst {limit} {unit}.",
    fix_en="Approve at most {limit} {unit}.",
)
