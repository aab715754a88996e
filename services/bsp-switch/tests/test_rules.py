"""The rules' texts."""

import pytest

from bsp_switch.domain import rules

pytestmark = pytest.mark.unit

OF_ROWS = (
    rules.CONTROL_END_STANDS,
    rules.CONTROL_NOT_GIVEN_UP,
    rules.METERING_POINT_CLOSED,
    rules.METERING_POINT_NOT_IN_SWITCH,
    rules.METERING_POINT_NOT_YOURS,
    rules.OBJECTION_STANDS,
    rules.CONSENT_MISSING,
    rules.METERING_POINT_ALREADY_YOURS,
    rules.METERING_POINT_NOT_HELD,
    rules.METERING_POINT_REPEATED,
    rules.METERING_POINT_UNKNOWN,
    rules.SUPPLY_INCOMPLETE,
    rules.SWITCH_PENDING,
)


@pytest.mark.parametrize("rule", OF_ROWS, ids=lambda rule: rule.key)
def test_a_text_that_stands_once_for_many_rows_has_no_figure_of_one_row(rule):
    assert "{actual}" not in rule.text_nb + rule.text_en + rule.fix_nb + rule.fix_en


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.key)
def test_both_languages_say_the_same_figures(rule):
    for figure in ("{limit}", "{actual}", "{unit}"):
        assert (figure in rule.text_nb) == (figure in rule.text_en)
        assert (figure in rule.fix_nb) == (figure in rule.fix_en)


def test_every_rule_is_listed_once():
    listed = {name for name, value in vars(rules).items() if isinstance(value, rules.Rule)}

    assert listed == {rule.key for rule in rules.ALL}
    assert len(rules.ALL) == len(listed)
