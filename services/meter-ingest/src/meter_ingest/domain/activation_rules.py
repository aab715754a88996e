"""What may be refused, or noticed, of activations beyond their order (`rules`), and how to mend it."""

from __future__ import annotations

from contracts.message import Rule

ACTIVATION_UNKNOWN = Rule(
    "ACTIVATION_UNKNOWN",
    "R47",
    "Aktiveringen er ikke kjent.",
    "The activation is not known.",
    "Kontroller aktiveringens id; bestill aktiveringen først.",
    "Check the activation's id; order the activation first.",
)
WAS_CANCELLED = Rule(
    "WAS_CANCELLED",
    "R47",
    "Aktiveringen var avlyst; den gjelder nå igjen.",
    "The activation had been cancelled; now it stands again.",
    "Avlys aktiveringen igjen hvis den ikke skal gjelde.",
    "Cancel the activation again if it is not to stand.",
)
VERIFY_NOT_OVER = Rule(
    "VERIFY_NOT_OVER",
    "R47",
    "Aktiveringen kan ikke verifiseres nå: den er ikke over, er avlyst, eller har ingen kjent gruppe.",
    "The activation cannot be verified now: it is not over, was cancelled, or has no known group.",
    "Be om verifikasjonen når aktiveringen er over; av en som er avlyst, er det ingenting å verifisere.",
    "Ask for the verification when the activation is over; of one that was cancelled there is nothing to verify.",
)

ANNULMENT_NOT_A_DSO = Rule(
    "ANNULMENT_NOT_A_DSO",
    "R47",
    "{actual} er ikke et kjent nettselskap.",
    "{actual} is no known DSO.",
    "Kontroller GLN-et til nettselskapet som sendte verdiene.",
    "Check the GLN of the DSO that sent the values.",
)
ANNULMENT_AHEAD = Rule(
    "ANNULMENT_AHEAD",
    "R47",
    "Perioden er ikke begynt; det kan ikke være kommet verdier for den.",
    "The period has not begun; no values of it can have come.",
    "Oppgi perioden som de gale verdiene gjelder.",
    "Give the period that the wrong values are of.",
)
ANNULMENT_TOO_OLD = Rule(
    "ANNULMENT_TOO_OLD",
    "R47",
    "Perioden begynner før {limit}: av det som var før, oppbevares ingen verdier.",
    "The period begins before {limit}: no values are kept of what was before.",
    "Velg en periode som begynner senere.",
    "Choose a period that begins later.",
)

ALL = (
    ACTIVATION_UNKNOWN,
    WAS_CANCELLED,
    VERIFY_NOT_OVER,
    ANNULMENT_NOT_A_DSO,
    ANNULMENT_AHEAD,
    ANNULMENT_TOO_OLD,
)
