"""Rules about groups and their members."""

from __future__ import annotations

from contracts.message import Rule

GROUP_NOT_YOURS = Rule(
    key="GROUP_NOT_YOURS",
    number="R28",
    text_nb="Dere har ingen fleksibilitetsgruppe med denne id-en.",
    text_en="You have no flexibility group with this id.",
    fix_nb="Kontroller id-en, eller dann gruppen først.",
    fix_en="Check the id, or form the group first.",
)
GROUP_NEEDS_SEVERAL_POINTS = Rule(
    key="GROUP_NEEDS_SEVERAL_POINTS",
    number="R6",
    text_nb="En fleksibilitetsgruppe dannes av minst {limit} målepunkter.",
    text_en="A flexibility group is formed of at least {limit} metering points.",
    fix_nb="Ta med flere målepunkter. Ett stort målepunkt (1 MW eller mer) deltar enkeltvis.",
    fix_en="Include more metering points. One large point (1 MW or more) takes part individually.",
)
GROUP_ABOVE_MAX = Rule(
    key="GROUP_ABOVE_MAX",
    number="R10",
    text_nb="Gruppens samlede regulerkapasitet ville blitt over grensen på {limit} {unit}.",
    text_en="The group's total regulating capacity would be above the limit of {limit} {unit}.",
    fix_nb="Ta med færre målepunkter, del dem på flere grupper, eller la målepunktet forlate gruppen først.",
    fix_en="Include fewer metering points, divide them between several groups, or let the point leave the group first.",
)
METERING_POINT_REPEATED = Rule(
    key="METERING_POINT_REPEATED",
    number="R14",
    text_nb="Målepunktet står flere ganger i meldingen.",
    text_en="The metering point stands more than once in the message.",
    fix_nb="Ta det med én gang.",
    fix_en="Include it once.",
)
METERING_POINT_WRONG_ZONE = Rule(
    key="METERING_POINT_WRONG_ZONE",
    number="R11",
    text_nb="Målepunktet ligger i et annet budområde enn gruppen ({limit}).",
    text_en="The metering point lies in another bidding zone than the group ({limit}).",
    fix_nb="Bruk en gruppe i målepunktets budområde.",
    fix_en="Use a group in the metering point's bidding zone.",
)
METERING_POINT_HAS_NO_RESOURCE = Rule(
    key="METERING_POINT_HAS_NO_RESOURCE",
    number="R26",
    text_nb="Det er ingen aktiv ressurs bak målepunktet.",
    text_en="There is no active resource behind the metering point.",
    fix_nb="Registrer eller aktiver ressursene bak målepunktet først.",
    fix_en="Register or activate the resources behind the metering point first.",
    retryable=True,
)
METERING_POINT_TOO_LARGE_FOR_GROUP = Rule(
    key="METERING_POINT_TOO_LARGE_FOR_GROUP",
    number="R4",
    text_nb=(
        "Ressursene bak målepunktet er til sammen {limit} {unit} eller mer. Da må de delta enkeltvis, ikke i en gruppe."
    ),
    text_en=(
        "The resources behind the metering point add up to {limit} {unit} or more. They must take part "
        "individually, not in a group."
    ),
    fix_nb="Søk om prekvalifisering av målepunktet alene.",
    fix_en="Apply for prequalification of the metering point alone.",
)
METERING_POINT_ALREADY_IN_GROUP = Rule(
    key="METERING_POINT_ALREADY_IN_GROUP",
    number="R14",
    text_nb="Målepunktet er allerede medlem av en gruppe.",
    text_en="The metering point is already a member of a group.",
    fix_nb="La det forlate gruppen først; et medlemskap som er varslet avsluttet varer til sin midnatt.",
    fix_en="Let it leave that group first; a membership announced to end lasts until its midnight.",
)
METERING_POINT_BRP_UNKNOWN = Rule(
    key="METERING_POINT_BRP_UNKNOWN",
    number="R27",
    text_nb="Registeret vet ikke hvem som er balanseansvarlig for målepunktet nå.",
    text_en="The register does not know who is balance responsible for the metering point now.",
    fix_nb="Vent til datahuben har sendt hvem som står bak målepunktet, og send på nytt.",
    fix_en="Wait until the datahub has sent who stands behind the metering point, and send again.",
    retryable=True,
)
BRP_DIFFERENT = Rule(
    key="BRP_DIFFERENT",
    number="R44",
    text_nb="Målepunktet har, eller får, en annen balanseansvarlig enn gruppens medlemmer ({limit}).",
    text_en=(
        "The metering point has, or will have, another balance responsible party than the group's members ({limit})."
    ),
    fix_nb="Bruk en gruppe med den samme balanseansvarlige i begge retninger.",
    fix_en="Use a group with the same balance responsible party in both directions.",
)
