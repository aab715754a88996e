"""Regulating capacity per direction, in whole watts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Power:
    """What can be regulated up and down (W). The size of anything is the larger of the two (D3)."""

    up_w: int = 0
    down_w: int = 0

    @property
    def size_w(self) -> int:
        """The figure that limits are held against."""
        return max(self.up_w, self.down_w)

    def __add__(self, other: Power) -> Power:
        return Power(self.up_w + other.up_w, self.down_w + other.down_w)

    def __sub__(self, other: Power) -> Power:
        return Power(self.up_w - other.up_w, self.down_w - other.down_w)
