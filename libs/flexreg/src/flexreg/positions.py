"""Ingress positions: `ingress.<gln>.v1/0/17/3` is topic, partition, offset, and place in the record."""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """One position. `place` is 0 where it is not said: the only message of its record."""

    topic: str
    partition: int
    offset: int
    place: int = 0

    def __str__(self) -> str:
        """As it stands in receipts."""
        return f"{self.record}/{self.place}"

    @property
    def record(self) -> str:
        """The record it is in."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def parse(text: str) -> Position:
    """Read one. Raises `ValueError`."""
    topic, *numbers = text.split("/")
    if not topic or len(numbers) not in (2, 3):
        raise ValueError(f"not an ingress position: {text!r}")
    return Position(topic, *(int(number) for number in numbers))
