"""What DSOs are to expect of an activation: in each quarter the ordered power, over those that are members then.

What holds in several quarters is said once; of those in which nobody in its grid is a member a DSO is told nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from contracts.meter_ingest.v1 import ExpectedEffect, LaterEffect, SubstationEffect
from contracts.values import Period
from meter_ingest.domain import control, known
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.shares import split_exactly

Place = tuple[str, str, bool]
"""Grid area, substation (empty: unknown), and whether the DSO's grid lies above the one there."""


def moments(period: Period) -> list[datetime]:
    """When it is looked at who is a member: at the start of each quarter, of the first when the period starts."""
    return [max(period.start, quarter) for quarter in control.quarters_of(period.start, period.end)]


def effects(ordered: Activation, group: known.Group, approval: known.Approval | None) -> Iterator[ExpectedEffect]:
    """For each DSO what holds in which quarters, by the first of them."""
    period = Period(start=ordered.start, end=ordered.end)
    quarters = moments(period)
    found: dict[str, dict[tuple[SubstationEffect, ...], set[int]]] = {}
    for stretch in _stretches(group, quarters):
        members = known.members_at(group, quarters[stretch[0]])
        for dso, substations in _split(ordered, members, approval).items():
            found.setdefault(dso, {}).setdefault(substations, set()).update(stretch)
    for dso, parts in sorted(found.items()):
        (held, first), *later = (
            ("".join("01"[index in some] for index in range(len(quarters))), substations)
            for substations, some in parts.items()
        )
        yield ExpectedEffect(
            effect_id=f"{ordered.activation_id}/{dso}",
            activation_id=ordered.activation_id,
            group_id=ordered.group_id,
            dso=dso,
            direction=ordered.direction,
            period=period,
            substations=first,
            version=ordered.version,
            quarters=held if "0" in held else None,
            later=tuple(LaterEffect(quarters=some, substations=substations) for some, substations in later),
        )


def withdrawn(state: Activation, dsos: Iterable[str], period: Period, *, version: int) -> Iterator[ExpectedEffect]:
    """For each of some DSOs that it is to expect nothing more."""
    for dso in sorted(dsos):
        yield ExpectedEffect(
            effect_id=f"{state.activation_id}/{dso}",
            activation_id=state.activation_id,
            group_id=state.group_id,
            dso=dso,
            direction=state.direction,
            period=period,
            substations=(),
            version=version,
        )


def _stretches(group: known.Group, quarters: Sequence[datetime]) -> list[range]:
    """Quarters in which nothing is otherwise of any member: most activations are one stretch, and split once."""
    first, last = quarters[0], quarters[-1]
    changes = {
        moment
        for stays in group.members.values()
        for stay in stays
        for moment in (stay.valid_from, stay.valid_to)
        if moment is not None and first < moment <= last
    }
    starts = sorted({0, *(bisect_left(quarters, moment) for moment in changes)})
    return [range(start, end) for start, end in zip(starts, (*starts[1:], len(quarters)), strict=True)]


def _split(
    ordered: Activation, members: Mapping[str, known.Stay], approval: known.Approval | None
) -> dict[str, tuple[SubstationEffect, ...]]:
    """The power split over the members in proportion to what each may deliver, to the watt, then summed per substation.

    A member that may deliver nothing has no part in it. Where none may, they count with their declared power instead,
    and where that is nothing too, equally: an order has an effect even when it should not have been given.

    A DSO above (D12) is one that `prequal` asked about the point without being the one that it is connected to.
    """
    sums: dict[str, dict[Place, tuple[int, int]]] = {}
    for point, share in _shares(ordered, members, approval).items():
        stay = members[point]
        for dso in (stay.dso, *known.assessing(approval, point, but=stay.dso)):
            where = sums.setdefault(dso, {})
            place = stay.grid_area, stay.substation or "", dso != stay.dso
            count, power = where.get(place, (0, 0))
            where[place] = (count + 1, power + share)
    return {
        dso: tuple(
            SubstationEffect(grid_area=area, substation=substation or None, points=count, power_w=power, above=above)
            for (area, substation, above), (count, power) in sorted(where.items())
        )
        for dso, where in sums.items()
    }


def _shares(
    ordered: Activation,
    members: Mapping[str, known.Stay],
    approval: known.Approval | None,
) -> dict[str, int]:
    up = ordered.direction == "up"
    weights = {point: known.deliverable(approval, point, stay, ordered.direction) for point, stay in members.items()}
    if not any(weights.values()):
        weights = {point: stay.up_w if up else stay.down_w for point, stay in members.items()}
    if not any(weights.values()):
        weights = dict.fromkeys(members, 1)
    taking_part = {point: weight for point, weight in weights.items() if weight}
    shares = split_exactly(ordered.power_w, list(taking_part.values()))
    return dict(zip(taking_part, shares, strict=True))
