"""`flexreg resend`: have a party sent again what it was sent."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.values import time_text
from flexreg import moments, terminal
from flexreg.commands.sending import SOME_LOST, exit_code

if TYPE_CHECKING:
    from flexreg.client import Register

app = typer.Typer()


@app.command()
def resend(
    *,
    gln: Annotated[str, typer.Option("--as", metavar="GLN", help="The party that asks: itself, or the operator.")],
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="Of what was said from then on.")],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="And before then; now where it is left out.")] = "",
    party: Annotated[str, typer.Option(metavar="GLN", help="Who is sent it; else who asks.")] = "",
    timeout: Annotated[float, typer.Option(min=0, help="Seconds that the receipt is waited for.")] = 60,
) -> None:
    """Have a party sent again what it was sent of a period, as it was; prints the receipt.

    It comes on the party's topic with `"repeated": true`, and `deliveries-repeated` behind it.
    Exit 0: accepted; 1: refused; 2: not answered in time.
    """
    raise typer.Exit(terminal.run(_resend(gln, party or gln, start, end, timeout=timeout)))


async def _resend(gln: str, party: str, start: str, end: str, *, timeout: float) -> int:  # noqa: ASYNC109
    async with terminal.register() as register:
        now = await register.now()
        until = moments.parse(end, now=now) if end else now
        receipt = await ask(register, gln, party, moments.parse(start, now=now), until, timeout=timeout)
    if receipt is None:
        terminal.note("it was not answered in time")
        return SOME_LOST
    terminal.line(receipt)
    return exit_code(Counter({receipt["status"]: 1}))


async def ask(
    register: Register,
    gln: str,
    party: str,
    start: datetime,
    end: datetime,
    *,
    timeout: float = 60,  # noqa: ASYNC109
) -> dict[str, Any] | None:
    """Ask for it; the receipt, or None where none came in time."""
    data = {"start": time_text(start), "end": time_text(end)}
    command = {"type": "request-resend", "subject": party, "data": data}
    (receipt,) = await register.send(gln, [command], timeout=timeout)
    return receipt
