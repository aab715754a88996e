"""`python -m launcher.lock`: resolve Kafka's jars with Maven and write `kafka.lock` anew; once per upgrade."""

# ruff: noqa: S603, T201  (it runs Maven, and is a command)

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from launcher.jars import KAFKA_VERSION, LOCK_NAME, Jar

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>lock</groupId><artifactId>lock</artifactId><version>1</version>
<dependencies>{dependencies}</dependencies></project>"""

_DEPENDENCY = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"

_HEAD = """\
# What Kafka {version} runs from: the runtime dependencies of org.apache.kafka:kafka_2.13, and log4j-slf4j-impl, without
# which it logs nothing. Resolved with Maven; written by `python -m launcher.lock`; each file is fetched by itself.
"""


class UnableToResolve(Exception):
    """Maven is not there, or did not give a list."""


def resolve(*, version: str = KAFKA_VERSION) -> list[Jar]:
    """Kafka's runtime jars at this version, with their SHA-256, sorted by coordinate."""
    if shutil.which("mvn") is None:
        raise UnableToResolve("`mvn` is not on the path: renewing the lock needs Maven (running the register does not)")
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        kafka = ("org.apache.kafka", "kafka_2.13", version)
        listed = _maven(folder, [kafka])
        # The binding must be of the very log4j that Kafka itself brings.
        log4j = next(jar.version for jar in listed if jar.artifact == "log4j-core")
        return sorted(_maven(folder, [kafka, ("org.apache.logging.log4j", "log4j-slf4j-impl", log4j)]))


def _maven(folder: Path, wanted: list[tuple[str, str, str]]) -> list[Jar]:
    pom = folder / "pom.xml"
    pom.write_text(_POM.format(dependencies="".join(_DEPENDENCY.format(*each) for each in wanted)))
    output = folder / "list.txt"
    goal = ["dependency:list", "-DincludeScope=runtime", "-DoutputAbsoluteArtifactFilename=true"]
    command = ["mvn", "-B", "-q", "-f", str(pom), *goal, f"-DoutputFile={output}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not output.is_file():
        raise UnableToResolve(f"Maven failed:\n{done.stdout}{done.stderr}")
    return [_jar(line.strip()) for line in output.read_text().splitlines() if ":jar:" in line]


def _jar(line: str) -> Jar:
    group, artifact, _packaging, version, _scope, path = line.split(" -- ", 1)[0].strip().split(":", 5)
    digest = hashlib.sha256(Path(path.strip()).read_bytes()).hexdigest()
    return Jar(group=group, artifact=artifact, version=version, sha256=digest)


def main() -> int:
    """Write the lock file beside this module."""
    try:
        jars = resolve()
    except UnableToResolve as error:
        print(error, file=sys.stderr)
        return 1
    lines = [f"{jar.coordinate} {jar.sha256}" for jar in jars]
    path = Path(__file__).with_name(LOCK_NAME)
    path.write_text(_HEAD.format(version=KAFKA_VERSION) + "\n".join(lines) + "\n")
    print(f"{len(jars)} jars of Kafka {KAFKA_VERSION} written to {path.name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
