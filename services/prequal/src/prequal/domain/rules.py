"""The rules that `prequal` may refuse with. Numbers are those of `docs/rules`; figures are in W where a unit stands."""

from __future__ import annotations

from contracts.message import Rule
from contracts.shared_rules import ID_NOT_AVAILABLE as ID_NOT_AVAILABLE  # noqa: PLC0414 - handed on
from prequal.domain.power import Power

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
DSO_NOT_ASKED = Rule(
    key="DSO_NOT_ASKED",
    number="R36",
    text_nb="Du er ikke spurt om noen søknad med denne id-en.",
    text_en="You are not asked about any application with this id.",
    fix_nb="Svar bare på søknader du har fått forespørsel om nettvurdering for.",
    fix_en="Answer only for applications for which you were sent a request for a grid assessment.",
)
DSO_ALREADY_ANSWERED = Rule(
    key="DSO_ALREADY_ANSWERED",
    number="R36",
    text_nb="Du har allerede svart på denne søknaden ({actual}).",
    text_en="You have already answered for this application ({actual}).",
    fix_nb="Et svar kan ikke endres her. Ta kontakt med systemansvarlig.",
    fix_en="An answer cannot be changed here. Contact the TSO.",
)
LIMIT_NOT_YOUR_POINT = Rule(
    key="LIMIT_NOT_YOUR_POINT",
    number="R36",
    text_nb="Målepunktet {actual} er ikke blant dem du er spurt om.",
    text_en="Metering point {actual} is not among those you are asked about.",
    fix_nb="Sett grenser bare for målepunktene i forespørselen.",
    fix_en="Set limits only for the metering points in the request.",
)
LIMIT_ABOVE_DECLARED = Rule(
    key="LIMIT_ABOVE_DECLARED",
    number="R36",
    text_nb="Grensen {actual} {unit} er høyere enn det målepunktet er meldt inn med, {limit} {unit}.",
    text_en="The limit of {actual} {unit} is higher than what the metering point declares, {limit} {unit}.",
    fix_nb="Sett en grense på høyst {limit} {unit}, eller utelat målepunktet om det ikke skal begrenses.",
    fix_en="Set a limit of at most {limit} {unit}, or leave the metering point out if it is not to be limited.",
)
LIMIT_REASON_REQUIRED = Rule(
    key="LIMIT_REASON_REQUIRED",
    number="R37",
    text_nb="En begrensning eller avvisning må ha en teknisk begrunnelse.",
    text_en="A limit or a rejection must have a technical reason.",
    fix_nb="Oppgi grensene med årsak, skriv en tekst der årsaken er «other», eller begrunn avvisningen i teksten.",
    fix_en='Give the limits with reasons, a text where the reason is "other", or justify the rejection in the text.',
)
LIMITS_CONTRADICT_DECISION = Rule(
    key="LIMITS_CONTRADICT_DECISION",
    number="R36",
    text_nb="Svaret er «{actual}», men grensene sier noe annet.",
    text_en='The answer is "{actual}", but the limits say something else.',
    fix_nb="Bruk «limited» når noen målepunkter begrenses. En godkjenning har ingen grenser, en avvisning bare 0 W.",
    fix_en='Use "limited" when some metering points are limited. An approval has no limits, a rejection only 0 W.',
)
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
APPROVED_BELOW_MINIMUM = Rule(
    key="APPROVED_BELOW_MINIMUM",
    number="R9",
    text_nb="En fleksibilitetsgruppe må godkjennes for minst {limit} {unit}; dette er {actual} {unit}.",
    text_en="A flexibility group must be approved for at least {limit} {unit}; this is {actual} {unit}.",
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
ZONE_CAP_MISSING = Rule(
    key="ZONE_CAP_MISSING",
    number="R20",
    text_nb="Det er ikke satt noe tak for budområdet {actual}.",
    text_en="No cap has been set for bidding zone {actual}.",
    fix_nb="Sett taket for budområdet først, med begrunnelse.",
    fix_en="Set the zone's cap first, with its reasons.",
)
CAP_REASON_MISSING = Rule(
    key="CAP_REASON_MISSING",
    number="R21",
    text_nb="Et tak må ha minst én begrunnelse og en vurdering.",
    text_en="A cap must have at least one reason and an assessment.",
    fix_nb="Oppgi begrunnelse og vurdering; de blir publisert sammen med taket (R24).",
    fix_en="Give a reason and an assessment; they are published with the cap (R24).",
)

ALL = tuple(rule for rule in globals().values() if isinstance(rule, Rule))


def refuse_above(rule: Rule, power: Power, *, limit: Power) -> None:
    """Refuse with this rule where a direction is above its limit."""
    if power.up_w > limit.up_w:
        raise rule.refused(path="/up_w", limit=limit.up_w, actual=power.up_w, unit="W")
    if power.down_w > limit.down_w:
        raise rule.refused(path="/down_w", limit=limit.down_w, actual=power.down_w, unit="W")


def larger(power: Power) -> str:
    """The path of the larger direction."""
    return "/up_w" if power.up_w >= power.down_w else "/down_w"
