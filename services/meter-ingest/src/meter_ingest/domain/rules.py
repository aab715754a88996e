"""What may be refused, or noticed, and how to mend it. The codes in brackets are Elhub's (BRS-NO-313)."""

from __future__ import annotations

from contracts.message import Rule
from contracts.shared_rules import ID_NOT_AVAILABLE as ID_NOT_AVAILABLE  # noqa: PLC0414 - handed on
from meter_ingest.domain import (
    activation_rules,
    baseline_rules,
    documentation_rules,
    erasing_rules,
    grant_rules,
    out_rules,
    own_rules,
    profile_rules,
    series_rules,
    settlement_rules,
    virtual_rules,
)
from meter_ingest.domain.volume_rules import VOLUME_NEGATIVE as VOLUME_NEGATIVE  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_NOT_OVER as VOLUME_NOT_OVER  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_NOT_RECORDED as VOLUME_NOT_RECORDED  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_NOT_WHOLE_DAYS as VOLUME_NOT_WHOLE_DAYS  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_NOT_YOUR_POINT as VOLUME_NOT_YOUR_POINT  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_OLDER_THAN_COUNTS as VOLUME_OLDER_THAN_COUNTS  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_OVERLAPS as VOLUME_OVERLAPS  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_REGISTERED_AHEAD as VOLUME_REGISTERED_AHEAD  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_STANDS_CONTRADICT as VOLUME_STANDS_CONTRADICT  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_STANDS_FALL as VOLUME_STANDS_FALL  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_TOO_OLD as VOLUME_TOO_OLD  # noqa: PLC0414
from meter_ingest.domain.volume_rules import VOLUME_UNCHANGED as VOLUME_UNCHANGED  # noqa: PLC0414

CHANNEL_NOT_YOUR_POINT = Rule(
    "CHANNEL_NOT_YOUR_POINT",
    "R47",
    "Målepunktet finnes ikke blant dine målepunkter fra denne datoen.",
    "The metering point is not among your metering points from this date.",
    "Kontroller målepunkt-id-en og at målepunktet er meldt i ditt nettavregningsområde.",
    "Check the metering point id, and that the point has been reported in your metering grid area.",
)
CHANNEL_ALREADY_OPEN = Rule(
    "CHANNEL_ALREADY_OPEN",
    "R47",
    "Målepunktet har allerede en åpen kanal i denne retningen, fra {actual}.",
    "The metering point already has an open channel in this direction, from {actual}.",
    "Steng kanalen først, eller åpne den nye fra den dagen den forrige er stengt.",
    "Close that channel first, or open the new one from the day on which the former is closed.",
)
CHANNEL_NOT_OPEN = Rule(
    "CHANNEL_NOT_OPEN",
    "R47",
    "Målepunktet har ingen åpen kanal i denne retningen.",
    "The metering point has no open channel in this direction.",
    "Kontroller målepunktet og retningen; en stengt kanal kan ikke stenges igjen.",
    "Check the metering point and the direction; a closed channel cannot be closed again.",
)
CHANNEL_PERIOD_INVALID = Rule(
    "CHANNEL_PERIOD_INVALID",
    "R47",
    "Datoen {actual} er for tidlig: tidligst {limit}.",
    "The date {actual} is too early: {limit} at the earliest.",
    "Velg en senere dato.",
    "Choose a later date.",
)
METERING_POINT_REPEATED = Rule(
    "METERING_POINT_REPEATED",
    "R47",
    "Målepunktet står mer enn én gang i listen.",
    "The metering point stands more than once in the list.",
    "Ta det bare med én gang.",
    "Name it only once.",
)

RETENTION_NOT_YOUR_POINT = Rule(
    "RETENTION_NOT_YOUR_POINT",
    "D21",
    "Målepunktet finnes ikke blant dine målepunkter.",
    "The metering point is not among your metering points.",
    "Kontroller målepunkt-id-en og at målepunktet er meldt i ditt nettavregningsområde.",
    "Check the metering point id, and that the point has been reported in your metering grid area.",
)
RETENTION_UNCHANGED = Rule(
    "RETENTION_UNCHANGED",
    "D21",
    "Målepunktets verdier oppbevares allerede i klassen {actual} år.",
    "The values of the metering point are already kept in the class of {actual} years.",
    "Det er ingenting å endre.",
    "There is nothing to change.",
)
# Delays of a DSO's values

DELAY_NOT_YOURS = Rule(
    "DELAY_NOT_YOURS",
    "R47",
    "{actual} er ikke et nettselskap som du kan melde forsinkelse for.",
    "{actual} is no DSO that you may declare a delay for.",
    "Et nettselskap melder om egne verdier; den systemansvarlige om alle nettselskapers.",
    "A DSO declares a delay of its own values, the TSO of any DSO's.",
)
DELAY_TERM_INVALID = Rule(
    "DELAY_TERM_INVALID",
    "R47",
    "Fristen {actual} må være etter nå, og høyst {limit} dager fram.",
    "The term {actual} must be after now, and at most {limit} days ahead.",
    "Velg en nærmere frist; forsinkelsen kan meldes på nytt når den nærmer seg.",
    "Choose a nearer term; the delay can be declared again as it comes near.",
)
DELAY_SINCE_INVALID = Rule(
    "DELAY_SINCE_INVALID",
    "R47",
    "Den første forsinkede dagen kan ikke være {actual}: tidligst {limit}, og ikke etter fristen.",
    "The first day that is late cannot be {actual}: {limit} at the earliest, and not after the term.",
    "Velg en dag mellom disse.",
    "Choose a day between these.",
)
DELAY_NOT_DECLARED = Rule(
    "DELAY_NOT_DECLARED",
    "R47",
    "Det er ikke meldt noen forsinkelse som kan oppheves.",
    "No delay is declared that could be lifted.",
    "Kontroller nettselskapets GLN; en forsinkelse opphører også av seg selv når alt er kommet eller fristen er ute.",
    "Check the DSO's GLN; a delay also ends by itself when all has come, or its term is over.",
)

# Notices on activation orders: a fact is always accepted

GROUP_UNKNOWN = Rule(
    "GROUP_UNKNOWN",
    "R47",
    "Fleksibilitetsgruppen er ikke kjent; aktiveringen er registrert, men kan ikke verifiseres.",
    "The flexibility group is not known; the activation is recorded, but cannot be verified.",
    "Kontroller gruppens id.",
    "Check the group's id.",
)
ABOVE_BIDDABLE = Rule(
    "ABOVE_BIDDABLE",
    "R47",
    "Det er bestilt {actual} {unit}, men bare {limit} {unit} kunne bys inn.",
    "{actual} {unit} were ordered, but only {limit} {unit} could be bid.",
    "Kontroller effekten mot det som kan bys inn.",
    "Check the power against what may be bid.",
)
AFTER_START = Rule(
    "AFTER_START",
    "R47",
    "Bestillingen kom etter at perioden begynte.",
    "The order came after its period had begun.",
    "Send bestillingen før perioden begynner.",
    "Send the order before its period begins.",
)

# Series of values

SERIES_POINT_UNKNOWN = Rule(
    "SERIES_POINT_UNKNOWN",
    "R47",
    "Målepunktet kan ikke identifiseres blant dine målepunkter (Elhub E10).",
    "The metering point cannot be identified among your metering points (Elhub E10).",
    "Kontroller de 18 sifrene, kontrollsifferet og at målepunktet er ditt.",
    "Check the 18 digits, the check digit, and that the point is yours.",
)
SERIES_NOT_AUTHORISED = Rule(
    "SERIES_NOT_AUTHORISED",
    "R47",
    "Målepunktet er ikke ditt i denne perioden (Elhub E55).",
    "The metering point is not yours in this period (Elhub E55).",
    "Send verdier for perioden da målepunktet var ditt: i ditt nettavregningsområde, eller, for en egen måler, under "
    "din kontroll.",
    "Send values of the period in which the point was yours: in your metering grid area or, of an own meter, under "
    "your control.",
)
SERIES_NO_CHANNEL = Rule(
    "SERIES_NO_CHANNEL",
    "R47",
    "Målepunktet har ingen åpen kanal i denne retningen i hele perioden.",
    "The metering point has no open channel in this direction for the whole period.",
    "Åpne en kanal først (open-channels).",
    "Open a channel first (open-channels).",
)
SERIES_RESOLUTION_WRONG = Rule(
    "SERIES_RESOLUTION_WRONG",
    "R47",
    "Oppløsningen er {actual}, men kanalen har {limit} i perioden (Elhub EH075).",
    "The resolution is {actual}, but the channel has {limit} in the period (Elhub EH075).",
    "Send verdiene i kanalens oppløsning.",
    "Send the values in the channel's resolution.",
)
SERIES_RESOLUTION_NOT_REGISTERED = Rule(
    "SERIES_RESOLUTION_NOT_REGISTERED",
    "R47",
    "Oppløsningen er {actual}, men målepunktet er registrert med {limit} det bruksdøgnet. Det er det som teller, "
    "uansett hvilken oppløsning kanalen ble åpnet med (Elhub EH075).",
    "The resolution is {actual}, but the metering point is registered with {limit} on that day. That is what counts, "
    "whatever resolution the channel was opened with (Elhub EH075).",
    "Send verdiene i den oppløsningen målepunktet hadde det døgnet, eller rett målepunktets oppløsning først. En serie "
    "over flere døgn må ha samme oppløsning i alle.",
    "Send the values in the resolution that the point had on that day, or correct the point's resolution first. A "
    "series over several days must have one resolution in all of them.",
)
SERIES_NOT_ALIGNED = Rule(
    "SERIES_NOT_ALIGNED",
    "R47",
    "Perioden begynner eller slutter ikke på et helt steg av {limit} minutter: {actual} (Elhub EH032).",
    "The period does not begin and end on a whole step of {limit} minutes: {actual} (Elhub EH032).",
    "Bruk hele timer eller hele kvarter.",
    "Use whole hours or whole quarters.",
)
SERIES_PERIOD_INVALID = Rule(
    "SERIES_PERIOD_INVALID",
    "R47",
    "Perioden slutter {actual}, som ikke er etter at den begynner, {limit} (Elhub E50).",
    "The period ends at {actual}, which is not after it begins, at {limit} (Elhub E50).",
    "La slutten være etter starten. Tidspunktene er i norsk tid.",
    "Let the end be after the start. The moments are in Norwegian time.",
)
SERIES_COUNT_WRONG = Rule(
    "SERIES_COUNT_WRONG",
    "R47",
    "Serien har {actual} verdier, men perioden har {limit} (Elhub E87).",
    "The series has {actual} values, but the period has {limit} (Elhub E87).",
    "Send én verdi per steg; et døgn har 23, 24 eller 25 timer.",
    "Send one value per step; a day has 23, 24 or 25 hours.",
)
SERIES_STATUSES_WRONG = Rule(
    "SERIES_STATUSES_WRONG",
    "R47",
    "Statusene dekker {actual} verdier, men serien har {limit} (Elhub E87).",
    "The statuses cover {actual} values, but the series has {limit} (Elhub E87).",
    "La antallene i statuses til sammen være antallet verdier.",
    "Let the counts in statuses add up to the number of values.",
)
SERIES_VALUE_NEGATIVE = Rule(
    "SERIES_VALUE_NEGATIVE",
    "R47",
    "En verdi er negativ (Elhub E86).",
    "A value is negative (Elhub E86).",
    "Send innmating som egen serie i retning produksjon.",
    "Send what is fed in as a series of its own, in direction production.",
)
SERIES_VALUE_ABOVE_LIMIT = Rule(
    "SERIES_VALUE_ABOVE_LIMIT",
    "R47",
    "En verdi er over det regelen for avtalt effekt tillater på et steg, {limit} {unit} (Elhub E90).",
    "A value is above what the rule on agreed power allows in a step, {limit} {unit} (Elhub E90).",
    "Kontroller verdien og den avtalte effekten.",
    "Check the value and the agreed power.",
)
SERIES_VALUE_ABOVE_FUSE = Rule(
    "SERIES_VALUE_ABOVE_FUSE",
    "R47",
    "En verdi er over det regelen for hovedsikringen tillater på et steg, {limit} {unit} (Elhub E90).",
    "A value is above what the rule on the main fuse allows in a step, {limit} {unit} (Elhub E90).",
    "Kontroller verdien, sikringen og spenningen.",
    "Check the value, the fuse and the voltage.",
)
SERIES_SPIKE = Rule(
    "SERIES_SPIKE",
    "R47",
    "En verdi er langt over verdiene ved siden av, og over {limit} {unit} (Elhub E86).",
    "A value is far above those beside it, and above {limit} {unit} (Elhub E86).",
    "Kontroller verdien.",
    "Check the value.",
)
SERIES_ZERO_RUN = Rule(
    "SERIES_ZERO_RUN",
    "R47",
    "Verdiene er null i {actual} timer i strekk; regelen sier fra ved {limit} (Elhub E86).",
    "The values are zero for {actual} hours in a row; the rule speaks up at {limit} (Elhub E86).",
    "Kontroller at måleren måler.",
    "Check that the meter measures.",
)
SERIES_FLAT_QUARTERS = Rule(
    "SERIES_FLAT_QUARTERS",
    "R47",
    "Kvarterene {actual} ser ut som timer delt på fire; de er ikke bevis for hva som skjedde i et kvarter (Elhub E86).",
    "The quarters of {actual} look like hours divided by four; they are no evidence for a quarter (Elhub E86).",
    "Kontroller om måleren avleses per kvarter, eller rett oppløsningen.",
    "Check whether the meter is read per quarter, or correct its resolution.",
)
SERIES_DOWNGRADED = Rule(
    "SERIES_DOWNGRADED",
    "R47",
    "Verdier med status {actual}, altså ikke målt, står nå i stedet for målte.",
    "Values that are not metered ({actual}) stand in place of metered ones now.",
    "Var det ikke meningen, send de målte verdiene igjen med et senere registreringstidspunkt.",
    "If that was not meant, send the metered values again with a later time of registration.",
)
SERIES_QUARANTINED = Rule(
    "SERIES_QUARANTINED",
    "R47",
    "Serien er lagt til side og teller ikke. Det ventes på bekreftelse eller rettelse til {limit} (Elhub E86).",
    "The series is kept aside and does not count. It waits to be confirmed or corrected until {limit} (Elhub E86).",
    "Send riktige verdier; er verdiene riktige, send serien igjen med confirmed: true.",
    "Send the right values; if the values are right, send the series again with confirmed: true.",
)

# Validation rules

VALIDATION_RULE_FIXED = Rule(
    "VALIDATION_RULE_FIXED",
    "R47",
    "Regelen {actual} sier hva en verdi er, og kan ikke endres.",
    "The rule {actual} says what a value is, and cannot be changed.",
    "Endre en av de andre reglene.",
    "Change one of the others.",
)
VALIDATION_CHECK_OTHER = Rule(
    "VALIDATION_CHECK_OTHER",
    "R47",
    "Regelen kontrollerer {limit}, ikke {actual}.",
    "The rule checks {limit}, not {actual}.",
    "Gi en ny regel en egen nøkkel.",
    "Give a new rule a key of its own.",
)
VALIDATION_THRESHOLDS_OTHER = Rule(
    "VALIDATION_THRESHOLDS_OTHER",
    "R47",
    "Denne kontrollen har akkurat disse tersklene: {limit}. Oppgitt er: {actual}.",
    "This check has exactly these thresholds: {limit}. Given are: {actual}.",
    "Oppgi hver av dem én gang.",
    "Give each of them once.",
)
VALIDATION_THRESHOLD_NOT_ALLOWED = Rule(
    "VALIDATION_THRESHOLD_NOT_ALLOWED",
    "R47",
    "Terskelen kan ikke være {actual}; den kan være {limit}.",
    "The threshold cannot be {actual}; it may be {limit}.",
    "Velg en verdi innenfor grensene.",
    "Choose a value within the bounds.",
)
VALIDATION_RULE_IN_THE_PAST = Rule(
    "VALIDATION_RULE_IN_THE_PAST",
    "R47",
    "Regelen kan ikke gjelde fra {actual}, som er passert; tidligst {limit}.",
    "The rule cannot be valid from {actual}, which is past; {limit} at the earliest.",
    "Velg et tidspunkt som kommer.",
    "Choose a moment to come.",
)
VALIDATION_RULES_CONTRADICT = Rule(
    "VALIDATION_RULES_CONTRADICT",
    "R47",
    "Den mildere regelen ville aldri slå til: {limit}, og den strengere er {actual}.",
    "The milder rule would never be met: {limit}, and the graver one is {actual}.",
    "La den strengere regelen ha den høyeste terskelen, eller skru av den mildere.",
    "Let the graver rule have the higher threshold, or turn the milder one off.",
)
VALIDATION_LOOSENED = Rule(
    "VALIDATION_LOOSENED",
    "R47",
    "Regelen er mildere enn før: {actual} i stedet for {limit}. Det som er avvist eller lagt til side, blir det.",
    "The rule is milder than before: {actual} instead of {limit}. What was refused or kept aside stays so.",
    "Be nettselskapene sende på nytt det som nå skal telle.",
    "Ask the DSOs to send again what is to count now.",
)

ALL = (
    *(value for value in list(globals().values()) if isinstance(value, Rule)),
    *out_rules.ALL,
    *own_rules.ALL,
    *baseline_rules.ALL,
    *activation_rules.ALL,
    *documentation_rules.ALL,
    *settlement_rules.ALL,
    *profile_rules.ALL,
    *series_rules.ALL,
    *virtual_rules.ALL,
    *grant_rules.ALL,
    *erasing_rules.ALL,
)
