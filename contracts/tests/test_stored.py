"""What is stored: schemas, examples and the AsyncAPI document, held against the code. Nothing breaks by accident."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contracts import asyncapi, catalogue, door, envelope, examples, schemas, store, topics
from contracts.message import COMMANDS, EVENTS, Event

pytestmark = pytest.mark.unit

EVERY = [*catalogue.commands(), *catalogue.events()]
EXAMPLES = [
    pytest.param(type_, one, id=f"{type_}/{name}") for type_ in EVERY for name, one in examples.named(type_).items()
]
DOCUMENT = asyncapi.document()
CURRENT = cache(schemas.current)
ENVELOPE = Draft202012Validator(schemas.of_envelope(), format_checker=FormatChecker())


def test_what_is_stored_is_in_step_with_the_code():
    found = store.plan()
    assert not found.refusals, "\n".join(found.refusals)
    assert not found.writes, "run `python -m contracts.store`"


@pytest.mark.parametrize("type_", EVERY)
def test_every_type_has_a_schema_and_an_example(type_: str):
    Draft202012Validator.check_schema(schemas.of(type_))
    assert examples.of(type_)


@pytest.mark.parametrize("type_", ["", "x", "no.flexregister.registry.no-such-thing.v1", "../../etc"])
def test_a_type_that_does_not_exist_has_none(type_: str):
    assert examples.of(type_) == []
    with pytest.raises(KeyError):
        schemas.of(type_)


@pytest.mark.parametrize(("type_", "example"), EXAMPLES)
def test_every_example_ever_stored_is_read(type_: str, example: dict[str, Any]):
    raw = json.dumps(example).encode()
    found = envelope.decode(raw)
    assert found.type == type_
    if type_ in COMMANDS:
        [item] = door.open_record(raw)
        assert item.reasons == ()
        assert isinstance(item.command, COMMANDS[type_])
    else:
        event: Event = EVENTS[type_].model_validate(found.data)
        assert event.subject == found.subject
        assert found.source.split("/")[2] == event.service
        assert event.case is None or getattr(event, event.case) == found.correlationid


@pytest.mark.parametrize(("type_", "example"), EXAMPLES)
def test_every_example_follows_the_stored_schema(type_: str, example: dict[str, Any]):
    ENVELOPE.validate(example)
    Draft202012Validator(schemas.of(type_), format_checker=FormatChecker()).validate(example["data"])


def test_the_envelope_schema_knows_what_the_envelope_has():
    found = schemas.of_envelope()
    assert set(found["properties"]) == {*envelope.REQUIRED, *envelope.OPTIONAL, *envelope.RESERVED}
    assert tuple(found["required"]) == envelope.REQUIRED
    assert tuple(found["x-reserved"]) == envelope.RESERVED


# The command that writes it


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what is stored, which the command writes to instead."""
    package = tmp_path / "src" / "contracts"
    for name in ("schemas", "examples"):
        shutil.copytree(store.PACKAGE / name, package / name)
    shutil.copy(store.ASYNCAPI, tmp_path / "asyncapi.json")
    monkeypatch.setattr(store, "PACKAGE", package)
    monkeypatch.setattr(store, "ASYNCAPI", tmp_path / "asyncapi.json")
    monkeypatch.setattr(asyncapi, "document", lambda: DOCUMENT)
    monkeypatch.setattr(schemas, "current", CURRENT)
    for module in (schemas, examples):
        monkeypatch.setattr(module.resources, "files", lambda name: package / name.rpartition(".")[2])
    return package


TYPE = "no.flexregister.registry.onboard-party.v1"


def change(path: Path, old: str, new: str) -> None:
    """Change a stored file, as if the code had been another."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_nothing_is_to_do_where_nothing_has_changed(elsewhere: Path):
    assert store.main(["--check"]) == 0


def test_a_compatible_change_is_written(elsewhere: Path, capsys: pytest.CaptureFixture[str]):
    stored = elsewhere / "schemas" / schemas.path(TYPE)
    change(stored, '"maxLength": 200', '"maxLength": 100')  # the code takes more than was stored
    assert store.main(["--check"]) == 1
    assert "run `python -m contracts.store`" in capsys.readouterr().err
    assert store.main([]) == 0
    assert store.main(["--check"]) == 0


def test_a_breaking_change_is_refused_and_says_what_to_do(elsewhere: Path, capsys: pytest.CaptureFixture[str]):
    stored = elsewhere / "schemas" / schemas.path(TYPE)
    change(stored, '"maxLength": 200', '"maxLength": 300')  # the code takes less than was stored
    before = stored.read_text(encoding="utf-8")
    assert store.main([]) == 1
    assert stored.read_text(encoding="utf-8") == before
    said = capsys.readouterr().err
    assert f"{TYPE}\n  /name: maxLength was 300 and is 200\n" in said
    assert "make a v2" in said


def test_a_type_that_is_gone_is_refused(elsewhere: Path, capsys: pytest.CaptureFixture[str]):
    shutil.copy(elsewhere / "schemas" / schemas.path(TYPE), elsewhere / "schemas/registry/expel-party.v1.json")
    assert store.main([]) == 1
    assert "expel-party.v1 has a stored schema but no class any more" in capsys.readouterr().err


def test_an_example_may_be_added_but_not_changed_or_taken_away(elsewhere: Path, capsys: pytest.CaptureFixture[str]):
    folder = elsewhere / "examples" / TYPE
    shutil.copy(folder / "plain.json", folder / "another.json")
    assert store.main([]) == 0
    change(folder / "another.json", '"subject": "708', '"subject": "709')
    assert store.main([]) == 1
    assert f"{TYPE}/another was changed" in capsys.readouterr().err
    (folder / "another.json").unlink()
    assert store.main([]) == 1
    assert f"{TYPE}/another is gone" in capsys.readouterr().err


def test_a_type_without_an_example_is_refused(elsewhere: Path, capsys: pytest.CaptureFixture[str]):
    shutil.rmtree(elsewhere / "examples" / TYPE)
    assert store.main([]) == 1
    assert f"{TYPE} has no example" in capsys.readouterr().err


# AsyncAPI


def test_every_reference_leads_somewhere():
    for reference in _references(DOCUMENT):
        found: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        assert found


def test_every_topic_is_a_channel_and_every_type_a_message():
    addresses = {channel["address"] for channel in DOCUMENT["channels"].values()}
    assert addresses == {topic.name.replace("<gln>", "{gln}") for topic in (*topics.PER_PARTY, *topics.catalogue())}
    assert set(DOCUMENT["components"]["messages"]) == set(EVERY)
    used = {type_ for channel in DOCUMENT["channels"].values() for type_ in channel["messages"]}
    assert used == set(EVERY)


def test_every_command_can_be_sent_and_is_answered():
    received = [one for one in DOCUMENT["operations"].values() if one["action"] == "receive"]
    assert len(received) == len(COMMANDS)
    for operation in received:
        answers = {one["$ref"].rpartition("/")[2] for one in operation["reply"]["messages"]}
        service = operation["messages"][0]["$ref"].rpartition("/")[2].split(".")[2]
        assert answers == {f"no.flexregister.{service}.receipt.v1", "no.flexregister.gateway.receipt.v1"}


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for part in value.values() for found in _references(part)]
    return [found for part in value for found in _references(part)] if isinstance(value, list) else []
