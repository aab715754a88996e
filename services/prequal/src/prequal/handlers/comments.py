"""Comments on cases."""

from __future__ import annotations

from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.prequal import v1
from prequal import store
from prequal.domain import comment, rules
from prequal.handlers.loading import Needs, involved_in, is_taken, needs_id


def needs_comment(incoming: Incoming[v1.WriteComment]) -> Needs:
    """Whatever may have this id, and the case."""
    yield from needs_id(incoming.subject)
    yield store.APPLICATION, (incoming.data.on,)
    yield store.QUALIFICATION, (incoming.data.on,)


def needs_correction(incoming: Incoming[v1.CorrectComment]) -> Needs:
    """The comment; what it is on is known when it is."""
    yield store.COMMENT, (incoming.subject,)


async def write_comment(work: Work, incoming: Incoming[v1.WriteComment]) -> None:
    """A party says something about a case."""
    await work.append(
        *comment.decide_comment(
            incoming.data,
            comment_id=incoming.subject,
            sender=incoming.sender,
            role=incoming.sender_role,
            case=await involved_in(work, incoming.data.on),
            taken=await is_taken(work, incoming.subject),
        )
    )


async def correct_comment(work: Work, incoming: Incoming[v1.CorrectComment]) -> Answer:
    """Who wrote it says it in other words."""
    state = await work.load(store.COMMENT, incoming.subject)
    events = comment.decide_correct(
        state,
        incoming.data,
        comment_id=incoming.subject,
        sender=incoming.sender,
        case=await involved_in(work, state.on) if state else None,
    )
    await work.append(*events)
    return Answer() if events else Answer((rules.COMMENT_UNCHANGED.reason(),))


COMMANDS: dict[type[Command], On] = {
    v1.WriteComment: On(write_comment, needs_comment),
    v1.CorrectComment: On(correct_comment, needs_correction),
}
