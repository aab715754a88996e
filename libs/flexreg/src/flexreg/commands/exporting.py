"""`flexreg values`, `reads`, `grants` and `export`: what the HTTP door of `meter-ingest` gives a party."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from contracts import values
from flexreg import moments, terminal
from flexreg.problem import Problem

if TYPE_CHECKING:
    from flexreg.client import Register
    from flexreg.doorway import Doorway

app = typer.Typer()
values_app = typer.Typer(help="Read what counts of a metering point, as a party.", no_args_is_help=True)
app.add_typer(values_app, name="values")
export_app = typer.Typer(help="Order many values as files, list what was ordered, and fetch it.", no_args_is_help=True)
app.add_typer(export_app, name="export")

SERVICE: Final = "meter-ingest"
GLN = Annotated[str, typer.Option("--as", metavar="GLN", help="The party that asks.")]
KEY = Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key (PEM); else one beside the state.")]
POINT = Annotated[str, typer.Argument(metavar="POINT", help="The metering point.")]
ID = Annotated[str, typer.Argument(metavar="ID", help="The export's.")]
LINE = Annotated[str, typer.Option(metavar="LINE", help="consumption, production, consumption.reactive …")]
FOR = Annotated[
    str, typer.Option("--end-user", metavar="UUID", help="On its behalf (the TSO and the datahub): what is its own.")
]
FIRST = Annotated[str, typer.Option("--from", metavar="DATE", help="The first local day.")]
LAST = Annotated[str, typer.Option("--to", metavar="DATE", help="The local day behind the last.")]


class StillMaking(Problem):
    """The export is not ready in the time that it was waited for."""

    code = 2


@values_app.command("get")
def get(
    *,
    point: POINT,
    gln: GLN,
    start: Annotated[str, typer.Option("--from", metavar="MOMENT", help="ISO 8601, or a local date.")],
    end: Annotated[str, typer.Option("--to", metavar="MOMENT", help="Likewise.")],
    line: LINE = "consumption",
    resolution: Annotated[str, typer.Option(metavar="PT15M|PT60M", help="Else each day in its own.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="MOMENT", help="What had come by then.")] = "",
    end_user: FOR = "",
    key: KEY = None,
) -> None:
    """What counts, a JSON line a page: values, how they were made, from which messages, and how fresh they are."""
    times = {"from": start, "to": end} | ({"as_of": as_of} if as_of else {})
    asked = {"line": line} | ({"resolution": resolution} if resolution else {}) | _served(end_user)
    terminal.run(_values(gln, key, f"/points/{point}/values", asked, times))


async def _values(gln: str, key: Path | None, path: str, asked: dict[str, str], times: dict[str, str]) -> None:
    async with terminal.register() as register:
        now = await register.now()
        for name, given in times.items():
            asked[name] = values.time_text(moments.parse(given, now=now))
        door = await _doorway(register, gln, key)
        path = f"{path}?{urlencode(asked)}"
        while path:
            found = (await door.ask("GET", path)).json()
            path = found.pop("links", {}).get("next", "")
            terminal.line(found)


@values_app.command("sums")
def sums(
    *,
    point: POINT,
    gln: GLN,
    first: FIRST,
    last: LAST,
    by: Annotated[str, typer.Option(metavar="SIZE", help="day, month or year.")] = "month",
    line: LINE = "consumption",
    end_user: FOR = "",
    key: KEY = None,
) -> None:
    """Energy by local day, month or year, in Wh, with how much of it is there and how much was estimated."""
    asked = urlencode({"from": first, "to": last, "by": by, "line": line} | _served(end_user))
    terminal.line(terminal.run(_ask(gln, key, "GET", f"/points/{point}/sums?{asked}")))


@values_app.command("rights")
def rights(point: POINT, gln: GLN, end_user: FOR = "", key: KEY = None) -> None:
    """What the party may read of a metering point now, in which role and on what ground."""
    path = f"/points/{point}/rights?{urlencode(_served(end_user))}"
    terminal.lines(terminal.run(_ask(gln, key, "GET", path))["rights"])


@values_app.command("facts")
def facts(point: POINT, gln: GLN, end_user: FOR = "", key: KEY = None) -> None:
    """What a metering point is, where the party has more than `limited` access to it."""
    terminal.line(terminal.run(_ask(gln, key, "GET", f"/points/{point}/facts?{urlencode(_served(end_user))}")))


def _served(end_user: str) -> dict[str, str]:
    return {"end_user": end_user} if end_user else {}


@app.command("reads")
def reads(
    *,
    gln: GLN,
    end_user: Annotated[str, typer.Option(metavar="UUID", help="Whose values.")],
    point: Annotated[str, typer.Option(metavar="POINT", help="One metering point; else all.")] = "",
    start: Annotated[str, typer.Option("--from", metavar="MOMENT", help="What was metered from then on.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="MOMENT", help="What was metered before then.")] = "",
    key: KEY = None,
) -> None:
    """Who read an end user's values, in which role and on what ground; for the TSO and the datahub to hand over."""
    asked = {"end_user": end_user} | ({"point": point} if point else {})
    times = {name: given for name, given in (("from", start), ("to", end)) if given}
    terminal.run(_reads(gln, key, asked, times))


async def _reads(gln: str, key: Path | None, asked: dict[str, str], times: dict[str, str]) -> None:
    async with terminal.register() as register:
        now = await register.now()
        for name, given in times.items():
            asked[name] = values.time_text(moments.parse(given, now=now))
        door = await _doorway(register, gln, key)
        path = f"/reads?{urlencode(asked)}"
        while path:
            found = (await door.ask("GET", path)).json()
            path = found.get("links", {}).get("next", "")
            terminal.lines(found["reads"])


@app.command("grants")
def grants(
    gln: GLN,
    end_user: Annotated[str, typer.Option(metavar="UUID", help="For the TSO and the datahub: this one's.")] = "",
    key: KEY = None,
) -> None:
    """A third party's requests and grants, whatever has become of them."""
    terminal.lines(terminal.run(_grants(gln, key, end_user)))


async def _grants(gln: str, key: Path | None, end_user: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    path = "/grants" + (f"?{urlencode({'end_user': end_user})}" if end_user else "")
    async with terminal.register() as register:
        door = await _doorway(register, gln, key)
        while path:
            answer = (await door.ask("GET", path)).json()
            found += answer["grants"]
            path = answer.get("links", {}).get("next", "")
    return found


@export_app.command("request")
def request(
    *,
    gln: GLN,
    kind: Annotated[str, typer.Option(metavar="KIND", help="portfolio, history or recorded.")] = "portfolio",
    first: FIRST = "",
    last: LAST = "",
    points: Annotated[list[str] | None, typer.Option("--point", metavar="POINT", help="Else all; may be many.")] = None,
    lines: Annotated[list[str] | None, typer.Option("--line", metavar="LINE", help="Else both ways.")] = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", metavar="FORMAT", help="csv.zst, csv.gz, parquet; may be many.")
    ] = None,
    id: Annotated[str, typer.Option(metavar="UUID", help="Its id; a new one where none is given.")] = "",  # noqa: A002
    end_user: FOR = "",
    key: KEY = None,
) -> None:
    """Order an export; prints it, with the id to fetch it by."""
    asked: dict[str, Any] = {"kind": kind}
    asked |= ({"from": first, "to": last} if first or last else {}) | _served(end_user)
    for name, given in (("metering_points", points), ("lines", lines), ("formats", formats), ("id", id)):
        asked |= {name: given} if given else {}
    terminal.line(terminal.run(_ask(gln, key, "POST", "/exports", json.dumps(asked).encode())))


@export_app.command("list")
def list_(gln: GLN, key: KEY = None) -> None:
    """The party's exports, the newest first."""
    terminal.lines(terminal.run(_ask(gln, key, "GET", "/exports"))["exports"])


@export_app.command("get")
def fetch(
    *,
    id: ID,  # noqa: A002 - the word for it
    gln: GLN,
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="Where its files are put.")] = Path(),
    patience: Annotated[
        float, typer.Option("--timeout", min=0, help="Seconds that files which are not made yet are waited for.")
    ] = 600,
    key: KEY = None,
) -> None:
    """Fetch the files of an export, as they are made; again, it goes on where it ended. Each is held to its SHA-256."""
    terminal.lines(terminal.run(_fetch(id, gln, key, into, patience)))


async def _fetch(id_: str, gln: str, key: Path | None, into: Path, patience: float) -> list[dict[str, Any]]:
    from flexreg import fetching  # noqa: PLC0415 - as the doorway

    done: dict[str, dict[str, Any]] = {}
    async with terminal.register() as register:
        door = await _doorway(register, gln, key)
        with _progress() as progress:
            ends = time.monotonic() + patience
            while True:
                job = (await door.ask("GET", f"/exports/{id_}")).json()
                ready = [one for one in job["files"] if one["state"] == "ready" and one["name"] not in done]
                for file in ready:
                    bar = progress.add_task(file["name"], total=file["bytes"])
                    path = await fetching.fetch(door, file, into, told=lambda n, bar=bar: progress.advance(bar, n))
                    done[file["name"]] = {"file": str(path), "values": file["values"], "sha256": file["sha256"]}
                if job["state"] != "making":
                    return list(done.values())
                if ready:
                    ends = time.monotonic() + patience
                elif time.monotonic() > ends:
                    raise StillMaking(f"export {id_} is not ready", "fetch it again later: it goes on where it ended")
                else:
                    await asyncio.sleep(0.5)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=Console(stderr=True))


async def _ask(gln: str, key: Path | None, method: str, path: str, content: bytes = b"") -> Any:
    async with terminal.register() as register:
        return (await (await _doorway(register, gln, key)).ask(method, path, content)).json()


async def _doorway(register: Register, gln: str, key: Path | None) -> Doorway:
    from flexreg.doorway import Doorway  # noqa: PLC0415 - it brings cryptography, which `--help` need not wait for

    return await Doorway.to(register, SERVICE, gln, key)
