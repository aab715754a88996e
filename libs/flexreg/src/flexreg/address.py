"""Where the register is: what `state.json` says, which whoever started the register has written."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexreg.problem import Problem

STATE = "FLEXREG_STATE"
HOME = "FLEXREG_HOME"
START_ONE = "start one with `make up` (or `flexreg up`)"


class NoRegister(Problem):
    """No register is up, or it is not one that can be reached."""


@dataclass(frozen=True, slots=True)
class Address:
    """How to reach a register: its broker, and the operator's port of each process by name."""

    bootstrap: str
    namespace: str = ""
    operator: str = ""
    sandbox: bool = False
    urls: dict[str, str] = field(default_factory=dict[str, str])
    doors: dict[str, str] = field(default_factory=dict[str, str])
    """The HTTP doors for documents, by service."""
    keys: Path = field(default=Path(".flexreg/keys"), compare=False)
    """Where this machine keeps the private keys of the parties that it acts for."""


def state_path(given: Path | str | None = None) -> Path:
    """The file: given, or `FLEXREG_STATE`, or in `FLEXREG_HOME`, or `.flexreg/state.json` from here upwards."""
    if given is not None:
        return Path(given)
    if chosen := os.environ.get(STATE):
        return Path(chosen)
    if home := os.environ.get(HOME):
        return Path(home).expanduser() / "state.json"
    here = Path.cwd()
    found = (folder / ".flexreg" / "state.json" for folder in (here, *here.parents))
    return next((path for path in found if path.is_file()), here / ".flexreg" / "state.json")


def read(given: Path | str | None = None) -> Address:
    """Where the register is. Raises `NoRegister`."""
    path = state_path(given)
    try:
        said: Any = json.loads(path.read_text(encoding="utf-8"))
        urls = {name: str(process["url"]) for name, process in said["processes"].items()}
        address = Address(
            bootstrap=said["kafka_bootstrap"],
            namespace=said.get("namespace", ""),
            operator=said.get("operator", ""),
            sandbox=bool(said.get("sandbox", False)),
            urls=urls,
            doors={name: str(each["door"]) for name, each in said["processes"].items() if each.get("door")},
            keys=path.parent / "keys",
        )
    except FileNotFoundError:
        elsewhere = f"{START_ONE}; one of another folder is found by {HOME}=<that folder>/.flexreg"
        raise NoRegister(f"no register is up ({path} is not there)", elsewhere) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoRegister(f"{path} cannot be read ({error!r})", START_ONE) from None
    if not said.get("ready", True):
        raise NoRegister("the register is still starting", "try again in a moment")
    return address
