"""Which substations feed those that members lie at, and whose they are: what a DSO may limit by (R36)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Places:
    """The substations of a group's members, with those above each."""

    lines: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By a member's substation: itself and those above it, nearest first."""
    owners: Mapping[str, str] = field(default_factory=dict[str, str])
    """By substation: the DSO of the grid area that it stands in, where that is known."""
    at: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """By DSO: where its own points lie."""

    def of(self, dso: str) -> frozenset[str]:
        """Where its points lie, and its own substations above those."""
        below = self.at.get(dso, frozenset())
        above = (each for place in below for each in self.lines.get(place, ()))
        return below | {each for each in above if self.owners.get(each) == dso}
