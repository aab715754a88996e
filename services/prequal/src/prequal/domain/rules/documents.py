"""The rules about documents."""

from __future__ import annotations

from contracts.message import Rule

CASE_UNKNOWN = Rule(
    key="CASE_UNKNOWN",
    number="R28",
    text_nb="Det finnes ingen søknad med denne id-en som avsenderen er part i.",
    text_en="There is no application with this id that the sender is involved in.",
    fix_nb="Bruk id-en til søknaden om prekvalifisering eller kvalifisering.",
    fix_en="Use the id of the application for prequalification or qualification.",
)
DOCUMENT_UNKNOWN = Rule(
    key="DOCUMENT_UNKNOWN",
    number="R34",
    text_nb="Avsenderen har ikke levert noe dokument med denne id-en.",
    text_en="The sender has brought in no document with this id.",
    fix_nb="Lever dokumentet gjennom døren først, og vent på svaret.",
    fix_en="Bring in the document through the door first, and wait for the answer.",
    retryable=True,
)
EVIDENCE_NOT_STORED = Rule(
    key="EVIDENCE_NOT_STORED",
    number="R42",
    text_nb="Søknaden viser til {actual} dokument(er) som ikke er levert gjennom døren; ingen kan lese dem.",
    text_en="The application refers to {actual} document(s) that were not brought in; nobody can read them.",
    fix_nb="Lever dokumentene gjennom døren, og send refer-document, eller endre søknaden.",
    fix_en="Bring in the documents through the door and send refer-document, or amend the application.",
)
DOCUMENT_HASH_DIFFERS = Rule(
    key="DOCUMENT_HASH_DIFFERS",
    number="R35",
    text_nb="Dokumentet som ble levert, har SHA-256 {limit}, ikke {actual}.",
    text_en="The document that was brought in has the SHA-256 {limit}, not {actual}.",
    fix_nb="Bruk id og SHA-256 slik døren svarte.",
    fix_en="Use the id and the SHA-256 as the door answered them.",
)
DOCUMENT_ALREADY_REFERRED = Rule(
    key="DOCUMENT_ALREADY_REFERRED",
    number="R35",
    text_nb="Dokumentet er allerede bevis i saken, for dem som da kan lese det.",
    text_en="The document is evidence in the case already, for those who may read it.",
    fix_nb="Det er ikke noe å gjøre. Det som er vist fram, kan ikke skjules igjen.",
    fix_en="There is nothing to do. What has been shown cannot be hidden again.",
)
