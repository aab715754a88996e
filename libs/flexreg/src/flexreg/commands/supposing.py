"""`flexreg zones`, `what-if` and `redecide`: how full the zones are, and what would follow from something."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from flexreg import moments, terminal
from flexreg.problem import Problem

if TYPE_CHECKING:
    from flexreg.client import Register

app = typer.Typer()

SERVICE = "prequal"
FIGURES = ("place", "requested_w", "up_w", "down_w", "reserved_w", "because")
"""What is shown of what would follow."""
JSON = Annotated[bool, typer.Option("--json", help="JSON lines, on a terminal too.")]
POLICY = Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="Suppose this policy; may be repeated.")]


class NotSteps(Problem):
    """The file holds no steps."""


@app.command()
def zones(json: JSON = False) -> None:
    """Show each zone: its cap, what is used and free, who waits, and its next cap."""
    terminal.run(_zones(people=terminal.for_people(as_json=json)))


async def _zones(*, people: bool) -> None:
    from flexreg import supposing  # noqa: PLC0415 - it brings all messages, which `--help` need not wait for

    async with terminal.register() as register:
        rows = [{"zone": one["id"], **supposing.figures(one["state"])} for one in await register.list(SERVICE, "zone")]
    if not people:
        terminal.lines(rows)
        return
    table = Table(box=None, header_style="bold")
    for name in ("zone", "cap MW", "used", "free", "waiting", "MW", "next change"):
        table.add_column(name, justify="left" if name in {"zone", "next change"} else "right", no_wrap=True)
    for row in rows:
        deficit_w = row["deficit_w"]
        table.add_row(
            row["zone"],
            _mw(row["cap_w"]),
            _mw(row["used_w"]),
            f"[red]0 ({_mw(deficit_w)} above the cap)" if deficit_w else _mw(row["free_w"]),
            str(row["waiting"] or 0),
            _mw(row["waiting_w"]),
            f"{_mw(row['next_cap_w'])} MW {_when(row['next_from'])}" if row["next_from"] else "",
        )
    terminal.console().print(table)


@app.command("what-if")
def what_if(
    approve: Annotated[
        list[str] | None, typer.Option(metavar="APPLICATION=UP/DOWN", help="Approve so many MW; may be repeated.")
    ] = None,
    cap: Annotated[list[str] | None, typer.Option(metavar="ZONE=MW", help="Set this cap; may be repeated.")] = None,
    policy: POLICY = None,
    until: Annotated[str | None, typer.Option(metavar="T", help=f"Let time pass until then: {moments.HOW}.")] = None,
    steps: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Further steps, JSON lines of type, subject, data, sender, role."),
    ] = None,
    json: JSON = False,
) -> None:
    """Show what would follow, without effect: policies first, then caps, then approvals, then further steps, then time.

    With a policy every group that is approved or waits is decided again, as it would be at its next change. Exit 1 if
    something would be refused.
    """
    supposed = _Supposed(approve or [], cap or [], policy or [], steps)
    raise typer.Exit(terminal.run(_what_if(supposed, until, people=terminal.for_people(as_json=json))))


class _Supposed:
    def __init__(self, approve: list[str], cap: list[str], policy: list[str], file: Path | None) -> None:
        self.approve, self.cap, self.policy, self.file = approve, cap, policy, file

    async def steps(self, register: Register, at: datetime) -> list[dict[str, Any]]:
        from flexreg import supposing  # noqa: PLC0415 - as above

        by = register.operator
        found = [supposing.policy(one, at=at) for one in self.policy]
        if self.policy:
            found += await _all_again(register, at)
        found += [supposing.cap(one, by=by) for one in self.cap]
        found += [supposing.approval(one, by=by) for one in self.approve]
        return found + (_read(self.file) if self.file else [])


async def _all_again(register: Register, at: datetime) -> list[dict[str, Any]]:
    from flexreg import supposing  # noqa: PLC0415 - as above

    found: list[dict[str, Any]] = []
    async for standing in register.each(SERVICE, "group-approval"):
        if standing["state"]["admitted"] or standing["state"]["under_way"]:
            group = await register.show(SERVICE, "group", standing["id"])
            grid = await register.show(SERVICE, "grid", standing["id"])
            if group and grid:
                found.append(supposing.looked_at_again(standing["id"], group["state"], grid["state"], at=at))
    return [step for step in found if step]


def _read(file: Path) -> list[dict[str, Any]]:
    from pydantic_core import from_json  # noqa: PLC0415 - as above

    try:
        return [from_json(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise NotSteps(f"{file} holds no steps ({error})", "one JSON object a line") from None


async def _what_if(supposed: _Supposed, until: str | None, *, people: bool) -> int:
    from flexreg import supposing  # noqa: PLC0415 - as above

    async with terminal.register() as register:
        at = await register.now()
        asked = {"at": at, "steps": await supposed.steps(register, at), "kinds": ["zone"]}
        if until:
            asked["until"] = moments.parse(until, now=at)
        found = await register.suppose(SERVICE, asked)
    zones = supposing.zones(found["changed"])
    refused = supposing.refusals(found["tried"])
    out = supposing.falling_out(found["tried"])
    if people:
        _tell(zones, supposing.followed(found["tried"]), out)
    else:
        terminal.lines([*zones, *supposing.followed(found["tried"]), *refused, {"falling_out": out}])
    for one in refused if people else ():
        codes = ", ".join(reason["code"] for reason in one["reasons"])
        terminal.note(f"refused: {one['refused']} {one['subject']}: {codes}")
    return 1 if refused else 0


def _tell(zones: list[dict[str, Any]], followed: list[dict[str, Any]], out: list[str]) -> None:
    table = Table(box=None, header_style="bold")
    for name in ("zone", "cap MW", "used", "free", "waiting", "MW"):
        table.add_column(name, justify="left" if name == "zone" else "right", no_wrap=True)
    for zone in zones:
        before, after = zone["before"], zone["after"]
        powers = [_change(before[name], after[name], _mw) for name in ("cap_w", "used_w", "free_w")]
        waiting = _change(before["waiting"] or 0, after["waiting"] or 0, str)
        table.add_row(zone["zone"], *powers, waiting, _change(before["waiting_w"], after["waiting_w"], _mw))
    terminal.console().print(table)
    for one in followed:
        data = one["data"]
        group = data.get("group_id", data.get("zone", ""))
        figures = " ".join(f"{name}={data[name]}" for name in FIGURES if name in data)
        terminal.console().print(f"{_when(one['at'])}  {one['what']} {group}  [dim]{figures}")
    terminal.console().print(f"groups falling out: {', '.join(out) or 'none'}")


@app.command()
def redecide(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of an event, or of the command.")],  # noqa: A002 - the word
    policy: POLICY = None,
    service: Annotated[str, typer.Option(help="Who decided it.")] = SERVICE,
    json: JSON = False,
) -> None:
    """Decide one thing again on what was known then, or with other policies. Exit 1 if another decision comes out."""
    people = terminal.for_people(as_json=json)
    raise typer.Exit(terminal.run(_redecide(service, id, policy or [], people=people)))


async def _redecide(service: str, id_: str, policy: list[str], *, people: bool) -> int:
    from flexreg import supposing  # noqa: PLC0415 - as above

    # Of two values for one moment the last said counts, so it is in force whatever was.
    async with terminal.register() as register:
        was = await register.redecide(service, id_, [])
        at = datetime.fromisoformat(was["at"])
        also = [supposing.policy(one, at=at.astimezone(UTC)) for one in policy]
        found = await register.redecide(service, id_, also) if also else was
    if not people:
        terminal.line({**found, "same_as_then": was["same"]})
        return 0 if found["same"] else 1
    console = terminal.console()
    console.print(f"{found['cause']} decided at {_when(found['at'])}, position {found['position']}")
    console.print(
        "again as it was: " + ("the same" if was["same"] else "[red]another decision[/]: the code has changed")
    )
    if not found["same"]:
        for name, sign in (("decided", "-"), ("again", "+")):
            for code in found[name]["codes"]:
                console.print(f"{sign} {code}")
            for each in found[name]["events"]:
                other = found["again" if name == "decided" else "decided"]["events"]
                if each not in other:
                    console.print(f"{sign} {each['type']} {each['data']}", soft_wrap=True)
    elif policy:
        console.print("with these policies: the same")
    return 0 if found["same"] else 1


def _change(before: Any, after: Any, text: Any) -> str:
    return text(after) if before == after else f"{text(before)} → [bold]{text(after)}[/]"


def _mw(watts: int | None) -> str:
    return f"{(watts or 0) / 1_000_000:,.3f}".rstrip("0").rstrip(".")


def _when(given: str) -> str:
    return moments.local(datetime.fromisoformat(given))
