"""End users by their random ids: what is known of them, the points they consented for, and the round through these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from sqlalchemy import Column, Table, Text

from bsp_switch.domain import consent, end_user, end_user_round, point_tree
from bsp_switch.store.metadata import METADATA
from chassis.service import SUBJECT, Deadline, Kind
from contracts.bsp_switch import v1

POINTS_OF_END_USER = "points-of-end-user"
"""The deadline of a round: the next points learn what became of their end user."""

ERASED_PERSON_ROWS = Table("erased_person", METADATA, Column("end_user", Text, primary_key=True), schema="own")
"""Of whom the person store is to know nothing: what it has, from wherever it came, goes."""


def _rows(id: str, state: end_user.EndUser) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    if state.erased:
        yield (id,)


def _round_deadlines(state: end_user_round.Round) -> Iterable[Deadline]:
    if state.next_at is not None:
        yield Deadline(due_at=state.next_at, name=POINTS_OF_END_USER)


END_USER = Kind(
    name="end-user",
    state=end_user.EndUser,
    evolve=end_user.evolve,
    folds={
        v1.EndUserEndRecorded: SUBJECT,
        v1.EndUserFollowed: SUBJECT,
        v1.ConsentExtended: SUBJECT,
        v1.PersonRecorded: SUBJECT,
        v1.PersonErased: SUBJECT,
        **dict.fromkeys(get_args(consent.About), end_user.whose),
    },
    rows={ERASED_PERSON_ROWS: _rows},
)

END_USER_POINTS = Kind(
    name="end-user-points",
    state=point_tree.Branch,
    evolve=point_tree.evolve,
    folds={v1.ConsentRecorded: end_user_round.branches, v1.ConsentExtended: end_user_round.branches},
    remembered=False,
)
"""By end user, and `end user|beginning`: how the ids of the points go on that it consented for."""

END_USER_ROUND = Kind(
    name="end-user-round",
    state=end_user_round.Round,
    evolve=end_user_round.evolve,
    folds={v1.EndUserFollowed: lambda event: event.end_user},
    deadlines=_round_deadlines,
)
"""By end user. Apart from the end user itself, so that nothing waits for a round."""

KINDS = (END_USER, END_USER_POINTS, END_USER_ROUND)
