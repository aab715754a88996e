"""What of a series may be refused, or noticed, whatever form it came in: a part of `rules`."""

from __future__ import annotations

from contracts.message import Rule

SERIES_PERIOD_NOT_OVER = Rule(
    "SERIES_PERIOD_NOT_OVER",
    "R47",
    "Perioden går til {actual}, som ikke er over ennå; da serien kom, var klokken {limit} (Elhub E50).",
    "The period goes to {actual}, which is not over yet; the series came at {limit} (Elhub E50).",
    "Send verdiene når perioden er over. Tidspunktene er i norsk tid.",
    "Send the values when the period is over. The moments are in Norwegian time.",
)
SERIES_PERIOD_TOO_OLD = Rule(
    "SERIES_PERIOD_TOO_OLD",
    "R47",
    "Perioden begynner {actual}; tidligst mulig er {limit}, tre år tilbake (Elhub E50).",
    "The period begins at {actual}; {limit} is the earliest, three years back (Elhub E50).",
    "Eldre verdier endres ikke lenger. Tidspunktene er i norsk tid.",
    "Older values are not changed any more. The moments are in Norwegian time.",
)
SERIES_REGISTERED_AHEAD = Rule(
    "SERIES_REGISTERED_AHEAD",
    "R47",
    "Serien er registrert {actual}, som ennå ikke har vært: høyst {limit} (Elhub E50).",
    "The series was registered at {actual}, which is yet to come: {limit} at the latest (Elhub E50).",
    "Send tidspunktet da verdiene ble registrert: det avgjør hvilken av to revisjoner som teller.",
    "Send the moment at which the values were registered: it decides which of two revisions counts.",
)
SERIES_POINT_NO_ID = Rule(
    "SERIES_POINT_NO_ID",
    "R47",
    "Målepunkt-id-en er ikke {limit} sifre uten innledende null (Elhub E10).",
    "The metering point id is not {limit} digits without a leading zero (Elhub E10).",
    "Send målepunkt-id-en slik den er meldt.",
    "Send the metering point id as it was reported.",
)
SERIES_POINT_CHECK_DIGIT = Rule(
    "SERIES_POINT_CHECK_DIGIT",
    "R47",
    "Kontrollsifferet i målepunkt-id-en er {actual}; etter sifrene foran skulle det vært {limit} (Elhub E10).",
    "The check digit of the metering point id is {actual}; by the digits before it, it should be {limit} (Elhub E10).",
    "Kontroller alle 18 sifrene: det er like gjerne et av de andre som er galt.",
    "Check all 18 digits: it may as well be one of the others that is wrong.",
)

SERIES_PROFILED = Rule(
    "SERIES_PROFILED",
    "R47",
    "Målepunktet er profilavregnet ({actual}): verdiene er lagret, men balansen avregnes ikke på dem.",
    "The metering point is profiled ({actual}): the values are kept, but the balance is not settled on them.",
    "Send periodevolum (record-period-volume), eller rett avregningsformen om punktet er timeavregnet.",
    "Send volumes of periods (record-period-volume), or correct the settlement method where the point is interval "
    "settled.",
)
SERIES_OLDER_THAN_COUNTS = Rule(
    "SERIES_OLDER_THAN_COUNTS",
    "R47",
    "Serien er registrert {actual}, før det som teller for de samme stegene ({limit}); den er lagret, men teller ikke.",
    "The series was registered at {actual}, before what counts for the same steps ({limit}); it is kept, but does not "
    "count.",
    "Skal den telle, send den igjen med et senere registreringstidspunkt.",
    "If it is to count, send it again with a later time of registration.",
)
SERIES_VALUE_IMPOSSIBLE = Rule(
    "SERIES_VALUE_IMPOSSIBLE",
    "R47",
    "En verdi er {actual} {unit}; ingen måler gjennom {limit} {unit} på et steg, uansett målepunkt (Elhub E90).",
    "A value is {actual} {unit}; no meter passes {limit} {unit} in a step, whatever the point is (Elhub E90).",
    "Kontroller enheten: verdier er hele Wh.",
    "Check the unit: values are whole Wh.",
)
SERIES_RESOLUTION_UNKNOWN = Rule(
    "SERIES_RESOLUTION_UNKNOWN",
    "R47",
    "Serien har ingen oppløsning som finnes: {limit} (Elhub EH075).",
    "The series has no resolution that there is: {limit} (Elhub EH075).",
    "Send verdiene i den oppløsningen målepunktet har det døgnet: PT15M eller PT60M.",
    "Send the values in the resolution that the point has on that day: PT15M or PT60M.",
)
SERIES_VALUE_INVALID = Rule(
    "SERIES_VALUE_INVALID",
    "R47",
    "En verdi i serien er ikke et helt tall som kan stå der: {limit} (Elhub E86).",
    "A value of the series is no whole number that can stand there: {limit} (Elhub E86).",
    "Send hele Wh. Mangler en verdi, send det som er før og etter den som to serier.",
    "Send whole Wh. Where a value is missing, send what is before and after it as two series.",
)
SERIES_INVALID = Rule(
    "SERIES_INVALID",
    "R47",
    "Serien er ikke skrevet slik en serie skal være: {limit} (Elhub E98).",
    "The series is not written as a series is: {limit} (Elhub E98).",
    "Rett det `path` peker på; `flexreg types send-meter-values` viser skjemaet.",
    "Mend what `path` points to; `flexreg types send-meter-values` shows the schema.",
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
