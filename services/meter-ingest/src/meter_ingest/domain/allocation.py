"""What each point of an activation delivered, so that the parts add up to the group's, to the watt-hour.

Each point's own baseline by the group's primary method, less what was metered. Where these baselines together are not
the group's, in a quarter, the difference is shared in proportion to them, by largest remainder, ties to the point that
sorts first; equally, where all are nothing. A plan, or what was reported, is of the whole group: there the own baseline
is *meter before*, and the difference is how far the two are apart. None of it stands in an event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

from meter_ingest.domain.evidence import Evidence
from meter_ingest.domain.shares import split_exactly

Own = Callable[[Evidence], Sequence[int]]
"""A point's own baseline, per quarter of the activation."""


def allocate(
    points: Sequence[Evidence], baseline: Sequence[int], own: Own, *, towards: int
) -> dict[str, tuple[int | None, ...]]:
    """Wh delivered per quarter, by point; None in a quarter in which it does not count.

    `baseline`: the group's, per quarter, of the points that count in it. `towards`: 1 upwards, -1 downwards.
    """
    counting = [one for one in points if any(one.counts)]
    each = [list(own(one)) for one in counting]
    for quarter, whole in enumerate(baseline):
        here = [index for index, one in enumerate(counting) if one.counts[quarter]]
        left = whole - sum(each[index][quarter] for index in here)
        if left and here:
            sign = 1 if left > 0 else -1
            weights = [abs(each[index][quarter]) for index in here]
            for index, share in zip(here, split_exactly(abs(left), weights), strict=True):
                each[index][quarter] += sign * share
    return {
        one.point: tuple(
            [
                towards * (was - is_) if counts and is_ is not None else None
                for was, is_, counts in zip(mine, one.wh, one.counts, strict=True)
            ]
        )
        for one, mine in zip(counting, each, strict=True)
    }


def sha256(allocated: Mapping[str, Sequence[int | None]], salts: Iterable[bytes]) -> str:
    """Over a line per point, sorted; salted with the salts of all versions read, which are erased with the values.

    `salts`: each once, sorted. Without them nobody can try out what the points of a small group may have delivered.
    """
    said = [
        f"\n{point}:{','.join(['' if one is None else str(one) for one in allocated[point]])}"
        for point in sorted(allocated)
    ]
    return hashlib.sha256(b"|".join(salts) + "".join(said).encode()).hexdigest()
