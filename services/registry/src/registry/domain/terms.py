"""The policy values that decisions are taken with; the events carry them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts import calendar
from contracts.policies import Policies

W_PER_KW = 1000


@dataclass(frozen=True, slots=True)
class Terms:
    """Limits in W, days, and whether a group must have one BRP per direction."""

    point_limit_w: int
    group_min_w: int
    group_max_w: int
    warn_margin_w: int
    min_members: int
    must_leave_days: int
    single_brp: bool
    small_limit_w: int


def at(policies: Policies, moment: datetime) -> Terms:
    """The terms in force at a moment."""
    return Terms(
        point_limit_w=policies.whole("metering-point.group-limit-kw", at=moment) * W_PER_KW,
        group_min_w=policies.whole("group.min-kw", at=moment) * W_PER_KW,
        group_max_w=policies.whole("group.max-kw", at=moment) * W_PER_KW,
        warn_margin_w=policies.whole("group.warn-margin-kw", at=moment) * W_PER_KW,
        min_members=policies.whole("group.min-members", at=moment),
        must_leave_days=policies.whole("member.must-leave-days", at=moment),
        single_brp=policies.value("group.brp", at=moment) == "single",
        small_limit_w=policies.whole("resource.small-kw", at=moment) * W_PER_KW,
    )


def freeze_days(policies: Policies, moment: datetime) -> int:
    """After so many days a boundary can no longer be moved by a participant (D14)."""
    return policies.whole("timeline.freeze-days", at=moment)


def frozen_before(moment: datetime, days: int) -> datetime:
    """The past that is closed: what lies before this moment."""
    return calendar.add_local_days(moment, -days)
