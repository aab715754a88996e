"""Rules about control of metering points."""

from __future__ import annotations

from contracts.message import Rule

CLAIM_WINDOW = Rule(
    key="CLAIM_WINDOW",
    number="R43",
    text_nb="Kontroll tas i et vindu rundt i dag. Starten er {actual} dager unna; grensen er {limit}.",
    text_en="Control is claimed in a window around today. The start is {actual} days away; the limit is {limit}.",
    fix_nb="Velg en start innenfor vinduet.",
    fix_en="Choose a start inside the window.",
)
METERING_POINT_ALREADY_YOURS = Rule(
    key="METERING_POINT_ALREADY_YOURS",
    number="R13",
    text_nb="Du har allerede kontroll over målepunktet.",
    text_en="You already hold the metering point.",
    fix_nb="Er det meldt at kontrollen slutter: ta det tilbake (`keep-control`), eller ta kontroll fra den dagen.",
    fix_en="If its end is announced: take that back (`keep-control`), or claim from the day it ends.",
)
METERING_POINT_HELD_BY_OTHER = Rule(
    key="METERING_POINT_HELD_BY_OTHER",
    number="R13",
    text_nb="En annen leverandør av balansetjenester har kontroll over målepunktet.",
    text_en="Another BSP holds the metering point.",
    fix_nb="Be om et bytte av BSP.",
    fix_en="Request a BSP switch.",
)
METERING_POINT_NOT_HELD = Rule(
    key="METERING_POINT_NOT_HELD",
    number="R43",
    text_nb="Ingen leverandør av balansetjenester har kontroll over målepunktet ved starten {limit}.",
    text_en="No BSP holds the metering point at the start {limit}.",
    fix_nb="Ta kontroll over målepunktet i stedet; det trenger ikke varsel.",
    fix_en="Claim the metering point instead; that needs no notice.",
)
METERING_POINT_NOT_YOURS = Rule(
    key="METERING_POINT_NOT_YOURS",
    number="R13",
    text_nb="Dere har ikke kontroll over målepunktet ved dette døgnskiftet.",
    text_en="You do not hold the metering point at that midnight.",
    fix_nb="Kontroller målepunktet og datoen.",
    fix_en="Check the metering point and the date.",
)
METERING_POINT_REPEATED = Rule(
    key="METERING_POINT_REPEATED",
    number="R13",
    text_nb="Målepunktet står flere ganger i listen.",
    text_en="The metering point stands in the list more than once.",
    fix_nb="La målepunktet stå én gang.",
    fix_en="Let the metering point stand once.",
)
METERING_POINT_UNKNOWN = Rule(
    key="METERING_POINT_UNKNOWN",
    number="R26",
    text_nb="Registeret har ennå ikke fått vite hva målepunktet er.",
    text_en="The register has not yet been told what the metering point is.",
    fix_nb="Vent til datahuben eller nettselskapet har meldt målepunktet, og send på nytt.",
    fix_en="Wait until the datahub or the grid company has reported the metering point, and send again.",
    retryable=True,
)
METERING_POINT_CLOSED = Rule(
    key="METERING_POINT_CLOSED",
    number="R26",
    text_nb="Målepunktet er stengt ved starten {limit} eller etter den.",
    text_en="The metering point is closed at the start {limit}, or has been since.",
    fix_nb="Vent til nettselskapet eller datahuben har meldt det i drift, og velg en senere start.",
    fix_en="Wait until the grid company or the datahub has reported it in operation, and choose a later start.",
)
CONTROL_END_PAST = Rule(
    key="CONTROL_END_PAST",
    number="D14",
    text_nb="Kontroll sies opp ved et kommende døgnskifte, tidligst {limit}. {actual} er for tidlig.",
    text_en="Control is given up at a midnight to come, {limit} at the earliest. {actual} is too early.",
    fix_nb="Velg et kommende døgnskifte. Feil i det som har vært, retter systemansvarlig.",
    fix_en="Choose a midnight to come. If what has been is wrong, the TSO corrects it.",
)
CONTROL_END_STANDS = Rule(
    key="CONTROL_END_STANDS",
    number="R13",
    text_nb="Kontrollen over målepunktet slutter allerede da, eller før.",
    text_en="Control of the metering point ends then already, or before.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
CONTROL_NOT_GIVEN_UP = Rule(
    key="CONTROL_NOT_GIVEN_UP",
    number="R13",
    text_nb="Dere har ikke sagt fra dere målepunktet. Annet som avslutter kontroll, kan dere ikke ta tilbake.",
    text_en="You have not given the metering point up. What else ends control is not yours to take back.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
CONTROL_END_UNKNOWN = Rule(
    key="CONTROL_END_UNKNOWN",
    number="D14",
    text_nb="Systemansvarlig har ikke avsluttet noen kontroll over målepunktet ved {actual}.",
    text_en="The TSO has ended no control of the metering point at {actual}.",
    fix_nb="Kontroller målepunktet og datoen.",
    fix_en="Check the metering point and the date.",
)
