"""What is said about documents of consents, which a BSP has brought in through the HTTP door: by id and hash.

Neither the bytes of a document nor its file name enter a message.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, party

MediaType = Literal["application/pdf", "image/png", "image/jpeg", "text/csv"]


class DocumentReceived(Event):
    """A document stands in the person store: these bytes, checked to be of this type."""

    home: ClassVar = "document_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"),)

    document_id: values.Uuid
    party: values.Gln
    sha256: values.Sha256
    size_bytes: int
    media_type: MediaType


class DocumentDiscarded(Event):
    """Who brought it in has taken it back, before a consent named it: its bytes are gone, its id is not given again."""

    home: ClassVar = "document_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"),)

    document_id: values.Uuid
    party: values.Gln
    sha256: values.Sha256
