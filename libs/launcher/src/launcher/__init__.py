"""Starts a whole register on one machine, and stops it again.

`running` is a register as a block of code, `up` and `down` one that stays; `python -m launcher doctor` tells what is
missing on a machine. `launcher.pytest_plugin` gives tests a broker and databases.
"""

from launcher.control import down, serve, up
from launcher.doctor import Check, examine, healthy
from launcher.home import default_home
from launcher.register import ANTICIPATED, SERVICES, Options, Register, UnableToRun, UnableToStart, running
from launcher.state import ProcessState, State, read_state

__all__ = [
    "ANTICIPATED",
    "SERVICES",
    "Check",
    "Options",
    "ProcessState",
    "Register",
    "State",
    "UnableToRun",
    "UnableToStart",
    "default_home",
    "down",
    "examine",
    "healthy",
    "read_state",
    "running",
    "serve",
    "up",
]
