"""What was expected and what came, where that is words and no figure: in both languages, so that no text mixes them.

`limit` and `actual` of a reason are said once, in English; its texts say the same in their own language.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from contracts.message import Reason, Rule, Scalar

_SAID: Final = (
    # The envelope
    (r"a UUID,? in lower case", r"en UUID med små bokstaver", ""),
    (r"a JSON object", r"et JSON-objekt", ""),
    (r"a JSON array", r"en JSON-liste", ""),
    (r"a number", r"et tall", ""),
    (r"1 to 200 printable characters", r"1 til 200 synlige tegn", ""),
    (r"00-<32 hexadecimal digits>(.*)", r"00-<32 heksadesimale siffer>\1", ""),
    # JSON
    (r"line (\d+), column (\d+)", r"linje \1, kolonne \2", ""),
    (r"it ends too early, at line (\d+), column (\d+)", r"den slutter for tidlig, i linje \1, kolonne \2", ""),
    (r"byte (\d+)", r"byte nummer \1", "byte number {0}"),
    # XML
    (r"a DTD", r"en DTD", ""),
    (r"encoding (.*)", r"tegnkoding \1", ""),
    (r"bytes that are not UTF-8", r"byte som ikke er UTF-8", ""),
    (r"too great a depth", r"elementer i for mange nivåer", "elements in too many levels"),
    (r"Extra content behind the document", r"noe mer bak dokumentet", "something more behind the document"),
    # EMIF; where the schema's own words are the limit, the texts say what they mean
    (r"nothing", r"ingenting", ""),
    (r"at least one", r"minst én", ""),
    (r"at most (\d+)", r"høyst \1", ""),
    (r"more than (\d+)", r"flere enn \1", ""),
    (r"each once", r"hver én gang", ""),
    (r"one that stands twice", r"en som står to ganger", ""),
    (r"another message", r"en annen melding", ""),
    (r"another text", r"en annen tekst", ""),
    (r"a document without them", r"et dokument uten dem", ""),
    (r"Header and ProcessEnergyContext", r"Header og ProcessEnergyContext", ""),
    (r"a wish for acknowledgements", r"et ønske om kvitteringer", ""),
    (r"a period", r"en periode", ""),
    (r"a moment", r"et tidspunkt", ""),
    (r"three decimals, and Z, \+01:00 or \+02:00", r"tre desimaler, og Z, +01:00 eller +02:00", ""),
    (r"a sequence number, each once", r"et løpenummer, hvert én gang", ""),
    (r"1, 2, 3 … without holes", r"1, 2, 3 … uten hull", ""),
    (r"(\d+) observations", r"\1 observasjoner", ""),
    (r"Metered, Estimated or Temporary", r"Metered, Estimated eller Temporary", ""),
    (r"a number with a decimal point", r"et tall med desimalpunktum", ""),
    (r"minInclusive 0", r"minst 0", "at least 0"),
    (r"fractionDigits 3", r"høyst 3 desimaler", "at most 3 decimals"),
    (r"totalDigits 15", r"høyst 15 siffer i alt", "at most 15 digits in all"),
    (r"ValidationCode required", r"en ValidationCode fra kodelisten", "a ValidationCode from the list"),
    (r"EstimationCode required", r"en EstimationCode fra kodelisten", "an EstimationCode from the list"),
    (r"Quality not in \{56,81\}", r"Quality 56 eller 81", "Quality 56 or 81"),
)
"""What is said, in Norwegian, and in English where the texts say it otherwise than the figure."""


def told(rule: Rule, *, path: str = "", limit: Scalar = None, actual: Scalar = None, unit: str | None = None) -> Reason:
    """`Rule.reason`, with words in each text's language."""
    made = rule.reason(path=path, limit=limit, actual=actual, unit=unit)
    in_norwegian = rule.reason(limit=_in(limit, 0), actual=_in(actual, 0), unit=unit)
    in_english = rule.reason(limit=_in(limit, 1), actual=_in(actual, 1), unit=unit)
    return made.model_copy(
        update={
            "text_nb": in_norwegian.text_nb,
            "fix_nb": in_norwegian.fix_nb,
            "text_en": in_english.text_en,
            "fix_en": in_english.fix_en,
        }
    )


def norwegian(said: str) -> str:
    """It in Norwegian; names, codes and figures as they are."""
    return _found(said)[0]


def _in(said: Scalar, language: int) -> Scalar:
    return _found(said)[language] if isinstance(said, str) else said


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    return tuple((re.compile(english), nb, en) for english, nb, en in _SAID)


def _found(said: str) -> tuple[str, str]:
    for pattern, nb, en in _patterns():
        if found := pattern.fullmatch(said):
            return found.expand(nb), en.format(*found.groups()) if en else said
    return said, said
