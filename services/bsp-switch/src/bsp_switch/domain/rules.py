"""The rules that may refuse, or that a participant should notice."""

from __future__ import annotations

from contracts.message import Rule
from contracts.shared_rules import ID_NOT_AVAILABLE as ID_NOT_AVAILABLE  # noqa: PLC0414 - handed on

CLAIM_WINDOW = Rule(
    key="CLAIM_WINDOW",
    number="R43",
    text_nb="Kontroll tas i et vindu rundt i dag. Starten er {actual} dager unna; grensen er {limit}.",
    text_en="Control is claimed in a window around today. The start is {actual} days away; the limit is {limit}.",
    fix_nb="Velg en start innenfor vinduet.",
    fix_en="Choose a start inside the window.",
)
CONSENT_MISSING = Rule(
    key="CONSENT_MISSING",
    number="R31",
    # The same words for a point that does not exist: whoever has no right consent learns nothing about it.
    text_nb="Du har ikke registrert et samtykke fra sluttbrukeren bak målepunktet som gjelder fra {limit}.",
    text_en="You have recorded no consent of the end user behind the metering point that is valid from {limit}.",
    fix_nb="Kontroller målepunktet og sluttbrukeren, og registrer samtykket før du sender på nytt.",
    fix_en="Check the metering point and the end user, and record the consent before you send again.",
)
CONSENT_PERIOD_INVALID = Rule(
    key="CONSENT_PERIOD_INVALID",
    number="R31",
    text_nb="Samtykket slutter {actual}, som ikke er etter starten {limit}.",
    text_en="The consent ends at {actual}, which is not after its start {limit}.",
    fix_nb="Oppgi en slutt etter starten, eller ingen slutt.",
    fix_en="Give an end after the start, or no end.",
)
METERING_POINT_ALREADY_YOURS = Rule(
    key="METERING_POINT_ALREADY_YOURS",
    number="R13",
    text_nb="Du har allerede kontroll over målepunktet.",
    text_en="You already hold the metering point.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
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
SWITCH_NOTICE = Rule(
    key="SWITCH_NOTICE",
    number="R43",
    text_nb="Et bytte må varsles innenfor et vindu. Varselet er på {actual} dager; grensen er {limit} dager.",
    text_en="A switch must be given notice of inside a window. The notice is {actual} days; the limit is {limit} days.",
    fix_nb="Velg en start innenfor vinduet.",
    fix_en="Choose a start inside the window.",
)
SWITCH_PENDING = Rule(
    key="SWITCH_PENDING",
    number="R43",
    text_nb="Det er allerede bestemt at kontrollen over målepunktet går over ved et kommende døgnskifte.",
    text_en="It is already decided that control of the metering point passes at a midnight to come.",
    fix_nb="Send på nytt etter det døgnskiftet.",
    fix_en="Send again after that midnight.",
)

ALL: tuple[Rule, ...] = (
    CLAIM_WINDOW,
    CONSENT_MISSING,
    CONSENT_PERIOD_INVALID,
    ID_NOT_AVAILABLE,
    METERING_POINT_ALREADY_YOURS,
    METERING_POINT_HELD_BY_OTHER,
    METERING_POINT_NOT_HELD,
    METERING_POINT_REPEATED,
    METERING_POINT_UNKNOWN,
    PARTY_UNKNOWN,
    SUPPLY_INCOMPLETE,
    SUPPLY_UNCHANGED,
    SWITCH_NOTICE,
    SWITCH_PENDING,
)
