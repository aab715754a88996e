"""The catalogue of rules: as `docs/rules` shows it, and every rule held by a test."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from chassis import parking
from chassis.record import Input, Record
from chassis.service import Incoming
from contracts import policies
from contracts.message import Refused
from flexreg import rules

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs" / "rules"
KEYS = {(page, rule.key) for page, found in rules.RULES.items() for rule in found}


@cache
def marked(folder: str) -> frozenset[str]:
    """The keys that the tests in a folder name."""
    return frozenset(key for file in (ROOT / folder).rglob("*.py") for _, key in rules.marked(file))


@pytest.mark.parametrize(
    "name", sorted({*rules.pages(ROOT), *(file.name for file in DOCS.glob("*.md"))} - {"README.md"})
)
def test_the_documents_show_the_rules_as_they_are(name: str):
    file = DOCS / name
    stands = file.read_text(encoding="utf-8") if file.is_file() else ""

    assert stands == rules.pages(ROOT).get(name), f"docs/rules/{name} is not in step with the code: run `{rules.HOW}`"


def test_the_catalogue_is_all_of_it():
    found = rules.catalogue(ROOT)

    assert all(f"\n## {key}\n" in found for _, key in KEYS)


@pytest.mark.parametrize(("page", "key"), sorted(KEYS))
def test_every_rule_is_held_by_a_test(page: str, key: str):
    held = frozenset[str]().union(*map(marked, rules.HELD_IN[page]))

    assert key in held, f'mark a test in {" or ".join(rules.HELD_IN[page])} with pytest.mark.rule("{key}")'


def test_every_rule_that_a_test_names_exists():
    folders = {str(each.relative_to(ROOT)) for each in (*ROOT.glob("*/tests"), *ROOT.glob("*/*/tests"), ROOT / "tests")}
    named = frozenset[str]().union(*map(marked, sorted(folders)))

    assert named <= {key for _, key in KEYS}


def test_every_number_is_explained():
    told = (DOCS / "README.md").read_text(encoding="utf-8")
    sources = [rule.number for found in rules.RULES.values() for rule in found]
    sources += [policy.source for policy in policies.DEFAULTS]

    for number in sorted(set(re.findall(r"\b[RD]\d+\b", " ".join(sources)))):
        assert f"\n| {number} |" in told, f"say what {number} is in docs/rules/README.md"


@pytest.mark.rule("DROPPED_BY_OPERATOR")
async def test_a_dropped_command_is_refused_whatever_it_says():
    incoming = Incoming(None, "?", "?", "/parties/7080000000012", "", Record("t", 0, 0, 0, b"").received_at, 0)
    dropped = parking.dropped(Input("key", "broken", incoming, Record("t", 0, 0, 0, b"{"), error=ValueError()))

    assert dropped.kind == "command"
    assert dropped.error is None
    assert dropped.on is not None
    with pytest.raises(Refused) as refused:
        await dropped.on.handler(None, incoming)
    assert [reason.code for reason in refused.value.reasons] == ["DROPPED_BY_OPERATOR"]
