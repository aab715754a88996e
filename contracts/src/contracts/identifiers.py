"""The check digits of GSRN, GLN, EIC and organisation numbers, and ids that pass them.

Sources: GS1 General Specifications (mod 10, weights 3 and 1 from the right); ENTSO-E EIC Data Exchange Implementation
Guide v1.2 (weighted mod 37); Brønnøysund Register Centre (mod 11, weights 3 2 7 6 5 4 3 2). The arithmetic runs on
whole strings at C speed where lists have thousands of ids.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from operator import mul
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

GSRN_PATTERN = "^[1-9][0-9]{17}$"
GLN_PATTERN = "^[1-9][0-9]{12}$"
EIC_PATTERN = "^[0-9]{2}[TVWXYZA][0-9A-Z-]{12}[0-9A-Z]$"
EIC_X_PATTERN = "^[0-9]{2}X[0-9A-Z-]{12}[0-9A-Z]$"
EIC_Y_PATTERN = "^[0-9]{2}Y[0-9A-Z-]{12}[0-9A-Z]$"
ORGANISATION_NUMBER_PATTERN = "^[89][0-9]{8}$"

SAMPLE_IDS = frozenset({"707057500012345678", "707057500011939815", "857643212345678921", "7080012345678"})
"""Ids in public documentation and sample files that fail their own check digit (`let_through` takes them)."""

_CHARSET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
_EIC_VALUES = bytes.maketrans(_CHARSET.encode(), bytes(range(37)))
_EIC_WEIGHTS = tuple(range(16, 0, -1))
_EIC_SHAPE = re.compile(EIC_PATTERN[1:-1]).fullmatch
_ORGANISATION_SHAPE = re.compile(ORGANISATION_NUMBER_PATTERN[1:-1]).fullmatch
_ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)

_faulty_allowed: frozenset[str] = frozenset()


@contextmanager
def let_through(ids: Iterable[str]) -> Generator[None]:
    """Let these ids through although their check digit is wrong (D17), in this process, while the context lasts.

    A service enters it once, at its start, where its settings say so; production refuses the setting. What came in
    this way can be marked: `is_faulty` knows it. Length and digits are checked even so.
    """
    global _faulty_allowed  # noqa: PLW0603 - one switch for one process, set in one place
    before = _faulty_allowed
    _faulty_allowed = before | frozenset(ids)
    try:
        yield
    finally:
        _faulty_allowed = before


def is_faulty(number: str) -> bool:
    """Whether a GSRN or GLN is in use here only because `let_through` allowed it: its check digit is wrong."""
    return gs1_check_digit(number[:-1]) != number[-1]


def gs1_check_digit(body: str) -> str:
    """The check digit of the digits before it: weights 3, 1, 3, 1 … from the right, `(10 - sum mod 10) mod 10`."""
    digits = body.encode()
    weighted = 3 * sum(digits[-1::-2]) + sum(digits[-2::-2])
    zeros = 48 * (3 * ((len(digits) + 1) // 2) + len(digits) // 2)  # 48 is the code of "0"
    return str((zeros - weighted) % 10)


def eic_check_character(first15: str) -> str:
    """The check character of an EIC's first 15; `-` means that this EIC cannot exist."""
    total = sum(map(mul, first15.encode().translate(_EIC_VALUES), _EIC_WEIGHTS))
    return _CHARSET[36 - (total - 1) % 37]


def organisation_check_digit(first8: str) -> str:
    """The check digit of an organisation number's first 8; `-` means that this number is not given out."""
    rest = sum(map(mul, map(int, first8), _ORGANISATION_WEIGHTS)) % 11
    return "0-987654321"[rest]


def gsrn(text: str) -> str:
    """Check a metering point id: 18 digits, no leading zero, GS1 check digit."""
    digits = _gs1_digits(text, "GSRN", 18)
    # One sum over all 18, the check digit (weight 1) included, must end in 0; 48 is the code of "0", 48 · 36 ends in 8.
    if (3 * sum(digits[0::2]) + sum(digits[1::2]) - 8) % 10 and text not in _faulty_allowed:
        raise _check_digit("GSRN", text)
    return text


def gln(text: str) -> str:
    """Check a party id: 13 digits, no leading zero, GS1 check digit."""
    digits = _gs1_digits(text, "GLN", 13)
    # As above; 48 · 25 ends in 0.
    if (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 and text not in _faulty_allowed:
        raise _check_digit("GLN", text)
    return text


def eic(text: str) -> str:
    """Check an EIC of any type: shape and check character."""
    if len(text) != 16:
        raise PydanticCustomError("eic_length", "an EIC has 16 characters, this has {actual}", {"actual": len(text)})
    if _EIC_SHAPE(text) is None:
        raise PydanticCustomError(
            "eic_pattern", "an EIC is two digits, a type letter, 12 of 0-9 A-Z -, and a check character of 0-9 A-Z"
        )
    # Weights 16 … 1 over all 16, the check character included: the sum is divisible by 37.
    if sum(map(mul, text.encode().translate(_EIC_VALUES), _EIC_WEIGHTS)) % 37:
        raise PydanticCustomError(
            "eic_check_character",
            "the check character of the EIC is wrong: expected {expected}",
            {"expected": eic_check_character(text[:15])},
        )
    return text


def eic_x(text: str) -> str:
    """Check the EIC of a party."""
    return _of_type(eic(text), "X", "a party")


def eic_y(text: str) -> str:
    """Check the EIC of an area."""
    return _of_type(eic(text), "Y", "an area")


def organisation_number(text: str) -> str:
    """Check a Norwegian organisation number: 9 digits, the first an 8 or a 9, mod 11 check digit."""
    if _ORGANISATION_SHAPE(text) is None:
        raise PydanticCustomError(
            "organisation_number_form", "an organisation number has 9 digits, and begins with 8 or 9"
        )
    if organisation_check_digit(text[:8]) != text[8]:
        raise PydanticCustomError(
            "organisation_number_check_digit",
            "the check digit of the organisation number is wrong: expected {expected}",
            {"expected": organisation_check_digit(text[:8])},
        )
    return text


def make_gsrn(serial: int) -> str:
    """A valid metering point id with this serial number (0 … 9,999,999,999), as Norwegian ones look."""
    return _with_check_digit(f"7070575{serial:010d}", 17)


def make_gln(serial: int) -> str:
    """A valid GLN with this serial number (0 … 9,999,999), as Norwegian ones look."""
    return _with_check_digit(f"70800{serial:07d}", 12)


def make_eic_x(name: str) -> str:
    """A valid EIC of a party with up to 12 characters of `0-9 A-Z -`. Raises `ValueError` where none can exist."""
    return _make_eic("50X", name)


def make_eic_y(name: str) -> str:
    """A valid EIC of an area with up to 12 characters of `0-9 A-Z -`. Raises `ValueError` where none can exist."""
    return _make_eic("50Y", name)


def _gs1_digits(text: str, name: str, length: int) -> bytes:
    if len(text) != length:
        raise PydanticCustomError(
            "gs1_length",
            "a {name} has {limit} digits, this has {actual}",
            {"name": name, "limit": length, "actual": len(text)},
        )
    if not (text.isascii() and text.isdigit()):
        raise PydanticCustomError("gs1_digits", "a {name} consists of digits only", {"name": name})
    if text[0] == "0":
        raise PydanticCustomError("gs1_leading_zero", "a {name} does not begin with 0", {"name": name})
    return text.encode()


def _check_digit(name: str, text: str) -> PydanticCustomError:
    return PydanticCustomError(
        "gs1_check_digit",
        "the check digit of the {name} is wrong: expected {expected}",
        {"name": name, "expected": gs1_check_digit(text[:-1])},
    )


def _of_type(text: str, letter: str, what: str) -> str:
    if text[2] != letter:
        raise PydanticCustomError(
            "eic_type", "the EIC of {what} has the type letter {letter}", {"what": what, "letter": letter}
        )
    return text


def _with_check_digit(body: str, length: int) -> str:
    if len(body) != length or not body.isdigit():
        raise ValueError(f"the serial number is negative or too large: {body}")
    return body + gs1_check_digit(body)


def _make_eic(office: str, name: str) -> str:
    first15 = f"{office}{name:-<12}"
    made = first15 + eic_check_character(first15)
    return eic(made)
