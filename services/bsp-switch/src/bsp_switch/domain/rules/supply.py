"""Rules about who stands behind a metering point."""

from __future__ import annotations

from contracts.message import Rule

PARTY_UNKNOWN = Rule(
    key="PARTY_UNKNOWN",
    number="D27",
    text_nb="Registeret kjenner ikke {actual} som aktiv i denne rollen. Meldingen er tatt imot som ufullstendig.",
    text_en="The register does not know {actual} as active in this role. The message is accepted as incomplete.",
    fix_nb="Rett meldingen, eller få aktøren opptatt i registeret.",
    fix_en="Correct the message, or have the party onboarded.",
)
SUPPLY_INCOMPLETE = Rule(
    key="SUPPLY_INCOMPLETE",
    number="D27",
    text_nb="Kraftleverandøren eller en balanseansvarlig bak målepunktet ved start {limit} er ukjent eller ikke aktiv.",
    text_en="The supplier or a BRP behind the metering point at the start {limit} is unknown or not active.",
    fix_nb="Vent til datahuben har meldt en kjent aktør, eller til aktøren er opptatt, og send på nytt.",
    fix_en="Wait until the datahub has reported a known party, or the party has been onboarded, and send again.",
    retryable=True,
)
SUPPLY_UNCHANGED = Rule(
    key="SUPPLY_UNCHANGED",
    number="D28",
    text_nb="Det samme er allerede registrert fra {actual}. Ingenting er endret.",
    text_en="The same is already recorded from {actual}. Nothing has changed.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
RESPONSIBILITY_UNKNOWN = Rule(
    key="RESPONSIBILITY_UNKNOWN",
    number="D27",
    text_nb="Registeret vet ikke hvem som er balanseansvarlig for {actual} i nettområdet der målepunktet ligger. "
    "Meldingen er tatt imot som ufullstendig.",
    text_en="The register does not know who is balance responsible for {actual} in the grid area of the metering "
    "point. The message is accepted as incomplete.",
    fix_nb="Meld balanseansvaret, eller oppgi de balanseansvarlige i meldingen.",
    fix_en="Report the balance responsibility, or name the BRPs in the message.",
)
RESPONSIBILITY_UNCHANGED = Rule(
    key="RESPONSIBILITY_UNCHANGED",
    number="D28",
    text_nb="Det samme balanseansvaret er allerede registrert fra {actual}. Ingenting er endret.",
    text_en="The same balance responsibility is already recorded from {actual}. Nothing has changed.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
GRID_AREA_NOT_KNOWN = Rule(
    key="GRID_AREA_NOT_KNOWN",
    number="D27",
    text_nb="Registeret kjenner ikke nettområdet {actual} ennå. Meldingen er tatt imot, og gjelder når det er kjent.",
    text_en="The register does not know the grid area {actual} yet. The message is accepted, and counts once it does.",
    fix_nb="Kontroller nettområdet, eller vent til det er meldt.",
    fix_en="Check the grid area, or wait until it has been reported.",
)
