"""Rules that several services refuse with, in the same words."""

from __future__ import annotations

from contracts.message import Rule

ID_NOT_AVAILABLE = Rule(
    key="ID_NOT_AVAILABLE",
    number="R34",
    text_nb="Id-en i `subject` kan ikke brukes.",
    text_en="The id in `subject` cannot be used.",
    fix_nb="Sett `subject` til en id som ikke er i bruk (der den er en UUID: en ny), og send på nytt.",
    fix_en="Set `subject` to an id that is not in use (where it is a UUID: a new one), and send again.",
)
