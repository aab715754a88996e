"""The quick way into a record of values says what the strict way says, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts import door, envelope, examples, quick_values
from contracts.meter_ingest.v1 import SendMeterValues, Series, StatusRun
from contracts.values import SAFE_INTEGER

pytestmark = pytest.mark.unit

GOOD = examples.of(SendMeterValues.type)[0]
LONG_AGO, LATER = "2026-03-28T23:00:00Z", "2026-03-30T00:00:00+02:00"


def series(**more: Any) -> dict[str, Any]:
    """A series, as long as a night."""
    return {
        "metering_point_id": "707057500012345671",
        "resolution": "PT15M",
        "start": LONG_AGO,
        "end": LATER,
        "values_wh": [0, 7, 1200, 3, 0],
        "registered_at": LATER,
        **more,
    }


def record(*all_series: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A message with these series."""
    return {**GOOD, "data": {"series": list(all_series)}, **changed}


def packed(value: Any) -> bytes:
    """As most senders write it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def agrees(raw: bytes) -> door.Item | None:
    """What the quick way says, which the strict way must say as well."""
    quick = quick_values.opened(raw)
    if quick is not None:
        [strict] = door.open_record(raw)
        assert strict.reasons == ()
        assert quick == strict
        assert quick.command is not None
        assert strict.command is not None
        assert quick.command.model_dump_json() == strict.command.model_dump_json()
        assert quick.command.model_dump(exclude_unset=True) == strict.command.model_dump(exclude_unset=True)
        assert quick.contenthash == envelope.content_hash(json.loads(raw))
    return quick


INTEGERS = st.integers(-3, 5000) | st.integers(-SAFE_INTEGER, SAFE_INTEGER)
SERIES = st.fixed_dictionaries(
    {
        "metering_point_id": st.sampled_from(["707057500012345671", "", "x y", "nothing like it", "ærfugl 𝄞"]),
        "resolution": st.sampled_from(["PT1M", "PT5M", "PT15M", "PT60M"]),
        "start": st.sampled_from([LONG_AGO, LATER, "2026-01-01T00:00:00.25Z"]),
        "end": st.sampled_from([LONG_AGO, LATER]),
        "values_wh": st.lists(INTEGERS, max_size=6),
        "registered_at": st.just(LATER),
    },
    optional={
        "direction": st.sampled_from(["consumption", "production"]),
        "product": st.sampled_from(["active", "reactive", "capacitive", "inductive"]),
        "status": st.sampled_from(["metered", "estimated", "final-estimated", "temporary"]),
        "statuses": st.lists(
            st.fixed_dictionaries({"status": st.just("estimated"), "count": st.integers(1, 9999)}), max_size=3
        ),
        "own": st.fixed_dictionaries(
            {"resource_id": st.sampled_from(["0192f000-0000-7000-8000-000000000001", "ærfugl", ""])},
            optional={
                "device_id": st.sampled_from(["KH12-0001", "a  b", ""]),
                "clock_offset_ms": st.integers(-86_400_000, 86_400_000),
                "missing": st.lists(
                    st.fixed_dictionaries({"first": st.integers(0, 9998), "count": st.integers(1, 9999)}), max_size=2
                ),
            },
        ),
    },
)


@st.composite
def written(draw: st.DrawFn) -> bytes:
    """A right record in some of the many ways in which it can be written: order, space, attributes."""
    found = record(*draw(st.lists(SERIES, min_size=1, max_size=3)))
    for name in draw(st.sets(st.sampled_from(["causationid", "correlationid", "traceparent"]))):
        found.pop(name, None)
    found["subject"] = draw(st.sampled_from(["2026-03-29", "Ålesund 7", "a  b"]))
    found = {name: found[name] for name in draw(st.permutations(sorted(found)))}
    indent = draw(st.sampled_from([None, 0, 1, "\t"]))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\r\n", " :\t")]))
    return json.dumps(found, indent=indent, separators=separators, ensure_ascii=False).encode()


@given(written())
def test_what_is_right_is_opened_the_quick_way_however_it_is_written(raw: bytes):
    assert agrees(raw) is not None


@given(written(), st.data())
def test_what_was_mangled_is_never_opened_otherwise_than_the_strict_way_would(raw: bytes, data: st.DataObject):
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        gone = data.draw(st.integers(0, 3))
        more = data.draw(
            st.sampled_from(
                [b"", b'"', b",", b":", b"0", b"-", b".5", b"e3", b"E1", b"9" * 20, b" ", b"\n", b"\0", b"\x0b"]
            )
            | st.sampled_from([b"\\u0041", b"\\", b"null,", b"true", b"\xff", b"\xc2\xa0", b"[]", b"{}", b'"id":"7",'])
            | st.binary(max_size=2)
        )
        raw = raw[:at] + more + raw[at + gone :]
    agrees(raw)


PLAIN = packed(record(series(values_wh=[1, 22, 4444])))
NUMBERS = [
    "-0",
    "1e3",
    "1E3",
    "1.0",
    "1.5",
    "22e0",
    "01",
    "+1",
    "9007199254740992",
    "1" * 30,
    "1" * 5000,
    "NaN",
    "null",
]


@given(
    number=st.sampled_from([*NUMBERS, "true", '"1"', "[]"]),
    doubled=st.sampled_from(['"data"', '"series"', '"end"', '"values_wh"', '"id"', '"direction"']),
    value=st.sampled_from(["1", "[1]", '"consumption"', json.dumps(LATER), '{"series":[]}', "{}", '""', '"x"']),
    again=st.booleans(),
)
@example(number="1e3", doubled='"direction"', value='""', again=True)
@example(number="2222", doubled='"direction"', value='"consumption"', again=False)
def test_neither_a_number_nor_a_name_that_is_not_allowed_passes(number: str, doubled: str, value: str, again: bool):
    raw = PLAIN.replace(b"22,", number.encode() + b",")
    if again:
        place = b'"registered_at"' if doubled in {'"end"', '"values_wh"', '"direction"'} else b'"data"'
        raw = raw.replace(place, f"{doubled}:{value},".encode() + place, 1)
    opened = agrees(raw)
    if number != "2222" or (again and doubled != '"direction"'):
        assert opened is None


@pytest.mark.parametrize("name", sorted({*GOOD, "receivedat", "colour", "data_base64"}))
@pytest.mark.parametrize("value", [None, "", "x", 7, [], {}, "a\u202eb", "x" * 201, "2026-01-05T00:00:00Z", "dso"])
def test_whatever_an_attribute_says_the_two_agree(name: str, value: Any):
    agrees(packed(record(series(), **{name: value})))


@pytest.mark.parametrize("name", sorted({*Series.model_fields, "colour"}))
@pytest.mark.parametrize(
    "value", [None, "", "x", 7, -1, True, [], [1.5], [True], [2**53], ["1"], {}, "PT1H", "production", "0001-01-01"]
)
def test_whatever_a_series_says_the_two_agree(name: str, value: Any):
    agrees(packed(record(series(), series(**{name: value}))))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"series": []},
        {"series": [series()] * 1001},
        {"series": [series(values_wh=[1] * 10_000)]},
        {"series": [series(statuses=[{"status": "metered", "count": 0}])]},
        {"series": [series(statuses=[{"status": "metered", "count": 10_000}])]},
        {"series": [series(statuses=[{"status": "metered", "count": 1, "why": "x"}])]},
        {"series": [series()], "mode": "all"},
    ],
)
def test_what_is_too_much_or_too_little_is_left_to_the_strict_way(data: dict[str, Any]):
    assert agrees(packed({**GOOD, "data": data})) is None
    assert door.open_record(packed({**GOOD, "data": data}))[0].reasons


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + PLAIN,
        b"[" + PLAIN + b"]",
        PLAIN + b" " * (1024 * 1024 - len(PLAIN) + 1),
        PLAIN.replace(b"PT15M", b"P\\u005415M"),
        packed(record(series(metering_point_id="\0"))),
        packed(examples.of("no.flexregister.registry.register-resource.v1")[0]),
        b"",
    ],
)
def test_what_is_no_plain_record_of_values_is_left_to_the_strict_way(raw: bytes):
    assert agrees(raw) is None


def test_a_mebibyte_is_opened():
    assert agrees(PLAIN + b" " * (1024 * 1024 - len(PLAIN))) is not None


def test_the_shape_has_all_that_the_schema_has():
    # What is new in the schema must be added to the shape; a validator, to what leaves a record to the strict way.
    shapes = {Series: quick_values.SHAPES[Series], StatusRun: quick_values.SHAPES[StatusRun]}
    for model, shape in {**shapes, SendMeterValues: quick_values.SHAPES[SendMeterValues]}.items():
        assert set(shape.__struct_fields__) == set(model.model_fields)
        assert list(shape.__struct_fields__) == sorted(shape.__struct_fields__)
        decorators = model.__pydantic_decorators__
        assert not decorators.field_validators
        assert not decorators.model_validators
