from __future__ import annotations

import json
from pathlib import Path

import pytest

from flexreg import address
from flexreg.address import NoRegister

pytestmark = pytest.mark.unit

STATE = {
    "namespace": "n",
    "kafka_bootstrap": "127.0.0.1:9092",
    "sandbox": True,
    "operator": "7080000000012",
    "ready": True,
    "processes": {"gateway": {"url": "http://127.0.0.1:1", "port": 1}},
}


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (address.STATE, address.HOME):
        monkeypatch.delenv(name, raising=False)
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    return tmp_path


def write(path: Path, **state: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**STATE, **state}))
    return path


def test_a_register_is_found_from_any_folder_below(nowhere: Path) -> None:
    write(nowhere / ".flexreg" / "state.json")
    found = address.read()
    assert found == address.Address("127.0.0.1:9092", "n", "7080000000012", True, {"gateway": "http://127.0.0.1:1"})


def test_the_environment_goes_before_the_folder(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(nowhere / ".flexreg" / "state.json")
    monkeypatch.setenv(address.HOME, str(write(nowhere / "home" / "state.json", namespace="home").parent))
    assert address.read().namespace == "home"
    monkeypatch.setenv(address.STATE, str(write(nowhere / "s.json", namespace="state")))
    assert address.read().namespace == "state"
    assert address.read(write(nowhere / "given.json", namespace="given")).namespace == "given"


def test_without_a_register_one_is_told_how_to_start_one() -> None:
    with pytest.raises(NoRegister, match="make up"):
        address.read()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"processes": {"a": 1}}'])
def test_a_state_that_cannot_be_read_is_no_register(nowhere: Path, text: str) -> None:
    path = nowhere / "broken.json"
    path.write_text(text)
    with pytest.raises(NoRegister):
        address.read(path)


def test_a_register_that_is_starting_is_waited_for_by_the_person(nowhere: Path) -> None:
    with pytest.raises(NoRegister, match="starting"):
        address.read(write(nowhere / "s.json", ready=False))
