"""The technologies that a resource can be, their hierarchy, and what each is to the power system.

A technology below another is a special case of it: what is said of the one above holds for it, unless the table says
otherwise. The three categories are the TSO's; which one a resource is in is derived, never declared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Technology = Literal[
    "water-heater",
    "ev-charger",
    "battery",
    "electric-boiler",
    "heat-pump",
    "solar",
    "hydro",
    "genset",
    "industrial-load",
    "other",
    "run-of-river",
    "pumped-hydro",
    "thermal-plant",
    "cogeneration",
    "solar-with-battery",
    "wind",
    "hvac",
    "space-heating",
    "cooling",
    "lighting",
    "vehicle-to-grid",
    "other-consumption",
    "other-production",
    "other-storage",
]

Category = Literal["consumption", "production", "energy-storage"]

CATEGORIES: Final[Mapping[Technology, tuple[Category, ...]]] = {
    "hydro": ("production",),
    "pumped-hydro": ("energy-storage",),
    "thermal-plant": ("production",),
    "solar": ("production",),
    "solar-with-battery": ("production", "energy-storage"),
    "wind": ("production",),
    "genset": ("production",),
    "other-production": ("production",),
    "battery": ("energy-storage",),
    "other-storage": ("energy-storage",),
    "hvac": ("consumption",),
    "water-heater": ("consumption",),
    "electric-boiler": ("consumption",),
    "ev-charger": ("consumption",),
    "vehicle-to-grid": ("energy-storage",),
    "lighting": ("consumption",),
    "industrial-load": ("consumption",),
    "other-consumption": ("consumption",),
    # It does not say what it is.
    "other": (),
}
"""Those that say it themselves; the rest are what the technology above them is."""

ABOVE: Final[Mapping[Technology, Technology]] = {
    "run-of-river": "hydro",
    "pumped-hydro": "hydro",
    "cogeneration": "thermal-plant",
    "solar-with-battery": "solar",
    "space-heating": "hvac",
    "heat-pump": "hvac",
    "cooling": "hvac",
    "vehicle-to-grid": "ev-charger",
}
"""The technology that one is a special case of."""


def lineage(technology: Technology) -> Iterator[Technology]:
    """The technology itself, and those above it, nearest first."""
    following: Technology | None = technology
    while following is not None:
        yield following
        following = ABOVE.get(following)


def categories(technology: Technology) -> tuple[Category, ...]:
    """What a resource of this technology is; empty where that is not said."""
    return next(CATEGORIES[one] for one in lineage(technology) if one in CATEGORIES)
