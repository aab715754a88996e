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
