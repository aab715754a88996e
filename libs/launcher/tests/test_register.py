"""Whole registers, of real servers and stand-ins for the processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest
from launcher_fakes import Heard, fake, until

from chassis.kafka import answers
from launcher import control
from launcher.child import noted
from launcher.databases import DatabaseServer
from launcher.home import Home
from launcher.register import SERVICES, Addresses, Options, UnableToRun, UnableToStart, plan, running
from launcher.service import ProcessSpec, StepSpec, answers_ok
from launcher.state import read_state

pytestmark = pytest.mark.system

# A process of the register as far as the launcher can see one.
_STUB = """
    import http.server, os, sys
    prefix = __package__.upper() + "_"
    assert sys.argv[1:] == ["run"] and os.environ["KAFKA_BOOTSTRAP"]
    assert os.environ[prefix + "DATABASE_URL"].startswith("postgresql+asyncpg://")

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/ready" else 404)
            self.end_headers()

    http.server.HTTPServer(("127.0.0.1", int(os.environ[prefix + "PORT"])), Answer).serve_forever()
"""


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    for name in SERVICES:
        monkeypatch.delenv(name.upper().replace("-", "_") + "_DATABASE_URL", raising=False)


@pytest.fixture
def home(servers_folder: Path, request: pytest.FixtureRequest) -> Path:
    # In memory like the other servers, not in a temporary folder on a disk.
    return servers_folder / request.node.name


def _fakes(options: Options, addresses: Addresses) -> tuple[list[StepSpec], list[ProcessSpec]]:
    del addresses
    return [], [fake(name, home=Home(options.home)) for name in options.services]


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("flexreg", *(service.replace("-", "_") for service in SERVICES)):
        package = tmp_path / "stubs" / name
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text("" if name == "flexreg" else textwrap.dedent(_STUB))
    path = [str(tmp_path / "stubs"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))


async def test_a_register_is_up_inside_its_block_and_gone_after_it(home: Path) -> None:
    async with running(home, services=("registry", "bsp-switch"), durable=False, make_plan=_fakes) as register:
        state = read_state(register.state_path)
        assert state is not None
        assert state.ready
        assert list(state.processes) == ["registry", "bsp-switch"]
        assert state.kafka_bootstrap == register.kafka_bootstrap
        assert await answers(register.kafka_bootstrap)
        assert all([await DatabaseServer(url).answers() for url in register.databases.values()])
        assert register.state_path.stat().st_mode & 0o777 == 0o600

        before = register.pid("registry")
        await register.kill("registry")
        assert register.pid("registry") is None
        await register.restart("registry")
        assert register.pid("registry") not in (None, before)
        assert await answers_ok(f"{register.urls['registry']}/ready")

        with pytest.raises(UnableToRun):
            async with running(home, services=(), make_plan=_fakes):
                pytest.fail("must not get here")

    assert read_state(register.state_path) is None
    assert not await answers(register.kafka_bootstrap)
    assert list((home / "run").iterdir()) == []


async def test_a_register_that_does_not_get_ready_leaves_nothing_running(home: Path) -> None:
    def broken(options: Options, addresses: Addresses) -> tuple[list[StepSpec], list[ProcessSpec]]:
        del addresses
        return [], [fake("registry", home=Home(options.home), dies=True)]

    with pytest.raises(UnableToStart, match="registry ended with 3"):
        async with running(home, services=("registry",), durable=False, make_plan=broken):
            pytest.fail("must not get here")

    assert list((home / "run").iterdir()) == []


async def test_up_returns_when_all_is_ready_and_down_when_all_is_gone(home: Path, stubs: None) -> None:
    options = Options(home=home, durable=False)
    heard = Heard()
    state = await control.up(options, narrator=heard)
    try:
        assert set(state.processes) == set(SERVICES)
        for process in state.processes.values():
            assert await answers_ok(f"{process.url}/ready")
        assert (await control.up(options, narrator=heard)).supervisor_pid == state.supervisor_pid
        pids = [process.pid for process in state.processes.values()] + list(state.servers.values())
    finally:
        assert await control.down(home)

    assert not [pid for pid in pids if pid is not None and psutil.pid_exists(pid)]
    assert not await control.down(home)


async def test_ctrl_c_stops_a_register_in_the_foreground(home: Path, stubs: None) -> None:
    environment = {**os.environ, "FLEXREG_HOME": str(home)}
    command = [sys.executable, "-m", "launcher", "up", "--foreground"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)  # noqa: ASYNC220
    try:
        await until(lambda: read_state(home / "state.json") is not None, within_s=240)
        notes = [noted(path) for path in (home / "run").glob("*.json")]
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=90)
    finally:
        process.kill()

    assert process.returncode == 0
    assert told.index("kafka ready") < told.index("kafka stopped")
    assert not [each for each in notes if each is not None and each.is_running()]


async def test_what_the_environment_names_is_used_instead(
    home: Path, kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql+asyncpg://someone:word@127.0.0.1:1/theirs"
    monkeypatch.setenv("KAFKA_BOOTSTRAP", kafka_bootstrap)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", url)

    async with running(home, services=("registry",), make_plan=_fakes) as register:
        assert register.broker is None
        assert register.postgres is None
        assert register.kafka_bootstrap == kafka_bootstrap
        assert register.databases == {"registry": url}


def test_every_process_is_told_where_everything_is() -> None:
    options = Options(home=Path("/nowhere"), sandbox=False, namespace="ns", operator="7080000000012")
    addresses = Addresses(
        kafka_bootstrap="127.0.0.1:1",
        databases=dict.fromkeys(SERVICES, "postgresql+asyncpg://x"),
        ports={name: number for number, name in enumerate(SERVICES, start=20_000)},
        doors={"prequal": 20_009, "bsp-switch": 20_010, "meter-ingest": 20_011},
    )

    steps, processes = plan(options, addresses)
    doors = {process.name: [key for key in process.env if "DOOR" in key] for process in processes}
    assert {name: keys for name, keys in doors.items() if keys} == {
        "prequal": ["PREQUAL_DOOR_PORT"],
        "bsp-switch": ["BSP_SWITCH_DOOR_PORT"],
        "meter-ingest": ["METER_INGEST_DOOR_PORT"],
    }

    assert steps[0].command[1:] == ["-m", "flexreg", "topics", "apply"]
    switch = next(process for process in processes if process.name == "bsp-switch")
    assert switch.command[1:] == ["-m", "bsp_switch", "run"]
    assert switch.after == ("topics",)
    assert json.loads(json.dumps(switch.env)) == {
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "FLEXREG_NAMESPACE": "ns",
        "FLEXREG_SANDBOX": "0",
        "FLEXREG_ONE_BROKER": "1",
        "FLEXREG_MIN_INSYNC_REPLICAS": "1",
        "FLEXREG_OPERATOR": "7080000000012",
        "BSP_SWITCH_DATABASE_URL": "postgresql+asyncpg://x",
        "BSP_SWITCH_PORT": "20003",
        "BSP_SWITCH_DOOR_PORT": "20010",
    }
