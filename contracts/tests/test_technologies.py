"""The hierarchy of technologies, and the categories that follow from it."""

from __future__ import annotations

from typing import get_args

import pytest

from contracts import technologies
from contracts.technologies import Category, Technology

pytestmark = pytest.mark.unit

NAMES: tuple[Technology, ...] = get_args(Technology)


@pytest.mark.parametrize("technology", NAMES)
def test_every_technology_says_what_it_is_or_one_above_it_does(technology: Technology):
    line = list(technologies.lineage(technology))

    assert line[0] == technology
    assert len(set(line)) == len(line)
    assert set(technologies.categories(technology)) <= set(get_args(Category))


def test_the_tables_name_only_technologies():
    assert {*technologies.CATEGORIES, *technologies.ABOVE, *technologies.ABOVE.values()} <= set(NAMES)
    # What stands in neither would have no category.
    assert set(NAMES) == {*technologies.CATEGORIES, *technologies.ABOVE}


@pytest.mark.parametrize(
    ("technology", "expected"),
    [
        ("heat-pump", ("consumption",)),
        ("run-of-river", ("production",)),
        ("pumped-hydro", ("energy-storage",)),
        ("ev-charger", ("consumption",)),
        ("vehicle-to-grid", ("energy-storage",)),
        ("solar-with-battery", ("production", "energy-storage")),
        ("other", ()),
    ],
)
def test_a_category_is_derived_and_a_special_case_may_differ(technology: Technology, expected: tuple[Category, ...]):
    assert technologies.categories(technology) == expected


def test_the_ten_that_were_there_first_are_still_taken():
    assert NAMES[:10] == (
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
    )
