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
