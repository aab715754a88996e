"""`flexreg receive`, `flexreg watch` and `flexreg case`: what is said, to one party, to all, and in one case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.values import Role
from flexreg import cause, terminal, told, types
from flexreg.problem import Problem

if TYPE_CHECKING:
    from flexreg.client import Register
    from flexreg.log import Entry

app = typer.Typer()

JSON = Annotated[bool, typer.Option("--json", help="JSON lines, on a terminal too.")]


class NoSuchCase(Problem):
    """Nothing in the log belongs to it."""

    code = 1


@app.command()
def receive(
    gln: Annotated[str, typer.Option("--as", metavar="GLN", help="The party that receives.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    from_start: Annotated[bool, typer.Option("--from-start", help="All there is, not only what is new.")] = False,
    json: JSON = False,
) -> None:
    """Print what a party is sent, from where it stopped: receipts, notices and events, as they stand on its topics."""
    people = terminal.for_people(as_json=json)
    terminal.run(_receive(gln, follow=follow, from_start=from_start, show=_printer(people=people)))


async def _receive(gln: str, *, follow: bool, from_start: bool, show: Callable[[list[Entry]], None]) -> None:
    async with terminal.register() as register:
        async for entries in register.received(gln, follow=follow, from_start=from_start):
            # Beside the loop: whoever reads slowly must not cost the party its place.
            await asyncio.to_thread(show, entries)


@app.command()
def watch(
    *,
    party: Annotated[str | None, typer.Option(metavar="GLN", help="What it sent, and what it may see.")] = None,
    type_: Annotated[str | None, typer.Option("--type", metavar="PREFIX", help="Types that begin like this.")] = None,
    case: Annotated[str | None, typer.Option(metavar="ID", help="Messages of this case.")] = None,
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the first message there is.")] = False,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when nothing moves any more.")] = False,
    json: JSON = False,
) -> None:
    """Follow the log: commands, events and receipts as they are decided."""
    show = _printer(people=terminal.for_people(as_json=json))
    terminal.run(_watch(party, type_, case, from_start=from_start, until_idle=until_idle, show=show))


async def _watch(
    party: str | None,
    type_: str | None,
    case: str | None,
    *,
    from_start: bool,
    until_idle: bool,
    show: Callable[[list[Entry]], None],
) -> None:
    async with terminal.register() as register:
        roles = await _roles(register, party) if party else set[str]()
        idle = asyncio.create_task(register.settled()) if until_idle else None
        before: object = None
        try:
            async for entry in register.log(
                follow=True, from_start=from_start, stop=lambda: bool(idle and idle.done())
            ):
                # What is said to every service stands on every commands topic.
                this = entry.envelope.get("id")
                if this is not None and this == before and entry.topic.startswith("commands."):
                    continue
                before = this
                if wanted(entry, party=party, roles=roles, type_=type_, case=case):
                    show([entry])
            if idle is not None:
                await idle
        finally:
            if idle is not None:
                idle.cancel()
                await asyncio.gather(idle, return_exceptions=True)


async def _roles(register: Register, party: str) -> set[str]:
    found = await register.show("registry", "party", party)
    roles = set(found["state"].get("roles", ())) if found else set[str]()
    # The operator has its role before anyone is onboarded.
    return roles | ({str(Role.OPERATOR)} if party == register.operator else set())


def wanted(
    entry: Entry, *, party: str | None = None, roles: set[str] | None = None, type_: str | None, case: str | None
) -> bool:
    """Whether a message passes all that was asked for."""
    head = entry.envelope
    if type_ is not None and not types.starts_with(str(head.get("type")), type_):
        return False
    if case is not None and head.get("correlationid") != case:
        return False
    return party is None or _concerns(head, party, roles or set())


def _concerns(head: dict[str, Any], party: str, roles: set[str]) -> bool:
    if head.get("source") == f"/parties/{party}":
        return True
    data = head.get("data") or {}
    for audience in types.audience(str(head.get("type"))):
        named = data.get(audience.field) if audience.field else None
        if audience.role in roles or named == party or (isinstance(named, list) and party in named):
            return True
    return False


@app.command("case")
def tell_case(
    id: Annotated[str, typer.Argument(metavar="ID", help="A group, application, switch, activation … or a message.")],  # noqa: A002
    every: Annotated[bool, typer.Option("--all", help="A line for every message, also where many are alike.")] = False,
    json: JSON = False,
) -> None:
    """Tell a case's story in order of cause, as a tree: what led to what, across all services."""
    terminal.run(_case(id, every=every, people=terminal.for_people(as_json=json)))


async def _case(id_: str, *, every: bool, people: bool) -> None:
    async with terminal.register() as register:
        found = await cause.gather(register.log, id_)
        if not found and (belongs := await cause.case_of(register.log, id_)):
            terminal.note(f"{id_} belongs to the case {belongs}")
            found, id_ = await cause.gather(register.log, belongs), belongs
    if not found:
        raise NoSuchCase(f"nothing in the log belongs to {id_}", "`flexreg watch --from-start` shows what there is")
    nodes = cause.tree(found)
    if not people:
        terminal.lines({"depth": depth, **entry.envelope} for depth, entry in cause.walk(nodes))
        return
    title = f"{id_}: {len(found)} messages"
    terminal.console().print(told.grown(title, nodes) if every else told.bunched(title, cause.bunches(nodes)))


def _printer(*, people: bool) -> Callable[[list[Entry]], None]:
    def as_json(entries: list[Entry]) -> None:
        terminal.lines(entry.envelope for entry in entries)

    if not people:
        return as_json
    console = terminal.console()

    def as_words(entries: list[Entry]) -> None:
        for entry in entries:
            console.print(told.one(entry), no_wrap=True, overflow="ellipsis")

    return as_words
