"""Rules of virtual channels and of sums over grid areas."""

from __future__ import annotations

from contracts.message import Rule

VIRTUAL_SHAPE_INVALID = Rule(
    "VIRTUAL_SHAPE_INVALID",
    "R47",
    "Kanalen kan ikke beregnes slik: {limit}. Her står {actual}.",
    "The channel cannot be computed like this: {limit}. Here stands {actual}.",
    "Rett det `path` peker på.",
    "Mend what `path` points to.",
)
VIRTUAL_AREA_NOT_VIRTUAL = Rule(
    "VIRTUAL_AREA_NOT_VIRTUAL",
    "R47",
    "{actual} er ikke et virtuelt nettavregningsområde.",
    "{actual} is not a virtual metering grid area.",
    "Oppgi et virtuelt område: det som beregnes, skal aldri avregnes.",
    "Give a virtual area: what is computed is never to be settled.",
)
VIRTUAL_SOURCE_UNKNOWN = Rule(
    "VIRTUAL_SOURCE_UNKNOWN",
    "R47",
    "Kilden finnes ikke blant dine målepunkter og virtuelle kanaler fra denne datoen.",
    "The source is not among your metering points and virtual channels from this date.",
    "Bruk egne målepunkter. Er det andres, er det datahuben som setter opp kanalen.",
    "Use points of your own. Where they are others', the datahub sets the channel up.",
)
VIRTUAL_SOURCE_WITHOUT_CHANNEL = Rule(
    "VIRTUAL_SOURCE_WITHOUT_CHANNEL",
    "R47",
    "Målepunktet har ingen åpen kanal i hele perioden.",
    "The metering point has no open channel in all of the period.",
    "Åpne kanalen først, eller velg en kortere periode.",
    "Open the channel first, or choose a shorter period.",
)
VIRTUAL_CYCLE = Rule(
    "VIRTUAL_CYCLE",
    "R47",
    "Kanalen ville bygge på seg selv.",
    "The channel would rest on itself.",
    "Ta ut leddet som fører tilbake hit.",
    "Leave out the term that leads back here.",
)
VIRTUAL_TOO_MANY_SOURCES = Rule(
    "VIRTUAL_TOO_MANY_SOURCES",
    "R47",
    "Kanalen ville bygge på {actual} kilder; høyst {limit}.",
    "The channel would rest on {actual} sources; {limit} at most.",
    "Del den i flere kanaler som ikke bygger på hverandre.",
    "Divide it into several channels that do not rest on each other.",
)
VIRTUAL_SHARES_NOT_WHOLE = Rule(
    "VIRTUAL_SHARES_NOT_WHOLE",
    "R47",
    "Andelene er til sammen {actual} milliondeler, ikke {limit}.",
    "The shares add up to {actual} millionths, not {limit}.",
    "Rett andelene, så de til sammen er akkurat 1.",
    "Correct the shares, so that together they are exactly 1.",
)
VIRTUAL_SHARING_NOT_ELIGIBLE = Rule(
    "VIRTUAL_SHARING_NOT_ELIGIBLE",
    "R47",
    "Målepunktet er ikke aktivt og timesavregnet.",
    "The metering point is not active and settled as interval.",
    "Delt produksjon er mellom aktive målepunkter som ikke er profilavregnet.",
    "Production is shared between active points that are not profiled.",
)
VIRTUAL_PERIOD_INVALID = Rule(
    "VIRTUAL_PERIOD_INVALID",
    "D14",
    "Datoen kan ikke være {actual}; tidligst {limit}.",
    "The date cannot be {actual}; {limit} at the earliest.",
    "Velg en senere dato.",
    "Choose a later date.",
)
VIRTUAL_UNKNOWN = Rule(
    "VIRTUAL_UNKNOWN",
    "R47",
    "Du har ikke satt opp en slik kanal som gjelder da.",
    "You have not set up such a channel that is valid then.",
    "Kontroller id-en og datoen.",
    "Check the id and the date.",
)
NET_LOSS_AREA_NOT_YOURS = Rule(
    "NET_LOSS_AREA_NOT_YOURS",
    "R47",
    "{actual} er ikke ditt nettavregningsområde fra denne datoen, eller det er virtuelt.",
    "{actual} is not your metering grid area from this date, or it is a virtual one.",
    "Kontroller EIC-koden.",
    "Check the EIC.",
)
NET_LOSS_NOT_AHEAD = Rule(
    "NET_LOSS_NOT_AHEAD",
    "R47",
    "Nettapet kan ikke følges fra {actual}; det må være etter {limit}.",
    "The net loss cannot be followed from {actual}; it must be after {limit}.",
    "Velg en midnatt som kommer: det som er kommet, er ikke telt.",
    "Choose a midnight to come: what has come was not counted.",
)
NET_LOSS_POINT_NOT_BESIDE = Rule(
    "NET_LOSS_POINT_NOT_BESIDE",
    "R47",
    "Målepunktet finnes ikke blant dine målepunkter i andre områder fra denne datoen.",
    "The metering point is not among your metering points in other areas from this date.",
    "Områdets egne punkter nevnes ikke. Er utvekslingspunktet andres, er det datahuben som melder.",
    "Do not name the area's own points. Where the exchange point is another's, the datahub says so.",
)
VALIDATION_OF_DAYS = Rule(
    "VALIDATION_OF_DAYS",
    "R47",
    "Regelen ser på hele dager i et nettområde; den kan bare varsle eller være av, og for alle kanaler: {actual}.",
    "The rule looks at whole days of a grid area; it can only warn or be off, and for all lines: {actual}.",
    "Velg warn eller off, og oppgi verken retning, produkt, oppløsning eller avregningsmetode.",
    "Choose warn or off, and give no direction, product, resolution or settlement method.",
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
