"""What is said beside a decision: comments on an application or a qualification.

Who may see a comment follows from its type alone: what is for its own party is a note, an event of its own.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

CommentText = Annotated[values.LongText, Field(min_length=1)]

_INVOLVED = (party("author"), party("bsp"), party("dsos"), everyone(Role.TSO))


class WriteComment(Command):
    """Say something about a case. Subject: a new UUID (the comment)."""

    senders: ClassVar = frozenset({Role.BSP, Role.DSO, Role.TSO})
    subject_is: ClassVar = values.Uuid

    on: values.Uuid
    """The application or the qualification."""
    text: CommentText
    visibility: Literal["own-party", "involved"] = "own-party"
    """`involved`: the BSP, the TSO, and the DSOs that are asked."""


class CorrectComment(Command):
    """Say it in other words; the former ones stay in the history. Subject: the comment, which is one's own."""

    senders: ClassVar = frozenset({Role.BSP, Role.DSO, Role.TSO})
    subject_is: ClassVar = values.Uuid

    text: CommentText


class CommentRecorded(Event):
    """A party has said something to all who are involved in a case."""

    home: ClassVar = "comment_id"
    case: ClassVar = "case_id"
    audience: ClassVar[tuple[Audience, ...]] = _INVOLVED

    comment_id: values.Uuid
    on: values.Uuid
    case_id: values.Uuid
    author: values.Gln
    author_role: Role
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    text: str


class CommentCorrected(Event):
    """The same in other words, for whoever was told the former ones or is involved now."""

    home: ClassVar = "comment_id"
    case: ClassVar = "case_id"
    audience: ClassVar[tuple[Audience, ...]] = _INVOLVED

    comment_id: values.Uuid
    on: values.Uuid
    case_id: values.Uuid
    author: values.Gln
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    text: str
    former_text: str


class NoteRecorded(Event):
    """A party has written something about a case for itself. Nobody else is told."""

    home: ClassVar = "comment_id"
    case: ClassVar = "case_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("author"),)

    comment_id: values.Uuid
    on: values.Uuid
    case_id: values.Uuid
    author: values.Gln
    author_role: Role
    text: str


class NoteCorrected(Event):
    """A note in other words."""

    home: ClassVar = "comment_id"
    case: ClassVar = "case_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("author"),)

    comment_id: values.Uuid
    on: values.Uuid
    case_id: values.Uuid
    author: values.Gln
    text: str
    former_text: str
