"""Rules about the grid."""

from __future__ import annotations

from contracts.message import Rule

DSO_UNKNOWN = Rule(
    key="DSO_UNKNOWN",
    number="D12",
    text_nb="Nettavregningsområdet må høre til et nettselskap som er tatt inn i registeret i den rollen.",
    text_en="The metering grid area must belong to a DSO that has been admitted to the register in that role.",
    fix_nb="Ta inn nettselskapet i registeret først, eller rett GLN.",
    fix_en="Onboard the DSO first, or correct the GLN.",
    retryable=True,
)
PARENT_GRID_AREA_UNKNOWN = Rule(
    key="PARENT_GRID_AREA_UNKNOWN",
    number="D12",
    text_nb="Det overordnede nettavregningsområdet er ukjent for registeret.",
    text_en="The parent metering grid area is unknown to the register.",
    fix_nb="Definer det overordnede området først.",
    fix_en="Define the parent area first.",
    retryable=True,
)
