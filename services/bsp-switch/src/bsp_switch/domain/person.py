"""The persons behind end users, as far as is decided on: that the store knows one, and that it is to forget it."""

from __future__ import annotations

from collections.abc import Mapping

from bsp_switch.domain import rules
from bsp_switch.domain.end_user import EndUser
from contracts.bsp_switch import v1


def decide_record(state: EndUser | None, *, end_user: str, by: str, sha256: str) -> list[v1.PersonRecorded]:
    """The store knows who an end user is."""
    if state is not None and state.person == sha256:
        return []
    return [v1.PersonRecorded(end_user=end_user, by=by, sha256=sha256)]


def is_known(state: EndUser | None) -> bool:
    """Whether there is anything to erase."""
    return state is not None and (state.person is not None or bool(state.documents))


def decide_erase(
    state: EndUser | None,
    *,
    end_user: str,
    by: str,
    asked_by: v1.AskedBy,
    documents: tuple[str, ...],
    others: Mapping[str, EndUser | None],
    naming: Mapping[str, tuple[str, ...]],
) -> list[v1.PersonErased]:
    """The store is to forget an end user, with the documents of its consents that there are.

    A document that another's consent names, too, stays until that one is erased: it is that one's evidence.
    `naming`: the end users whose consents name each document; `others`: what is known of all of them.

    Refuses with PERSON_UNKNOWN.
    """
    if not is_known(state):
        raise rules.PERSON_UNKNOWN.refused(path="/subject")
    kept = tuple(
        each
        for each in documents
        if any(
            who != end_user and (other := others.get(who)) is not None and each in other.documents
            for who in naming.get(each, ())
        )
    )
    gone = tuple(each for each in documents if each not in kept)
    return [v1.PersonErased(end_user=end_user, by=by, asked_by=asked_by, documents=gone, kept=kept)]
