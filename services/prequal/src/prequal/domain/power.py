"""Power in both directions, in W."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Power:
    """What can be regulated up and down, in W."""

    up_w: int
    down_w: int

    @property
    def size_w(self) -> int:
        """One number for the two: the larger one (D3)."""
        return max(self.up_w, self.down_w)

    def __add__(self, other: Power) -> Power:
        """Both together."""
        return Power(self.up_w + other.up_w, self.down_w + other.down_w)

    def __sub__(self, other: Power) -> Power:
        """The difference."""
        return Power(self.up_w - other.up_w, self.down_w - other.down_w)

    def at_most(self, other: Power) -> Power:
        """The smaller of the two in each direction."""
        return Power(min(self.up_w, other.up_w), min(self.down_w, other.down_w))

    def in_steps_of(self, *, step_w: int) -> Power:
        """Floored to whole steps in each direction (R12)."""
        return Power(self.up_w // step_w * step_w, self.down_w // step_w * step_w)


NONE = Power(0, 0)
