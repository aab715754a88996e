"""The message types that there are, and their short names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache

from contracts import catalogue
from contracts.gateway import v1 as gateway
from contracts.message import EVENTS, PREFIX, Audience, Command, Event
from contracts.meter_ingest import v1 as meter_ingest
from flexreg.problem import Problem

METER_VALUES = meter_ingest.SendMeterValues.type
CONTROL = frozenset({gateway.RegisterOpened.type, gateway.PoliciesAdded.type, gateway.TimePassed.type})
"""The gateway's own messages among the commands."""


class UnknownType(Problem):
    """No message type has this name."""


def short(type_: str) -> str:
    """`no.flexregister.registry.register-resource.v1` → `register-resource`."""
    return ".".join(type_.removeprefix(f"{PREFIX}.").split(".")[1:-1]) or type_


def service(type_: str) -> str:
    """The service that a type belongs to; empty where it is none of ours."""
    return type_.removeprefix(f"{PREFIX}.").split(".")[0] if type_.startswith(f"{PREFIX}.") else ""


def is_receipt(type_: str) -> bool:
    """Whether this is a service's answer to a command."""
    return type_.startswith(f"{PREFIX}.") and short(type_) == "receipt"


def command(name: str) -> str:
    """The full type of a command from any of its names; a full name is taken as it is. Raises `UnknownType`."""
    if name.startswith(f"{PREFIX}."):
        return name
    if (found := _command_names().get(_plain(name))) is not None:
        return found
    raise _unknown(name, catalogue.commands())


def message(name: str) -> type[Command | Event]:
    """The class of a command or event from any of its names. Raises `UnknownType`."""
    both: dict[str, type[Command | Event]] = {**catalogue.events(), **catalogue.commands()}
    found = both.get(name) or both.get(_names(both).get(_plain(name), ""))
    if found is None:
        raise _unknown(name, both)
    return found


def audience(type_: str) -> tuple[Audience, ...]:
    """Who is sent an event of this type."""
    model = EVENTS.get(type_)
    return model.audience if model is not None else ()


def starts_with(type_: str, prefix: str) -> bool:
    """Whether a type begins like this: as its full name, without the common part, or as its short name."""
    return any(name.startswith(prefix) for name in (type_, type_.removeprefix(f"{PREFIX}."), short(type_)))


@cache
def _command_names() -> dict[str, str]:
    return _names(catalogue.commands())


def _names(full: Iterable[str]) -> dict[str, str]:
    """Every shorter name → the full one; of several majors the latest."""
    found: dict[str, str] = {}
    for type_ in sorted(full, key=lambda name: int(name.rpartition(".v")[2])):
        rest = type_.removeprefix(f"{PREFIX}.")
        for name in (rest, rest.rpartition(".")[0], short(type_)):
            found[name] = type_
    return found


def _plain(name: str) -> str:
    """`RegisterResource` is `register-resource`, too."""
    if name[:1].isupper() and name.isalnum():
        name = "".join(f"-{letter}" if letter.isupper() else letter for letter in name).lstrip("-")
    return name.lower().replace("_", "-")


def _unknown(name: str, known: Iterable[str]) -> UnknownType:
    near = difflib.get_close_matches(_plain(name), sorted({short(type_) for type_ in known}), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`flexreg types` lists them all"
    return UnknownType(f"there is no message type {name!r}", hint)
