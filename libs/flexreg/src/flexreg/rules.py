"""The catalogue of rules: why something is refused or noticed, in both languages, as `docs/rules` shows it.

`python -m flexreg.rules` prints it; with `--write` it renews `docs/rules` of the checkout.
"""

from __future__ import annotations

import argparse
import ast
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bsp_switch.domain import rules as bsp_switch
from chassis import parking
from chassis.door import rules as http_door
from contracts import door, policies
from meter_ingest.domain import rules as meter_ingest
from prequal.domain import rules as prequal
from registry.domain import rules as registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contracts.message import Rule

HOW: Final = "python -m flexreg.rules --write"

RULES: Final[Mapping[str, Sequence[Rule]]] = {
    "door": tuple(door.RULES.values()),
    "registry": registry.ALL,
    "bsp-switch": bsp_switch.ALL,
    "prequal": prequal.ALL,
    "meter-ingest": meter_ingest.ALL,
    "every-service": (parking.DROPPED_BY_OPERATOR,),
    "http-door": http_door.ALL,
}
"""Every rule, by the page that it stands on."""

_WRITTEN: Final = f"From the code, by `{HOW}`."
_FILLED_IN: Final = "`{limit}`, `{actual}` and `{unit}` are filled in."

_ABOUT: Final = {
    "door": "How a message must look, whoever sends it. The gateway checks commands, `meter-ingest` meter values.",
    "registry": "Parties, grid areas, metering points, resources, flexibility groups, regulation objects.",
    "bsp-switch": "Consents, control of metering points, switches of BSP; persons and lookups, at its HTTP door.",
    "prequal": "Qualification of BSPs, prequalification of groups, grid assessments, caps of bidding zones.",
    "meter-ingest": "Channels, meter values, activations. In brackets: Elhub's codes for the same.",
    "every-service": "What any service may answer.",
    "http-door": "What an HTTP door answers, as JSON, with an HTTP status.",
}


HELD_IN: Final[Mapping[str, Sequence[str]]] = {
    "door": ("contracts/tests", "services/gateway/tests", "services/meter-ingest/tests"),
    "every-service": ("libs/chassis/tests", "tests"),
    "http-door": ("services/prequal/tests",),
    **{name: (f"services/{name}/tests",) for name in ("registry", "bsp-switch", "prequal", "meter-ingest")},
}
"""Where the tests of a page's rules are."""


def pages(checkout: Path) -> dict[str, str]:
    """The text of every generated page of `docs/rules`, by its file name; the tests are those of the checkout."""
    found = {f"{name}.md": _page(name, rules, _tests(checkout, name)) for name, rules in RULES.items()}
    return {**found, "policies.md": _policies()}


def catalogue(checkout: Path) -> str:
    """The whole catalogue: all pages, one behind the other."""
    return "\n".join(pages(checkout).values())


def _tests(checkout: Path, page: str) -> Mapping[str, Sequence[str]]:
    """By rule: the tests that hold it, as `file: test, test`."""
    held: dict[str, list[str]] = {}
    for folder in HELD_IN[page]:
        for file in sorted((checkout / folder).rglob("test_*.py")):
            found: dict[str, dict[str, None]] = {}
            for test, key in marked(file):
                found.setdefault(key, {})[test] = None
            for key, tests in found.items():
                held.setdefault(key, []).append(f"`{file.relative_to(checkout)}`: {', '.join(tests)}")
    return held


@cache
def marked(file: Path) -> tuple[tuple[str, str], ...]:
    """The (test, key) of every `pytest.mark.rule(…)` in a file; a key that is no literal is named by its place."""
    found: list[tuple[str, str]] = []
    for test in ast.parse(file.read_text(encoding="utf-8")).body:
        found += [
            (str(getattr(test, "name", "its cases")), _key(key))
            for call in ast.walk(test)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "rule"
            and isinstance(call.func.value, ast.Attribute)
            and call.func.value.attr == "mark"
            for key in call.args
        ]
    return tuple(found)


def _key(given: ast.expr) -> str:
    return str(given.value) if isinstance(given, ast.Constant) else f"line {given.lineno}"


def _page(name: str, rules: Sequence[Rule], held: Mapping[str, Sequence[str]]) -> str:
    head = f"# Rules: {name.replace('-service', ' service')}\n\n{_ABOUT[name]} {_WRITTEN} {_FILLED_IN}\n"
    return "\n".join(
        [head, *(_rule(rule, held.get(rule.key, ())) for rule in sorted(rules, key=lambda rule: rule.key))]
    )


def _rule(rule: Rule, held: Sequence[str]) -> str:
    said = [f"Rule {rule.number}." if rule.number else "", "Retryable." if rule.retryable else ""]
    about = " ".join(filter(None, said))
    lines = [
        f"## {rule.key}",
        "",
        *((about, "") if about else ()),
        "| | norsk | English |",
        "|---|---|---|",
        f"| what | {_cell(rule.text_nb)} | {_cell(rule.text_en)} |",
        f"| to mend it | {_cell(rule.fix_nb)} | {_cell(rule.fix_en)} |",
        "",
        *((f"Held by {'; '.join(held)}.", "") if held else ()),
    ]
    return "\n".join(lines)


def _policies() -> str:
    lines = [
        "# Policies",
        "",
        f"The figures that rules are decided with, as a new register opens with them. {_WRITTEN}",
        "The TSO or the operator changes one with `set-policy`, from a moment to come, within what it may be.",
        "",
        "| Key | Value | Unit | May be | Of | Source |",
        "|---|---|---|---|---|---|",
        *map(_policy, policies.DEFINED.values()),
        "",
        "At every moment these hold:",
        "",
        *(f"- {order}" for order in policies.ORDERED),
        "",
    ]
    return "\n".join(lines)


def _policy(one: policies.Definition) -> str:
    cells = (f"`{one.key}`", str(one.value).lower(), one.unit or "", str(one.allowed), one.owner, one.source)
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Print the catalogue, or write it."""
    parser = argparse.ArgumentParser(prog="python -m flexreg.rules", description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew docs/rules of the checkout one stands in")
    if not parser.parse_args().write:
        sys.stdout.write(catalogue(Path.cwd()))
        return 0
    folder = Path("docs/rules")
    if not folder.is_dir():
        sys.stderr.write(f"{folder} is not here: run it in the checkout's first folder\n")
        return 1
    for name, text in pages(Path.cwd()).items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
