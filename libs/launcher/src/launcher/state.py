"""`state.json`: what a register that is up says of itself, for every command that wants to reach it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, cast

from launcher.child import process_of
from launcher.home import read_json, write_private

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ProcessState:
    """One process; `pid` is null while it is down."""

    port: int
    url: str
    pid: int | None
    status: str
    # Where its HTTP door is, if it has one.
    door: str = ""


@dataclass(frozen=True, kw_only=True)
class State:
    """The whole register. The database addresses hold passwords: the file is its owner's alone."""

    namespace: str
    kafka_bootstrap: str
    sandbox: bool
    operator: str
    supervisor_pid: int
    supervisor_started: float
    # True once every process has been ready; false while they start.
    ready: bool
    processes: dict[str, ProcessState] = field(default_factory=dict[str, ProcessState])
    databases: dict[str, str] = field(default_factory=dict[str, str])
    # kafka and postgres, where they are ours.
    servers: dict[str, int | None] = field(default_factory=dict[str, "int | None"])


def write_state(path: Path, state: State) -> None:
    """Replace the file in one step."""
    write_private(path, json.dumps(asdict(state), indent=2) + "\n")


def read_state(path: Path) -> State | None:
    """What the file says, when the supervisor that wrote it still runs; otherwise nothing is up."""
    found = cast("dict[str, Any]", read_json(path))
    try:
        processes = {name: ProcessState(**each) for name, each in found.pop("processes").items()}
        state = State(**found, processes=processes)
    except (KeyError, TypeError):
        return None
    running = process_of(pid=state.supervisor_pid, started=state.supervisor_started)
    return state if running is not None else None
