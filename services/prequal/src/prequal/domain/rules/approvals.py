"""The rules about what is approved being less, or nothing any more."""

from __future__ import annotations

from contracts.message import Rule

APPROVAL_UNKNOWN = Rule(
    key="APPROVAL_UNKNOWN",
    number="R28",
    text_nb="Dere har ingen godkjent gruppe med denne id-en.",
    text_en="You have no approved group with this id.",
    fix_nb="Oppgi en gruppe som er godkjent.",
    fix_en="Name a group that is approved.",
)
APPROVAL_REASON_MISSING = Rule(
    key="APPROVAL_REASON_MISSING",
    number="R35",
    text_nb="En godkjenning som reduseres eller avsluttes, skal ha en begrunnelse.",
    text_en="An approval that is reduced or ended has a reason.",
    fix_nb="Oppgi begrunnelsen; BSP, DSO og TSO får den.",
    fix_en="Give the reason; the BSP, the DSOs and the TSO are told.",
)
NOT_A_REDUCTION = Rule(
    key="NOT_A_REDUCTION",
    number="D4",
    text_nb="{actual} {unit} er ikke mindre enn de {limit} {unit} som er godkjent.",
    text_en="{actual} {unit} is no less than the {limit} {unit} that is approved.",
    fix_nb="Oppgi mindre i minst én retning og ikke mer i den andre; for mer søkes det.",
    fix_en="Name less in at least one direction and no more in the other; for more, apply.",
)
REDUCED_BELOW_MINIMUM = Rule(
    key="REDUCED_BELOW_MINIMUM",
    number="R9",
    text_nb="{actual} {unit} er under minste størrelse på {limit} {unit}.",
    text_en="{actual} {unit} is below the minimum of {limit} {unit}.",
    fix_nb="Behold minst så mye i én retning, eller avslutt godkjenningen.",
    fix_en="Keep at least so much in one direction, or end the approval.",
)
