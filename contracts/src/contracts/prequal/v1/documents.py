"""What is said about documents: evidence that a party has brought in through the HTTP door, by id and hash.

Neither the bytes of a document nor its file name enter a message.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

MediaType = Literal["application/pdf", "image/png", "image/jpeg", "text/csv"]


class ReferDocument(Command):
    """Name a document that one has brought in as evidence in a case. Subject: the document.

    `sha256` says which bytes are meant, as the door answered them. Without `visible_to_dsos` the TSO alone may read it.
    """

    senders: ClassVar = frozenset({Role.BSP, Role.DSO, Role.TSO})
    subject_is: ClassVar = values.Uuid

    on: values.Uuid
    """The application or the qualification."""
    sha256: values.Sha256
    visible_to_dsos: Annotated[bool, Field(strict=True)] = False


class DocumentReceived(Event):
    """A document stands in the store of `prequal`: these bytes, checked to be of this type."""

    home: ClassVar = "document_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"),)

    document_id: values.Uuid
    party: values.Gln
    sha256: values.Sha256
    size_bytes: int
    media_type: MediaType


class DocumentReferred(Event):
    """A document is evidence in a case; who is told may read it at the door. `dsos`: those asked now, if they may."""

    home: ClassVar = "document_id"
    case: ClassVar = "case_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"), party("dsos"), everyone(Role.TSO))

    document_id: values.Uuid
    party: values.Gln
    on: values.Uuid
    case_id: values.Uuid
    visible_to_dsos: bool
    dsos: tuple[values.Gln, ...]
    sha256: values.Sha256
    size_bytes: int
    media_type: MediaType


class DocumentDiscarded(Event):
    """Who brought it in has taken it back, before it was evidence: its bytes are gone, its id is not given again."""

    home: ClassVar = "document_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"),)

    document_id: values.Uuid
    party: values.Gln
    sha256: values.Sha256
