"""The rules about zones and their caps."""

from __future__ import annotations

from contracts.message import Rule

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
CAP_LINK_INVALID = Rule(
    key="CAP_LINK_INVALID",
    number="R24",
    text_nb="{actual} er ingen lenke som kan publiseres.",
    text_en="{actual} is no link that can be published.",
    fix_nb="Oppgi en adresse som begynner med https://, eller ingen.",
    fix_en="Give an address that begins with https://, or none.",
)
CAP_PERIOD_INVALID = Rule(
    key="CAP_PERIOD_INVALID",
    number="R23",
    text_nb="{actual} kan ikke være taks begynnelse eller slutt.",
    text_en="{actual} cannot be where a cap begins or ends.",
    fix_nb="Et tak begynner nå eller senere, slutter etter at det begynner, og begge deler på et helt kvarter.",
    fix_en="A cap begins now or later and ends after it begins, both on a quarter of an hour.",
)
CAP_END_LEAVES_NONE = Rule(
    key="CAP_END_LEAVES_NONE",
    number="R20",
    text_nb="Fra {actual} ville budområdet ikke ha noe tak.",
    text_en="From {actual} on the bidding zone would have no cap.",
    fix_nb="Sett først et tak uten slutt; et midlertidig tak gjelder foran det.",
    fix_en="Set a cap without an end first; a temporary one holds before it.",
)
CAP_NOT_TO_COME = Rule(
    key="CAP_NOT_TO_COME",
    number="R23",
    text_nb="Det er ikke satt noe tak som skal begynne {actual}.",
    text_en="No cap is set that is to begin at {actual}.",
    fix_nb="Bare et tak som ikke har begynt, kan trekkes; sett ellers et nytt.",
    fix_en="Only a cap that has not begun can be withdrawn; set another one otherwise.",
)
