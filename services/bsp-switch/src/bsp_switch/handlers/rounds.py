"""Which points a round through many of them comes to next."""

from __future__ import annotations

from typing import Any

from bsp_switch.domain import point_tree
from chassis.service import Kind
from chassis.work import Work


async def points_behind(work: Work, tree: Kind[Any], root: str, after: str, *, most: int) -> list[str]:
    """The next points of a root behind one, in order, by whole blocks, as many as a step takes."""
    found: list[str] = []
    for beginning in await _branches(work, tree, root, "", after):
        for block in await _branches(work, tree, root, beginning, after):
            found += [point for point in await _branches(work, tree, root, block, after) if point > after]
            if len(found) >= most:
                return found
    return found


async def _branches(work: Work, tree: Kind[Any], root: str, beginning: str, after: str) -> list[str]:
    """How the ids go on that begin so, without those that are all at or before `after`."""
    state = await work.load(tree, point_tree.branch(root, beginning))
    longer = (beginning + digits for digits in (state.digits if state else ()))
    return [each for each in longer if each >= after[: len(each)]]
