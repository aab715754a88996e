"""The whole story on a register of its own (`demo`), on one that is up (`play`), or only its beginning (`seed`)."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import launcher.register
from flexreg.client import Register
from flexreg.problem import Problem
from flexreg.story import cast as who
from flexreg.story.playing import Check, Play
from flexreg.story.steps import changes, metering, opening, prequalification, proof, resources
from flexreg.story.table import Board
from launcher import control
from launcher.home import Home, default_home
from launcher.show import Terminal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

BEGINNING: Final = (opening.parties_and_grid, opening.metering_points)
STORY: Final[tuple[Callable[[Play], Awaitable[None]], ...]] = (
    *BEGINNING,
    resources.qualifications_and_resources,
    resources.group,
    prequalification.assessment,
    prequalification.application_of_b,
    prequalification.approval_of_a,
    prequalification.queue,
    metering.activations,
    metering.verifications,
    changes.switch_announced,
    changes.switch_effective,
    changes.other_brp,
    proof.proof,
)


class NotFresh(Problem):
    """The story's parties are there already, or something else that it cannot begin with."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the story."""

    checks: tuple[Check, ...]
    sent: int
    said: int
    """Commands, events and receipts in the log."""
    seconds: float

    @property
    def failed(self) -> list[str]:
        """What did not hold."""
        return [str(check) for check in self.checks if not check.holds]

    @property
    def holds(self) -> bool:
        """Whether all of it did."""
        return not self.failed


async def play(register: Register, *, board: Board | None = None) -> Outcome:
    """Play the whole story on a fresh register. Raises `NotFresh`."""
    if await register.list("registry", "party", limit=1):
        raise NotFresh("the story begins with a register that knows only its operator", "`flexreg demo` starts one")
    return await _play(register, STORY, board or Board())


async def seed(register: Register, *, board: Board | None = None) -> Outcome:
    """Steps 1 and 2 only: parties, grid, caps and metering points, to play on from there. Raises `NotFresh`."""
    here = [party.short for party in who.ONBOARDED if await register.show("registry", "party", party.gln)]
    if here:
        raise NotFresh(f"this register has been seeded already: {', '.join(here)}", "play on, or start a new one")
    return await _play(register, BEGINNING, board or Board())


async def _play(register: Register, steps: tuple[Callable[[Play], Awaitable[None]], ...], board: Board) -> Outcome:
    began = time.monotonic()
    async with Play(register, board) as playing:
        try:
            with board.showing():
                for step in steps:
                    await step(playing)
        except Problem as problem:
            # The rest cannot be played, but what has been is told all the same.
            playing.expect("how far the story went", str(problem), "to its end")
        said = len(playing.log.entries)
        return Outcome(tuple(playing.checks), playing.sent, said, time.monotonic() - began)


def demo(*, home: Path | None = None) -> int:
    """Play the story on a fresh register, show and prove it, stop it. 0 if all of it holds, 1 if not, 2 without one."""
    board, narrator = Board(), Terminal()
    try:
        return asyncio.run(_demo(home or default_home() / "demo", board, narrator))
    except KeyboardInterrupt:
        narrator.warn("interrupted; everything is stopped")
        return 130
    except (*launcher.register.ANTICIPATED, Problem) as problem:
        narrator.warn(str(problem))
        return 2


async def _demo(home: Path, board: Board, narrator: Terminal) -> int:
    began = time.monotonic()
    await _clear(home)
    namespace = f"demo{secrets.token_hex(4)}"
    async with launcher.register.running(home, namespace=namespace, durable=False, narrator=narrator) as up:
        ready = time.monotonic() - began
        async with Register.open(up.state_path) as register:
            outcome = await play(register, board=board)
    for failed in outcome.failed:
        narrator.warn(failed)
    board.total(
        [
            ("checks", f"{len(outcome.checks)}, {len(outcome.failed)} of them failed"),
            ("sent by the parties", f"{outcome.sent:,}"),
            ("commands, events and receipts", f"{outcome.said:,}"),
            ("ready after", f"{ready:.1f} s"),
            ("played in", f"{outcome.seconds:.1f} s"),
        ],
        holds=outcome.holds,
    )
    if not outcome.holds:
        narrator.warn(f"what each process said is in {home / 'logs'}")
        return 1
    await asyncio.to_thread(_empty, home)
    return 0


async def _clear(home: Path) -> None:
    """Remove what an earlier demo left. Raises `UnableToRun` while another one is being played here."""
    place = Home(home)
    with place.held() as held:
        if not held:
            raise launcher.register.UnableToRun(f"a demo is being played in {home} already")
        await control.down(home)
        await asyncio.to_thread(_empty, home)


def _empty(home: Path) -> None:
    for each in home.iterdir():
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        elif each.name != "lock":
            each.unlink(missing_ok=True)
