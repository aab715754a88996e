"""Comments."""

from __future__ import annotations

from chassis.service import SUBJECT, Kind
from contracts.prequal import v1
from prequal.domain import comment

COMMENT = Kind(
    name="comment",
    state=comment.Said,
    evolve=comment.evolve,
    folds=dict.fromkeys((v1.CommentRecorded, v1.CommentCorrected, v1.NoteRecorded, v1.NoteCorrected), SUBJECT),
)

KINDS = (COMMENT,)
