"""What of own meters may be refused, or noticed: a part of `rules`."""

from __future__ import annotations

from contracts.message import Rule

OWN_METER_RESOURCE_UNKNOWN = Rule(
    "OWN_METER_RESOURCE_UNKNOWN",
    "R47",
    "Ressursen finnes ikke blant dine ressurser bak målepunkter som du kontrollerer fra denne datoen.",
    "The resource is not among your resources behind metering points that you control from this date.",
    "Kontroller ressurs-id-en, og at du kontrollerer målepunktet fra den dagen måleren åpnes.",
    "Check the resource id, and that you control the metering point from the day on which the meter is opened.",
)
OWN_METER_ALREADY_OPEN = Rule(
    "OWN_METER_ALREADY_OPEN",
    "R47",
    "Måleren er allerede åpen i denne retningen, fra {actual}.",
    "The meter is already open in this direction, from {actual}.",
    "Steng den først, eller åpne den fra den dagen den er stengt.",
    "Close it first, or open it from the day on which it is closed.",
)
OWN_METER_NOT_OPEN = Rule(
    "OWN_METER_NOT_OPEN",
    "R47",
    "Du har ingen åpen egen måler med denne enheten og retningen på ressursen.",
    "You have no open own meter with this device and direction at the resource.",
    "Kontroller ressursen, enheten og retningen; en stengt måler kan ikke stenges igjen.",
    "Check the resource, the device and the direction; a closed meter cannot be closed again.",
)
OWN_METER_PERIOD_INVALID = Rule(
    "OWN_METER_PERIOD_INVALID",
    "R47",
    "Datoen {actual} er for tidlig: tidligst {limit}.",
    "The date {actual} is too early: {limit} at the earliest.",
    "Velg en senere dato.",
    "Choose a later date.",
)
OWN_METERS_TOO_MANY = Rule(
    "OWN_METERS_TOO_MANY",
    "R47",
    "Målepunktet har hatt {limit} egne målere; numrene brukes ikke om igjen.",
    "The metering point has had {limit} own meters; their numbers are not used again.",
    "Bruk enheten til en måler som har vært åpen før.",
    "Use the device of a meter that was open before.",
)
SERIES_RESOURCE_UNKNOWN = Rule(
    "SERIES_RESOURCE_UNKNOWN",
    "R47",
    "Ingen egen måler av dine er kjent på denne ressursen.",
    "No own meter of yours is known at this resource.",
    "Kontroller ressurs-id-en, og åpne måleren først (open-own-meter).",
    "Check the resource id, and open the meter first (open-own-meter).",
)
SERIES_RESOURCE_ELSEWHERE = Rule(
    "SERIES_RESOURCE_ELSEWHERE",
    "R47",
    "Ressursen står ikke bak målepunktet {actual}.",
    "The resource does not stand behind the metering point {actual}.",
    "Utelat målepunktet, eller oppgi det som ressursen står bak.",
    "Leave the metering point out, or name the one that the resource stands behind.",
)
SERIES_OWN_METER_NOT_OPEN = Rule(
    "SERIES_OWN_METER_NOT_OPEN",
    "R47",
    "Serien passer til {actual} egne målere som er åpne i denne retningen i hele perioden; den må passe til {limit}.",
    "The series fits {actual} own meters that are open in this direction for the whole period; it must fit {limit}.",
    "Åpne måleren først (open-own-meter), eller oppgi enheten (device_id) når ressursen har flere.",
    "Open the meter first (open-own-meter), or name the device (device_id) where the resource has several.",
)
SERIES_MISSING_WRONG = Rule(
    "SERIES_MISSING_WRONG",
    "R47",
    "Stegene {actual} er oppgitt som manglende, men ligger ikke i serien på {limit} verdier, er oppgitt to ganger "
    "eller har en verdi.",
    "The steps {actual} are said to be missing, but do not lie in the series of {limit} values, are said twice, or "
    "have a value.",
    "Oppgi hvert manglende steg én gang, og la verdien der være 0.",
    "Name each missing step once, and let its value be 0.",
)
SERIES_QUARTER_EMPTY = Rule(
    "SERIES_QUARTER_EMPTY",
    "R47",
    "Kvarter nummer {actual} i serien har ingen målt verdi.",
    "Quarter number {actual} of the series has no value that was measured.",
    "Send det som er målt før og etter som to serier.",
    "Send what was measured before and after it as two series.",
)
SERIES_SAMPLES_MISSING = Rule(
    "SERIES_SAMPLES_MISSING",
    "R47",
    "Et kvarter har {actual} målte verdier av {limit}; det er lagret som delvis målt, og er ikke bevis av første "
    "klasse.",
    "A quarter has {actual} measured values of {limit}; it is kept as partly metered, and is no first-class evidence.",
    "Send kvarteret på nytt når de manglende verdiene er hentet.",
    "Send the quarter again when the missing values have been fetched.",
)
SERIES_CLOCK_DRIFT = Rule(
    "SERIES_CLOCK_DRIFT",
    "R47",
    "Målerens klokke går {actual} {unit} feil; mer enn {limit} {unit} merkes på verdiene.",
    "The meter's clock is {actual} {unit} wrong; more than {limit} {unit} is marked on the values.",
    "Still klokken.",
    "Set the clock.",
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
