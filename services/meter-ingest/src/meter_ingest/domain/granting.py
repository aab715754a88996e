"""What is decided of third parties' access: requests, the end user's answers, changes, and what time does.

A request is taken as it is given, of a point that there is not, too: it lapses. A wrong end user is answered like an
access that there is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts import calendar, working_days
from contracts.message import Event
from contracts.meter_ingest import v1
from contracts.meter_ingest.v1 import DataAccessLevel
from contracts.values import Role
from meter_ingest.domain import grant_rules, rules
from meter_ingest.domain.grants import DataAccess, Span, begins, is_in, placed
from meter_ingest.domain.supplied import Supply, end_user, spells


def decide_placed(
    state: DataAccess, point: str, said: tuple[Span, ...] | None, timeline: tuple[Supply, ...]
) -> list[Event]:
    """Say what it covers of a point, if that is something else than was `said` last; None: nothing was.

    Of one that has ended nothing is said any more: where its end user goes is nobody's business then.
    """
    found = placed(state, point, timeline)
    if state.ends or found == (said or ()):
        return []
    return [
        v1.DataAccessPlaced(
            **_named(state) | {"metering_point_id": point},
            periods=tuple(v1.OpenPeriod(start=start, end=end) for start, end in found),
        )
    ]


# What third parties and end users say


def decide_request(
    state: DataAccess | None,
    command: v1.RequestDataAccess,
    *,
    id_: str,
    third_party: str,
    addresses: tuple[str, ...],
    at: datetime,
    answer_days: int,
    history_years: int,
) -> list[Event]:
    """A request, pending until the end user answers, or so many working days have passed.

    Raises: ID_NOT_AVAILABLE, DATA_ACCESS_PERIOD_INVALID, RETURN_ADDRESS_NOT_ALLOWED.
    """
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    earliest = _years_before(at, history_years)
    if command.valid_from < earliest:
        raise _invalid("/valid_from", earliest, command.valid_from)
    _check_end(command.valid_to, after=max(command.valid_from, at))
    if command.return_address is not None and command.return_address not in addresses:
        raise grant_rules.RETURN_ADDRESS_NOT_ALLOWED.refused(path="/return_address", actual=command.return_address)
    lapses_at = working_days.after_working_days(at, answer_days)
    return [
        v1.DataAccessRequested(
            data_access_id=id_,
            third_party=third_party,
            metering_point_id=command.metering_point_id,
            level=command.level,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
            purpose=command.purpose,
            future_points=command.future_points,
            return_address=command.return_address,
            lapses_at=min(lapses_at, command.valid_to or lapses_at),
        )
    ]


@dataclass(frozen=True, slots=True)
class By:
    """Who says something: a third party for itself, or one who serves end users, for one of them."""

    sender: str
    role: str
    end_user: str | None = None

    def may(self, state: DataAccess | None) -> bool:
        """Whether it may have to do with an access that was approved."""
        if state is None:
            return False
        if self.role == Role.THIRD_PARTY:
            return self.end_user is None and state.third_party == self.sender
        return bool(state.end_user) and state.end_user == self.end_user


def decide_approve(
    state: DataAccess | None, by: By, *, timeline: tuple[Supply, ...], at: datetime, warn_days: int
) -> list[Event]:
    """The end user lets it: the access, if it stands behind the point, or the change that is asked for.

    Raises: DATA_ACCESS_UNKNOWN, DATA_ACCESS_NOT_ASKED.
    """
    state = _asked_of(state, by, timeline, at)
    assert by.end_user is not None
    if state.stage == "granted":
        assert state.asked is not None
        return [_changed(state, state.asked.level, state.asked.valid_to, by=by.sender, at=at, warn_days=warn_days)]
    return [
        v1.DataAccessApproved(
            **_named(state),
            end_user=by.end_user,
            level=state.level,
            valid_from=state.valid_from,
            valid_to=state.valid_to,
            future_points=state.future_points,
            approved_at=at,
            by=by.sender,
            warn_at=_warn_at(state.valid_to, at, warn_days),
        )
    ]


def decide_reject(state: DataAccess | None, by: By, *, timeline: tuple[Supply, ...], at: datetime) -> list[Event]:
    """The end user does not let it. Raises: DATA_ACCESS_UNKNOWN, DATA_ACCESS_NOT_ASKED."""
    state = _asked_of(state, by, timeline, at)
    what = "change" if state.stage == "granted" else "request"
    return [v1.DataAccessRejected(**_named(state), what=what, by=by.sender)]


def decide_revoke(state: DataAccess | None, by: By, *, at: datetime) -> list[Event]:
    """It ends now; a third party may take back what it asks for, too.

    Raises: DATA_ACCESS_UNKNOWN, DATA_ACCESS_ENDED.
    """
    if state is None or not by.may(state):
        raise grant_rules.DATA_ACCESS_UNKNOWN.refused(path="/subject")
    if state.stage != "pending" or state.ends:
        _check_holds(state, at)
    return [v1.DataAccessEnded(**_named(state), ended_at=at, because="revoked", by=by.sender)]


def decide_change(
    state: DataAccess | None, command: v1.ChangeDataAccess, by: By, *, at: datetime, warn_days: int, answer_days: int
) -> list[Event]:
    """Another level and end: at once, or, where a third party asks for more than it has, once the end user approves.

    Raises: DATA_ACCESS_UNKNOWN, DATA_ACCESS_ENDED, DATA_ACCESS_PERIOD_INVALID, DATA_ACCESS_UNCHANGED.
    """
    if state is None or not by.may(state):
        raise grant_rules.DATA_ACCESS_UNKNOWN.refused(path="/subject")
    _check_holds(state, at)
    _check_end(command.valid_to, after=max(state.valid_from, at))
    if (command.level, command.valid_to) == (state.level, state.valid_to):
        raise grant_rules.DATA_ACCESS_UNCHANGED.refused(path="/level")
    if by.role != Role.THIRD_PARTY or not _is_more(state, command):
        return [_changed(state, command.level, command.valid_to, by=by.sender, at=at, warn_days=warn_days)]
    return [
        v1.DataAccessChangeRequested(
            **_named(state),
            level=command.level,
            valid_to=command.valid_to,
            lapses_at=working_days.after_working_days(at, answer_days),
        )
    ]


def decide_end_user(state: DataAccess, *, ended_from: datetime | None) -> list[Event]:
    """The end user is no more from a moment on; or it is, after all."""
    if state.stage != "granted" or ended_from == state.ends.get("end-user"):
        return []
    if ended_from is None:
        return [v1.DataAccessEndCancelled(**_named(state))]
    return [v1.DataAccessEnded(**_named(state), ended_at=ended_from, because="end-user")]


# What time says


def lapsed(state: DataAccess) -> list[Event]:
    """Nobody has answered."""
    what = "change" if state.stage == "granted" else "request"
    return [v1.DataAccessLapsed(**_named(state), what=what)]


def approached(state: DataAccess) -> list[Event]:
    """Its end is near."""
    assert state.valid_to is not None
    return [v1.DataAccessExpiryApproached(**_named(state), valid_to=state.valid_to)]


def expired(state: DataAccess) -> list[Event]:
    """Its term is over."""
    assert state.valid_to is not None
    return [v1.DataAccessEnded(**_named(state), ended_at=state.valid_to, because="expired")]


def _asked_of(state: DataAccess | None, by: By, timeline: tuple[Supply, ...], at: datetime) -> DataAccess:
    """An access that something is asked for of this end user."""
    if state is None or by.end_user is None:
        raise grant_rules.DATA_ACCESS_UNKNOWN.refused(path="/subject")
    if not is_asked_of(state, by.end_user, timeline, at):
        raise grant_rules.DATA_ACCESS_UNKNOWN.refused(path="/subject")
    if state.asked is None and (state.stage != "pending" or state.ends):
        raise grant_rules.DATA_ACCESS_NOT_ASKED.refused(path="/subject", actual=state.status(at))
    return state


def is_asked_of(state: DataAccess, whom: str, timeline: tuple[Supply, ...], at: datetime) -> bool:
    """Whether an access is an end user's to answer, or was: who approved it, else who stands behind its point then."""
    if state.end_user:
        return state.end_user == whom
    moment = begins(state, at)
    return any(who == whom and is_in(start, end, moment) for who, start, end in spells(timeline, end_user))


def _years_before(at: datetime, years: int) -> datetime:
    day = calendar.local_date(at)
    leap = (day.month, day.day) == (2, 29)
    return calendar.midnight(day.replace(year=day.year - years, day=28 if leap else day.day))


def _is_more(state: DataAccess, command: v1.ChangeDataAccess) -> bool:
    wider = state.level == "limited" and command.level == "full"
    longer = state.valid_to is not None and (command.valid_to is None or command.valid_to > state.valid_to)
    return wider or longer


def _changed(
    state: DataAccess, level: DataAccessLevel, valid_to: datetime | None, *, by: str, at: datetime, warn_days: int
) -> Event:
    return v1.DataAccessChanged(
        **_named(state), level=level, valid_to=valid_to, by=by, warn_at=_warn_at(valid_to, at, warn_days)
    )


def _warn_at(valid_to: datetime | None, at: datetime, warn_days: int) -> datetime | None:
    found = calendar.add_local_days(valid_to, -warn_days) if valid_to else None
    return found if found is not None and found > at else None


def _named(state: DataAccess) -> dict[str, Any]:
    return {
        "data_access_id": state.data_access_id,
        "third_party": state.third_party,
        "metering_point_id": state.metering_point_id,
    }


def _check_holds(state: DataAccess, at: datetime) -> None:
    if not state.holds(at):
        raise grant_rules.DATA_ACCESS_ENDED.refused(path="/subject", actual=state.status(at))


def _check_end(valid_to: datetime | None, *, after: datetime) -> None:
    if valid_to is not None and valid_to <= after:
        raise _invalid("/valid_to", after, valid_to)


def _invalid(path: str, limit: datetime, actual: datetime) -> Exception:
    return grant_rules.DATA_ACCESS_PERIOD_INVALID.refused(
        path=path, limit=calendar.local_text(limit), actual=calendar.local_text(actual)
    )
