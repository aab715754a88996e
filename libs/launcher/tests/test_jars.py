from __future__ import annotations

import hashlib
import multiprocessing
import threading
from typing import TYPE_CHECKING

import pytest

from launcher import jars

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.unit

_BYTES = b"the bytes of a jar"
_JAR = jars.Jar(group="g", artifact="a", version="1", sha256=hashlib.sha256(_BYTES).hexdigest())


class Repository:
    """Hands out what it is given, one after another; the last for ever."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, jar: jars.Jar, work: Path) -> Path:
        del jar
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        path = work / "download.jar"
        path.write_bytes(answer)
        return path


def test_the_lock_lists_the_46_jars_of_one_kafka() -> None:
    listed = jars.read_lock()

    assert len(listed) == 46
    assert len({jar.filename for jar in listed}) == 46
    kafka = {jar.version for jar in listed if jar.group == "org.apache.kafka"}
    assert kafka == {jars.KAFKA_VERSION}


def test_the_logging_binding_fits_the_log4j_kafka_brings() -> None:
    log4j = {jar.artifact: jar.version for jar in jars.read_lock() if jar.group == "org.apache.logging.log4j"}

    assert log4j["log4j-slf4j-impl"] == log4j["log4j-core"] == log4j["log4j-api"]


@pytest.mark.parametrize("line", ["a:b 12", "a:b:1", f"a:b:1:c {'0' * 64}", "a:b:1 abc"])
def test_a_line_that_is_no_jar_is_refused(line: str) -> None:
    with pytest.raises(jars.UnableToReadTheLock):
        jars.read_lock(line)


def test_a_jar_is_fetched_once(tmp_path: Path) -> None:
    repository = Repository(_BYTES)

    for _ in range(2):
        paths = jars.class_path(jars=[_JAR], folder=tmp_path, fetch=repository)

    assert [path.read_bytes() for path in paths] == [_BYTES]
    assert repository.asked == 1


def test_a_broken_jar_in_the_cache_is_fetched_again(tmp_path: Path) -> None:
    (tmp_path / _JAR.filename).write_bytes(_BYTES[:5])

    jars.class_path(jars=[_JAR], folder=tmp_path, fetch=Repository(_BYTES))

    assert (tmp_path / _JAR.filename).read_bytes() == _BYTES


def test_a_download_that_breaks_off_is_tried_again(tmp_path: Path) -> None:
    repository = Repository(OSError("line cut"), _BYTES[:3], _BYTES)

    jars.class_path(jars=[_JAR], folder=tmp_path, fetch=repository)

    assert repository.asked == 3


def test_what_is_never_right_is_never_kept(tmp_path: Path) -> None:
    with pytest.raises(jars.UnableToFetchAJar, match="SHA-256"):
        jars.class_path(jars=[_JAR], folder=tmp_path, fetch=Repository(b"something else"))

    assert not list(tmp_path.glob("*.jar"))


def test_a_cancelled_fetch_stops_before_the_next_jar(tmp_path: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    repository = Repository(_BYTES)

    with pytest.raises(jars.UnableToFetchAJar):
        jars.class_path(jars=[_JAR], folder=tmp_path, fetch=repository, cancelled=cancelled)

    assert repository.asked == 0


def _fetch_counting(folder: Path, counter: Path) -> None:
    def fetch(jar: jars.Jar, work: Path) -> Path:
        del jar
        with counter.open("a") as file:
            file.write("x")
        path = work / "download.jar"
        path.write_bytes(_BYTES)
        return path

    jars.class_path(jars=[_JAR], folder=folder, fetch=fetch)


def test_two_processes_fetch_a_jar_once(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    spawn = multiprocessing.get_context("fork")
    both = [spawn.Process(target=_fetch_counting, args=(tmp_path / "cache", counter)) for _ in range(2)]

    for process in both:
        process.start()
    for process in both:
        process.join()

    assert [process.exitcode for process in both] == [0, 0]
    assert counter.read_text() == "x"
