"""Comments: said to all who are involved in a case, or noted for one's own party; corrected, never deleted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts.message import Event
from contracts.prequal import v1
from contracts.values import Role
from prequal.domain import rules
from prequal.domain.involved import Involved


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it stands; what it was before is in its history."""

    on: str
    case_id: str
    author: str
    author_role: Role
    text: str
    is_note: bool
    """For its own party alone."""
    dsos: tuple[str, ...] = ()
    """The DSOs that were told."""
    corrections: int = 0


def evolve(state: Said | None, event: object) -> Said | None:
    """Fold an own event."""
    match event:
        case v1.CommentRecorded():
            return Said(
                event.on, event.case_id, event.author, event.author_role, event.text, is_note=False, dsos=event.dsos
            )
        case v1.NoteRecorded():
            return Said(event.on, event.case_id, event.author, event.author_role, event.text, is_note=True)
        case v1.CommentCorrected() if state:
            return replace(state, text=event.text, dsos=event.dsos, corrections=state.corrections + 1)
        case v1.NoteCorrected() if state:
            return replace(state, text=event.text, corrections=state.corrections + 1)
        case _:
            return state


def decide_comment(
    command: v1.WriteComment, *, comment_id: str, sender: str, role: str, case: Involved | None, taken: bool
) -> list[Event]:
    """Say something about a case. `taken`: the id belongs to something. Refuses with CASE_UNKNOWN, ID_NOT_AVAILABLE."""
    if case is None or not case.has(sender, role):
        raise rules.CASE_UNKNOWN.refused(path="/on", actual=command.on)
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if command.visibility == "own-party":
        return [
            v1.NoteRecorded(
                comment_id=comment_id,
                on=case.on,
                case_id=case.case_id,
                author=sender,
                author_role=Role(role),
                text=command.text,
            )
        ]
    return [
        v1.CommentRecorded(
            comment_id=comment_id,
            on=case.on,
            case_id=case.case_id,
            author=sender,
            author_role=Role(role),
            bsp=case.bsp,
            dsos=case.dsos,
            text=command.text,
        )
    ]


def decide_correct(
    state: Said | None, command: v1.CorrectComment, *, comment_id: str, sender: str, case: Involved | None
) -> list[Event]:
    """Say it in other words; nothing happens where they are the same.

    It goes to whoever was told the former words, and to whoever is involved now. Refuses with COMMENT_UNKNOWN.
    """
    if state is None or case is None or state.author != sender:
        raise rules.COMMENT_UNKNOWN.refused(path="/subject", actual=comment_id)
    if state.text == command.text:
        return []
    if state.is_note:
        return [
            v1.NoteCorrected(
                comment_id=comment_id,
                on=state.on,
                case_id=state.case_id,
                author=sender,
                text=command.text,
                former_text=state.text,
            )
        ]
    return [
        v1.CommentCorrected(
            comment_id=comment_id,
            on=state.on,
            case_id=state.case_id,
            author=sender,
            bsp=case.bsp,
            dsos=tuple(sorted({*state.dsos, *case.dsos})),
            text=command.text,
            former_text=state.text,
        )
    ]
