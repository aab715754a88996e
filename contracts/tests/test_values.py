"""The value types that are no identifiers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts import calendar, values

pytestmark = pytest.mark.unit


def taken(type_: Any, value: Any) -> Any:
    return TypeAdapter(type_).validate_python(value)


def refusal(type_: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        taken(type_, value)
    return caught.value.errors()[0]["type"]


@pytest.mark.parametrize("value", [0, 5000, 999_999_999_999])
def test_watts_are_whole_and_not_negative(value: int):
    assert taken(values.Watt, value) == value


@pytest.mark.parametrize("value", [-1, 1_000_000_000_000, 1.0, "5000", True, None])
def test_what_is_no_watt(value: Any):
    assert refusal(values.Watt, value)


@pytest.mark.parametrize("value", [1.0, "1", False, 2**53])
def test_what_is_no_strict_integer(value: Any):
    assert refusal(values.StrictInt, value)


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-05T00:00:00Z",
        "2026-01-05T01:00:00+01:00",
        datetime(2026, 1, 5, tzinfo=UTC),
        datetime(2026, 1, 5, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 1, 5, 1, tzinfo=calendar.OSLO),
    ],
)
def test_a_moment_is_held_in_utc(value: Any):
    at = taken(values.UtcTime, value)
    assert at == datetime(2026, 1, 5, tzinfo=UTC)
    assert at.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2026-01-05T00:00:00", "time_form"),
        ("2026-01-05", "time_form"),
        ("1767571200", "time_form"),
        ("2026-01-05T00:00:00Z\n", "time_form"),
        ("2026-01-05t00:00:00z", "time_form"),
        ("2026-W02-1T00:00:00Z", "time_form"),
        ("2026-02-30T00:00:00Z", "time_value"),
        ("2026-01-05T24:00:00Z", "time_value"),
        ("0001-01-01T00:00:00+05:00", "time_value"),
        ("9999-12-31T23:00:00Z", "time_value"),
        ("2200-01-01T00:00:00Z", "time_value"),
        ("1899-12-31T23:59:59Z", "time_value"),
        (1767571200, "time_type"),
        (None, "time_type"),
        (datetime(2026, 1, 5), "time_naive"),  # noqa: DTZ001 - what is tested
        (date(2026, 1, 5), "time_type"),
    ],
)
def test_what_is_no_moment(value: Any, why: str):
    assert refusal(values.UtcTime, value) == why


ZONES = st.sampled_from(
    [UTC, calendar.OSLO, timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(seconds=1))]
)


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2199, 12, 30), timezones=ZONES))  # noqa: DTZ001 - hypothesis adds the zone
def test_a_moment_comes_back_from_its_text(at: datetime):
    adapter = TypeAdapter[datetime](values.UtcTime)
    text = values.time_text(at)
    assert text.endswith("Z")
    assert ("." in text) == bool(at.astimezone(UTC).microsecond)
    assert values.parse_time(text) == at.astimezone(UTC)
    assert adapter.dump_json(adapter.validate_python(at)).decode() == f'"{text}"'
    assert adapter.validate_json(f'"{text}"') == at.astimezone(UTC)


def test_a_midnight_is_one_of_oslo():
    assert taken(values.Midnight, "2026-01-04T23:00:00Z")
    assert taken(values.Midnight, "2026-06-04T22:00:00Z")
    for value in ("2026-01-05T00:00:00Z", "2026-01-04T22:00:00Z", "2026-01-04T23:00:00.000001Z"):
        assert refusal(values.Midnight, value) == "midnight"


def test_a_local_date_is_a_date():
    assert taken(values.LocalDate, "2026-03-29") == taken(values.LocalDate, date(2026, 3, 29)) == date(2026, 3, 29)
    assert refusal(values.LocalDate, "2026-02-29") == "date_value"
    assert refusal(values.LocalDate, "9999-12-31") == "date_value"
    for value in ("29.03.2026", "2026-3-9", 20260329, datetime(2026, 3, 29, tzinfo=UTC), "2026-03-29T00:00:00Z"):
        assert refusal(values.LocalDate, value) == "date_form"


def test_a_period_is_half_open_and_not_empty():
    period = taken(values.Period, {"start": "2026-03-29T08:00:00Z", "end": "2026-03-29T08:30:00Z"})
    assert period.contains(period.start)
    assert not period.contains(period.end)
    assert refusal(values.Period, {"start": "2026-03-29T08:00:00Z", "end": "2026-03-29T08:00:00Z"}) == "period_order"
    assert refusal(values.Period, {"start": "2026-03-29T08:00:00Z"}) == "missing"


def test_short_text_is_one_printable_line():
    assert (
        taken(values.ShortText, "  Bryggeri på Løkka\N{NO-BREAK SPACE}2 🏭 ")
        == "Bryggeri på Løkka\N{NO-BREAK SPACE}2 🏭"
    )
    assert taken(values.ShortText, "") == ""
    assert taken(values.ShortText, "x" * 200)
    assert refusal(values.ShortText, "x" * 201) == "string_too_long"
    for text in ("a\nb", "a\0b", "a\N{RIGHT-TO-LEFT OVERRIDE}b", "a\N{ZERO WIDTH SPACE}b", "a\x1b[2Jb"):
        assert refusal(values.ShortText, text) == "text_control"


def test_a_name_says_something():
    assert refusal(values.NameText, "   ") == "text_empty"


def test_long_text_may_have_lines():
    assert taken(values.LongText, "a\n\tb\r\nc")
    assert refusal(values.LongText, "a\x07b") == "text_control"
    assert refusal(values.LongText, "x" * 10_001) == "string_too_long"


@pytest.mark.parametrize(
    "text",
    [
        "0198D7B6-0000-7000-8000-000000000000",
        "0198d7b6000070008000000000000000",
        "",
        "0198d7b6-0000-7000-8000-00000000000",
    ],
)
def test_what_is_no_canonical_uuid(text: str):
    assert refusal(values.Uuid, text) == "uuid_form"


def test_a_sha256_has_64_digits():
    assert taken(values.Sha256, "ab" * 32)
    assert refusal(values.Sha256, "AB" * 32) == "sha256_form"


def test_zones_and_roles_are_plain_text_in_json():
    assert TypeAdapter(values.BiddingZone).dump_json(values.BiddingZone.NO3) == b'"NO3"'
    assert taken(values.BiddingZone, "NO3") == "NO3"
    assert taken(values.Role, "third-party") is values.Role.THIRD_PARTY
    assert refusal(values.BiddingZone, "NO6") == "enum"
    assert set(values.ZONE_EIC) == set(values.BiddingZone)


@pytest.mark.parametrize("value", [0, -5, 2**53 - 1, True, False, "single", "90..120"])
def test_what_a_policy_may_be(value: Any):
    found = taken(values.PolicyWord, value)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("value", [None, 1.0, 2**53, "", "x" * 201, [], {}])
def test_what_no_policy_may_be(value: Any):
    assert refusal(values.PolicyWord, value) == "policy_word"


@pytest.mark.parametrize("key", ["group.max-kw", "dso.answer-days", "a"])
def test_keys_of_policies(key: str):
    assert taken(values.PolicyKey, key) == key


@pytest.mark.parametrize(
    "key", ["", "Group.max", "group..max", "group max", ".group", "1kw", "a" * 101, "group.max-kw\n"]
)
def test_what_is_no_key_of_a_policy(key: str):
    assert refusal(values.PolicyKey, key) == "policy_key_form"


@pytest.mark.parametrize("member", ["5f0c2f1e-7a0b-4d7c-9a53-0d6f1f1f9a11", "client_1", "no.x:7"])
def test_ids_of_who_acts_for_a_party(member: str):
    assert taken(values.MemberId, member) == member


@pytest.mark.parametrize("member", ["", "Ola Nordmann", "ola@example.no", "å", "-x", "x" * 101])
def test_what_is_no_id_of_who_acts_for_a_party(member: str):
    assert refusal(values.MemberId, member) == "member_id_form"
