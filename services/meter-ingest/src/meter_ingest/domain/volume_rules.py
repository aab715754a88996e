"""What may be refused, or noticed, of volumes of whole periods."""

from __future__ import annotations

from contracts.message import Rule

VOLUME_NOT_YOUR_POINT = Rule(
    "VOLUME_NOT_YOUR_POINT",
    "D18",
    "Målepunktet finnes ikke blant dine målepunkter i hele perioden.",
    "The metering point is not among your metering points in all of the period.",
    "Kontroller målepunkt-id-en, og del perioden der nettselskapet ble et annet.",
    "Check the metering point id, and divide the period where the DSO became another.",
)

VOLUME_NOT_WHOLE_DAYS = Rule(
    "VOLUME_NOT_WHOLE_DAYS",
    "D18",
    "Perioden er ikke hele lokale døgn: {actual}.",
    "The period is not of whole local days: {actual}.",
    "La den begynne og slutte ved midnatt norsk tid, med slutten etter begynnelsen.",
    "Let it begin and end at midnight in Norwegian time, its end after its start.",
)

VOLUME_NOT_OVER = Rule(
    "VOLUME_NOT_OVER",
    "D18",
    "Perioden går til {actual}, som ikke er over ennå.",
    "The period goes to {actual}, which is not over yet.",
    "Send volumet når perioden er over.",
    "Send the volume when the period is over.",
)

VOLUME_TOO_OLD = Rule(
    "VOLUME_TOO_OLD",
    "D18",
    "Perioden begynner {actual}, tidligst mulig er {limit}.",
    "The period begins at {actual}; {limit} is the earliest.",
    "Eldre volumer endres ikke lenger.",
    "Older volumes are not changed any more.",
)

VOLUME_REGISTERED_AHEAD = Rule(
    "VOLUME_REGISTERED_AHEAD",
    "D18",
    "Volumet er registrert {actual}, som ennå ikke har vært.",
    "The volume was registered at {actual}, which is yet to come.",
    "Send tidspunktet da volumet ble registrert.",
    "Send the moment at which the volume was registered.",
)

VOLUME_NEGATIVE = Rule(
    "VOLUME_NEGATIVE",
    "D18",
    "Et volum eller en målerstand er negativ: {actual} {unit}.",
    "A volume or a stand of the meter is negative: {actual} {unit}.",
    "Send innmating som eget volum i retning produksjon.",
    "Send what is fed in as a volume of its own, in direction production.",
)

VOLUME_STANDS_FALL = Rule(
    "VOLUME_STANDS_FALL",
    "D18",
    "Målerstanden faller, fra {limit} {unit} til {actual} {unit}.",
    "The meter's stand falls, from {limit} {unit} to {actual} {unit}.",
    "Rett standene. Er måleren byttet eller nullstilt i perioden, send volumet uten stander.",
    "Mend the stands. Where the meter was exchanged or begun anew in the period, send the volume without stands.",
)

VOLUME_OLDER_THAN_COUNTS = Rule(
    "VOLUME_OLDER_THAN_COUNTS",
    "D18",
    "Volumet er registrert {actual}, før det som sist er sagt om perioden ({limit}); det er lagret, men teller ikke.",
    "The volume was registered at {actual}, before what was said of the period last ({limit}); it is kept, but does "
    "not count.",
    "Skal det telle, send det igjen med et senere registreringstidspunkt.",
    "If it is to count, send it again with a later time of registration.",
)

VOLUME_STANDS_CONTRADICT = Rule(
    "VOLUME_STANDS_CONTRADICT",
    "D18",
    "Målerstandene gir {limit} {unit}, volumet er {actual} {unit}.",
    "The meter's stands give {limit} {unit}, the volume is {actual} {unit}.",
    "Rett det som er feil. Er måleren byttet i perioden, send volumet uten stander.",
    "Mend what is wrong. Where the meter was exchanged in the period, send the volume without stands.",
)

VOLUME_OVERLAPS = Rule(
    "VOLUME_OVERLAPS",
    "D18",
    "Det står allerede et volum for deler av perioden: {actual}.",
    "There is a volume of a part of the period already: {actual}.",
    "Trekk det tilbake først, eller send nøyaktig samme periode for å rette det.",
    "Withdraw that first, or send the very same period to correct it.",
)

VOLUME_NOT_RECORDED = Rule(
    "VOLUME_NOT_RECORDED",
    "D18",
    "Det står ikke noe volum for perioden {actual}.",
    "There is no volume of the period {actual}.",
    "Trekk tilbake nøyaktig den perioden som ble sendt; et tilbaketrukket volum kan ikke trekkes tilbake igjen.",
    "Withdraw the very period that was sent; what has been withdrawn cannot be withdrawn again.",
)

VOLUME_UNCHANGED = Rule(
    "VOLUME_UNCHANGED",
    "D18",
    "Dette er allerede sagt om perioden; det ble ingen ny revisjon.",
    "This has been said of the period already; it made no new revision.",
    "Det er ingenting å gjøre.",
    "There is nothing to do.",
)
