"""What `make lint` looks at is all there is: a check that leaves a package out is green whatever is in it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
SOURCES = sorted({file.parent / "src" for file in ROOT.glob("*/pyproject.toml")} | {*ROOT.glob("*/*/src")})


def test_every_package_has_its_types_checked():
    assert len(SOURCES) > 8
    assert {str(each.relative_to(ROOT)) for each in SOURCES} == set(SETTINGS["basedpyright"]["include"])


def test_every_package_has_its_place_in_the_layers():
    packages = {each.name for source in SOURCES for each in source.iterdir() if (each / "__init__.py").is_file()}
    assert packages == set(SETTINGS["importlinter"]["root_packages"])


def test_only_the_chassis_may_make_kafka_clients():
    [rule] = [
        one for one in SETTINGS["importlinter"]["contracts"] if one["name"] == "only the chassis makes Kafka clients"
    ]
    assert {*rule["source_modules"], "chassis"} == set(SETTINGS["importlinter"]["root_packages"])
