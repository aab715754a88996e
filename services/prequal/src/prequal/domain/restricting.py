"""Who may set a temporary limit or a suspension on what, change it and lift it, and when it ends (R37 to R39, E17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, cast

from contracts import calendar, values
from contracts.message import Event, Refused
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import rules
from prequal.domain.restriction import KEYS, Restriction, What

_FOR_TSO: Final[frozenset[What]] = frozenset(
    {"metering-point", "substation", "grid-area", "group", "bsp", "bsp-product", "group-product"}
)
_FOR_DSO: Final[frozenset[What]] = frozenset({"metering-point", "substation", "grid-area", "part"})

_OF_BSP: Final = frozenset[v1.SuspensionReason](
    {
        "communication-issues",
        "failing-heartbeat",
        "system-issues",
        "clearing-issues",
        "breach-of-conditions",
        "other",
    }
)
REASONS: Final[Mapping[v1.SuspensionTarget, frozenset[v1.SuspensionReason]]] = {
    "bsp": _OF_BSP,
    "bsp-product": _OF_BSP,
    "part": frozenset({"breach-of-conditions", "significant-group-change", "other"}),
    "group-product": frozenset({"failed-verification", "other"}),
    "metering-point": frozenset({"compromises-safe-operation", "other"}),
}
"""The reasons that a suspension of each kind may have."""


def named(command: v1.SetTemporaryLimit | v1.SetSuspension) -> str | None:
    """What a command is on; None where it does not say it, or says more."""
    what: What = command.target if isinstance(command, v1.SetSuspension) else command.scope
    fields = {each for each in KEYS.values() if getattr(command, each, None) is not None}
    return getattr(command, KEYS[what]) if fields == {KEYS[what]} else None


def decide_set(
    command: v1.SetTemporaryLimit,
    *,
    limit_id: str,
    by: str,
    by_tso: bool,
    taken: bool,
    dsos: tuple[str, ...] | None,
    policies: Policies,
    at: datetime,
) -> list[Event]:
    """A limit for a time. `dsos`: in whose grid what it names lies, nearest first; None: it is not known.

    Refuses with ID_NOT_AVAILABLE, RESTRICTION_UNCLEAR, RESTRICTION_NOT_FOR_ROLE, RESTRICTION_TEXT_REQUIRED,
    LIMIT_OFF_QUARTER, LIMIT_WINDOW_INVALID, LIMIT_TOO_LONG, NOT_IN_YOUR_GRID, RESTRICTED_UNKNOWN.
    """
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    key = named(command)
    if key is None or (command.up_w, command.down_w) == (None, None):
        raise rules.RESTRICTION_UNCLEAR.refused(path="/scope", actual=command.scope)
    if command.scope not in (_FOR_TSO if by_tso else _FOR_DSO):
        raise rules.RESTRICTION_NOT_FOR_ROLE.refused(path="/scope", actual=command.scope)
    _check_text(command)
    _check_quarters(command.valid_from, command.valid_to)
    valid_from = command.valid_from or at
    if valid_from < at:
        raise _window("/valid_from", valid_from, at)
    _check_end(valid_from, command.valid_to, policies, at)
    in_grid_of = _in_grid_of(dsos, by=by, by_tso=by_tso, path=f"/{KEYS[command.scope]}", key=key)
    return [
        v1.TemporaryLimitSet(
            limit_id=limit_id,
            by=by,
            dsos=in_grid_of,
            scope=command.scope,
            key=key,
            up_w=command.up_w,
            down_w=command.down_w,
            valid_from=valid_from,
            valid_to=command.valid_to,
            reason_code=command.reason_code,
            text=command.text,
            max_days=policies.whole("temporary-limit.max-days", at=at),
        )
    ]


def decide_suspend(
    command: v1.SetSuspension,
    *,
    suspension_id: str,
    by: str,
    by_tso: bool,
    taken: bool,
    dsos: tuple[str, ...] | None,
    bsp: str | None,
    others: Mapping[str, Restriction | None],
    at: datetime,
) -> list[Event]:
    """A suspension from now on. `others`: what stands on the same thing; `bsp`: whose it is, if that is told.

    Refuses with ID_NOT_AVAILABLE, RESTRICTION_UNCLEAR, RESTRICTION_NOT_FOR_ROLE, SUSPENSION_REASON_UNFIT,
    RESTRICTION_TEXT_REQUIRED, LIMIT_OFF_QUARTER, LIMIT_WINDOW_INVALID, NOT_IN_YOUR_GRID, RESTRICTED_UNKNOWN,
    ALREADY_SUSPENDED.
    """
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    key = named(command)
    if key is None or (command.product is not None) != command.target.endswith("-product"):
        raise rules.RESTRICTION_UNCLEAR.refused(path="/target", actual=command.target)
    if command.target not in (_FOR_TSO if by_tso else _FOR_DSO):
        raise rules.RESTRICTION_NOT_FOR_ROLE.refused(path="/target", actual=command.target)
    if command.reason_code not in REASONS[command.target]:
        fit = ", ".join(sorted(REASONS[command.target]))
        raise rules.SUSPENSION_REASON_UNFIT.refused(path="/reason_code", limit=fit, actual=command.reason_code)
    _check_text(command)
    _check_quarters(None, command.valid_to)
    if command.valid_to is not None and command.valid_to <= at:
        raise _window("/valid_to", command.valid_to, at)
    _in_grid_of(dsos, by=by, by_tso=by_tso, path=f"/{KEYS[command.target]}", key=key)
    for other in others.values():
        if (
            other
            and other.kind == "suspension"
            and (other.what, other.limit.by, other.limit.product) == (command.target, by, command.product)
        ):
            raise rules.ALREADY_SUSPENDED.refused(path=f"/{KEYS[command.target]}", actual=key)
    return [
        v1.SuspensionSet(
            suspension_id=suspension_id,
            by=by,
            target=command.target,
            key=key,
            bsp=bsp,
            product=command.product,
            valid_from=at,
            valid_to=command.valid_to,
            reason_code=command.reason_code,
            text=command.text,
        )
    ]


def check_may_apply(restrictions: Iterable[Restriction | None], *, product: v1.Product, bsp: str) -> None:
    """A suspended BSP applies for nothing new. Refuses with BSP_SUSPENDED."""
    for one in restrictions:
        if one and one.kind == "suspension" and one.limit.product in {None, product}:
            raise rules.BSP_SUSPENDED.refused(path="/product", actual=bsp)


def _check_text(command: v1.SetTemporaryLimit | v1.SetSuspension) -> None:
    if command.reason_code == "other" and not command.text.strip():
        raise rules.RESTRICTION_TEXT_REQUIRED.refused(path="/text")


def _in_grid_of(dsos: tuple[str, ...] | None, *, by: str, by_tso: bool, path: str, key: str) -> tuple[str, ...]:
    """The DSOs, of what is known. Of what lies in another's grid a DSO does not learn whether it is there."""
    if by_tso and dsos is None:
        raise rules.RESTRICTED_UNKNOWN.refused(path=path, actual=key)
    if dsos is None or not (by_tso or by in dsos):
        raise rules.NOT_IN_YOUR_GRID.refused(path=path, actual=key)
    return dsos


def _check_quarters(valid_from: datetime | None, valid_to: datetime | None) -> None:
    for name, moment in (("valid_from", valid_from), ("valid_to", valid_to)):
        if moment is not None and not calendar.is_quarter(moment):
            raise rules.LIMIT_OFF_QUARTER.refused(
                path=f"/{name}",
                limit=values.time_text(calendar.quarter_of(moment)),
                actual=values.time_text(moment),
            )


def _check_end(valid_from: datetime, valid_to: datetime, policies: Policies, at: datetime) -> None:
    """It ends, after it has begun and after now, and does not last longer than what is temporary."""
    if valid_to <= max(valid_from, at):
        raise _window("/valid_to", valid_to, max(valid_from, at))
    max_days = policies.whole("temporary-limit.max-days", at=at)
    if valid_to > calendar.add_local_days(valid_from, max_days):
        days = calendar.days_between(calendar.local_date(valid_from), calendar.local_date(valid_to))
        raise rules.LIMIT_TOO_LONG.refused(path="/valid_to", limit=max_days, actual=days, unit="days")


def _window(path: str, actual: datetime, limit: datetime) -> Refused:
    return rules.LIMIT_WINDOW_INVALID.refused(path=path, actual=values.time_text(actual), limit=values.time_text(limit))


# Changing and ending


def decide_change(
    state: Restriction | None,
    command: v1.ChangeTemporaryLimit,
    *,
    limit_id: str,
    by: str,
    policies: Policies,
    at: datetime,
) -> list[Event]:
    """Who set a limit says what it is from now on.

    Refuses with RESTRICTION_UNKNOWN, RESTRICTION_IS_OVER, LIMIT_CHANGES_NOTHING, LIMIT_OFF_QUARTER,
    LIMIT_WINDOW_INVALID, LIMIT_TOO_LONG.
    """
    state = _own(state, "temporary-limit", by=by)
    limit = state.limit
    assert limit.valid_to is not None
    up_w = limit.up_w if command.up_w is None else command.up_w
    down_w = limit.down_w if command.down_w is None else command.down_w
    valid_to = command.valid_to or limit.valid_to
    is_same = (up_w, down_w, valid_to) == (limit.up_w, limit.down_w, limit.valid_to)
    if is_same and not (command.share_anew and state.is_shared):
        raise rules.LIMIT_CHANGES_NOTHING.refused()
    _check_quarters(None, command.valid_to)
    _check_end(state.valid_from, valid_to, policies, at)
    return [
        v1.TemporaryLimitChanged(
            limit_id=limit_id,
            by=by,
            dsos=state.told,
            scope=limit.scope,
            key=state.key,
            up_w=up_w,
            down_w=down_w,
            valid_to=valid_to,
            text=command.text or state.text,
            max_days=policies.whole("temporary-limit.max-days", at=at),
        )
    ]


def decide_lift(
    state: Restriction | None,
    command: v1.LiftTemporaryLimit | v1.LiftSuspension,
    *,
    restriction_id: str,
    by: str,
    at: datetime,
) -> list[Event]:
    """Who set it ends it now. Refuses with RESTRICTION_UNKNOWN, RESTRICTION_IS_OVER."""
    if isinstance(command, v1.LiftSuspension):
        state = _own(state, "suspension", by=by)
        return [
            v1.SuspensionLifted(
                suspension_id=restriction_id,
                by=by,
                target=_target(state),
                key=state.key,
                bsp=state.bsp,
                text=command.text,
            )
        ]
    state = _own(state, "temporary-limit", by=by)
    return [
        v1.TemporaryLimitLifted(
            limit_id=restriction_id,
            by=by,
            dsos=state.told,
            scope=state.limit.scope,
            key=state.key,
            had_begun=state.valid_from <= at,
            text=command.text,
        )
    ]


def decide_end(state: Restriction, *, restriction_id: str) -> list[Event]:
    """Its end has come."""
    by, key = state.limit.by, state.key
    if state.kind == "suspension":
        target = _target(state)
        return [v1.SuspensionEnded(suspension_id=restriction_id, by=by, target=target, key=key, bsp=state.bsp)]
    scope = state.limit.scope
    return [v1.TemporaryLimitEnded(limit_id=restriction_id, by=by, dsos=state.told, scope=scope, key=key)]


def _target(state: Restriction) -> v1.SuspensionTarget:
    return cast("v1.SuspensionTarget", state.what)


def _own(state: Restriction | None, kind: Literal["temporary-limit", "suspension"], *, by: str) -> Restriction:
    """Another's is not revealed."""
    if state is None or state.kind != kind or state.limit.by != by:
        raise rules.RESTRICTION_UNKNOWN.refused()
    if state.is_over:
        raise rules.RESTRICTION_IS_OVER.refused()
    return state
