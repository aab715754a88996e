"""The rules about the qualification of BSPs."""

from __future__ import annotations

from contracts.message import Rule

QUALIFICATION_UNKNOWN = Rule(
    key="QUALIFICATION_UNKNOWN",
    number="R41",
    text_nb="Det finnes ingen søknad om kvalifisering med denne id-en.",
    text_en="There is no application for qualification with this id.",
    fix_nb="Bruk id-en fra hendelsen som sa at søknaden kom inn.",
    fix_en="Use the id from the event that said the application came in.",
)
QUALIFICATION_ALREADY_DECIDED = Rule(
    key="QUALIFICATION_ALREADY_DECIDED",
    number="R41",
    text_nb="Søknaden om kvalifisering er allerede avgjort ({actual}).",
    text_en="The application for qualification is already decided ({actual}).",
    fix_nb="Leverandøren må søke på nytt for å få en ny avgjørelse.",
    fix_en="The BSP must apply again for a new decision.",
)
BSP_NOT_QUALIFIED = Rule(
    key="BSP_NOT_QUALIFIED",
    number="R41",
    text_nb="Leverandøren er ikke kvalifisert for {actual}.",
    text_en="The BSP is not qualified for {actual}.",
    fix_nb="Søk om kvalifisering, og vent på systemansvarligs avgjørelse.",
    fix_en="Apply for qualification and wait for the TSO's decision.",
)
PRODUCT_NOT_OFFERED = Rule(
    key="PRODUCT_NOT_OFFERED",
    number="R41",
    text_nb="Produktet {actual} finnes ikke i produktkatalogen, eller det er trukket.",
    text_en="The product {actual} is not in the catalogue, or it has been withdrawn.",
    fix_nb="Velg et produkt som tilbys. Systemansvarlig kan tilby det (igjen) med «offer-product».",
    fix_en='Choose a product that is offered. The TSO can offer it (again) with "offer-product".',
)
QUALIFICATION_UNDER_WAY = Rule(
    key="QUALIFICATION_UNDER_WAY",
    number="R41",
    text_nb="Du har allerede en søknad om kvalifisering for dette produktet som er under behandling: {actual}.",
    text_en="You already have an application for qualification for this product that is being handled: {actual}.",
    fix_nb="Vent på avgjørelsen, eller trekk søknaden først.",
    fix_en="Wait for the decision, or withdraw that application first.",
)
QUALIFICATION_NOT_THERE = Rule(
    key="QUALIFICATION_NOT_THERE",
    number="R41",
    text_nb="Søknaden er «{actual}»; dette kan gjøres når den er: {limit}.",
    text_en='The application is "{actual}"; this can be done when it is: {limit}.',
    fix_nb="Se hvor saken står. En avsluttet sak tas opp igjen med en ny søknad.",
    fix_en="See where the case stands. A case that is over is taken up again by a new application.",
)
QUALIFICATION_NOTHING_ADDED = Rule(
    key="QUALIFICATION_NOTHING_ADDED",
    number="R41",
    text_nb="Det er ingen opplysninger i meldingen.",
    text_en="There are no facts in the message.",
    fix_nb="Oppgi minst én opplysning som ikke er tom.",
    fix_en="Give at least one fact that is not empty.",
)
QUALIFICATION_FACT_MISSING = Rule(
    key="QUALIFICATION_FACT_MISSING",
    number="R41",
    text_nb="Søknaden er ikke fullstendig; produktet krever også: {actual}.",
    text_en="The application is not complete; the product also asks for: {actual}.",
    fix_nb="Be leverandøren om det som mangler med «request-missing».",
    fix_en='Ask the BSP for what is missing with "request-missing".',
)
QUALIFICATION_REASONS_MISSING = Rule(
    key="QUALIFICATION_REASONS_MISSING",
    number="R41",
    text_nb="En avgjørelse om kvalifisering må begrunnes.",
    text_en="A decision on a qualification must have reasons.",
    fix_nb="Skriv begrunnelsen i «reasons».",
    fix_en='Write the reasons in "reasons".',
)
QUALIFICATION_LAST_DAY_PAST = Rule(
    key="QUALIFICATION_LAST_DAY_PAST",
    number="D24",
    text_nb="Siste dag {actual} er over; i dag er det {limit}.",
    text_en="The last day {actual} is over; today is {limit}.",
    fix_nb="Velg en dag som ikke er over, eller utelat siste dag.",
    fix_en="Choose a day that is not over, or leave the last day out.",
)
COMMUNICATION_TEST_MISSING = Rule(
    key="COMMUNICATION_TEST_MISSING",
    number="R41",
    text_nb="Leverandøren må ha bestått en kommunikasjonstest de siste {limit} dagene; den siste testen er «{actual}».",
    text_en='The BSP must have passed a communication test in the last {limit} days; the latest test is "{actual}".',
    fix_nb="Start en ny test med «start-communication-test», og vent til den er bestått.",
    fix_en='Start a new test with "start-communication-test", and wait until it is passed.',
    retryable=True,
)
COMMUNICATION_TEST_UNDER_WAY = Rule(
    key="COMMUNICATION_TEST_UNDER_WAY",
    number="R41",
    text_nb="En kommunikasjonstest venter allerede på svar.",
    text_en="A communication test is waiting for its answer already.",
    fix_nb="Vent på svaret, eller til ventetiden er ute.",
    fix_en="Wait for the answer, or until the time for it is over.",
    retryable=True,
)
COMMUNICATION_TEST_NOT_WAITING = Rule(
    key="COMMUNICATION_TEST_NOT_WAITING",
    number="R41",
    text_nb="Ingen kommunikasjonstest venter på svar; den siste er «{actual}».",
    text_en='No communication test is waiting for an answer; the latest is "{actual}".',
    fix_nb="Start en ny test, og svar på den innen fristen.",
    fix_en="Start a new test, and answer it in time.",
)
CONDITION_UNKNOWN = Rule(
    key="CONDITION_UNKNOWN",
    number="R41",
    text_nb="Kvalifiseringen har {limit} vilkår; nummer {actual} finnes ikke (det første er 0).",
    text_en="The qualification has {limit} condition(s); there is no number {actual} (the first is 0).",
    fix_nb="Bruk vilkårets plass i hendelsen som sa at leverandøren ble kvalifisert.",
    fix_en="Use the condition's place in the event that said the BSP was qualified.",
)
CONDITION_SETTLED = Rule(
    key="CONDITION_SETTLED",
    number="R41",
    text_nb="Vilkår {actual} er allerede oppfylt eller frafalt.",
    text_en="Condition {actual} is already met or waived.",
    fix_nb="Se hvilke vilkår som gjenstår. Et nytt vilkår settes med en ny avgjørelse.",
    fix_en="See which conditions are left. A new condition is set by a new decision.",
)
CONDITION_WAIVED_WHY = Rule(
    key="CONDITION_WAIVED_WHY",
    number="R41",
    text_nb="Et vilkår som frafalles, trenger en begrunnelse.",
    text_en="A condition that is waived needs reasons.",
    fix_nb="Oppgi hvorfor vilkåret frafalles.",
    fix_en="Say why the condition is waived.",
)
