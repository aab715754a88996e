"""What the door lets in, and what it says to what it does not."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import catalogue, door, envelope, examples
from contracts.envelope import RESERVED
from contracts.message import Reason
from contracts.registry.v1 import FormGroup, RegisterResource
from contracts.values import make_gln, make_gsrn

pytestmark = pytest.mark.unit

TYPE = "no.flexregister.registry.register-resource.v1"
GOOD = examples.of(TYPE)[0]


def message(**changed: Any) -> dict[str, Any]:
    """A good message with other attributes; `...` takes one away."""
    return {name: value for name, value in {**GOOD, **changed}.items() if value is not ...}


def data(**changed: Any) -> dict[str, Any]:
    """A good message with other data."""
    return message(data={name: value for name, value in {**GOOD["data"], **changed}.items() if value is not ...})


def opened(value: Any) -> door.Item:
    """The one item of a record."""
    [item] = door.open_record(value if isinstance(value, bytes) else json.dumps(value).encode())
    return item


def refusal(value: Any) -> Reason:
    """The one reason against a record."""
    item = opened(value)
    assert item.command is None
    [reason] = item.reasons
    assert "{" not in reason.text_nb + reason.text_en + reason.fix_nb + reason.fix_en
    return reason


def test_a_good_message_is_a_command():
    item = opened(GOOD)
    assert item.reasons == ()
    assert isinstance(item.command, RegisterResource)
    assert (item.id, item.source, item.type, item.subject) == tuple(
        GOOD[name] for name in ("id", "source", "type", "subject")
    )
    assert (item.correlationid, item.traceparent, item.actingas) == (GOOD["correlationid"], GOOD["traceparent"], "")


def test_the_body_is_canonical_and_the_hash_is_of_it():
    spaced = opened(json.dumps(GOOD, indent=4, ensure_ascii=True).encode() + b"\n\n")
    shuffled = opened(json.dumps(dict(reversed(GOOD.items())), ensure_ascii=False).encode())
    assert spaced == shuffled == opened([GOOD])
    assert spaced.contenthash == hashlib.sha256(spaced.body).hexdigest() == envelope.content_hash(GOOD)
    assert json.loads(spaced.body) == GOOD


def test_the_body_can_be_extended_to_what_is_forwarded():
    forwarded = envelope.decode(envelope.extend(opened(GOOD).body, {"sender": make_gln(1), "senderrole": "bsp"}))
    assert (forwarded.id, forwarded.sender, forwarded.data) == (GOOD["id"], make_gln(1), GOOD["data"])


def test_null_is_the_same_as_left_out():
    assert opened(message(causationid=None, actingas=None)) == opened(GOOD)


def test_a_parcel_is_opened_in_order_and_one_bad_message_costs_only_itself():
    parcel = [GOOD, data(up_w=1.5), 17, message(type="x"), message(actingas="bsp")]
    items = door.open_record(json.dumps(parcel).encode())
    assert [item.command is not None for item in items] == [True, False, False, False, True]
    assert [item.reasons[0].code for item in items if item.reasons] == [
        "NUMBER_NOT_ALLOWED",
        "NOT_AN_ENVELOPE",
        "TYPE_UNKNOWN",
    ]


def test_a_refused_message_still_says_what_could_be_read():
    item = opened(data(up_w=-1))
    assert (item.id, item.type) == (GOOD["id"], TYPE)
    assert item.contenthash
    doubled = opened(json.dumps(GOOD).replace('"up_w"', '"up_w": 1, "up_w"').encode())
    assert (doubled.id, doubled.contenthash) == (GOOD["id"], "")
    ambiguous = opened(json.dumps(GOOD).replace('"source"', '"id": "x", "source"').encode())
    assert (ambiguous.id, ambiguous.source) == ("", "")


@pytest.mark.rule("MESSAGE_TOO_LARGE")
@pytest.mark.parametrize("size", [1024 * 1024 + 1, 10 * 1024 * 1024])
def test_more_than_a_mebibyte_is_refused(size: int):
    reason = refusal(b" " * size)
    assert (reason.code, reason.limit, reason.actual) == ("MESSAGE_TOO_LARGE", 1024 * 1024, size)


def test_a_mebibyte_is_taken():
    raw = json.dumps(GOOD).encode()
    assert opened(raw + b" " * (1024 * 1024 - len(raw))).command is not None


@pytest.mark.rule("NOT_UTF8")
@pytest.mark.parametrize(
    "raw", [b'{"a":"\xff"}', b"\xef\xbb\xbf{}", '{"a":"å"}'.encode("latin-1"), b"\xff\xfe{\x00}\x00"]
)
def test_what_is_not_utf_8_is_refused(raw: bytes):
    assert refusal(raw).code == "NOT_UTF8"


@pytest.mark.rule("NOT_JSON")
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"{",
        b"{'a':1}",
        b'{"a":01}',
        b'{"a":"\\ud800"}',
        b'{"a":"\x01"}',
        b"{} {}",
        b'{"a":1,}',
        b"[nul]",
    ],
)
def test_what_is_not_json_is_refused(raw: bytes):
    assert refusal(raw).code == "NOT_JSON"


@pytest.mark.rule("DUPLICATE_KEY")
@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (json.dumps(GOOD).replace('"up_w"', '"up_w": 1, "up_w"'), "/data"),
        (json.dumps(GOOD).replace('"serial"', '"make": "x", "serial"'), "/data/devices/0"),
        (json.dumps(GOOD).replace('"source"', '"id": "x", "source"'), ""),
        ('{"a":1,"a":1}', ""),
    ],
)
def test_a_name_that_occurs_twice_is_refused(raw: str, path: str):
    reason = refusal(raw.encode())
    assert (reason.code, reason.path) == ("DUPLICATE_KEY", path)


@pytest.mark.rule("NUMBER_NOT_ALLOWED")
@pytest.mark.parametrize(
    "number",
    ["NaN", "Infinity", "-Infinity", "1.5", "1.0", "1e3", "1e999", "9007199254740992", "-" + "9" * 30, "9" * 5000],
)
def test_a_number_that_is_not_whole_or_too_large_is_refused(number: str):
    reason = refusal(json.dumps(data(up_w="@")).replace('"@"', number).encode())
    assert reason.code == "NUMBER_NOT_ALLOWED"
    assert reason.path == ("/data/up_w" if len(number) < 4300 else "")


@pytest.mark.rule("CHARACTER_NOT_ALLOWED")
@pytest.mark.parametrize(
    ("value", "path"),
    [(message(subject="a\0"), "/subject"), (data(name="\0"), "/data/name"), (data(**{"a\0": 1}), "/data/…")],
)
def test_the_character_that_cannot_be_stored_is_refused(value: dict[str, Any], path: str):
    reason = refusal(value)
    assert (reason.code, reason.path) == ("CHARACTER_NOT_ALLOWED", path)


@pytest.mark.rule("NESTED_TOO_DEEP")
@pytest.mark.parametrize("levels", [32, 150, 5_000, 100_000])
def test_what_is_nested_too_deep_is_refused(levels: int):
    raw = json.dumps(message(data="@")).replace('"@"', '{"a":' * levels + "1" + "}" * levels)
    assert refusal(raw.encode()).code == "NESTED_TOO_DEEP"


def test_thirty_two_levels_are_taken():
    raw = json.dumps(message(data="@")).replace('"@"', '{"a":' * 31 + "1" + "}" * 31)
    assert {reason.code for reason in opened(raw.encode()).reasons} == {"SCHEMA_INVALID"}


@pytest.mark.rule("PARCEL_TOO_LARGE")
def test_a_parcel_of_1001_is_refused_as_a_whole():
    reason = refusal([1] * 1001)
    assert (reason.code, reason.limit, reason.actual) == ("PARCEL_TOO_LARGE", 1000, 1001)
    assert len(door.open_record(json.dumps([1] * 1000).encode())) == 1000


@pytest.mark.rule("PARCEL_EMPTY")
def test_an_empty_parcel_is_refused():
    assert refusal([]).code == "PARCEL_EMPTY"


@pytest.mark.rule("NOT_AN_ENVELOPE")
@pytest.mark.parametrize(
    ("value", "path"),
    [
        (1, ""),
        ("text", ""),
        (None, ""),
        (3.5, ""),
        ([True], ""),
        ([[GOOD]], ""),
        (message(specversion="0.3"), "/specversion"),
        (message(specversion=1), "/specversion"),
        (message(id="7"), "/id"),
        (message(id=7), "/id"),
        (message(id=GOOD["id"].upper()), "/id"),
        (message(source=...), "/source"),
        (message(source=""), "/source"),
        (message(source="x" * 201), "/source"),
        (message(type=...), "/type"),
        (message(type={}), "/type"),
        (message(subject=...), "/subject"),
        (message(subject="a\nb"), "/subject"),
        (message(time=...), "/time"),
        (message(time="2026-01-05T00:00:00"), "/time"),
        (message(datacontenttype="text/xml"), "/datacontenttype"),
        (message(dataschema=""), "/dataschema"),
        (message(correlationid=["x"]), "/correlationid"),
        (message(traceparent="abc"), "/traceparent"),
        (message(actingas="king"), "/actingas"),
        (message(data=...), "/data"),
        (message(data=[]), "/data"),
        (message(data="e30="), "/data"),
    ],
)
def test_an_attribute_that_is_not_as_it_should_be_is_refused(value: Any, path: str):
    reason = refusal(value)
    assert (reason.code, reason.path) == ("NOT_AN_ENVELOPE", path)


@pytest.mark.rule("ID_MISSING")
@pytest.mark.parametrize("id_", [..., None, ""])
def test_a_message_without_an_id_is_refused(id_: Any):
    reason = refusal(message(id=id_))
    assert (reason.code, reason.path) == ("ID_MISSING", "/id")


@pytest.mark.rule("ATTRIBUTE_RESERVED")
@pytest.mark.parametrize("name", RESERVED)
def test_what_only_the_register_says_is_refused(name: str):
    reason = refusal(message(**{name: "x"}))
    assert (reason.code, reason.path) == ("ATTRIBUTE_RESERVED", f"/{name}")


@pytest.mark.rule("ATTRIBUTE_UNKNOWN")
@pytest.mark.parametrize("name", ["data_base64", "priority", "a/b~c"])
def test_an_attribute_that_nobody_knows_is_refused(name: str):
    reason = refusal(message(**{name: "x"}))
    # It may be a person's.
    assert (reason.code, reason.path, reason.actual) == ("ATTRIBUTE_UNKNOWN", "/…", "…")


@pytest.mark.rule("TYPE_UNKNOWN")
@pytest.mark.parametrize(
    ("type_", "hint"),
    [
        ("no.flexregister.registry.register-resourse.v1", TYPE),
        ("register-resource", TYPE),
        ("no.flexregister.registry.resource-registered.v1", "<command>"),
        ("com.example.order", "<command>"),
        ("....", "<command>"),
    ],
)
def test_an_unknown_type_is_refused_with_what_may_have_been_meant(type_: str, hint: str):
    reason = refusal(message(type=type_))
    assert (reason.code, reason.path, reason.actual) == ("TYPE_UNKNOWN", "/type", type_)
    assert hint in reason.fix_en


@pytest.mark.rule("TYPE_VERSION_UNKNOWN")
def test_an_unknown_version_is_refused_with_the_known_ones():
    reason = refusal(message(type=TYPE.replace(".v1", ".v9")))
    assert (reason.code, reason.limit) == ("TYPE_VERSION_UNKNOWN", TYPE)


@pytest.mark.rule("SUBJECT_INVALID")
def test_a_subject_that_does_not_fit_the_type_is_refused():
    reason = refusal(message(subject=make_gsrn(1)))
    assert (reason.code, reason.path, reason.actual) == ("SUBJECT_INVALID", "/subject", make_gsrn(1))
    assert "UUID" in reason.text_nb


@pytest.mark.parametrize(
    ("raw", "nb", "en"),
    [
        (b"hello", "Meldingen er ikke JSON: linje 1, kolonne 1.", "The message is not JSON: line 1, column 1."),
        (
            b"[1,",
            "Meldingen er ikke JSON: den slutter for tidlig, i linje 1, kolonne 3.",
            "The message is not JSON: it ends too early, at line 1, column 3.",
        ),
        (
            b'"\xff"',
            "Meldingen er ikke gyldig UTF-8 uten byterekkefølgemerke: byte nummer 2.",
            "The message is not valid UTF-8 without a byte order mark: byte number 2.",
        ),
        (
            b"[[]]",
            "Dette er ikke en gyldig CloudEvents-konvolutt: «et JSON-objekt» ventet, «en JSON-liste» funnet.",
            "This is no valid CloudEvents envelope: “a JSON object” expected, “a JSON array” found.",
        ),
    ],
)
def test_a_text_is_in_one_language_and_none_is_a_parsers(raw: bytes, nb: str, en: str):
    (item,) = door.open_record(raw)
    assert [(reason.text_nb, reason.text_en) for reason in item.reasons] == [(nb, en)]


def test_a_field_that_no_type_has_is_not_repeated_but_found():
    reason = refusal(data(devices=[{"make": "a", "model": "b", "Kari Nordmann": 1, "serial": "c"}]))
    assert reason.path == "/data/devices/0/…"
    assert "(navn nummer 3 i objektet); det kan ha: make, model, serial" in reason.text_nb
    assert "(name number 3 in the object); it may have: make, model, serial" in reason.text_en
    assert "Kari" not in reason.model_dump_json()


@pytest.mark.rule("SCHEMA_INVALID")
@pytest.mark.parametrize(
    ("changed", "path", "nb", "en"),
    [
        ({"up_w": -1}, "/data/up_w", "minst 0", "at least 0"),
        ({"up_w": "5000"}, "/data/up_w", "helt tall", "whole number"),
        ({"up_w": ...}, "/data/up_w", "mangler", "missing"),
        ({"colour": "red"}, "/data/…", "finnes ikke", "no such field"),
        ({"technology": "magic"}, "/data/technology", "'water-heater', ", "'water-heater', "),
        ({"devices": [GOOD["data"]["devices"][0]] * 101}, "/data/devices", "høyst 100", "at most 100"),
        ({"devices": [{"make": "", "model": "b", "serial": "c"}]}, "/data/devices/0/make", "tom", "empty"),
        ({"metering_point_id": "707057500012345678"}, "/data/metering_point_id", "1 ventet", "expected 1"),
    ],
)
def test_data_that_does_not_follow_the_schema_is_refused(changed: dict[str, Any], path: str, nb: str, en: str):
    reason = refusal(data(**changed))
    assert (reason.code, reason.path) == ("SCHEMA_INVALID", path)
    assert nb in reason.text_nb
    assert en in reason.text_en


def test_every_thing_wrong_is_said_at_once_but_no_more_than_twenty():
    item = opened(message(id="", time="now", data={**GOOD["data"], "up_w": -1, "down_w": -1}))
    assert [reason.path for reason in item.reasons] == ["/id", "/time", "/data/up_w", "/data/down_w"]
    group = {"zone": "NO3", "metering_points": ["x"] * 2000}
    assert len(opened(message(type=FormGroup.type, data=group)).reasons) == 20
    assert len(opened(message(**{f"a{n}": 1 for n in range(1000)})).reasons) == 20


def test_what_a_sender_wrote_does_not_swell_its_receipt():
    item = opened(data(**{"x" * 500_000: 1}, name="y" * 300_000))
    assert len(item.reasons) == 2
    assert sum(len(reason.model_dump_json()) for reason in item.reasons) < 4000


@pytest.mark.rule("ID_REUSED")
@pytest.mark.rule("ROLE_MISSING")
@pytest.mark.rule("SOURCE_NOT_SENDER")
@pytest.mark.rule("WRONG_TOPIC")
@pytest.mark.rule("SENDER_UNKNOWN")
@pytest.mark.parametrize("rule", door.RULES.values(), ids=lambda rule: rule.key)
def test_every_rule_speaks_both_languages_in_whole_sentences(rule: door.Rule):
    reason = rule.reason(limit="LIMIT", actual="ACTUAL", unit="UNIT")
    assert reason.code == rule.key == rule.key.upper()
    for text in (reason.text_nb, reason.text_en, reason.fix_nb, reason.fix_en):
        assert text[-1] in ".?!"
        assert "{" not in text
    for figure in ("{limit}", "{actual}"):
        assert (figure in rule.text_nb + rule.fix_nb) == (figure in rule.text_en + rule.fix_en)


@given(st.binary(max_size=300))
def test_no_bytes_whatever_bring_the_door_down(raw: bytes):
    assert all(item.reasons for item in door.open_record(raw))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab\0/~\ud7ff", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\0", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(GOOD)), JSON)
def test_no_attribute_whatever_brings_the_door_down(name: str, value: Any):
    item = opened(message(**{name: value}))
    assert (item.command is None) == bool(item.reasons)
    for reason in item.reasons:
        assert "\0" not in reason.model_dump_json()


# What no value may do

NASTY = (None, -1, 10**30, "", "\u202e", "0001-01-01T00:00:00Z", "9999-12-31T23:00:00Z", "9999-12-31", [], {"a": 1})


def places(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a message."""
    if isinstance(found, (dict, list)):
        for key in found if isinstance(found, dict) else range(min(len(found), 1)):
            yield (*path, key)
            yield from places(found[key], (*path, key))


@pytest.mark.parametrize("type_", sorted(catalogue.commands()))
def test_no_value_anywhere_in_a_command_breaks_the_door(type_: str):
    given = examples.of(type_)[0]
    for path in list(places(given)):
        for value in NASTY:
            changed = copy.deepcopy(given)
            within = changed
            for key in path[:-1]:
                within = within[key]
            within[path[-1]] = value
            [item] = door.open_record(json.dumps(changed).encode())
            assert item.reasons or item.command is not None
