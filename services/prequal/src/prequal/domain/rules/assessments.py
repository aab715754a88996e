"""The rules about the DSOs' assessments."""

from __future__ import annotations

from contracts.message import Rule

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
    text_nb="Du har allerede svart på alt du er spurt om her ({actual} målepunkter).",
    text_en="You have already answered all that you are asked about here ({actual} metering points).",
    fix_nb="Rett svaret med revise-assessment.",
    fix_en="Correct the answer with revise-assessment.",
)
DSO_NOT_ANSWERED = Rule(
    key="DSO_NOT_ANSWERED",
    number="R36",
    text_nb="Nettselskapet {actual} har ikke svart på noe i denne søknaden.",
    text_en="The DSO {actual} has not answered anything in this application.",
    fix_nb="Svar først, med assess-grid.",
    fix_en="Answer first, with assess-grid.",
)
ANSWER_TIGHTENS_APPROVED = Rule(
    key="ANSWER_TIGHTENS_APPROVED",
    number="R36",
    text_nb="Gruppen er godkjent, og svaret tillater mindre enn det forrige gjorde.",
    text_en="The group is approved, and the answer allows less than the one before did.",
    fix_nb="Sett en midlertidig begrensning, eller be systemansvarlig åpne vurderingen igjen med reopen-assessment.",
    fix_en="Set a temporary limit, or have the TSO reopen the assessment with reopen-assessment.",
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
ANSWER_WHICH_POINTS = Rule(
    key="ANSWER_WHICH_POINTS",
    number="R36",
    text_nb="Du er spurt {actual} ganger om denne gruppen, og svaret sier ikke hvilke målepunkter det gjelder.",
    text_en="You are asked {actual} times about this group, and the answer does not say which points it is on.",
    fix_nb="Oppgi asked_until for alt du er spurt om til da, eller list målepunktene, og more_power om det er spurt.",
    fix_en="Give asked_until for all you were asked until then, or list the points, and more_power if that was asked.",
)
POINT_NOT_ASKED = Rule(
    key="POINT_NOT_ASKED",
    number="R36",
    text_nb="Du er ikke spurt om målepunktet {actual}, eller du har allerede svart.",
    text_en="You are not asked about metering point {actual}, or you have answered already.",
    fix_nb="List bare målepunkter som du er spurt om og ikke har svart på.",
    fix_en="List only metering points that you are asked about and have not answered.",
)
LIMIT_SCOPE_UNCLEAR = Rule(
    key="LIMIT_SCOPE_UNCLEAR",
    number="R36",
    text_nb="Det er ikke klart hva grensen gjelder ({actual}), eller den setter ingen grense i noen retning.",
    text_en="It is not clear what the limit is on ({actual}), or it limits no direction.",
    fix_nb="Oppgi målepunktet, stasjonen eller bare «part», og minst én av up_w og down_w.",
    fix_en='Give the metering point, the substation or just "part", and at least one of up_w and down_w.',
)
LIMIT_PERIOD_INVALID = Rule(
    key="LIMIT_PERIOD_INVALID",
    number="R38",
    text_nb="Perioden slutter {actual}, som ikke er etter {limit}, da den tidligst kan begynne.",
    text_en="The period ends at {actual}, which is not after {limit}, when it can begin at the earliest.",
    fix_nb="Oppgi en slutt etter starten, og etter nå.",
    fix_en="Give an end after the start, and after now.",
)
LIMIT_NOT_YOUR_SUBSTATION = Rule(
    key="LIMIT_NOT_YOUR_SUBSTATION",
    number="R36",
    text_nb="Ingen av målepunktene du er spurt om ligger ved stasjonen {actual}, eller under den som en av dine.",
    text_en="None of the metering points that you are asked about lies at substation {actual}, or under it as yours.",
    fix_nb="Oppgi en stasjon fra forespørselen, eller en av dine egne som mater den.",
    fix_en="Give a substation from the request, or one of your own that feeds it.",
)
