"""The rules about applications."""

from __future__ import annotations

from contracts.message import Rule

GROUP_NOT_YOURS = Rule(
    key="GROUP_NOT_YOURS",
    number="R28",
    text_nb="Du har ingen fleksibilitetsgruppe med denne id-en.",
    text_en="You have no flexibility group with this id.",
    fix_nb="Bruk id-en til en av dine egne grupper, eller lag gruppen først (R26).",
    fix_en="Use the id of one of your own groups, or form the group first (R26).",
)
GROUP_NOT_ACTIVE = Rule(
    key="GROUP_NOT_ACTIVE",
    number="R6",
    text_nb="Gruppen er et utkast, eller den er avsluttet eller varslet avsluttet.",
    text_en="The group is a draft, or it has ended or is announced to end.",
    fix_nb="Aktiver utkastet, og søk på nytt. For en gruppe som avsluttes kan det ikke søkes.",
    fix_en="Activate the draft, and apply again. There is no applying for a group that ends.",
)
APPLICATION_UNDER_WAY = Rule(
    key="APPLICATION_UNDER_WAY",
    number="R42",
    text_nb="Gruppen har allerede en søknad som er under behandling, venter på plass eller er godkjent.",
    text_en="The group already has an application that is being handled, waits for room or is approved.",
    fix_nb="Vent på avgjørelsen. Etter et avslag eller når godkjenningen er slutt, kan gruppen søke på nytt.",
    fix_en="Wait for the decision. After a rejection, or when the approval has ended, the group may apply again.",
)
APPLIED_BELOW_MINIMUM = Rule(
    key="APPLIED_BELOW_MINIMUM",
    number="R9",
    text_nb="En fleksibilitetsgruppe må søke om minst {limit} {unit}; søknaden gjelder {actual} {unit}.",
    text_en="A flexibility group must apply for at least {limit} {unit}; this application is for {actual} {unit}.",
    fix_nb="Søk om mer, og la flere målepunkter bli med i gruppen om det trengs.",
    fix_en="Apply for more, and let more metering points join the group if needed.",
)
APPLIED_ABOVE_DECLARED = Rule(
    key="APPLIED_ABOVE_DECLARED",
    number="R42",
    text_nb="Søknaden gjelder {actual} {unit}, men medlemmene i gruppen er meldt inn med {limit} {unit} til sammen.",
    text_en="The application is for {actual} {unit}, but the group's members declare {limit} {unit} together.",
    fix_nb="Søk om høyst {limit} {unit} i denne retningen, eller la flere målepunkter bli med først.",
    fix_en="Apply for at most {limit} {unit} in this direction, or let more metering points join first.",
)
APPLICATION_UNKNOWN = Rule(
    key="APPLICATION_UNKNOWN",
    number="R42",
    text_nb="Det finnes ingen søknad om prekvalifisering med denne id-en.",
    text_en="There is no application for prequalification with this id.",
    fix_nb="Bruk id-en fra hendelsen som sa at søknaden kom inn.",
    fix_en="Use the id from the event that said the application came in.",
)
