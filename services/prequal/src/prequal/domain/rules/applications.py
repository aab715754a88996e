"""The rules about applications."""

from __future__ import annotations

from contracts.message import Rule

PRODUCT_ASKS_FOR = Rule(
    key="PRODUCT_ASKS_FOR",
    number="R42",
    text_nb="Produktet {actual} krever {limit} i søknaden, og det mangler.",
    text_en="The product {actual} asks an application for {limit}, which is missing.",
    fix_nb="Be søkeren om det som mangler med «request-missing-part», eller avslå søknaden.",
    fix_en='Ask the applicant for what is missing with "request-missing-part", or reject the application.',
)

GROUP_NOT_YOURS = Rule(
    key="GROUP_NOT_YOURS",
    number="R28",
    text_nb="Du har verken en gruppe eller et reguleringsobjekt med denne id-en.",
    text_en="You have neither a group nor a regulation object with this id.",
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
    text_nb="Det må søkes om minst {limit} {unit}; søknaden gjelder {actual} {unit}.",
    text_en="An application is for at least {limit} {unit}; this one is for {actual} {unit}.",
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
OBJECT_BELOW_MINIMUM = Rule(
    key="OBJECT_BELOW_MINIMUM",
    number="R3",
    text_nb="Bak målepunktet er det {actual} {unit}; for å delta alene kreves minst {limit} {unit}.",
    text_en="Behind the metering point there are {actual} {unit}; to take part alone takes at least {limit} {unit}.",
    fix_nb="La målepunktet bli med i en fleksibilitetsgruppe.",
    fix_en="Let the metering point join a flexibility group.",
)
RAMP_REQUIRED = Rule(
    key="RAMP_REQUIRED",
    number="R42",
    text_nb="Søknaden må si hvor fort effekten kan endres; {actual} {unit} er ikke et svar.",
    text_en="An application must say how fast the power can change; {actual} {unit} is no answer.",
    fix_nb="Oppgi største endring i W per minutt (SOGL artikkel 182 nr. 2 bokstav d).",
    fix_en="Give the greatest change in W per minute (SOGL art. 182(2)(d)).",
)
NOT_IN_THIS_STATE = Rule(
    key="NOT_IN_THIS_STATE",
    number="R42",
    text_nb="Søknaden er «{actual}», og da er det ikke tur for dette. Det kan sies når den er: {limit}.",
    text_en='The application is "{actual}", and this has no turn then. It can be said while it is: {limit}.',
    fix_nb="Se hvor søknaden står, og hvem som skal svare.",
    fix_en="See where the application stands, and who is to answer.",
)
NOTHING_TO_AMEND = Rule(
    key="NOTHING_TO_AMEND",
    number="R42",
    text_nb="Endringen sier ikke hva som skal endres.",
    text_en="The amendment does not say what is to change.",
    fix_nb="Oppgi minst én av effekt opp, effekt ned, endringshastighet og dokumentasjon.",
    fix_en="Give at least one of power up, power down, rate of change and evidence.",
)
PRODUCT_REPLACED = Rule(
    key="PRODUCT_REPLACED",
    number="R42",
    text_nb="Gruppen er godkjent for {limit}. En gruppe har ett produkt om gangen: {actual} erstatter {limit}.",
    text_en="The group is approved for {limit}. A group has one product at a time: {actual} will replace {limit}.",
    fix_nb="Godkjenningen for {limit} gjelder til den nye trer i kraft. Trekk søknaden hvis du vil beholde den.",
    fix_en="The approval for {limit} holds until the new one takes effect. Withdraw the application to keep it.",
)
EVIDENCE_DATED_AHEAD = Rule(
    key="EVIDENCE_DATED_AHEAD",
    number="R42",
    text_nb="Dokumentet er datert {actual}, som ikke har vært ennå.",
    text_en="The document is dated {actual}, which has not been yet.",
    fix_nb="Oppgi datoen dokumentet er utstedt.",
    fix_en="Give the date on which the document was issued.",
)
EVIDENCE_TOO_OLD = Rule(
    key="EVIDENCE_TOO_OLD",
    number="R42",
    text_nb="Prøveresultatet er fra {actual}; det kan være høyst {limit} måneder gammelt.",
    text_en="The test result is from {actual}; it may be at most {limit} months old.",
    fix_nb="Legg ved en nyere prøve. Et dokument som en godkjent søknad bygger på, gjelder fortsatt.",
    fix_en="Add a newer test. A document that an approved application rests on is still good.",
)
