"""What of third parties' access may be refused, or noticed: a part of `rules`."""

from __future__ import annotations

from contracts.message import Rule

_SOURCE = "BRS-NO-622"

DATA_ACCESS_UNKNOWN = Rule(
    "DATA_ACCESS_UNKNOWN",
    _SOURCE,
    "Tilgangen finnes ikke blant dem du kan svare på, endre eller avslutte for denne sluttbrukeren.",
    "The access is not among those that you may answer, change or end for this end user.",
    "Kontroller id-en og sluttbrukeren: han må stå bak målepunktet når tilgangen begynner.",
    "Check the id and the end user, who must stand behind the metering point when the access begins.",
)
DATA_ACCESS_NOT_ASKED = Rule(
    "DATA_ACCESS_NOT_ASKED",
    _SOURCE,
    "Det er ikke noe å svare på: tilgangen er {actual}.",
    "There is nothing to answer: the access is {actual}.",
    "Be tredjeparten sende en ny forespørsel.",
    "Let the third party ask again.",
)
DATA_ACCESS_ENDED = Rule(
    "DATA_ACCESS_ENDED",
    _SOURCE,
    "Tilgangen gjelder ikke: den er {actual}.",
    "The access is not in force: it is {actual}.",
    "Be om ny tilgang (request-data-access).",
    "Ask for a new access (request-data-access).",
)
DATA_ACCESS_PERIOD_INVALID = Rule(
    "DATA_ACCESS_PERIOD_INVALID",
    _SOURCE,
    "Perioden kan ikke begynne eller slutte {actual}; grensen er {limit}.",
    "The period cannot begin or end at {actual}; the limit is {limit}.",
    "Velg en begynnelse som ikke er for langt tilbake, og en slutt som er etter den og fram i tid.",
    "Choose a beginning that is not too far back, and an end that is after it and ahead in time.",
)
DATA_ACCESS_UNCHANGED = Rule(
    "DATA_ACCESS_UNCHANGED",
    _SOURCE,
    "Tilgangen er slik allerede.",
    "The access is like that already.",
    "Ingenting trengs.",
    "Nothing is needed.",
)
RETURN_ADDRESS_NOT_ALLOWED = Rule(
    "RETURN_ADDRESS_NOT_ALLOWED",
    _SOURCE,
    "Returadressen er ikke blant dem som er godkjent for deg.",
    "The return address is not among those that are allowed for you.",
    "Bruk en godkjent adresse, bokstav for bokstav, eller be operatøren om å godkjenne den.",
    "Use an allowed address, letter by letter, or have the operator allow it.",
)
RETURN_ADDRESS_NOT_KNOWN = Rule(
    "RETURN_ADDRESS_NOT_KNOWN",
    _SOURCE,
    "Adressen er ikke godkjent for denne parten, eller parten er ingen tredjepart.",
    "The address is not allowed for this party, or the party is no third party.",
    "Kontroller partens GLN og adressen, bokstav for bokstav.",
    "Check the party's GLN and the address, letter by letter.",
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
