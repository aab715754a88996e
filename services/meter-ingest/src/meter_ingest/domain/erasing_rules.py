"""What may be refused, or noticed, because an end user's values are erased, and how to mend it."""

from __future__ import annotations

from contracts.message import Rule

VALUES_ERASED = Rule(
    "VALUES_ERASED",
    "D21",
    "Måleverdier som trengs, er slettet for en sluttbruker: {actual}. De kommer ikke tilbake; det som er publisert av "
    "dem, står.",
    "Values that are needed were erased for an end user: {actual}. They do not come back; what was published of them "
    "stands.",
    "Send bare verdier fra andre døgn. Av en verifikasjon brukes det publiserte resultatet, med antall, summer og "
    "hasher.",
    "Send values of other days alone. Of a verification use the published result, with its counts, sums and hashes.",
)
VALUES_EXPIRED = Rule(
    "VALUES_EXPIRED",
    "D21",
    "Måleverdier som trengs, er eldre enn de oppbevares: {actual}. De kommer ikke tilbake; det som er publisert av "
    "dem, står.",
    "Values that are needed are older than values are kept: {actual}. They do not come back; what was published of "
    "them stands.",
    "Bruk det publiserte resultatet, med antall, summer og hasher.",
    "Use the published result, with its counts, sums and hashes.",
)
VALUES_HELD = Rule(
    "VALUES_HELD",
    "D21",
    "Noen måleverdier er ikke slettet ennå (årsak og antall perioder: {actual}).",
    "Some values are not erased yet (why, and how many periods: {actual}).",
    "Ingenting trengs: de slettes av seg selv når sluttbrukeren ikke lenger står bak målepunktet, døgnet er endelig "
    "avregnet og dokumentasjonen er laget. Er målepunktet merket for ti år, må merket først tas bort "
    "(set-value-retention).",
    "Nothing is needed: they are erased by themselves when the end user has left the metering point, the day is "
    "finally settled and evidence has been prepared. Where the point is marked for ten years, that is to be taken back "
    "first (set-value-retention).",
)
ERASURE_END_USER_UNKNOWN = Rule(
    "ERASURE_END_USER_UNKNOWN",
    "D21",
    "Ingen fakta sier at denne sluttbrukeren har stått bak noe målepunkt.",
    "No fact says that this end user has stood behind any metering point.",
    "Kontroller sluttbrukerens id.",
    "Check the end user's id.",
)

VALUES_NOT_PROVED = Rule(
    "VALUES_NOT_PROVED",
    "D21",
    "{actual} måleserier kan ikke bevises lenger, fordi verdier i dem er slettet for en sluttbruker. {limit} serier "
    "som ble tatt imot sammen med slike (kolonneformat), bevises av sine egne antall og summer, ikke lenger av hashen "
    "over dem alle.",
    "{actual} series cannot be proved any more, because values in them were erased for an end user. {limit} series "
    "that were accepted together with such (by column) are proved by their own counts and sums, no longer by the hash "
    "over all of them.",
    "Ingenting trengs: slettingen er besluttet, og bevist av values-erased.",
    "Nothing is needed: the erasure was decided, and values-erased proves it.",
)

ALL = (VALUES_ERASED, VALUES_EXPIRED, VALUES_HELD, ERASURE_END_USER_UNKNOWN, VALUES_NOT_PROVED)
