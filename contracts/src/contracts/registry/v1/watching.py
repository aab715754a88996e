"""What is told of groups beside what happens to them: where they lie, and what somebody should look at."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, everyone, party
from contracts.values import Role

Warned = Literal["near-minimum", "below-minimum", "near-maximum", "mixed-brp"]
"""Of a group's declared size, or of its members' BRPs."""


class GroupMeasured(Event):
    """What a group declares and where, after its members changed: once for each decision.

    Shares and the Herfindahl index are in parts per million of the declared size, in the direction that makes it. What
    lies at an unknown place counts to the largest one: no other place would make the index greater (R17, R19).
    """

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    zone: values.BiddingZone
    at: values.UtcTime
    members: int
    declared_up_w: int
    declared_down_w: int
    substations: int
    """How many known ones."""
    substation_hhi_ppm: int
    substation_largest_ppm: int
    substation_largest: str | None = None
    substation_unknown_ppm: int
    grid_areas: int
    grid_area_hhi_ppm: int
    grid_area_largest_ppm: int
    grid_area_largest: values.EicY | None = None


class GroupTotalled(Event):
    """What a group is and declares, for the DSOs whose points are in it (R28): nothing of where else it lies.

    Said after its members, its name or whether it stands changed, once for each decision. Of one that is empty the DSOs
    are told whose points were in it last.
    """

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dsos"),)

    group_id: values.Uuid
    bsp: values.Gln
    zone: values.BiddingZone
    at: values.UtcTime
    name: str
    status: Literal["forming", "active", "ending", "ended"]
    members: int
    declared_up_w: int
    declared_down_w: int
    dsos: tuple[values.Gln, ...]
    """Those of its members' points."""


class GroupWarned(Event):
    """Something of a group should be looked at: once, when it begins.

    `near-minimum`, `below-minimum`: by what is announced it will be this size from `since`, or is. `near-maximum`: it
    is. `mixed-brp`: `members` have, or will have, other BRPs than the group.
    """

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    kind: Warned
    since: values.UtcTime
    size_w: int | None = None
    limit_w: int | None = None
    """The policies it was decided with: the minimum or the maximum, and the margin."""
    margin_w: int | None = None
    members: int | None = None
    dsos: tuple[values.Gln, ...] = ()
    """Those whose points are in it; none are told of its BRPs."""


class GroupWarningCleared(Event):
    """What a group was warned of is over."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    kind: Warned
    dsos: tuple[values.Gln, ...] = ()
    """Those whose points are in it; none are told of its BRPs."""


class PossibleEvasionFlagged(Event):
    """Several points of one end user in groups are together as large as one that must take part individually (R48).

    It says nothing of why, and changes nothing: the TSO looks at it. Told again when the points or figures change.
    """

    home: ClassVar = "end_user"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    end_user: values.Uuid
    metering_points: tuple[values.Gsrn, ...]
    groups: tuple[values.Uuid, ...]
    up_w: int
    """What is behind these points together."""
    down_w: int
    point_limit_w: int
    """The policy it was decided with."""


class PossibleEvasionCleared(Event):
    """An end user's points in groups are together smaller again."""

    home: ClassVar = "end_user"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    end_user: values.Uuid
    up_w: int
    down_w: int
    point_limit_w: int
