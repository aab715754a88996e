"""Where a register keeps what it has on this machine: its home, one per checkout, and the cache all checkouts share."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import secrets
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

HOME_VARIABLE = "FLEXREG_HOME"
CACHE_VARIABLE = "FLEXREG_CACHE"

# Below the range from which operating systems hand out ports for outgoing connections: a port chosen in there could
# be in use by a client for a moment just when its server wants to start again.
_PORTS = range(20_000, 30_000)


class UnableToChooseAPort(Exception):
    """No port of the range could be bound on the loopback interface."""


def default_home(*, start: Path | None = None) -> Path:
    """`FLEXREG_HOME`, or `.flexreg` in the checkout that `start` (the working directory) lies in."""
    if chosen := os.environ.get(HOME_VARIABLE):
        return Path(chosen).expanduser().absolute()
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if (folder / "Makefile").is_file() and (folder / "libs" / "launcher").is_dir():
            return folder / ".flexreg"
    return here / ".flexreg"


def cache_folder() -> Path:
    """`FLEXREG_CACHE`, or the user's cache folder; downloads are kept there, outside every checkout."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_cache_path("flexregister")


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Generator[None]:
    """Hold a lock file alone, among threads as among processes. Raises BlockingIOError when not to wait for it."""
    with path.open("ab") as file:
        # Of the open file, not of the process as with lockf: a second thread must wait, too.
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def read_json(path: Path) -> dict[str, object]:
    """The object in a file; empty when there is none, or when it was cut off while being written."""
    try:
        found: object = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def can_listen(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        # As the servers do: a connection of the last run that still lingers is no obstacle, a listener is.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
            attempt.listen(1)
        except OSError:
            return False
    return True


class Home:
    """One register's own folder: its ports, secrets, logs and data. Two homes never share any of them."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.path.mkdir(parents=True, exist_ok=True)
        # The whole folder: it holds passwords and, in a real register, meter values. A server that runs as another
        # user still has to reach its own data below, hence x for all but r for none.
        with contextlib.suppress(PermissionError):
            self.path.chmod(0o711)

    @property
    def state_path(self) -> Path:
        """The state file, there while a register is up."""
        return self.path / "state.json"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.folder("logs")

    def folder(self, name: str) -> Path:
        """A folder below the home, made when it is not there."""
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    @contextlib.contextmanager
    def held(self) -> Generator[bool]:
        """Try to be the one supervisor of this home; yields whether it worked. The lock dies with its process."""
        with contextlib.ExitStack() as holding:
            try:
                holding.enter_context(locked(self.path / "lock", wait=False))
            except BlockingIOError:
                yield False
            else:
                yield True

    def port(self, name: str) -> int:
        """The port of this name: chosen once and remembered, chosen again only when another listens on it now."""
        path = self.path / "ports.json"
        # Several servers of one home may start at once.
        with locked(self.path / "ports.lock"):
            ports = {key: value for key, value in read_json(path).items() if isinstance(value, int)}
            if (known := ports.get(name)) is not None and can_listen(known):
                return known
            ports[name] = _free_port(taken=ports)
            write_private(path, json.dumps(ports, indent=1, sort_keys=True))
            return ports[name]

    def secret(self, name: str) -> str:
        """The random password of this name: made once, readable by the owner of the home only."""
        path = self.path / "secrets.json"
        with locked(self.path / "secrets.lock"):
            known = {key: value for key, value in read_json(path).items() if isinstance(value, str)}
            if name not in known:
                known[name] = secrets.token_urlsafe(24)
                write_private(path, json.dumps(known, indent=1, sort_keys=True))
            return known[name]


def _free_port(*, taken: Mapping[str, int]) -> int:
    for port in random.sample(_PORTS, k=200):
        if port not in taken.values() and can_listen(port):
            return port
    raise UnableToChooseAPort(f"none of 200 ports in {_PORTS.start}-{_PORTS.stop} is free on 127.0.0.1")
