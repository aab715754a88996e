"""Going along a tree of points (ADR 0013)."""

from __future__ import annotations

from bsp_switch.domain import point_tree
from chassis.service import Kind
from chassis.work import Work


async def points_behind(work: Work, kind: Kind[point_tree.Branch], root: str, after: str, *, most: int) -> list[str]:
    """The next points behind one, in order, by whole blocks, until there are as many as a step takes."""
    found: list[str] = []
    for beginning in await _branches(work, kind, root, "", after):
        for block in await _branches(work, kind, root, beginning, after):
            found += [point for point in await _branches(work, kind, root, block, after) if point > after]
            if len(found) >= most:
                return found
    return found


async def _branches(work: Work, kind: Kind[point_tree.Branch], root: str, beginning: str, after: str) -> list[str]:
    """How the ids go on that begin so, without those that are all at or before `after`."""
    state = await work.load(kind, point_tree.branch(root, beginning))
    longer = (beginning + digits for digits in (state.digits if state else ()))
    return [each for each in longer if each >= after[: len(each)]]
