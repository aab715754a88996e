"""Words of our own that stand in the figures of a reason, in Norwegian, for its Norwegian text.

The figures themselves (`limit`, `actual`, `unit`) are codes, and are the same in both languages.
"""

from __future__ import annotations

import re
from typing import Final

_NORWEGIAN: Final = {
    # Units
    "days": "døgn",
    "months": "måneder",
    "devices": "enheter",
    "bytes": "byte",
    "characters": "tegn",
    "a minute": "i minuttet",
    "an hour": "i timen",
    "at once": "om gangen",
    "of a point a day": "per målepunkt i døgnet",
    # What something is
    "pending": "ikke besvart",
    "granted": "gitt",
    "rejected": "avslått",
    "lapsed": "bortfalt",
    "expired": "utløpt",
    "revoked": "trukket tilbake",
    "draft": "et utkast",
    "published": "publisert",
    "annulled": "annullert",
    "verified": "verifisert",
    "provisional": "foreløpig",
    "incomplete": "ufullstendig",
    "run": "kjøring",
    "no run": "ingen kjøring",
    "supply-runs": "sluttbrukeren står bak målepunktet",
    "not-settled": "ikke endelig avregnet",
    "evidence-asked": "dokumentasjon lages",
    "kept-longer": "merket for ti år",
    # What is wrong in a query, and what it is to be
    "a parameter that there is not": "en parameter som ikke finnes",
    "no parameter": "ingen parameter",
    "one of": "en av",
    "written twice": "skrevet to ganger",
    "there once": "der én gang",
    "too long": "for lang",
    "at most": "høyst",
    "left out": "utelatt",
    "not behind": "ikke etter",
    "later than": "senere enn",
    "no whole quarter of an hour": "ikke et helt kvarter",
    "the beginning of a quarter of an hour": "begynnelsen av et kvarter",
    "no whole hour": "ikke en hel time",
    "the beginning of an hour": "begynnelsen av en time",
    "not the first day of a month": "ikke den første dagen i en måned",
    "the first day of a month": "den første dagen i en måned",
    "not the first day of a year": "ikke den første dagen i et år",
    "the first day of a year": "den første dagen i et år",
    "no moment": "ikke et tidspunkt",
    "a moment with its offset, as": "et tidspunkt med tidssone, som",
    "out of range": "utenfor det mulige",
    "no date": "ikke en dato",
    "a local date, as": "en lokal dato, som",
    "no line": "ikke en linje",
    "no resolution": "ikke en oppløsning",
    "no dimension": "ikke en dimensjon",
    "no size": "ikke en størrelse",
    "no id": "ikke en id",
    "a UUID": "en UUID",
    "not such a number": "ikke et slikt tall",
    "a whole number from": "et helt tall fra",
    "to": "til",
    "or": "eller",
}
_ANY: Final = re.compile(
    r"(?<![\w`/.-])(?:" + "|".join(map(re.escape, sorted(_NORWEGIAN, key=len, reverse=True))) + r")(?![\w`/-]|\.\w)"
)


def norwegian(said: str) -> str:
    """A figure's words in Norwegian; what is none of them is left as it is."""
    return _ANY.sub(lambda found: _NORWEGIAN[found[0]], said)
