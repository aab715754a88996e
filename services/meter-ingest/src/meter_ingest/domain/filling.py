"""Values that nobody sent, estimated for whoever asks for them; never kept, and never passed off as the DSO's.

What is estimated says on what (`Delivered.basis`), and has no revision behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from meter_ingest.domain import days, gaps
from meter_ingest.domain.asked import Delivered

_DAYS_OF_YEAR = 365


def filled(
    day: Delivered,
    history: Iterable[Delivered] = (),
    *,
    annual_wh: int | None = None,
    stands_wh: tuple[int, int] | None = None,
) -> Delivered:
    """The same day with its holes filled, as far as there is anything to go by; else just as it is.

    `history`: whole earlier days of the same point in the same resolution, the preferred one first (the same weekday,
    mostly): the first with as many steps and a value for each hole is the shape. With `stands_wh`, the meter's at both
    ends of `day`, all of it adds up to their difference. `annual_wh`: the annual volume, where all else fails.
    """
    holes = [index for index, wh in enumerate(day.values.wh) if wh is None]
    if not holes:
        return day
    whole = days.day(day.date)
    step = days.MINUTES[day.values.resolution] // 15
    offset = (day.start - whole.start) // days.QUARTER // step
    shape: list[int] | None = None
    for one in history:
        there = one.values.wh
        if one.values.resolution != day.values.resolution or len(there) != whole.quarters // step:
            continue
        found = [wh for index in holes if (wh := there[offset + index]) is not None]
        if len(found) == len(holes):
            shape = found
            break
    measured = sum(wh for wh in day.values.wh if wh is not None)
    try:
        estimate = gaps.estimate(
            len(holes),
            stands_wh=(stands_wh[0] + measured, stands_wh[1]) if stands_wh else None,
            history_wh=shape,
            annual_wh=annual_wh,
            steps_of_year=_DAYS_OF_YEAR * 96 // step,
        )
    except gaps.UnableToEstimate:
        return day
    put = dict(zip(holes, estimate.wh, strict=True))
    values = replace(
        day.values,
        wh=tuple(put.get(index, wh) for index, wh in enumerate(day.values.wh)),
        origin=tuple("estimated" if index in put else one for index, one in enumerate(day.values.origin)),
        status=tuple("estimated" if index in put else one for index, one in enumerate(day.values.status)),
    )
    return replace(day, values=values, basis=estimate.basis)
