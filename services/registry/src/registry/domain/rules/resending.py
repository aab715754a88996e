"""The rules about sending a party again what it was sent."""

from __future__ import annotations

from contracts.message import Rule

RESEND_PERIOD_EMPTY = Rule(
    key="RESEND_PERIOD_EMPTY",
    number="R34",
    text_nb="Perioden slutter {actual}, og begynner ikke før det ({limit}).",
    text_en="The period ends at {actual} and does not begin before that ({limit}).",
    fix_nb="Sett `end` etter `start`.",
    fix_en="Set `end` after `start`.",
)
RESEND_NOT_PAST = Rule(
    key="RESEND_NOT_PAST",
    number="R34",
    text_nb="Perioden slutter {actual}; det er ennå {limit}.",
    text_en="The period ends at {actual}; it is {limit} still.",
    fix_nb="Be om det som er sendt: sett `end` til et tidspunkt som har vært. Det som kommer, blir uansett sendt.",
    fix_en="Ask for what has been sent: set `end` to a moment that has been. What is to come is sent anyway.",
)
RESEND_TOO_LONG = Rule(
    key="RESEND_TOO_LONG",
    number="R34",
    text_nb="Perioden er mer enn {actual} dager; {limit} dager er det meste på én gang.",
    text_en="The period is more than {actual} days; {limit} days are the most at a time.",
    fix_nb="Del perioden, og be om delene én for én.",
    fix_en="Divide the period and ask for its parts one by one.",
)
RESEND_TOO_OFTEN = Rule(
    key="RESEND_TOO_OFTEN",
    number="R34",
    text_nb="Aktøren har bedt om å få sendt på nytt {actual} ganger i dag; {limit} er det meste.",
    text_en="The party has asked for what was sent {actual} times today; {limit} is the most.",
    fix_nb="Vent til i morgen, og les først det som kommer av det du har bedt om.",
    fix_en="Wait until tomorrow, and read first what comes of what you have asked for.",
)
