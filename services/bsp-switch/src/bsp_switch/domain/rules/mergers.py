"""Rules about mergers of BSPs."""

from __future__ import annotations

from contracts.message import Rule

MERGER_WITH_ITSELF = Rule(
    key="MERGER_WITH_ITSELF",
    number="R13",
    text_nb="En BSP kan ikke overtas av seg selv.",
    text_en="A BSP cannot be taken over by itself.",
    fix_nb="Oppgi den BSP-en som overtar.",
    fix_en="Name the BSP that takes over.",
)
MERGER_BSP_UNKNOWN = Rule(
    key="MERGER_BSP_UNKNOWN",
    number="R13",
    text_nb="{actual} er ikke registrert som BSP.",
    text_en="{actual} is not registered as a BSP.",
    fix_nb="Kontroller GLN-et.",
    fix_en="Check the GLN.",
)
MERGER_INTO_INACTIVE = Rule(
    key="MERGER_INTO_INACTIVE",
    number="R13",
    text_nb="{actual} er ikke en aktiv BSP og kan ikke overta en annen.",
    text_en="{actual} is not an active BSP and cannot take over another.",
    fix_nb="Aktiver BSP-en først, eller oppgi en annen.",
    fix_en="Activate the BSP first, or name another.",
)
MERGER_UNDER_WAY = Rule(
    key="MERGER_UNDER_WAY",
    number="R13",
    text_nb="BSP-en er allerede overtatt, eller skal overtas eller overta en annen {actual}.",
    text_en="The BSP has been taken over already, or is to be taken over or take over another on {actual}.",
    fix_nb="Vent til det har skjedd, eller trekk det tilbake.",
    fix_en="Wait until that has happened, or cancel it.",
)
MERGER_NOTICE = Rule(
    key="MERGER_NOTICE",
    number="D13",
    text_nb="En overtakelse varsles minst {limit} dager før. Varselet er på {actual} dager.",
    text_en="A merger is given notice of at least {limit} days before. The notice is {actual} days.",
    fix_nb="Velg et senere døgnskifte.",
    fix_en="Choose a later midnight.",
)
MERGER_UNKNOWN = Rule(
    key="MERGER_UNKNOWN",
    number="R13",
    text_nb="Det er ingen overtakelse med denne id-en.",
    text_en="There is no merger with this id.",
    fix_nb="Kontroller id-en.",
    fix_en="Check the id.",
)
MERGER_NOT_ANNOUNCED = Rule(
    key="MERGER_NOT_ANNOUNCED",
    number="D14",
    text_nb="Overtakelsen kan ikke trekkes tilbake. Den er {actual}.",
    text_en="The merger cannot be cancelled. It is {actual}.",
    fix_nb="Det er ikke noe å gjøre: det som har skjedd, blir stående.",
    fix_en="There is nothing to do: what has happened stands.",
)
BSP_TAKEN_OVER = Rule(
    key="BSP_TAKEN_OVER",
    number="R13",
    text_nb="BSP-en er overtatt av en annen fra {actual}, og alt den hadde, er den andres.",
    text_en="The BSP is taken over by another from {actual}, and all that it had is the other's.",
    fix_nb="La den BSP-en som har overtatt, sende.",
    fix_en="Let the BSP that has taken over send it.",
)
