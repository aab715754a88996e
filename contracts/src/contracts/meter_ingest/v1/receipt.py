"""What a sender is answered."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts.message import Audience, Part, ReceiptData, party


class Acknowledgement(Part):
    """What Elhub's EMIF says of one payload of an XML document, or of the document as a whole."""

    payload: str = ""
    """The payload's identification; empty: the document's."""
    status: Literal["39", "41"]
    """39 accepted, 41 rejected."""
    reasons: tuple[str, ...] = ()
    """Elhub's codes."""


class Receipt(ReceiptData):
    """The answer of `meter-ingest` to a command or a record of values."""

    audience: ClassVar[tuple[Audience, ...]] = (party("sender"),)

    contenthash: str = ""
    """Of a record of values, so that its id cannot be used again for something else."""
    acknowledgements: tuple[Acknowledgement, ...] = ()
    """Of values that came as EMIF XML, one a payload: what `flexreg meter send` writes as EMIF Acknowledgements."""
