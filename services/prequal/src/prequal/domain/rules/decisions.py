"""The rules about the TSO's decisions."""

from __future__ import annotations

from contracts.message import Rule

NOT_UNDER_DECISION = Rule(
    key="NOT_UNDER_DECISION",
    number="R42",
    text_nb="Søknaden er ikke under behandling; den er «{actual}».",
    text_en='The application is not being decided on; it is "{actual}".',
    fix_nb="Det er ikke noe å gjøre med denne søknaden.",
    fix_en="There is nothing to be done with this application.",
)
DSO_ANSWER_MISSING = Rule(
    key="DSO_ANSWER_MISSING",
    number="R36",
    text_nb="Ikke alle nettselskaper har svart, og fristen deres er ikke ute: {actual}.",
    text_en="Not all DSOs have answered, and their time is not up: {actual}.",
    fix_nb="Vent til de har svart eller fristen er ute.",
    fix_en="Wait until they have answered or their time is up.",
    retryable=True,
)
APPROVED_ABOVE_APPLIED = Rule(
    key="APPROVED_ABOVE_APPLIED",
    number="R42",
    text_nb="Det kan ikke godkjennes mer enn det er søkt om: {actual} {unit} mot {limit} {unit}.",
    text_en="No more can be approved than was applied for: {actual} {unit} against {limit} {unit}.",
    fix_nb="Godkjenn høyst {limit} {unit} i denne retningen.",
    fix_en="Approve at most {limit} {unit} in this direction.",
)
APPROVED_ABOVE_DELIVERABLE = Rule(
    key="APPROVED_ABOVE_DELIVERABLE",
    number="R36",
    text_nb="Etter nettselskapenes svar kan gruppen levere {limit} {unit}; det kan ikke godkjennes {actual} {unit}.",
    text_en="After the DSOs' answers the group can deliver {limit} {unit}; {actual} {unit} cannot be approved.",
    fix_nb="Godkjenn høyst {limit} {unit} i denne retningen.",
    fix_en="Approve at most {limit} {unit} in this direction.",
)
APPROVED_ABOVE_ANSWERED = Rule(
    key="APPROVED_ABOVE_ANSWERED",
    number="D29",
    text_nb="Nettselskapene har svart på {limit} {unit}, og ikke sagt ja til mer; {actual} {unit} kan ikke godkjennes.",
    text_en="The DSOs have answered on {limit} {unit}, and not agreed to more; {actual} {unit} cannot be approved.",
    fix_nb="Godkjenn høyst {limit} {unit} i denne retningen, eller vent på nettselskapene.",
    fix_en="Approve at most {limit} {unit} in this direction, or wait for the DSOs.",
)
APPROVED_BELOW_MINIMUM = Rule(
    key="APPROVED_BELOW_MINIMUM",
    number="R9",
    text_nb="Det må godkjennes minst {limit} {unit}; dette er {actual} {unit}.",
    text_en="An approval is for at least {limit} {unit}; this is {actual} {unit}.",
    fix_nb="Godkjenn minst {limit} {unit}, eller avslå søknaden.",
    fix_en="Approve at least {limit} {unit}, or reject the application.",
)
APPROVED_ABOVE_MAXIMUM = Rule(
    key="APPROVED_ABOVE_MAXIMUM",
    number="R10",
    text_nb="En fleksibilitetsgruppe kan godkjennes for høyst {limit} {unit}; dette er {actual} {unit}.",
    text_en="A flexibility group can be approved for at most {limit} {unit}; this is {actual} {unit}.",
    fix_nb="Godkjenn høyst {limit} {unit}.",
    fix_en="Approve at most {limit} {unit}.",
)
DECISION_REASONS_MISSING = Rule(
    key="DECISION_REASONS_MISSING",
    number="R42",
    text_nb="En avgjørelse må ha en begrunnelse, også når den er en godkjenning.",
    text_en="A decision must have reasons, also where it is an approval.",
    fix_nb="Skriv hvorfor i «reasons».",
    fix_en='Say why in "reasons".',
)
REJECTION_REASON_REQUIRED = Rule(
    key="REJECTION_REASON_REQUIRED",
    number="R42",
    text_nb="Et avslag må ha minst én årsakskode.",
    text_en="A rejection must have at least one reason code.",
    fix_nb="Oppgi årsakene fra listen, og forklar dem i teksten.",
    fix_en="Give the reasons from the list, and explain them in the text.",
)
DUE_DATE_PAST = Rule(
    key="DUE_DATE_PAST",
    number="D24",
    text_nb="Fristen {actual} har allerede vært.",
    text_en="The deadline of {actual} has already been.",
    fix_nb="Oppgi en senere dato.",
    fix_en="Give a later date.",
)
SPLIT_OUTSTANDING = Rule(
    key="SPLIT_OUTSTANDING",
    number="R18",
    text_nb="Gruppen er krevd delt, og er ikke delt ennå.",
    text_en="The group is to be split, and has not been yet.",
    fix_nb="Vent til gruppen er delt, frafall kravet, eller avslå søknaden.",
    fix_en="Wait until the group is split, lift the demand, or reject the application.",
    retryable=True,
)
SPLIT_OF_SINGLE_POINT = Rule(
    key="SPLIT_OF_SINGLE_POINT",
    number="R18",
    text_nb="Et reguleringsobjekt med ett målepunkt kan ikke deles.",
    text_en="A regulation object of one metering point cannot be split.",
    fix_nb="Be nettselskapet om å begrense det, eller avslå søknaden.",
    fix_en="Ask the DSO to limit it, or reject the application.",
)
TEST_ID_TAKEN = Rule(
    key="TEST_ID_TAKEN",
    number="R42",
    text_nb="Søknaden har allerede en prøve med id {actual}.",
    text_en="The application already has a test with id {actual}.",
    fix_nb="Bruk en ny id.",
    fix_en="Use a new id.",
)
TEST_ABOVE_APPLIED = Rule(
    key="TEST_ABOVE_APPLIED",
    number="R42",
    text_nb="Det kan ikke prøves {actual} {unit}; det er søkt om {limit} {unit}.",
    text_en="A test of {actual} {unit} is not possible; {limit} {unit} are applied for.",
    fix_nb="Prøv høyst {limit} {unit} i denne retningen.",
    fix_en="Test at most {limit} {unit} in this direction.",
)
TEST_MOMENT_PAST = Rule(
    key="TEST_MOMENT_PAST",
    number="R42",
    text_nb="Prøven er satt til {actual}, som har vært.",
    text_en="The test is set to {actual}, which has been.",
    fix_nb="Oppgi et tidspunkt som kommer.",
    fix_en="Give a moment to come.",
)
TEST_UNKNOWN = Rule(
    key="TEST_UNKNOWN",
    number="R42",
    text_nb="Søknaden har ingen prøve med id {actual}.",
    text_en="The application has no test with id {actual}.",
    fix_nb="Bruk id-en prøven ble bestilt med.",
    fix_en="Use the id that the test was ordered with.",
)
TEST_ALREADY_RECORDED = Rule(
    key="TEST_ALREADY_RECORDED",
    number="R42",
    text_nb="Prøven {actual} har allerede et resultat.",
    text_en="Test {actual} already has a result.",
    fix_nb="Bestill en ny prøve om resultatet ikke står seg.",
    fix_en="Order a new test if the result does not hold.",
)
TEST_NOT_YET = Rule(
    key="TEST_NOT_YET",
    number="R42",
    text_nb="Prøven er først {actual}.",
    text_en="The test is not until {actual}.",
    fix_nb="Registrer resultatet når prøven er gjort.",
    fix_en="Record the result when the test is done.",
    retryable=True,
)
TEST_NOT_PASSED = Rule(
    key="TEST_NOT_PASSED",
    number="R42",
    text_nb="Det mangler en bestått prøve i retningen «{actual}».",
    text_en='There is no passed test in direction "{actual}".',
    fix_nb="Registrer en bestått prøve, eller godkjenn for en tid, til den er gjort.",
    fix_en="Record a passed test, or approve for a time, until it is done.",
    retryable=True,
)
APPROVAL_NOT_TEMPORARY = Rule(
    key="APPROVAL_NOT_TEMPORARY",
    number="R42",
    text_nb="Godkjenningen er ikke midlertidig; det er ikke noe å bekrefte.",
    text_en="The approval is not temporary; there is nothing to verify.",
    fix_nb="Bruk ny vurdering om godkjenningen skal prøves på nytt.",
    fix_en="Reassess the approval if it is to be tried again.",
)
