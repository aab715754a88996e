"""Rules about switches of BSP, and objections to them."""

from __future__ import annotations

from contracts.message import Rule

SWITCH_NOTICE = Rule(
    key="SWITCH_NOTICE",
    number="R43",
    text_nb="Et bytte må varsles innenfor et vindu. Varselet er på {actual} dager; grensen er {limit} dager.",
    text_en="A switch must be given notice of inside a window. The notice is {actual} days; the limit is {limit} days.",
    fix_nb="Velg en start innenfor vinduet.",
    fix_en="Choose a start inside the window.",
)
SWITCH_PENDING = Rule(
    key="SWITCH_PENDING",
    number="R43",
    text_nb="Det er allerede bestemt at kontrollen over målepunktet går over ved et kommende døgnskifte.",
    text_en="It is already decided that control of the metering point passes at a midnight to come.",
    fix_nb="Send på nytt senere: et oppslag av målepunktet sier `passing` så lenge det varer.",
    fix_en="Send again later: a lookup of the metering point says `passing` as long as it lasts.",
)
SWITCH_UNKNOWN = Rule(
    key="SWITCH_UNKNOWN",
    number="R43",
    text_nb="Det er ikke noe bytte av BSP med denne id-en som angår dere.",
    text_en="There is no switch of BSP with this id that concerns you.",
    fix_nb="Kontroller id-en.",
    fix_en="Check the id.",
)
SWITCH_NOT_ANNOUNCED = Rule(
    key="SWITCH_NOT_ANNOUNCED",
    number="R43",
    text_nb="Byttet er ikke lenger varslet, men {actual}. Det som har vært, endrer systemansvarlig.",
    text_en="The switch is no longer announced, but {actual}. What has been is changed by the TSO.",
    fix_nb="Be om et nytt bytte, eller ta kontakt med systemansvarlig.",
    fix_en="Request a new switch, or contact the TSO.",
)
SWITCH_WAITS = Rule(
    key="SWITCH_WAITS",
    number="D15",
    text_nb="{actual} av målepunktene venter på at en aktør bak dem blir kjent. Ellers faller de ut {limit}.",
    text_en="{actual} of the metering points wait for a party behind them to become known. Else they lapse on {limit}.",
    fix_nb="Det er ikke noe å gjøre. Følg med på `switch-announced` og `switch-lapsed`.",
    fix_en="There is nothing to do. Look out for `switch-announced` and `switch-lapsed`.",
)
SWITCH_FULL = Rule(
    key="SWITCH_FULL",
    number="R43",
    text_nb="Et bytte har høyst {limit} målepunkter. Dette ville få {actual}.",
    text_en="A switch has at most {limit} metering points. This one would have {actual}.",
    fix_nb="Be om et nytt bytte for resten.",
    fix_en="Request a further switch for the rest.",
)
SWITCH_UNCHANGED = Rule(
    key="SWITCH_UNCHANGED",
    number="R43",
    text_nb="Byttet skal allerede skje {actual}.",
    text_en="The switch is to take effect on {actual} already.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
METERING_POINT_NOT_IN_SWITCH = Rule(
    key="METERING_POINT_NOT_IN_SWITCH",
    number="R43",
    text_nb="Målepunktet er ikke med i byttet, eller ikke lenger, eller det angår ikke dere.",
    text_en="The metering point is not in the switch, or no longer, or does not concern you.",
    fix_nb="Kontroller målepunktet.",
    fix_en="Check the metering point.",
)
OBJECTION_STANDS = Rule(
    key="OBJECTION_STANDS",
    number="R43",
    text_nb="Det står allerede en innsigelse mot byttet av målepunktet.",
    text_en="An objection to the switch of the metering point stands already.",
    fix_nb="Vent til systemansvarlig har avgjort den.",
    fix_en="Wait until the TSO has decided about it.",
)
OBJECTION_UNKNOWN = Rule(
    key="OBJECTION_UNKNOWN",
    number="R43",
    text_nb="Det er ingen innsigelse med denne id-en.",
    text_en="There is no objection with this id.",
    fix_nb="Kontroller id-en.",
    fix_en="Check the id.",
)
OBJECTION_RESOLVED = Rule(
    key="OBJECTION_RESOLVED",
    number="R43",
    text_nb="Innsigelsen er allerede avgjort: {actual}.",
    text_en="The objection has been decided about already: {actual}.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
