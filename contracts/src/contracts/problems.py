"""What is wrong with a value, in Norwegian and English: the texts behind `SCHEMA_INVALID` and `SUBJECT_INVALID`.

The keys are pydantic's error types and our own (`contracts.values`, `contracts.identifiers`); `{…}` is from the error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NORWEGIAN: Final = {
    "missing": "feltet mangler",
    "extra_forbidden": "feltet finnes ikke i typen",
    "string_type": "verdien skal være en tekst",
    "int_type": "verdien skal være et helt tall",
    "int_parsing": "verdien skal være et helt tall",
    "int_from_float": "verdien skal være et helt tall",
    "bool_type": "verdien skal være true eller false",
    "bool_parsing": "verdien skal være true eller false",
    "tuple_type": "verdien skal være en liste",
    "list_type": "verdien skal være en liste",
    "dict_type": "verdien skal være et objekt",
    "model_type": "verdien skal være et objekt",
    "model_attributes_type": "verdien skal være et objekt",
    "literal_error": "verdien skal være en av {expected}",
    "enum": "verdien skal være en av {expected}",
    "greater_than_equal": "verdien skal være minst {ge}",
    "less_than_equal": "verdien skal være høyst {le}",
    "string_pattern_mismatch": "verdien skal følge mønsteret {pattern}",
    "string_too_short": "teksten skal ha minst {min_length} tegn",
    "string_too_long": "teksten skal ha høyst {max_length} tegn",
    "too_short": "listen skal ha minst {min_length} ledd, den har {actual_length}",
    "too_long": "listen skal ha høyst {max_length} ledd",
    "gs1_length": "{name} har {limit} siffer, dette har {actual}",
    "gs1_digits": "{name} består av bare siffer",
    "gs1_leading_zero": "{name} begynner ikke med 0",
    "gs1_check_digit": "kontrollsifferet i {name} er galt: {expected} ventet",
    "eic_length": "en EIC har 16 tegn, denne har {actual}",
    "eic_pattern": "en EIC er to siffer, en typebokstav, 12 av 0-9 A-Z -, og et kontrolltegn av 0-9 A-Z",
    "eic_check_character": "kontrolltegnet i EIC-koden er galt: {expected} ventet",
    "eic_type": "EIC-koden har feil typebokstav: {letter} ventet",
    "organisation_number_form": "et organisasjonsnummer har 9 siffer og begynner med 8 eller 9",
    "organisation_number_check_digit": "kontrollsifferet i organisasjonsnummeret er galt: {expected} ventet",
    "member_id_form": "en id har 1 til 100 bokstaver, siffer eller ._:-, og ingen andre tegn",
    "return_address_form": "en returadresse skrives https://example.no/tilbake, uten spørring og fragment",
    "email_form": "en e-postadresse skrives som vakt@example.no",
    "product_form": "et produkts kode skrives som mFRR-D: bokstaver, siffer og bindestreker",
    "policy_key_form": "nøkkelen til en policy skrives som group.max-kw",
    "policy_word": "verdien av en policy er et helt tall, en linje tekst, eller true eller false",
    "uuid_form": "en UUID skrives med små bokstaver som 8-4-4-4-12 heksadesimale siffer",
    "sha256_form": "en SHA-256 er 64 heksadesimale siffer med små bokstaver",
    "time_form": "et tidspunkt skrives 2026-01-05T00:00:00Z, eller med avstand til UTC som +01:00",
    "time_value": "tidspunktet finnes ikke ({why})",
    "time_type": "et tidspunkt er en tekst som 2026-01-05T00:00:00Z",
    "time_naive": "et tidspunkt trenger avstanden til UTC: Z, eller en som +01:00",
    "date_form": "en dato skrives 2026-01-05",
    "date_value": "datoen finnes ikke ({why})",
    "midnight": "dette er ingen midnatt i Oslo; døgnet begynner {expected}",
    "text_empty": "teksten er tom",
    "text_control": "teksten har et tegn som ikke kan skrives: {character}",
    "text_national_id": "teksten har noe som ser ut som et fødselsnummer",
    "text_markup": "teksten har koder for nettsider: {found}",
    "public_key": "nøkkelen er ikke et punkt på kurven P-256: x og y er 32 byte hver i base64url uten fyll",
    "substation_missing": "en plassering navngir nettstasjonen, med id eller navn",
    "period_order": "en periode slutter etter at den begynner",
    "export_of_history": "en historikk har ingen egen periode: `from` og `to` utelates",
    "export_period_missing": "`from` og `to` mangler",
    "export_days": "perioden skal ha fra 1 til {most} døgn, den har {days}",
}

_ENGLISH: Final = {
    "missing": "the field is missing",
    "extra_forbidden": "the type has no such field",
    "string_type": "the value must be a text",
    "int_type": "the value must be a whole number",
    "int_parsing": "the value must be a whole number",
    "int_from_float": "the value must be a whole number",
    "bool_type": "the value must be true or false",
    "bool_parsing": "the value must be true or false",
    "tuple_type": "the value must be a list",
    "list_type": "the value must be a list",
    "dict_type": "the value must be an object",
    "model_type": "the value must be an object",
    "model_attributes_type": "the value must be an object",
    "literal_error": "the value must be one of {expected}",
    "enum": "the value must be one of {expected}",
    "greater_than_equal": "the value must be at least {ge}",
    "less_than_equal": "the value must be at most {le}",
    "string_pattern_mismatch": "the value must follow the pattern {pattern}",
    "string_too_short": "the text must have at least {min_length} characters",
    "string_too_long": "the text must have at most {max_length} characters",
    "too_short": "the list must have at least {min_length} entries, it has {actual_length}",
    "too_long": "the list must have at most {max_length} entries",
}
"""Where pydantic's own words speak of Python."""

KNOWN: Final = frozenset(_NORWEGIAN)
"""The error types that have a Norwegian text; a test holds the message types against it."""


def norwegian(error: ErrorDetails) -> str:
    """What is wrong, in Norwegian; in English where we have no words for it."""
    expected = error.get("ctx", {}).get("expected")
    if isinstance(expected, str) and error["type"] in {"literal_error", "enum"}:
        error = {**error, "ctx": {"expected": " eller ".join(expected.rsplit(" or ", 1))}}
    return _told(_NORWEGIAN, error) + _known(error, " (navn nummer {place} i objektet); det kan ha: {names}")


def english(error: ErrorDetails) -> str:
    """What is wrong, in English."""
    return _told(_ENGLISH, error) + _known(error, " (name number {place} in the object); it may have: {names}")


def _known(error: ErrorDetails, text: str) -> str:
    """Of a field that no type has, which it is among those that came, and which there are: its name is not repeated."""
    ctx = error.get("ctx", {})
    return text.format(**ctx) if error["type"] == "extra_forbidden" and ctx else ""


def _told(texts: dict[str, str], error: ErrorDetails) -> str:
    template = texts.get(error["type"])
    if template is None:
        said = error["msg"]
        return said[:1].lower() + said[1:]
    return template.format(**error.get("ctx", {}))
