"""How often somebody may ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from chassis.door import rules
from chassis.door.rules import Turned

_MANY: Final = 10_000
"""Names that are remembered before those are forgotten who have asked nothing for a minute."""


@dataclass
class Pace:
    """Buckets by name, each of which holds a minute's requests and fills evenly."""

    _left: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    def take(self, name: str, *, a_minute: int, now: float) -> None:
        """One request more. Raises `Turned`."""
        left, at = self._left.get(name, (float(a_minute), now))
        left = min(a_minute, left + max(0.0, now - at) * a_minute / 60)
        if left < 1:
            raise Turned(429, rules.TOO_MANY_REQUESTS, limit=a_minute, unit="a minute")
        if len(self._left) >= _MANY:
            self._left = {other: (some, at) for other, (some, at) in self._left.items() if now - at < 60}
        self._left[name] = (left - 1, now)
