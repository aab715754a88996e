"""What every message type must say of itself."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts import catalogue, examples, problems, values
from contracts.message import COMMANDS, EVENTS, Command, Event, ReceiptData, kebab
from contracts.validation import validate_command

pytestmark = pytest.mark.unit

PAST = re.compile(
    r"(.*-)?(\w+ed|set|chosen|split|overdue|withdrawn|took-effect|must-leave|may-stay|ready|expected-effect|receipt)"
)
"""Facts: a past participle at the end, or a word that cannot be mistaken for a wish."""

SAMPLE = "707057500012345678"
"""A point whose check digit is wrong."""

RUBBISH: list[Any] = [
    *(None, True, -1, 10**15, "", " ", "x", "\x07", "x" * 10_001, "2026-01-05T00:00:00Z"),
    *([], [1], {}, {"a": 1}),
]

every_command = pytest.mark.parametrize("command", catalogue.commands().values(), ids=catalogue.commands())
every_event = pytest.mark.parametrize("event", catalogue.events().values(), ids=catalogue.events())


def test_the_types_are_all_there():
    assert len(COMMANDS) >= 20
    assert len(EVENTS) >= 49
    assert not COMMANDS.keys() & EVENTS.keys()


@pytest.mark.parametrize("type_", [*COMMANDS, *EVENTS])
def test_types_are_named_alike(type_: str):
    assert re.fullmatch(r"no\.flexregister\.[a-z-]+\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*", type_)


@every_command
def test_commands_are_wishes(command: type[Command]):
    name = kebab(command.__name__)
    assert "-" in name, "a verb and a noun"
    assert not name.partition("-")[0].endswith("ed")
    assert command.__doc__


@every_command
def test_commands_say_who_may_send_them_and_what_they_are_about(command: type[Command]):
    assert command.senders
    assert command.senders <= set(values.Role)
    TypeAdapter(command.subject_is)
    assert command.model_config.get("extra") == "forbid"
    assert command.model_config.get("frozen")
    if command.listed is not None:
        assert "tuple" in str(command.model_fields[command.listed].annotation)


@every_event
def test_events_are_facts(event: type[Event]):
    assert PAST.fullmatch(kebab(event.__name__))
    assert event.__doc__
    assert event.model_config.get("frozen")


@every_event
def test_events_say_what_they_are_about_and_who_is_sent_them(event: type[Event]):
    assert event.home in event.model_fields
    assert event.case is None or event.case in event.model_fields
    assert any("audience" in one.__dict__ for one in event.__mro__ if one is not Event), "nobody is a decision, too"
    for audience in event.audience:
        assert (audience.field is None) != (audience.role is None)
        if audience.field is not None:
            annotation = event.model_fields[audience.field].annotation
            assert str in {annotation, *get_args(annotation)} or "str" in str(annotation)
        assert set(audience.without) <= set(event.model_fields) - {event.home, event.case}


def test_each_service_has_one_receipt():
    services = [event.service for event in EVENTS.values() if issubclass(event, ReceiptData)]
    assert sorted(services) == sorted({module.__name__.split(".")[1].replace("_", "-") for module in catalogue.MODULES})


@every_event
def test_events_ignore_what_they_do_not_know_at_every_depth(event: type[Event]):
    stored = examples.of(event.type)[0]["data"]
    assert event.model_validate(_more(stored)) == event.model_validate(stored)


@every_command
def test_commands_refuse_what_they_do_not_know(command: type[Command]):
    stored = examples.of(command.type)[0]
    reasons = validate_command(command.type, stored["subject"], {**stored["data"], "colour": "red"})
    assert isinstance(reasons, tuple)
    assert [(reason.code, reason.path) for reason in reasons] == [("SCHEMA_INVALID", "/data/…")]


@every_command
def test_whatever_is_wrong_is_said_in_norwegian_too(command: type[Command]):
    stored = examples.of(command.type)[0]["data"]
    wrong = [{key: kept for key, kept in stored.items() if key != name} for name in command.model_fields]
    wrong += [{**stored, name: value} for name in command.model_fields for value in RUBBISH]
    assert {type_ for data in wrong for type_ in _error_types(command, data)} <= problems.KNOWN


def test_texts_fit_the_errors_that_they_speak_of():
    data = {"zone": "NO9", "metering_points": [SAMPLE]}
    reasons = validate_command("no.flexregister.registry.form-group.v1", "", data)
    assert isinstance(reasons, tuple)
    assert [reason.text_nb for reason in reasons] == [
        "`subject` «» passer ikke til typen: en UUID skrives med små bokstaver som 8-4-4-4-12 heksadesimale siffer.",
        "Innholdet følger ikke skjemaet: verdien skal være en av 'NO1', 'NO2', 'NO3', 'NO4' eller 'NO5'.",
        "Innholdet følger ikke skjemaet: kontrollsifferet i GSRN er galt: 1 ventet.",
    ]


def test_a_list_of_numbers_is_norwegian_too():
    data = {"metering_points": [SAMPLE], "keep_years": 5, "reason": "x"}
    subject = "019b8d2b-8c00-7ab1-9c0e-3f0d51c2a7e4"
    reasons = validate_command("no.flexregister.meter-ingest.set-value-retention.v1", subject, data)
    assert isinstance(reasons, tuple)
    (reason,) = (one for one in reasons if one.path == "/data/keep_years")
    assert reason.text_nb == "Innholdet følger ikke skjemaet: verdien skal være en av 3 eller 10."
    assert reason.text_en == "The data does not follow the schema: the value must be one of 3 or 10."


@pytest.mark.parametrize(
    ("kind", "member_id", "why"),
    [
        ("person", "5f0c2f1e-7a0b-4d7c-9a53-0d6f1f1f9a11", None),
        ("person", "ola.nordmann", "uuid_form"),
        ("person", "01018012345", "uuid_form"),
        ("client", "styring-1", None),
        ("client", "ola@example.no", "member_id_form"),
    ],
)
def test_who_acts_for_a_party_is_no_personal_data(kind: str, member_id: str, why: str | None):
    command = COMMANDS["no.flexregister.registry.admit-to-party.v1"]
    data = {"kind": kind, "member_id": member_id, "rights": "reader"}
    assert _error_types(command, data) == ({why} if why else set())


def _error_types(command: type[Command], data: dict[str, Any]) -> set[str]:
    try:
        command.model_validate(data)
    except ValidationError as error:
        return {detail["type"] for detail in error.errors()}
    return set()


def _more(value: Any) -> Any:
    if isinstance(value, dict):
        return {**{name: _more(part) for name, part in value.items()}, "from_the_future": {"a": 1}}
    return [_more(part) for part in value] if isinstance(value, list) else value
