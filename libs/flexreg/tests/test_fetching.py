"""Files of an export: fetched in pieces, gone on with, and held against their checksum."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from flexreg import fetching
from flexreg.fetching import NotAsSaid

pytestmark = pytest.mark.unit

CONTENT = bytes(range(256)) * 40


class Door:
    """Gives parts of a file, as often as it is let."""

    def __init__(self, content: bytes = CONTENT, times: int = 1000) -> None:
        self.content, self.times = content, times
        self.asked: list[str] = []

    async def ask(self, method: str, path: str, content: bytes = b"", headers: Any = None) -> httpx.Response:
        assert (method, path, content) == ("GET", "/exports/x/files/2026-03.parquet", b"")
        self.asked.append(headers["range"])
        if len(self.asked) > self.times:
            raise ConnectionError
        first, last = headers["range"].removeprefix("bytes=").split("-")
        return httpx.Response(206, content=self.content[int(first) : int(last) + 1])


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PIECE", 4096)


def file_of(content: bytes = CONTENT) -> dict[str, Any]:
    return {
        "name": "2026-03.parquet",
        "link": "/exports/x/files/2026-03.parquet",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


async def test_what_was_broken_off_goes_on_where_it_ended(tmp_path: Path) -> None:
    told: list[int] = []
    with pytest.raises(ConnectionError):
        await fetching.fetch(Door(times=1), file_of(), tmp_path)
    door = Door()
    path = await fetching.fetch(door, file_of(), tmp_path, told=told.append)
    assert path.read_bytes() == CONTENT
    assert (door.asked, sum(told)) == (["bytes=4096-8191", "bytes=8192-10239"], len(CONTENT))
    assert names(tmp_path) == ["2026-03.parquet"]
    again = Door()
    await fetching.fetch(again, file_of(), tmp_path)
    assert again.asked == [], "it is there"


async def test_another_checksum_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotAsSaid, match="checksum"):
        await fetching.fetch(Door(CONTENT[::-1]), file_of(), tmp_path)
    assert names(tmp_path) == []
