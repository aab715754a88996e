"""`flexreg show` and `flexreg list`: what the owning service holds, through its operator's port."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from flexreg import moments, terminal
from flexreg.problem import Problem

app = typer.Typer()

SERVICE = Annotated[str, typer.Argument(metavar="SERVICE", help="registry, prequal, bsp-switch …")]


class NotFound(Problem):
    """The service holds no such document."""

    code = 1


@app.command()
def show(
    service: SERVICE,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The kind of document.")],
    id: Annotated[str, typer.Argument(metavar="ID")],  # noqa: A002 - the word for it
    valid_at: Annotated[str | None, typer.Option(metavar="T", help=f"As it is valid then: {moments.HOW}.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One line, on a terminal too.")] = False,
) -> None:
    """Print one document, as the service that owns it holds it. Exit 1 where there is none."""
    terminal.run(_show(service, kind, id, valid_at, people=terminal.for_people(as_json=json)))


async def _show(service: str, kind: str, id_: str, valid_at: str | None, *, people: bool) -> None:
    async with terminal.register() as register:
        now = await register.now() if valid_at and valid_at.startswith("+") else datetime.now(UTC)
        at = moments.parse(valid_at, now=now) if valid_at else None
        found = await register.show(service, kind, id_, at)
    if found is None:
        raise NotFound(f"{service} holds no {kind} {id_}", f"`flexreg list {service} {kind}` lists them")
    if people:
        terminal.console().print_json(data=found)
    else:
        terminal.line(found)


@app.command("list")
def list_documents(
    service: SERVICE,
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="The kind of document.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    after: Annotated[str, typer.Option(metavar="ID", help="Only those behind this one.")] = "",
) -> None:
    """List the documents of a kind by id; without a kind, the kinds that there are."""
    terminal.run(_list(service, kind, limit, after))


async def _list(service: str, kind: str | None, limit: int, after: str) -> None:
    async with terminal.register() as register:
        if kind is None:
            terminal.lines({"kind": name} for name in await register.kinds(service))
            return
        async for document in register.each(service, kind, limit=limit, after=after):
            terminal.line(document)
