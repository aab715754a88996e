"""`flexreg evidence`: the packet of an activation or of a group's capacity, fetched by the TSO, checked by anyone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flexreg import terminal
from flexreg.problem import Problem

if TYPE_CHECKING:
    from meter_ingest.domain.packet_check import Check

_evidence_app = typer.Typer(
    help="Fetch the evidence of an activation, or of a group's capacity, and check it.", no_args_is_help=True
)
app = typer.Typer()
app.add_typer(_evidence_app, name="evidence")

_SHA256 = re.compile(r"[0-9a-f]{64}").fullmatch


@_evidence_app.callback()
def _of_what() -> None:
    """Fetch the evidence of an activation, or of a group's capacity, and check it."""


@_evidence_app.command("get")
def get(
    *,
    id: Annotated[str, typer.Argument(metavar="ID", help="The evidence's, as it was asked for by.")],  # noqa: A002
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="Where it is put; what is there is replaced.")],
    gln: Annotated[
        str, typer.Option("--as", metavar="GLN", help="The TSO that asks; else the operator's own port.")
    ] = "",
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key (PEM).")] = None,
    version: Annotated[int | None, typer.Option(min=1, help="A former version; else the last.")] = None,
) -> None:
    """Fetch a packet, and print its root, which is the one that was published. As a party it is noted who read it."""
    content, root = terminal.run(_get(id, gln, key, version))
    try:
        to.write_bytes(content)
    except OSError as error:
        terminal.said(_unable, f"{to} cannot be written ({error.strerror})")
    terminal.line({"file": str(to), "bytes": len(content), "root_sha256": root})


async def _get(id_: str, gln: str, key: Path | None, version: int | None) -> tuple[bytes, str]:
    import base64  # noqa: PLC0415

    async with terminal.register() as register:
        if not gln:
            found = await register.ask("meter-ingest", "evidence", {"evidence_id": id_, "version": version})
            return base64.b64decode(found["packet"]), found["prepared"]["root_sha256"]
        from flexreg.doorway import Doorway  # noqa: PLC0415 - it brings cryptography

        door = await Doorway.to(register, "meter-ingest", gln, key)
        answer = await door.ask("GET", f"/evidence/{id_}{f'?version={version}' if version else ''}")
        return answer.content, answer.headers["etag"].strip('"')


@_evidence_app.command("verify")
def verify(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A packet.")],
    root: Annotated[
        str,
        typer.Option(
            "--root", metavar="SHA256", help="As it was published with the evidence: nothing else is authentic."
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, on a terminal too.")] = False,
) -> None:
    """Check a packet without the register: its hashes, and all that follows from the values in it.

    Of an activation, baselines, what was delivered, what each point has of it and the result are computed again, and
    held against what its events say; of a group's capacity, completeness, power and what it shows. Without `--root` it
    is only checked that the file agrees with itself. Exit 1: something does not hold; 2: the file cannot be read.
    """
    if root and not _SHA256(root):
        terminal.said(_unable, "a root is 64 hexadecimal digits")
    checks = _check(file, root)
    if terminal.for_people(as_json=as_json):
        for one in checks:
            terminal.note(f"{'holds' if one.holds else 'FAILS'}  {one.name}{f': {one.detail}' if one.detail else ''}")
    else:
        terminal.lines({"check": one.name, "holds": one.holds, "detail": one.detail} for one in checks)
    raise typer.Exit(0 if all(one.holds for one in checks) else 1)


def _check(file: Path, root: str) -> list[Check]:
    # It brings all that a verification is made by, which `--help` need not wait for.
    from meter_ingest.domain import packet_check  # noqa: PLC0415

    try:
        content = file.read_bytes()
    except OSError as error:
        return terminal.said(_unable, f"{file} cannot be read ({error.strerror})")
    return packet_check.check(content, root=root)


def _unable(what: str) -> list[Check]:
    raise Problem(what)
