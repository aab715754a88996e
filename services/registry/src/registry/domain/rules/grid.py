"""Rules about the grid."""

from __future__ import annotations

from contracts.message import Rule

DSO_UNKNOWN = Rule(
    key="DSO_UNKNOWN",
    number="D12",
    text_nb="Nettavregningsområdet må høre til et nettselskap som er tatt inn i registeret i den rollen.",
    text_en="The metering grid area must belong to a DSO that has been admitted to the register in that role.",
    fix_nb="Ta inn nettselskapet i registeret først, eller rett GLN.",
    fix_en="Onboard the DSO first, or correct the GLN.",
    retryable=True,
)
PARENT_GRID_AREA_UNKNOWN = Rule(
    key="PARENT_GRID_AREA_UNKNOWN",
    number="D12",
    text_nb="Det overordnede nettavregningsområdet er ukjent for registeret.",
    text_en="The parent metering grid area is unknown to the register.",
    fix_nb="Definer det overordnede området først.",
    fix_en="Define the parent area first.",
    retryable=True,
)
GRID_AREA_NOT_DEFINED = Rule(
    key="GRID_AREA_NOT_DEFINED",
    number="D12",
    text_nb="Nettavregningsområdet er ikke definert i registeret, eller ikke gyldig da.",
    text_en="The metering grid area is not defined in the register, or not valid at that time.",
    fix_nb="Kontroller EIC-koden og tidspunktet, eller definer området først.",
    fix_en="Check the EIC and the time, or define the area first.",
    retryable=True,
)
GRID_AREA_NOT_YOURS = Rule(
    key="GRID_AREA_NOT_YOURS",
    number="D12",
    text_nb="Nettavregningsområdet hører til et annet nettselskap.",
    text_en="The metering grid area belongs to another DSO.",
    fix_nb="Bruk et av deres egne områder. Systemansvarlig kan bruke alle; et målepunkt flyttes av datahuben.",
    fix_en="Use an area of your own. The TSO may use all; a metering point is moved by the datahub.",
)
PARENT_CYCLE = Rule(
    key="PARENT_CYCLE",
    number="D12",
    text_nb="Det ville blitt liggende over seg selv i nettet.",
    text_en="It would stand above itself in the grid.",
    fix_nb="Velg et overordnet som ikke ligger under det selv, eller flytt det først.",
    fix_en="Choose a parent that does not stand below it, or move that first.",
)
PARENT_TOO_DEEP = Rule(
    key="PARENT_TOO_DEEP",
    number="D12",
    text_nb="Mer enn {limit} ville ligget over hverandre i nettet.",
    text_en="More than {limit} would stand above one another in the grid.",
    fix_nb="Kontroller de overordnede; nettet har tre eller fire nivåer.",
    fix_en="Check the parents; the grid has three or four levels.",
)
PARENT_SUBSTATION_UNKNOWN = Rule(
    key="PARENT_SUBSTATION_UNKNOWN",
    number="R19",
    text_nb="Nettstasjonen som skal mate denne, er ukjent for registeret.",
    text_en="The substation that is to feed this one is unknown to the register.",
    fix_nb="Definer den først.",
    fix_en="Define it first.",
    retryable=True,
)
SUBSTATION_NOT_YOURS = Rule(
    key="SUBSTATION_NOT_YOURS",
    number="R19",
    text_nb="Nettstasjonen finnes ikke i registeret, eller den står i et annet nettselskaps område.",
    text_en="The substation is not in the register, or stands in another DSO's area.",
    fix_nb="Kontroller id-en, eller definer nettstasjonen først.",
    fix_en="Check the id, or define the substation first.",
    retryable=True,
)
TIMELINE_FROZEN = Rule(
    key="TIMELINE_FROZEN",
    number="D14",
    text_nb="Det som gjaldt før {limit}, kan ikke lenger endres.",
    text_en="What was valid before {limit} can no longer be changed.",
    fix_nb="Velg en senere midnatt. Registeroperatøren kan endre det, med en begrunnelse.",
    fix_en="Choose a later midnight. The register operator can change it, with a reason.",
)
GRID_AREA_UNCHANGED = Rule(
    key="GRID_AREA_UNCHANGED",
    number="D16",
    text_nb="Nettavregningsområdet er allerede slik. Ingenting ble endret.",
    text_en="The metering grid area is so already. Nothing was changed.",
    fix_nb="Oppgi det som skal bli annerledes.",
    fix_en="State what is to become different.",
)
