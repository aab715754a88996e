"""The rules about comments."""

from __future__ import annotations

from contracts.message import Rule

COMMENT_UNKNOWN = Rule(
    key="COMMENT_UNKNOWN",
    number="R28",
    text_nb="Avsenderen har ingen kommentar med denne id-en.",
    text_en="The sender has no comment with this id.",
    fix_nb="Bare den som har skrevet en kommentar, kan rette den. Bruk id-en den ble skrevet med.",
    fix_en="Only who wrote a comment may correct it. Use the id that it was written with.",
)
COMMENT_UNCHANGED = Rule(
    key="COMMENT_UNCHANGED",
    number="R35",
    text_nb="Kommentaren sier det samme allerede. Ingenting er endret.",
    text_en="The comment says the same already. Nothing has changed.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
