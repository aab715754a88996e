"""What of prices and settlement may be refused, or noticed: a part of `rules`."""

from __future__ import annotations

from contracts.message import Rule

PRICES_NOT_ON_STEP = Rule(
    "PRICES_NOT_ON_STEP",
    "D22",
    "Prisene begynner {actual}, som ikke er starten på en time (timespriser) eller et kvarter.",
    "The prices begin at {actual}, which is not the start of an hour (prices of hours) or of a quarter.",
    "La prisene begynne med en hel time eller et helt kvarter.",
    "Let the prices begin with a whole hour or a whole quarter.",
)
PRICES_TOO_MANY = Rule(
    "PRICES_TOO_MANY",
    "D22",
    "Meldingen har {actual} priser; en måned har høyst {limit}.",
    "The message has {actual} prices; a month has {limit} at most.",
    "Del dem på flere meldinger.",
    "Divide them into several messages.",
)
DEVIATION_AREA_UNKNOWN = Rule(
    "DEVIATION_AREA_UNKNOWN",
    "R47",
    "Nettavregningsområdet {actual} er ikke kjent med et budområde i denne perioden.",
    "The metering grid area {actual} is not known with one bidding zone in this period.",
    "Kontroller områdets EIC. Byttet det budområde i perioden, kjør delene hver for seg.",
    "Check the area's EIC. If it changed its bidding zone within the period, run the parts separately.",
)
DEVIATION_PERIOD_INVALID = Rule(
    "DEVIATION_PERIOD_INVALID",
    "D24",
    "Perioden har {actual} døgn; den må ha 1 til {limit}.",
    "The period has {actual} days; it must have 1 to {limit}.",
    "Velg høyst en måned om gangen.",
    "Choose a month at a time at most.",
)
DEVIATION_NOT_LOCKED = Rule(
    "DEVIATION_NOT_LOCKED",
    "D24",
    "Siste døgn er {actual}; balansen er låst til og med {limit}.",
    "The last day is {actual}; the balance is locked until {limit}, inclusive.",
    "Et døgn kan avviksoppgjøres når dets femte døgn etter er over.",
    "A day's deviations can be settled when the fifth day after it is over.",
)
DEVIATION_TOO_OLD = Rule(
    "DEVIATION_TOO_OLD",
    "D21",
    "Første døgn er {actual}; eldste døgn som rettes er {limit}.",
    "The first day is {actual}; the oldest day that is corrected is {limit}.",
    "Avviksoppgjør går høyst tre år tilbake.",
    "Deviations are settled three years back at most.",
)
SETTLEMENT_UNKNOWN = Rule(
    "SETTLEMENT_UNKNOWN",
    "R47",
    "Det finnes ingen avregning med denne id-en.",
    "There is no settlement with this id.",
    "Kontroller id-en.",
    "Check the id.",
)
SETTLEMENT_NOT_DRAFT = Rule(
    "SETTLEMENT_NOT_DRAFT",
    "R47",
    "Avregningen er {actual}, ikke et utkast.",
    "The settlement is {actual}, not a draft.",
    "Kjør en ny.",
    "Run a new one.",
)
SETTLEMENT_INCOMPLETE = Rule(
    "SETTLEMENT_INCOMPLETE",
    "D22",
    "Avregningen kan ikke publiseres: {actual} kvarter mangler pris, kraftleverandør eller nettselskap.",
    "The settlement cannot be published: {actual} quarters lack a price, a supplier or a grid company.",
    "Publiser prisene, eller få leveransen meldt, og kjør et nytt utkast.",
    "Publish the prices, or have the supply reported, and run a new draft.",
)
SETTLEMENT_OVERTAKEN = Rule(
    "SETTLEMENT_OVERTAKEN",
    "R47",
    "En annen avregning av {actual} er publisert eller annullert siden utkastet ble laget.",
    "Another settlement of {actual} has been published or annulled since the draft was made.",
    "Kjør et nytt utkast.",
    "Run a new draft.",
)
SETTLEMENT_BUILT_ON = Rule(
    "SETTLEMENT_BUILT_ON",
    "R47",
    "En senere publisert avregning av {actual} bygger på denne.",
    "A later published settlement of {actual} builds on this one.",
    "Annuller den først.",
    "Annul that one first.",
)
SETTLEMENT_ANNULLED_ALREADY = Rule(
    "SETTLEMENT_ANNULLED_ALREADY",
    "R47",
    "Avregningen er allerede annullert.",
    "The settlement has been annulled already.",
    "Det er ingenting å gjøre.",
    "There is nothing to do.",
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
