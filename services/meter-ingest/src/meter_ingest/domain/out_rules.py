"""Why the HTTP door refuses what is asked of values, sums and exports."""

from __future__ import annotations

from contracts.message import Rule

QUERY_INVALID = Rule(
    "QUERY_INVALID",
    "",
    "Forespørselen kan ikke leses: {actual}. Det skal være {limit}.",
    "The request cannot be read: {actual}. It is to be {limit}.",
    "Se `/openapi.json` for hvilke parametre som finnes og hvordan de skrives.",
    "See `/openapi.json` for which parameters there are and how they are written.",
)
QUERY_TOO_LONG = Rule(
    "QUERY_TOO_LONG",
    "",
    "Perioden er {actual} {unit}; det gis høyst {limit} om gangen.",
    "The period is {actual} {unit}; at most {limit} are given at once.",
    "Spør om kortere perioder, eller bestill en eksport.",
    "Ask for shorter periods, or order an export.",
)
VALUES_NOT_FOUND = Rule(
    "VALUES_NOT_FOUND",
    "D21",
    "Det finnes ingen verdier av målepunktet i perioden som du kan lese.",
    "There are no values of the metering point in the period that you may read.",
    "Kontroller målepunkt-id, linje og periode, og at du har kontroll, samtykke eller fullmakt for perioden.",
    "Check metering point id, line and period, and that you have control, a consent or a grant for the period.",
)
FACTS_NOT_GRANTED = Rule(
    "FACTS_NOT_GRANTED",
    "BRS-NO-622",
    "Du kan lese verdier av målepunktet, men ikke hva målepunktet er: tilgangen er `limited`.",
    "You may read values of the metering point, but not what it is: the access is `limited`.",
    "Be sluttbrukeren om nivået `full` (change-data-access).",
    "Ask the end user for the level `full` (change-data-access).",
)
SETTLEMENT_NOT_FOUND = Rule(
    "SETTLEMENT_NOT_FOUND",
    "",
    "Det finnes ingen slik versjon, kjøring eller aktivering som du kan lese rader av.",
    "There is no such version, run or activation of which you may read rows.",
    "Bruk dato og versjon, eller id, fra meldingene du har fått. Utkast leses bare av systemansvarlig.",
    "Use the date and version, or the id, of what you were told. Drafts are read by the TSO alone.",
)
END_USER_NOT_SERVED = Rule(
    "END_USER_NOT_SERVED",
    "EI-1015",
    "Bare datahub og TSO spør på vegne av en sluttbruker, her som {limit}.",
    "Only the datahub and the TSO ask on behalf of an end user, here as {limit}.",
    "La `end_user` være borte: da leser du det som er ditt eget.",
    "Leave `end_user` out: then you read what is your own.",
)
EXPORT_INVALID = Rule(
    "EXPORT_INVALID",
    "",
    "Bestillingen av eksport følger ikke skjemaet: {limit}.",
    "The order of an export does not follow the schema: {limit}.",
    "Rett verdien der `path` peker; `/openapi.json` sier hva en bestilling inneholder.",
    "Mend the value that `path` points to; `/openapi.json` says what an order contains.",
)
EXPORT_AS_OF_AHEAD = Rule(
    "EXPORT_AS_OF_AHEAD",
    "",
    "Bestillingens `as_of` ligger foran det som finnes ({limit}).",
    "The `as_of` of the order lies ahead of what there is ({limit}).",
    "Bruk `as_of` fra en tidligere eksport slik den står der, eller la den være borte.",
    "Use the `as_of` of a former export as it stands there, or leave it out.",
)
EXPORT_ID_REUSED = Rule(
    "EXPORT_ID_REUSED",
    "",
    "Id-en er brukt til en annen bestilling.",
    "The id was used for another order.",
    "Bruk en ny id, eller la den være borte.",
    "Use a new id, or leave it out.",
)
EXPORT_EMPTY = Rule(
    "EXPORT_EMPTY",
    "D21",
    "Det finnes ingenting i bestillingen som du kan lese.",
    "There is nothing in the order that you may read.",
    "Kontroller perioden og målepunktene, og at du har kontroll, samtykke eller fullmakt for perioden.",
    "Check the period and the metering points, and that you have control, a consent or a grant for the period.",
)
EXPORT_TOO_MANY = Rule(
    "EXPORT_TOO_MANY",
    "",
    "Du har allerede {actual} eksporter som lages; høyst {limit} om gangen.",
    "You have {actual} exports being made already; at most {limit} at once.",
    "Vent til en er ferdig, eller slett en.",
    "Wait until one is done, or delete one.",
    retryable=True,
)
EXPORT_NOT_FOUND = Rule(
    "EXPORT_NOT_FOUND",
    "",
    "Det finnes ingen slik eksport, eller fil, som er din.",
    "There is no such export, or file, that is yours.",
    "List eksportene dine med `GET /exports`. Utløpte eksporter er slettet: bestill på nytt.",
    "List your exports with `GET /exports`. Expired ones are deleted: order anew.",
)
EXPORT_FILE_NOT_READY = Rule(
    "EXPORT_FILE_NOT_READY",
    "",
    "Filen er ikke laget ennå.",
    "The file is not made yet.",
    "Se på eksporten igjen om litt: filene kommer én for én.",
    "Look at the export again in a while: the files come one by one.",
    retryable=True,
)
EXPORT_REVOKED = Rule(
    "EXPORT_REVOKED",
    "D21",
    "Du kan ikke lenger lese alt som er i eksporten, eller verdier i den er slettet for en sluttbruker. Filene er "
    "borte.",
    "You may no longer read all that is in the export, or values in it were erased for an end user. Its files are "
    "gone.",
    "Bestill en ny: den inneholder det du kan lese nå.",
    "Order a new one: it contains what you may read now.",
)
EXPORT_RANGE_INVALID = Rule(
    "EXPORT_RANGE_INVALID",
    "",
    "Den delen finnes ikke: filen har {limit} {unit}.",
    "There is no such part: the file has {limit} {unit}.",
    "Be om én sammenhengende del som begynner i filen, `bytes=fra-til`.",
    "Ask for one contiguous part that begins within the file, `bytes=from-to`.",
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
