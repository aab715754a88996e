"""The fast way inside: reading and writing envelopes, their canonical form, ids made from what they are about."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from contracts import envelope as envelopes
from contracts.values import SAFE_INTEGER

pytestmark = pytest.mark.unit

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
PLAIN = envelopes.Envelope(
    id="019b8d2b-8c00-7000-8000-000000000001",
    source="/services/registry",
    type="no.flexregister.registry.party-onboarded.v1",
    subject="7080000000012",
    time=AT,
    data={"name": "Nettselskapet på Ålesund-kanten", "count": 3},
    sequence=1,
    receivedat=AT + timedelta(microseconds=5),
)

# Of every kind that is escaped, sorted or counted in its own way: a few of each find what a million would.
TEXT = st.text('ab{}"\\/\x00\x1f\x7f\n\t ~éåÅ\u2028\uabcd\ue000\ufb33\uffff\U00010000\U0001f600', max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE_INTEGER, SAFE_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)

MOMENTS = st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


def test_what_is_written_is_read():
    assert envelopes.decode(envelopes.encode(PLAIN)) == PLAIN


def test_the_bytes_are_always_the_same_and_leave_out_what_is_not_there():
    assert envelopes.encode(PLAIN).decode() == (
        '{"specversion":"1.0","id":"019b8d2b-8c00-7000-8000-000000000001","source":"/services/registry",'
        '"type":"no.flexregister.registry.party-onboarded.v1","subject":"7080000000012","time":"2026-01-05T08:00:00Z",'
        '"sequence":1,"receivedat":"2026-01-05T08:00:00.000005Z",'
        '"data":{"name":"Nettselskapet på Ålesund-kanten","count":3}}'
    )
    assert json.loads(envelopes.encode(PLAIN)) == PLAIN.to_dict()


def test_moments_are_held_in_utc():
    oslo = replace(PLAIN, time=AT.astimezone(timezone(timedelta(hours=1))))
    assert oslo == PLAIN
    assert oslo.time.tzinfo is UTC
    raw = envelopes.encode(PLAIN).replace(b"2026-01-05T08:00:00Z", b"2026-01-05T09:00:00+01:00")
    assert envelopes.encode(envelopes.decode(raw)) == envelopes.encode(PLAIN)


def test_unknown_attributes_are_ignored_inside():
    raw = envelopes.encode(PLAIN)[:-1] + b',"fromthefuture":1}'
    assert envelopes.decode(raw) == PLAIN


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"{",
        b'{"a":NaN}',
        envelopes.encode(PLAIN).replace(b'"1.0"', b'"0.3"'),
        envelopes.encode(PLAIN).replace(b"08:00:00Z", b"08:00:00"),
        envelopes.encode(PLAIN).replace(b"2026-01-05T08:00:00Z", b"today"),
        envelopes.encode(replace(PLAIN, data={})).replace(b'"data":{}', b'"data":[]'),
        envelopes.encode(PLAIN).replace(b'"subject"', b'"object"'),
    ],
)
def test_what_is_no_envelope_is_said_to_be_none(raw: bytes):
    with pytest.raises(envelopes.BadEnvelope):
        envelopes.decode(raw)


def test_joining_and_extending_give_the_bytes_of_the_whole():
    attributes = {name: value for name, value in PLAIN.to_dict().items() if name != "data"}
    body = envelopes.join(attributes, json.dumps(PLAIN.data).encode())
    assert envelopes.decode(body) == PLAIN
    extended = envelopes.extend(body, {"deliverysequence": 7, "sender": "7080000000012"})
    assert envelopes.decode(extended) == replace(PLAIN, deliverysequence=7, sender="7080000000012")
    assert envelopes.extend(body, {}) == body


@given(st.dictionaries(TEXT, JSON, max_size=5))
@example({"\N{GRINNING FACE}": 1, "\ufb33": 2, "é": 3, "z": '\x00\x1f\x7f\u2028"\\/'})
def test_the_canonical_form_is_that_of_rfc_8785(found: dict[str, Any]):
    assert envelopes.canonical(found) == rfc8785.dumps(found)


def test_the_hash_is_the_same_however_it_was_written():
    spaced = json.loads('{ "b" : "\\u00e5", "a": {"y":2, "x":1} }')
    assert envelopes.content_hash(spaced) == envelopes.content_hash({"a": {"x": 1, "y": 2}, "b": "å"})
    assert envelopes.content_hash(spaced) != envelopes.content_hash({"a": {"x": 1, "y": 2}, "b": "Å"})


def test_an_id_is_a_uuid_of_version_7_with_the_time_in_it():
    id_ = envelopes.new_id(AT, "registry", 17, 0)
    assert (UUID(id_).version, str(UUID(id_))) == (7, id_)
    assert UUID(id_).int >> 80 == AT.timestamp() * 1000
    assert id_ == envelopes.new_id(AT, "registry", 17, 0)


@given(st.lists(TEXT, max_size=3), st.lists(TEXT, max_size=3))
def test_other_parts_make_another_id(one: list[str], other: list[str]):
    assert (envelopes.new_id(AT, *one) == envelopes.new_id(AT, *other)) == (one == other)


@given(MOMENTS, MOMENTS)
def test_ids_are_in_the_order_of_their_time(one: datetime, other: datetime):
    if one - other >= timedelta(milliseconds=1):
        assert envelopes.new_id(one, "a") > envelopes.new_id(other, "a")


def test_sources():
    assert envelopes.party_source("7080000000012") == "/parties/7080000000012"
    assert envelopes.service_source("registry") == "/services/registry"
    assert envelopes.service_source("meter-ingest", "case") == "/services/meter-ingest/case"
