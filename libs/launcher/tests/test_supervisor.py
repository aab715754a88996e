from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest
from launcher_fakes import Heard, fake, starts, until

from launcher.child import UnableToStart
from launcher.home import Home
from launcher.service import Service, Step, StepSpec
from launcher.supervisor import Patience, Status, Supervisor, UnableToOrder

pytestmark = pytest.mark.system

_IMPATIENT = Patience(first_wait_s=0.05, quick_crashes=3)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def _supervisor(heard: Heard | None = None) -> Supervisor:
    return Supervisor(narrator=heard or Heard(), patience=_IMPATIENT)


async def test_nothing_starts_before_what_it_needs_is_ready(home: Home) -> None:
    heard, supervisor = Heard(), _supervisor()
    supervisor = _supervisor(heard)
    write = [sys.executable, "-c", f"open({str(home.path / 'starts')!r}, 'a').write('topics\\n')"]
    supervisor.add(Service(fake("last", home=home), home=home), after=("first", "topics"))
    supervisor.add(Step(StepSpec(name="topics", command=write), home=home), after=("first",), once=True)
    supervisor.add(Service(fake("first", home=home), home=home))

    async with supervisor.running():
        assert starts(home) == ["first", "topics", "last"]
        assert set(supervisor.statuses.values()) == {Status.READY}
    stopped = [line for line in heard.said if "stopped" in line]
    assert stopped == ["last stopped", "first stopped"]


async def test_a_crashed_process_is_started_again_and_that_is_said(home: Home) -> None:
    heard = Heard()
    supervisor = _supervisor(heard)
    service = Service(fake("one", home=home), home=home)
    supervisor.add(service)

    async with supervisor.running():
        before = service.child.pid
        service.child.crash_now()
        await until(lambda: supervisor.statuses["one"] is Status.READY and service.child.pid not in (None, before))

        assert starts(home) == ["one", "one"]
        assert any("one ended with -9" in line for line in heard.warned)


async def test_a_process_killed_on_purpose_stays_down(home: Home) -> None:
    supervisor = _supervisor()
    killed, crashed = (Service(fake(name, home=home), home=home) for name in ("killed", "crashed"))
    supervisor.add(killed)
    supervisor.add(crashed)

    async with supervisor.running():
        await killed.child.kill()
        crashed.child.crash_now()
        await until(lambda: starts(home).count("crashed") == 2)

        assert starts(home).count("killed") == 1
        assert not killed.child.running


async def test_one_that_crashes_at_once_again_and_again_is_given_up(home: Home) -> None:
    heard = Heard()
    supervisor = _supervisor(heard)
    service = Service(fake("one", home=home), home=home)
    supervisor.add(service)

    async with supervisor.running():
        service.spec.command.append("--dies")
        service.child.crash_now()
        await until(lambda: supervisor.statuses["one"] is Status.GAVE_UP)

    assert starts(home) == ["one"] * 3
    assert "given up" in heard.warned[-1]
    assert "a fake service speaks" in heard.warned[-1]


async def test_one_that_never_starts_stops_the_rest_and_shows_its_log(home: Home) -> None:
    supervisor = _supervisor()
    other = Service(fake("other", home=home), home=home)
    supervisor.add(other)
    supervisor.add(Service(fake("broken", home=home, dies=True), home=home), after=("other",))

    with pytest.raises(UnableToStart, match=r"broken ended with 3[\s\S]*a fake service speaks"):
        async with supervisor.running():
            pytest.fail("must not get here")
    assert not other.child.running


async def test_a_preparation_that_fails_keeps_what_needs_it_from_starting(home: Home) -> None:
    supervisor = _supervisor()
    supervisor.add(Step(StepSpec(name="topics", command=[sys.executable, "-c", "exit(7)"]), home=home), once=True)
    supervisor.add(Service(fake("one", home=home), home=home), after=("topics",))

    with pytest.raises(UnableToStart, match="topics ended with 7"):
        async with supervisor.running():
            pytest.fail("must not get here")
    assert starts(home) == []


async def test_what_waits_for_each_other_is_refused(home: Home) -> None:
    supervisor = _supervisor()
    supervisor.add(Service(fake("a", home=home), home=home), after=("b",))
    supervisor.add(Service(fake("b", home=home), home=home), after=("a",))

    with pytest.raises(UnableToOrder):
        async with supervisor.running():
            pytest.fail("must not get here")


async def test_a_frozen_process_can_be_stopped(home: Home) -> None:
    service = Service(fake("one", home=home), home=home)
    await service.start()
    service.child.freeze()

    await asyncio.wait_for(service.stop(), timeout=10)

    assert not service.child.running


async def test_the_child_of_a_child_does_not_outlive_it(home: Home) -> None:
    note = home.path / "grandchild"
    service = Service(fake("one", home=home, child=note), home=home)
    await service.start()
    grandchild = psutil.Process(int(note.read_text()))

    await service.stop()

    await until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


_SUPERVISING = """
    import asyncio, sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from launcher.home import Home
    from launcher.service import Service
    from launcher.supervisor import Supervisor
    from launcher_fakes import fake

    async def main():
        home = Home(Path({home!r}))
        supervisor = Supervisor()
        supervisor.add(Service(fake("one", home=home), home=home))
        async with supervisor.running():
            (home.path / "up").touch()
            await asyncio.Event().wait()

    asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
async def test_no_process_outlives_its_supervisor(home: Home, number: signal.Signals) -> None:
    if number is signal.SIGKILL and sys.platform != "linux":
        pytest.skip("only Linux tells a process that its parent died")
    script = textwrap.dedent(_SUPERVISING).format(tests=str(Path(__file__).parent), home=str(home.path))
    supervising = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        await until((home.path / "up").exists)
        (child,) = psutil.Process(supervising.pid).children()
        os.kill(supervising.pid, number)

        await until(lambda: supervising.poll() is not None)
        await until(lambda: not child.is_running())
    finally:
        supervising.kill()
        supervising.wait()
