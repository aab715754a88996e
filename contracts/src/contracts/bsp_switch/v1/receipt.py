"""The answer of `bsp-switch` to a command."""

from __future__ import annotations

from typing import ClassVar

from contracts.message import Audience, ReceiptData, party


class Receipt(ReceiptData):
    """The answer of `bsp-switch` to a command."""

    audience: ClassVar[tuple[Audience, ...]] = (party("sender"),)
