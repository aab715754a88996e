"""Documents of blocks are read as they were written, and what places have alike is there once."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from chassis.testing import START
from meter_ingest import block_reader, store
from meter_ingest.domain import channel, known

pytestmark = pytest.mark.unit

ODD = 'a],"b":[{"}],"c"]}}\\'
"""What a text may hold, too."""


@dataclass(frozen=True)
class Nested:
    """With lists in what stands for a place."""

    places: dict[str, tuple[dict[str, list[int]], ...]]


def _points(chance: random.Random) -> known.Points:
    def version(number: int) -> known.PointVersion:
        return known.PointVersion(
            START + timedelta(days=number),
            chance.choice([None, "7080000000012", ODD]),
            chance.randrange(3),
            grid_area=chance.choice([None, ODD]),
            resolution=chance.choice([None, "PT15M", "PT60M"]),
            fuse_w=chance.choice([None, 1]),
        )

    return known.Points({place: tuple(map(version, range(chance.randrange(3)))) for place in _places(chance)})


def _block(chance: random.Random) -> channel.Block:
    def period(number: int) -> channel.Period:
        ends = chance.choice([None, START + timedelta(days=number + 1)])
        return channel.Period(ODD, "PT15M", START + timedelta(days=number), ends)

    return channel.Block({place: tuple(map(period, range(chance.randrange(3)))) for place in _places(chance)})


def _places(chance: random.Random) -> list[str]:
    return [f"{number:03}" for number in chance.sample(range(1000), chance.randrange(8))]


@pytest.mark.parametrize("seed", range(100))
def test_it_is_read_as_it_was_written(seed: int) -> None:
    chance = random.Random(seed)
    some: list[tuple[Any, Any]] = [(store.POINTS, _points(chance)), (store.BLOCK, _block(chance))]
    for kind, state in some:
        reads: Any = kind.read
        written = kind.adapter.dump_json(state).decode()
        assert reads(written) == kind.adapter.validate_json(written) == state


def test_what_is_written_otherwise_is_read_too() -> None:
    read = block_reader.of(known.Points, tuple[known.PointVersion, ...])
    state = _points(random.Random(7))
    written = store.POINTS.adapter.dump_json(state, indent=1).decode()
    assert read(written) == state
    assert read('{"places":{}}') == known.Points({})


def test_a_list_within_a_list_is_not_cut() -> None:
    read: Any = block_reader.of(Nested, tuple[dict[str, list[int]], ...])
    assert read('{"places":{"001":[{"a":[1],"b":[2]}],"002":[]}}').places == {
        "001": ({"a": [1], "b": [2]},),
        "002": (),
    }


@pytest.mark.parametrize(
    "wrong", ['{"places":{"001":[{"a":1}]}}', '{"places":{"001":[}]}}', '{"places":{"001":[]}', ""]
)
def test_what_is_wrong_is_refused(wrong: str) -> None:
    read = block_reader.of(known.Points, tuple[known.PointVersion, ...])
    with pytest.raises(ValueError, match=r"."):
        read(wrong)


def test_places_that_are_alike_share_what_they_are() -> None:
    reads: Any = store.BLOCK.read
    period = channel.Period("7080000000012", "PT15M", START)
    some = [
        reads(store.BLOCK.adapter.dump_json(channel.Block({place: (period,)})).decode()) for place in ("001", "002")
    ]
    assert some[0].places["001"] is some[1].places["002"]
