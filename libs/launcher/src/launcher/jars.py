"""The jars Kafka runs from: listed in `kafka.lock` with their SHA-256, fetched once, kept in the shared cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.home import cache_folder, locked
from launcher.show import Quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.show import Narrator

KAFKA_VERSION = "4.3.1"
LOCK_NAME = "kafka.lock"
MIRROR_VARIABLE = "FLEXREG_MAVEN_URL"

# Between what a laptop's line carries and what a repository puts up with.
_FETCHES_AT_ONCE = 6


class UnableToReadTheLock(Exception):
    """A line of the lock file is not `group:artifact:version sha256`."""


class UnableToFetchAJar(Exception):
    """A jar could not be downloaded, or what came is not what the lock file says."""


@dataclass(frozen=True, kw_only=True, order=True)
class Jar:
    """One file of Kafka's class path."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def coordinate(self) -> str:
        """`group:artifact:version`."""
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def filename(self) -> str:
        """`artifact-version.jar`."""
        return f"{self.artifact}-{self.version}.jar"


def read_lock(text: str | None = None) -> list[Jar]:
    """The jars of a lock file's text, by default the one that comes with this package."""
    if text is None:
        text = resources.files("launcher").joinpath(LOCK_NAME).read_text(encoding="utf-8")
    jars: list[Jar] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        parts = words[0].split(":")
        if len(words) != 2 or len(parts) != 3 or len(words[1]) != 64:
            raise UnableToReadTheLock(f"{LOCK_NAME}, line {number}: {line!r}")
        jars.append(Jar(group=parts[0], artifact=parts[1], version=parts[2], sha256=words[1]))
    return jars


def jars_folder() -> Path:
    """Where the jars of this Kafka version are kept."""
    return cache_folder() / "kafka" / KAFKA_VERSION


def missing_jars(jars: list[Jar], *, folder: Path) -> list[Jar]:
    """Those that are not in the folder, or not as the lock file says."""
    return [jar for jar in jars if not _is_whole(jar, folder=folder)]


def class_path(
    *,
    jars: list[Jar] | None = None,
    folder: Path | None = None,
    fetch: Callable[[Jar, Path], Path] | None = None,
    narrator: Narrator | None = None,
    cancelled: threading.Event | None = None,
) -> list[Path]:
    """Every jar of the lock file on disk, checked; what is missing or broken is fetched first.

    Raises UnableToFetchAJar.
    """
    jars = read_lock() if jars is None else jars
    folder = folder or jars_folder()
    folder.mkdir(parents=True, exist_ok=True)
    if missing_jars(jars, folder=folder):
        # Another checkout may be fetching the same: wait for it, then look again.
        with locked(folder / ".lock"):
            missing = missing_jars(jars, folder=folder)
            if missing:
                cancelled = cancelled or threading.Event()
                with (narrator or Quiet()).download(f"Kafka {KAFKA_VERSION}", files=len(missing)) as fetched:
                    _fetch_all(
                        missing, folder=folder, fetch=fetch or fetch_with_jgo, fetched=fetched, cancelled=cancelled
                    )
    return [folder / jar.filename for jar in jars]


def _fetch_all(
    jars: list[Jar],
    *,
    folder: Path,
    fetch: Callable[[Jar, Path], Path],
    fetched: Callable[[str], None],
    cancelled: threading.Event,
) -> None:
    def one(jar: Jar) -> None:
        if not cancelled.is_set():
            _fetch_one(jar, folder=folder, fetch=fetch)
            fetched(jar.artifact)

    with ThreadPoolExecutor(max_workers=_FETCHES_AT_ONCE, thread_name_prefix="jar") as pool:
        try:
            for future in [pool.submit(one, jar) for jar in jars]:
                future.result()
        except BaseException:
            # Those under way end by themselves within a time-out; the rest is not begun.
            cancelled.set()
            raise
    if cancelled.is_set():
        raise UnableToFetchAJar("stopped before all were there")


def _fetch_one(jar: Jar, *, folder: Path, fetch: Callable[[Jar, Path], Path]) -> None:
    problem = ""
    for _attempt in range(3):
        # A folder of its own, so that a download that breaks off leaves nothing that looks like a jar.
        with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as work:
            try:
                came = fetch(jar, Path(work))
            except (OSError, RuntimeError) as error:
                problem = str(error) or type(error).__name__
                continue
            digest = _sha256(came)
            if digest == jar.sha256:
                shutil.move(came, folder / jar.filename)
                return
            problem = f"its SHA-256 is {digest}, not {jar.sha256}"
    raise UnableToFetchAJar(f"{jar.coordinate}: {problem}")


def fetch_with_jgo(jar: Jar, work: Path) -> Path:
    """Download one jar below `work`, without looking at its dependencies."""
    # jgo's own transitive resolver picks kafka-clients 3.9.1 for Kafka 4.3.1, and the broker dies: it must not resolve.
    from jgo.maven import MavenContext  # noqa: PLC0415  (not in a container image)

    mirror = os.environ.get(MIRROR_VARIABLE)
    context = MavenContext(repo_cache=work, remote_repos={"mirror": mirror} if mirror else None, timeout=30)
    return context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()


def _is_whole(jar: Jar, *, folder: Path) -> bool:
    try:
        return _sha256(folder / jar.filename) == jar.sha256
    except OSError:
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
