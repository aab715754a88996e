"""The rules about the qualification of BSPs."""

from __future__ import annotations

from contracts.message import Rule

QUALIFICATION_UNKNOWN = Rule(
    key="QUALIFICATION_UNKNOWN",
    number="R41",
    text_nb="Det finnes ingen søknad om kvalifisering med denne id-en.",
    text_en="There is no application for qualification with this id.",
    fix_nb="Bruk id-en fra hendelsen som sa at søknaden kom inn.",
    fix_en="Use the id from the event that said the application came in.",
)
QUALIFICATION_ALREADY_DECIDED = Rule(
    key="QUALIFICATION_ALREADY_DECIDED",
    number="R41",
    text_nb="Søknaden om kvalifisering er allerede avgjort ({actual}).",
    text_en="The application for qualification is already decided ({actual}).",
    fix_nb="Leverandøren må søke på nytt for å få en ny avgjørelse.",
    fix_en="The BSP must apply again for a new decision.",
)
BSP_NOT_QUALIFIED = Rule(
    key="BSP_NOT_QUALIFIED",
    number="R41",
    text_nb="Leverandøren er ikke kvalifisert for {actual}.",
    text_en="The BSP is not qualified for {actual}.",
    fix_nb="Søk om kvalifisering, og vent på systemansvarligs avgjørelse.",
    fix_en="Apply for qualification and wait for the TSO's decision.",
)
