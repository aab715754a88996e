"""Rules about large metering points that take part individually."""

from __future__ import annotations

from contracts.message import Rule

METERING_POINT_TOO_SMALL_ALONE = Rule(
    key="METERING_POINT_TOO_SMALL_ALONE",
    number="R3",
    text_nb="Ressursene bak målepunktet er til sammen under {limit} {unit}. De deltar i en gruppe, ikke enkeltvis.",
    text_en=(
        "The resources behind the metering point add up to less than {limit} {unit}. They take part in a group, not "
        "individually."
    ),
    fix_nb="Ta målepunktet med i en fleksibilitetsgruppe, eller registrer alle ressursene bak det.",
    fix_en="Include the point in a flexibility group, or register all the resources behind it.",
)
METERING_POINT_TAKES_PART_ALONE = Rule(
    key="METERING_POINT_TAKES_PART_ALONE",
    number="R8",
    text_nb="Målepunktet er allerede et reguleringsobjekt for seg selv.",
    text_en="The metering point is already a regulation object by itself.",
    fix_nb="Avslutt reguleringsobjektet først; det varer til sin midnatt.",
    fix_en="End the regulation object first; it lasts until its midnight.",
)
REGULATION_OBJECT_NOT_YOURS = Rule(
    key="REGULATION_OBJECT_NOT_YOURS",
    number="R28",
    text_nb="Dere har ikke noe reguleringsobjekt med denne id-en, eller det er avsluttet.",
    text_en="You have no regulation object with this id, or it has ended.",
    fix_nb="Kontroller id-en.",
    fix_en="Check the id.",
)
