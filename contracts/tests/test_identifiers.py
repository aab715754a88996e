"""GSRN, GLN and EIC against the vectors MV-01 to MV-05 of the metering domain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from contracts import identifiers, values

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("body", "gsrn"),
    [
        ("70705750000000001", "707057500000000018"),
        ("70705750000000002", "707057500000000025"),
        ("70705750000000003", "707057500000000032"),
        ("70705750012345678", "707057500123456785"),
        ("70705750099999999", "707057500999999997"),
    ],
)
def test_gsrn_check_digit(body: str, gsrn: str):
    assert body + values.gs1_check_digit(body) == gsrn
    assert identifiers.gsrn(gsrn) == gsrn


@pytest.mark.parametrize(
    ("text", "why", "expected"),
    [
        ("707057500012345678", "gs1_check_digit", "1"),
        ("707057500011939815", "gs1_check_digit", "9"),
        ("857643212345678921", "gs1_check_digit", "2"),
        ("70705750000000001", "gs1_length", None),
        ("7070575000000000181", "gs1_length", None),
        ("70705750000000001A", "gs1_digits", None),
        ("70705750000000001\N{SUPERSCRIPT TWO}", "gs1_digits", None),
        ("70705750000000001\N{ARABIC-INDIC DIGIT EIGHT}", "gs1_digits", None),
        ("012345678901234560", "gs1_leading_zero", None),
        ("707057500000000018\n", "gs1_length", None),
    ],
)
def test_gsrn_says_which_check_failed(text: str, why: str, expected: str | None):
    with pytest.raises(PydanticCustomError) as caught:
        identifiers.gsrn(text)
    assert caught.value.type == why
    assert (caught.value.context or {}).get("expected") == expected


@pytest.mark.parametrize(
    ("body", "gln"),
    [("708000000001", "7080000000012"), ("708001234567", "7080012345675"), ("708008765432", "7080087654320")],
)
def test_gln_check_digit(body: str, gln: str):
    assert body + values.gs1_check_digit(body) == gln
    assert identifiers.gln(gln) == gln


@pytest.mark.parametrize("text", ["7080012345678", "1234567890123", "9876543210123"])
def test_gln_with_a_wrong_check_digit_is_refused(text: str):
    with pytest.raises(PydanticCustomError, match="check digit of the GLN"):
        identifiers.gln(text)


@pytest.mark.parametrize("eic", [*values.ZONE_EIC.values(), "10YNO-0--------C", "50Y0JVU59B4JWQCU"])
def test_eic_of_areas(eic: str):
    assert identifiers.eic_y(eic) == eic
    assert values.eic_check_character(eic[:15]) == eic[15]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10YNO-5--------E", "eic_check_character"),
        ("10YNO-1--------3", "eic_check_character"),
        ("EIC-Y12345678901", "eic_pattern"),
        ("10YNO-1-------2", "eic_length"),
        ("10YNO-5---------", "eic_pattern"),
        (values.make_eic_x("DEMO"), "eic_type"),
    ],
)
def test_eic_says_which_check_failed(text: str, why: str):
    with pytest.raises(PydanticCustomError) as caught:
        identifiers.eic_y(text)
    assert caught.value.type == why


def test_an_area_whose_check_character_would_be_a_hyphen_cannot_exist():
    assert values.eic_check_character("10YNO-5--------") == "-"


def _reference_check_digit(body: str) -> str:
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(body)))
    return str((10 - total % 10) % 10)


@given(st.text("0123456789", min_size=1, max_size=17))
def test_the_check_digit_is_that_of_the_definition(body: str):
    assert values.gs1_check_digit(body) == _reference_check_digit(body)


@given(st.integers(0, 9_999_999_999))
def test_made_ids_are_valid_and_no_two_are_the_same_by_one_digit(serial: int):
    gsrn = values.make_gsrn(serial)
    assert identifiers.gsrn(gsrn) == gsrn
    wrong = gsrn[:9] + str((int(gsrn[9]) + 1) % 10) + gsrn[10:]
    with pytest.raises(PydanticCustomError):
        identifiers.gsrn(wrong)


@given(st.integers(0, 9_999_999))
def test_made_glns_are_valid(serial: int):
    assert identifiers.gln(values.make_gln(serial))[5:12] == f"{serial:07d}"


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-", max_size=12))
def test_made_areas_are_valid_or_cannot_exist(name: str):
    try:
        made = values.make_eic_y(name)
    except ValueError:
        assert values.eic_check_character(f"50Y{name:-<12}") == "-"
    else:
        assert identifiers.eic_y(made) == made


@pytest.mark.parametrize("serial", [-1, 10**10])
def test_serial_numbers_that_do_not_fit_are_refused(serial: int):
    with pytest.raises(ValueError, match="serial number"):
        values.make_gsrn(serial)


def test_known_faulty_ids_pass_only_where_they_are_let_through():
    faulty, adapter = "707057500012345678", TypeAdapter[str](values.Gsrn)
    with identifiers.let_through(identifiers.SAMPLE_IDS):
        assert adapter.validate_python(faulty) == faulty
        assert identifiers.is_faulty(faulty)
        assert identifiers.gln("7080012345678") == "7080012345678"
        with pytest.raises(ValidationError):
            adapter.validate_python("707057500000000019")
    assert not identifiers.is_faulty(values.make_gsrn(1))
    with pytest.raises(ValidationError):
        adapter.validate_python(faulty)


@pytest.mark.parametrize("number", ["987654325", "999999999", "800000009", "889640782"])
def test_organisation_numbers(number: str):
    assert identifiers.organisation_number(number) == number


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("987654321", "organisation_number_check_digit"),
        ("98765432", "organisation_number_form"),
        ("9876543250", "organisation_number_form"),
        ("787654325", "organisation_number_form"),
        ("987 654 325", "organisation_number_form"),
        ("98765432\N{ARABIC-INDIC DIGIT FIVE}", "organisation_number_form"),
    ],
)
def test_organisation_number_says_which_check_failed(text: str, why: str):
    with pytest.raises(PydanticCustomError) as caught:
        identifiers.organisation_number(text)
    assert caught.value.type == why


@given(st.integers(80_000_000, 99_999_999))
def test_the_check_digit_of_an_organisation_number_is_that_of_the_definition(first8: int):
    digits = [int(digit) for digit in str(first8)]
    rest = sum(digit * weight for digit, weight in zip(digits, (3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
    expected = {0: "0", 1: "-"}.get(rest, str(11 - rest))
    assert identifiers.organisation_check_digit(str(first8)) == expected
