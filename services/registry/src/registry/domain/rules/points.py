"""Rules about metering points."""

from __future__ import annotations

from contracts.message import Rule

GRID_AREA_UNKNOWN = Rule(
    key="GRID_AREA_UNKNOWN",
    number="D27",
    text_nb="Nettavregningsområdet er ukjent for registeret. Målepunktet er tatt imot som ufullstendig.",
    text_en="The metering grid area is unknown to the register. The metering point is accepted as incomplete.",
    fix_nb=(
        "Målepunktet blir fullstendig når området defineres, eller når opplysningen sendes på nytt med et kjent område."
    ),
    fix_en="The point becomes complete when the area is defined, or when the fact is sent again with a known area.",
)
METERING_POINT_NOT_HELD = Rule(
    key="METERING_POINT_NOT_HELD",
    number="R13",
    text_nb="Dere disponerer ikke dette målepunktet nå, eller det finnes ikke i registeret.",
    text_en="You do not hold this metering point now, or it is not in the register.",
    fix_nb=(
        "Kontroller målepunkt-id-en. Ta over disposisjonen (krav eller bytte av BSP) med samtykke fra "
        "sluttbrukeren først."
    ),
    fix_en=(
        "Check the metering point id. First take control of it (a claim or a BSP switch) with the end user's consent."
    ),
    retryable=True,
)
METERING_POINT_INCOMPLETE = Rule(
    key="METERING_POINT_INCOMPLETE",
    number="D27",
    text_nb="Registeret mangler opplysninger om målepunktet: nettavregningsområdet er ukjent, eller ikke gyldig ennå.",
    text_en="The register lacks facts about the metering point: its metering grid area is unknown, or not valid yet.",
    fix_nb="Vent til nettselskapet eller datahuben har gjort målepunktet fullstendig, og send på nytt.",
    fix_en="Wait until the DSO or the datahub has made the metering point complete, and send again.",
    retryable=True,
)
