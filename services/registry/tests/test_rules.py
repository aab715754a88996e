"""The catalogue of rules, and the declaration of the service."""

import ast
from pathlib import Path

import pytest

from contracts.registry import v1
from registry.app import SERVICE
from registry.domain import rules

pytestmark = pytest.mark.unit


def test_every_rule_stands_in_the_catalogue_and_speaks_both_languages():
    declared = {name for name, value in vars(rules).items() if isinstance(value, rules.Rule)}

    assert declared == {rule.key for rule in rules.ALL}
    for rule in rules.ALL:
        reason = rule.reason(limit=1, actual=2, unit="W")
        assert all((reason.rule, reason.text_nb, reason.text_en, reason.fix_nb, reason.fix_en))
        assert reason.text_nb != reason.text_en


def test_every_rule_is_named_by_a_test():
    named = {
        call.args[0].value
        for file in Path(__file__).parent.glob("test_*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "rule"
        and call.args
    }

    assert named == {rule.key for rule in rules.ALL}


def test_every_event_of_the_service_is_counted_by_its_aggregate():
    events = {
        value
        for value in vars(v1).values()
        if isinstance(value, type) and issubclass(value, v1.Event) and value.__module__ == v1.__name__
    }

    assert set(SERVICE.homes) == events - {v1.Receipt}
