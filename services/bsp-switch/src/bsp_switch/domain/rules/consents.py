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
