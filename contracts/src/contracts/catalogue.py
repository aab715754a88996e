"""Every message type of the register: importing this module makes the registries of `contracts.message` complete."""

from __future__ import annotations

from difflib import get_close_matches

from contracts.bsp_switch import v1 as _bsp_switch
from contracts.gateway import v1 as _gateway
from contracts.message import COMMANDS, EVENTS, Command, Event
from contracts.meter_ingest import v1 as _meter_ingest
from contracts.prequal import v1 as _prequal
from contracts.registry import v1 as _registry

MODULES = (_gateway, _registry, _prequal, _bsp_switch, _meter_ingest)
"""The modules that declare them, one per service and major version."""


def commands() -> dict[str, type[Command]]:
    """Every command by its full type, sorted."""
    return dict(sorted(COMMANDS.items()))


def events() -> dict[str, type[Event]]:
    """Every event and receipt by its full type, sorted."""
    return dict(sorted(EVENTS.items()))


def close_to(type_: str) -> list[str]:
    """The (at most three) command types that a wrongly written one may have meant, the closest first."""
    # By the command's own name alone: what all types have in common would cost much time and say nothing.
    by_name = {known.split(".")[-2]: known for known in COMMANDS}
    parts = [part for part in type_[:200].split(".") if part]
    name = max(parts[-2:], key=len, default="")[:50]
    return [by_name[found] for found in get_close_matches(name, by_name, n=3, cutoff=0.7)]


def versions(type_: str) -> list[str]:
    """The command types that differ from this one in their major version only."""
    stem = type_.rpartition(".v")[0]
    return sorted(known for known in COMMANDS if stem and known.rpartition(".v")[0] == stem)
