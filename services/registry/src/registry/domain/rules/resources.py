"""Rules about resources and devices."""

from __future__ import annotations

from contracts.message import Rule

DEVICE_ALREADY_REGISTERED = Rule(
    key="DEVICE_ALREADY_REGISTERED",
    number="R2",
    text_nb=(
        "En enhet med samme fabrikat, modell og serienummer er allerede registrert, eller står to ganger i meldingen."
    ),
    text_en=(
        "A device with the same make, model and serial number is already registered, or stands twice in the message."
    ),
    fix_nb="Kontroller serienummeret. En fysisk enhet hører til én ressurs.",
    fix_en="Check the serial number. A physical device belongs to one resource.",
)
