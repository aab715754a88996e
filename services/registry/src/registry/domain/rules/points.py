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
METERING_POINT_NOT_HELD_YET = Rule(
    key="METERING_POINT_NOT_HELD_YET",
    number="D26",
    text_nb="Dere disponerer målepunktet først fra {limit}. Til da er det ikke deres å endre det som er bak det.",
    text_en="You hold the metering point from {limit} only. Until then what is behind it is not yours to change.",
    fix_nb="Send på nytt fra da av. Inn i en gruppe kan punktet meldes allerede nå; det blir medlem ved den midnatten.",
    fix_en="Send again from then on. The point may be added to a group already: it becomes a member at that midnight.",
    retryable=True,
)
METERING_POINT_JOINS_LATER = Rule(
    key="METERING_POINT_JOINS_LATER",
    number="D26",
    text_nb="Dere disponerer målepunktet fra {limit}. Det blir medlem da, hvis det fortsatt passer.",
    text_en="You hold the metering point from {limit}. It becomes a member then, if it still fits.",
    fix_nb="Det er ikke noe å gjøre. Dere får vite det om det ikke ble noe av.",
    fix_en="There is nothing to do. You are told if it comes to nothing.",
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
METERING_POINT_INACTIVE = Rule(
    key="METERING_POINT_INACTIVE",
    number="D16",
    text_nb="Målepunktet er ikke i drift.",
    text_en="The metering point is not in operation.",
    fix_nb="Kontroller målepunkt-id-en. Nettselskapet eller datahuben melder når målepunktet er i drift igjen.",
    fix_en="Check the metering point id. The DSO or the datahub says when the point is in operation again.",
    retryable=True,
)
METERING_POINT_VIRTUAL = Rule(
    key="METERING_POINT_VIRTUAL",
    number="R1",
    text_nb="Målepunktet ligger i et virtuelt nettavregningsområde: bare på papiret, uten ressurser bak seg.",
    text_en="The metering point lies in a virtual grid area: it exists on paper only, with no resources behind it.",
    fix_nb="Bruk det fysiske målepunktet.",
    fix_en="Use the physical metering point.",
)
METERING_POINT_UNKNOWN = Rule(
    key="METERING_POINT_UNKNOWN",
    number="D27",
    text_nb="Målepunktet finnes ikke i registeret.",
    text_en="The metering point is not in the register.",
    fix_nb="Kontroller målepunkt-id-en, eller vent til datahuben eller nettselskapet har meldt målepunktet.",
    fix_en="Check the metering point id, or wait until the datahub or the DSO has recorded the point.",
    retryable=True,
)
METERING_POINT_NOT_IN_YOUR_GRID = Rule(
    key="METERING_POINT_NOT_IN_YOUR_GRID",
    number="D12",
    text_nb="Målepunktet ligger ikke i deres nett, eller det finnes ikke i registeret.",
    text_en="The metering point does not lie in your grid, or it is not in the register.",
    fix_nb="Kontroller målepunkt-id-en.",
    fix_en="Check the metering point id.",
)
NACE_WAITS = Rule(
    key="NACE_WAITS",
    number="D27",
    text_nb="Næringskoden i SN2007 svarer ikke til én bestemt kode i SN2025. Opplysningen er tatt imot uten den.",
    text_en="The code of SN2007 does not answer to one certain code of SN2025. The fact is accepted without it.",
    fix_nb="Send koden etter SN2025, eller velg den med `decide-nace`.",
    fix_en="Send the code of SN2025, or choose it with `decide-nace`.",
)
NACE_NOT_WAITING = Rule(
    key="NACE_NOT_WAITING",
    number="D27",
    text_nb="Målepunktet har ingen næringskode {actual} etter SN2007 som noen må velge for.",
    text_en="The metering point has no code {actual} of SN2007 that someone has to choose for.",
    fix_nb="Kontroller koden.",
    fix_en="Check the code.",
)
NACE_NOT_POSSIBLE = Rule(
    key="NACE_NOT_POSSIBLE",
    number="D27",
    text_nb="Koden er ikke blant dem som den gamle ble til: {limit}.",
    text_en="The code is not among those that the old one became: {limit}.",
    fix_nb="Velg en av dem.",
    fix_en="Choose one of them.",
)
NORGESPRIS_DATAHUB_ONLY = Rule(
    key="NORGESPRIS_DATAHUB_ONLY",
    number="D28",
    text_nb="Norgespris tas bare imot fra datahuben. Resten av opplysningen er tatt imot.",
    text_en="Norgespris is accepted from the datahub alone. The rest of the fact is accepted.",
    fix_nb="Utelat `norgespris`.",
    fix_en="Leave `norgespris` out.",
)
LOCATION_OUTRANKED = Rule(
    key="LOCATION_OUTRANKED",
    number="R19",
    text_nb="Plasseringen er tatt vare på, men en sterkere kilde gjelder ({limit}).",
    text_en="The location is kept, but a stronger source counts ({limit}).",
    fix_nb="Er den sterkere kilden feil, må den rettes der.",
    fix_en="If the stronger source is wrong, it must be corrected there.",
)
SUBSTATION_UNKNOWN = Rule(
    key="SUBSTATION_UNKNOWN",
    number="D27",
    text_nb="Nettstasjonen er ikke definert i registeret. Plasseringen er tatt imot.",
    text_en="The substation is not defined in the register. The location is accepted.",
    fix_nb="Kontroller id-en, eller la nettstasjonen defineres.",
    fix_en="Check the id, or have the substation defined.",
)
