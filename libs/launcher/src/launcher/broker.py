"""Apache Kafka as one KRaft node on the loopback interface."""

# ruff: noqa: S603  (starting programs of its own is what it is for)

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
import uuid
from base64 import urlsafe_b64encode
from importlib import resources
from typing import TYPE_CHECKING

from chassis import kafka
from launcher import jars, java
from launcher.child import Child, UnableToStart
from launcher.show import Quiet

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.home import Home
    from launcher.show import Narrator

# What the gateway must be able to read so that it can refuse it with a receipt (a message of 10 MiB is one of those).
_INGRESS_BYTES = 12 * 1024 * 1024

_HEAP = ("-Xms256m", "-Xmx512m")
_READY_WITHIN_S = 150.0
_PAGE = 4096


class UnableToFormatStorage(Exception):
    """Kafka's storage tool refused the data directory."""


class Broker:
    """A broker that keeps its data in `<home>/kafka` and its port for as long as no one else takes it."""

    name = "kafka"

    def __init__(self, home: Home, *, narrator: Narrator | None = None, quick: bool = False) -> None:
        """`quick`: a short life, as in a test; its code is not compiled as well, which nearly halves the start."""
        self._quick = quick
        self._home = home
        self._narrator = narrator or Quiet()
        self._folder = home.folder("kafka")
        self._port = 0
        # SIGTERM when orphaned: a clean stop, for which it needs no one.
        self.child = Child(name=self.name, home=home, orphan_signal=signal.SIGTERM)

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients; known from the first start on."""
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start it and return when a client is answered. Raises UnableToFetchAJar, UnableToFindJava, UnableToStart."""
        binary = await asyncio.to_thread(java.find_java)
        paths = await self._class_path()
        log4j = self._folder / "log4j2.properties"
        log4j.write_text(resources.files("launcher").joinpath("log4j2.properties").read_text(encoding="utf-8"))
        run = [str(binary), *_HEAP, "-cp", os.pathsep.join(map(str, paths)), f"-Dlog4j2.configurationFile={log4j}"]
        run.append("-Djava.awt.headless=true")
        quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
        settings = self._write_settings()
        if not (self._folder / "data" / "meta.properties").exists():
            # Runs for a second: compiling hot code well would take longer than it saves.
            await asyncio.to_thread(_format, [*run, *quick], settings)
        self.child.spawn([*run, *(quick if self._quick else ()), "kafka.Kafka", str(settings)], cwd=self._folder)
        await self.child.until_ready(self._answers, within_s=_READY_WITHIN_S)

    async def stop(self) -> None:
        """Stop it cleanly; its data stays."""
        await self.child.stop(within_s=20)

    async def kill(self) -> None:
        """End it without warning; it stays down until `start` or `restart`."""
        await self.child.kill()

    async def restart(self) -> None:
        """Start it again on the same data and port, stopping it first when it runs."""
        await self.stop()
        await self.start()

    def freeze(self) -> None:
        """It holds its connections but answers nothing."""
        self.child.freeze()

    def resume(self) -> None:
        """After `freeze`."""
        self.child.resume()

    async def _class_path(self) -> list[Path]:
        cancelled = threading.Event()
        try:
            return await asyncio.to_thread(jars.class_path, narrator=self._narrator, cancelled=cancelled)
        finally:
            # A thread cannot be cancelled; without this, Ctrl-C would wait for the whole download.
            cancelled.set()

    def _write_settings(self) -> Path:
        self._port = self._home.port("kafka")
        controller = self._home.port("kafka-controller")
        lines = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://127.0.0.1:{self._port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self._port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": self._folder / "data",
            # A topic is made by `flexreg topics apply`, with its retention, or not at all.
            "auto.create.topics.enable": "false",
            "message.max.bytes": _INGRESS_BYTES,
            "replica.fetch.max.bytes": _INGRESS_BYTES + _PAGE,
            "socket.request.max.bytes": 100 * 1024 * 1024,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            # With one member there is no one to wait for.
            "group.initial.rebalance.delay.ms": 0,
            # A laptop's two cores.
            "num.network.threads": 2,
            "num.io.threads": 4,
            "background.threads": 2,
            "num.recovery.threads.per.data.dir": 2,
            "num.replica.fetchers": 1,
            "log.cleaner.threads": 1,
            "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
            # Kept for each partition as sparse files and mapped into memory: 10 MiB each by default.
            "log.index.size.max.bytes": 2 * 1024 * 1024,
            "log.segment.bytes": 128 * 1024 * 1024,
            # The metadata log takes 20 MiB before it is first rolled.
            "metadata.log.segment.bytes": 16 * 1024 * 1024,
        }
        path = self._folder / "server.properties"
        path.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        return path

    async def _answers(self) -> bool:
        return await kafka.answers(self.bootstrap)


def _format(run: list[str], settings: Path) -> None:
    # An id that began with a hyphen would be taken for an option.
    cluster = "F" + urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:].rstrip("=")
    command = [*run, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UnableToFormatStorage(f"{done.stdout}{done.stderr}")


__all__ = ["Broker", "UnableToFormatStorage", "UnableToStart"]
