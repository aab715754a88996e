"""Files of an export, fetched through the door: in pieces, each signed, going on where a former attempt ended."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

from flexreg.problem import Problem

PIECE: Final = 8 << 20
"""Bytes of one request: what is lost where a connection breaks."""


class NotAsSaid(Problem):
    """What was fetched has not the checksum that the door names."""

    code = 1


class Asks(Protocol):
    """A party at a door (`doorway.Doorway`)."""

    async def ask(self, method: str, path: str, content: bytes = b"", headers: Any = None) -> Any:
        """Ask for what the door has at this path."""
        ...


async def fetch(door: Asks, file: dict[str, Any], into: Path, *, told: Callable[[int], None] = lambda _: None) -> Path:
    """Fetch a file; what is there of it already is not asked for again. `told`: how many bytes came.

    It is checked at last; only then it has its name.
    """
    whole, part = into / file["name"], into / f"{file['name']}.{file['sha256'][:12]}.part"
    if _sha256(whole) == file["sha256"]:
        told(file["bytes"])
        return whole
    have = _begun(part)
    told(have)
    while have < file["bytes"]:
        last = min(have + PIECE, file["bytes"]) - 1
        headers = {"range": f"bytes={have}-{last}", "if-range": f'"{file["sha256"]}"'}
        answer = await door.ask("GET", file["link"], headers=headers)
        if answer.status_code != 206 or not answer.content:
            raise NotAsSaid(f"{file['name']} is another file now", "ask for the export again")
        have += _appended(part, answer.content)
        told(len(answer.content))
    if _sha256(part) != file["sha256"]:
        _removed(part)
        raise NotAsSaid(f"{file['name']} came with another checksum than {file['sha256']}", "fetch it again")
    return _named(part, whole)


def _begun(part: Path) -> int:
    """How much of it is there."""
    part.parent.mkdir(parents=True, exist_ok=True)
    part.touch()
    return part.stat().st_size


def _appended(part: Path, content: bytes) -> int:
    with part.open("ab") as to:
        return to.write(content)


def _removed(part: Path) -> None:
    part.unlink()


def _named(part: Path, whole: Path) -> Path:
    return part.replace(whole)


def _sha256(file: Path) -> str:
    if not file.exists():
        return ""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
