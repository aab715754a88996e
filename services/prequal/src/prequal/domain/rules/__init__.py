"""The rules that `prequal` refuses by. Numbers: rules `R…`, decisions `D…`."""

from __future__ import annotations

from datetime import datetime

from contracts import values
from contracts.message import Rule
from contracts.shared_rules import ID_NOT_AVAILABLE as ID_NOT_AVAILABLE
from prequal.domain.power import Power
from prequal.domain.rules.applications import *
from prequal.domain.rules.approvals import *
from prequal.domain.rules.assessments import *
from prequal.domain.rules.comments import *
from prequal.domain.rules.decisions import *
from prequal.domain.rules.decisions import DUE_DATE_PAST
from prequal.domain.rules.documents import *
from prequal.domain.rules.qualification import *
from prequal.domain.rules.restrictions import *
from prequal.domain.rules.zones import *

ALL = tuple(value for value in tuple(vars().values()) if isinstance(value, Rule))
"""Every rule, in the order of the modules."""


def refuse_above(rule: Rule, power: Power, *, limit: Power) -> None:
    """Refuse with this rule where a direction is above its limit."""
    if power.up_w > limit.up_w:
        raise rule.refused(path="/up_w", limit=limit.up_w, actual=power.up_w, unit="W")
    if power.down_w > limit.down_w:
        raise rule.refused(path="/down_w", limit=limit.down_w, actual=power.down_w, unit="W")


def refuse_past(due_at: datetime, *, path: str, at: datetime) -> None:
    """Refuse a deadline that has been."""
    if due_at <= at:
        raise DUE_DATE_PAST.refused(path=path, actual=values.time_text(due_at))


def larger(power: Power) -> str:
    """The path of the larger direction."""
    return "/up_w" if power.up_w >= power.down_w else "/down_w"
