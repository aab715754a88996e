"""Rules about consents of end users."""

from __future__ import annotations

from contracts.message import Rule

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
CONSENT_UNKNOWN = Rule(
    key="CONSENT_UNKNOWN",
    number="R31",
    text_nb="Dere har ikke registrert noe samtykke med denne id-en.",
    text_en="You have recorded no consent with this id.",
    fix_nb="Kontroller id-en.",
    fix_en="Check the id.",
)
CONSENT_ENDED = Rule(
    key="CONSENT_ENDED",
    number="R31",
    text_nb="Samtykket tok slutt {actual}.",
    text_en="The consent ended at {actual}.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
LAWFULNESS_ATTESTATION_MISSING = Rule(
    key="LAWFULNESS_ATTESTATION_MISSING",
    number="R30",
    text_nb="Det er ikke bekreftet at samtykket er lovlig innhentet.",
    text_en="It is not attested that the consent was lawfully obtained.",
    fix_nb="Oppgi i `attestation` hvilken tekst som er undertegnet, når, og id-en til den som undertegnet.",
    fix_en="Say in `attestation` which text was signed, when, and the id of who signed.",
)
ATTESTATION_DATED_AHEAD = Rule(
    key="ATTESTATION_DATED_AHEAD",
    number="R30",
    text_nb="Bekreftelsen er datert {actual}, som er etter {limit}.",
    text_en="The attestation is dated {actual}, which is after {limit}.",
    fix_nb="Oppgi når bekreftelsen ble undertegnet.",
    fix_en="Say when the attestation was signed.",
)
CONSENT_DOCUMENT_UNKNOWN = Rule(
    key="CONSENT_DOCUMENT_UNKNOWN",
    number="R31",
    text_nb="Dere har ikke levert noe dokument med id-en {actual}.",
    text_en="You have brought in no document with the id {actual}.",
    fix_nb="Lever dokumentet gjennom døren først, og vent på svaret.",
    fix_en="Bring in the document through the door first, and wait for the answer.",
    retryable=True,
)
CONSENT_DOCUMENT_DIFFERS = Rule(
    key="CONSENT_DOCUMENT_DIFFERS",
    number="R31",
    text_nb="Dokumentet som ble levert, har SHA-256 {limit}, ikke {actual}.",
    text_en="The document that was brought in has the SHA-256 {limit}, not {actual}.",
    fix_nb="Bruk id og SHA-256 slik døren svarte.",
    fix_en="Use the id and the SHA-256 as the door answered them.",
)
