"""`flexreg show`, `flexreg list`, `flexreg history`: what the owning service holds, through its operator's port."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from contracts import calendar, values
from flexreg import moments, terminal, told
from flexreg import readiness as ready
from flexreg.problem import Problem

if TYPE_CHECKING:
    from flexreg.client import Register

app = typer.Typer()

SERVICE = Annotated[str, typer.Argument(metavar="SERVICE", help="registry, prequal, bsp-switch …")]
KIND = Annotated[str, typer.Argument(metavar="KIND", help="The kind of document.")]
ID = Annotated[str, typer.Argument(metavar="ID")]
VALID_AT = Annotated[str | None, typer.Option(metavar="T", help=f"As it is valid then: {moments.HOW}.")]
KNOWN_AT = Annotated[str | None, typer.Option(metavar="T", help="As the register knew it then.")]
JSON = Annotated[bool, typer.Option("--json", help="JSON lines, on a terminal too.")]
SEEN = ("bsp-switch", "point")
"""The kind of document that is shown as a party sees it."""


class NotFound(Problem):
    """The service holds no such document."""

    code = 1


class NoSuchFilter(Problem):
    """This is no filter that could be understood."""


@app.command()
def show(
    service: SERVICE,
    kind: KIND,
    id: ID,  # noqa: A002 - the word for it
    valid_at: VALID_AT = None,
    known_at: KNOWN_AT = None,
    party: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="GLN", help="Only what this party may see: of `bsp-switch point` alone, its own periods."
        ),
    ] = None,
    json: JSON = False,
) -> None:
    """Print one document, as the service that owns it holds it. Exit 1 where there is none, or was none then."""
    if party is not None and (service, kind) != SEEN:
        raise NoSuchFilter(
            f"{service} {kind} is not shown as a party sees it", f"of {' '.join(SEEN)} alone, a party's part is shown"
        )
    if party is not None and (valid_at or known_at):
        raise NoSuchFilter("what a party may see is not shown at a moment", "leave --valid-at and --known-at out")
    terminal.run(_show(service, kind, id, valid_at, known_at, party, people=terminal.for_people(as_json=json)))


async def _show(
    service: str,
    kind: str,
    id_: str,
    valid_at: str | None,
    known_at: str | None,
    party: str | None,
    *,
    people: bool,
) -> None:
    async with terminal.register() as register:
        valid, known = await _moment(register, valid_at), await _moment(register, known_at)
        found = await register.show(service, kind, id_, valid, known, party)
    if found is None and party is not None:
        raise NotFound(f"{service} holds nothing of {kind} {id_} that {party} may see", "check the id and the GLN")
    if found is None:
        then = f" as valid at {moments.local(valid)}" if valid else ""
        then += f" as known at {moments.local(known)}" if known else ""
        raise NotFound(f"{service} holds no {kind} {id_}{then}", f"`flexreg list {service} {kind}` lists them")
    if people:
        terminal.console().print_json(data=found)
    else:
        terminal.line(found)


@app.command()
def readiness(
    group: Annotated[str, typer.Argument(metavar="GROUP", help="The group's UUID.")],
    at: Annotated[
        str | None, typer.Option(metavar="T", help=f"In the quarter of an hour of this moment: {moments.HOW}.")
    ] = None,
    language: Annotated[str, typer.Option("--language", metavar="nb|en", help="In which language.")] = "en",
    json: JSON = False,
) -> None:
    """Print how many MW may be bid for a group in a quarter of an hour, and what takes the rest. Exit 1 if unknown."""
    terminal.run(_readiness(group, at, language, people=terminal.for_people(as_json=json)))


async def _readiness(group: str, at: str | None, language: str, *, people: bool) -> None:
    if language not in ready.WORDS:
        raise NoSuchFilter(f"{language!r} is no language that it is told in", "write nb or en")
    async with terminal.register() as register:
        moment = await _moment(register, at) or await register.now()
        found = await register.show("prequal", "group-approval", group, None, None)
    if found is None:
        raise NotFound(f"prequal knows of no approval of {group}", "`flexreg list prequal group-approval` lists them")
    step = ready.at_quarter(found["state"], moment)
    lines = ready.told(step, "nb" if language == "nb" else "en")
    if people:
        terminal.console().print("\n".join((moments.local(calendar.quarter_of(moment)), *lines)), markup=False)
    else:
        terminal.line(
            {"group_id": group, "quarter": values.time_text(calendar.quarter_of(moment)), "step": step, "told": lines}
        )


@app.command("list")
def list_documents(
    service: SERVICE,
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="The kind of document.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    after: Annotated[str, typer.Option(metavar="ID", help="Only those behind this one.")] = "",
    valid_at: VALID_AT = None,
    known_at: KNOWN_AT = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE",
            help="Only those whose field has this value; `fact.dso` is one within, of any time without --valid-at.",
        ),
    ] = None,
) -> None:
    """List the documents of a kind by id; without a kind, the kinds that there are."""
    terminal.run(_list(service, kind, limit, after, valid_at, known_at, tuple(where or ())))


async def _list(
    service: str,
    kind: str | None,
    limit: int,
    after: str,
    valid_at: str | None,
    known_at: str | None,
    where: tuple[str, ...],
) -> None:
    from flexreg.held import Asked  # noqa: PLC0415 - it brings the client, which `--help` need not wait for

    if wrong := next((one for one in where if not one.partition("=")[0] or "=" not in one), None):
        raise NoSuchFilter(f"{wrong!r} is no filter", "write it as field=value")
    async with terminal.register() as register:
        if kind is None:
            terminal.lines({"kind": name} for name in await register.kinds(service))
            return
        asked = Asked(await _moment(register, valid_at), await _moment(register, known_at), where)
        async for document in register.each(service, kind, limit=limit, after=after, asked=asked):
            terminal.line(document)


@app.command()
def history(service: SERVICE, kind: KIND, id: ID, json: JSON = False) -> None:  # noqa: A002 - the word for it
    """Print the events that changed a document, in order: when, on what, by whom. Exit 1 where there is none."""
    terminal.run(_history(service, kind, id, people=terminal.for_people(as_json=json)))


async def _history(service: str, kind: str, id_: str, *, people: bool) -> None:
    console = terminal.console()
    found = False
    async with terminal.register() as register:
        async for change in register.history(service, kind, id_):
            found = True
            if people:
                console.print(told.change(change), no_wrap=True, overflow="ellipsis")
            else:
                terminal.line(change)
    if not found:
        raise NotFound(f"{service} holds no {kind} {id_}", f"`flexreg list {service} {kind}` lists them")


async def _moment(register: Register, given: str | None) -> datetime | None:
    if not given:
        return None
    now = await register.now() if given.startswith("+") else datetime.now(UTC)
    return moments.parse(given, now=now)
