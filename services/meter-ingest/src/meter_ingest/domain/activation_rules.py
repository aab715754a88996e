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
