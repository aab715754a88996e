"""`python -m launcher up|down|doctor`: the same as `flexreg` offers, where only this package is installed."""

from __future__ import annotations

import argparse
import asyncio
import sys

from rich.console import Console

from launcher import control, doctor
from launcher.register import ANTICIPATED, Options
from launcher.show import Terminal


def main() -> int:
    """0 as asked, 1 not, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m launcher", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up", help="start a register and return when it is ready")
    start.add_argument("--foreground", action="store_true", help="stay, and stop it on Ctrl-C")
    commands.add_parser("down", help="stop it")
    commands.add_parser("doctor", help="what is missing here, and how to get it")
    commands.add_parser("serve").add_argument("options")
    given = parser.parse_args()
    try:
        return asyncio.run(_run(given))
    except KeyboardInterrupt:
        return 130
    except ANTICIPATED as error:
        Terminal().warn(str(error))
        return 1


async def _run(given: argparse.Namespace) -> int:
    match given.command:
        case "serve":
            await control.serve(control.unpacked(given.options))
        case "up" if given.foreground:
            await control.serve(Options())
        case "up":
            await control.up()
        case "down":
            was_up = await control.down(narrator=Terminal())
            Terminal().say("stopped" if was_up else "nothing was up")
        case _:
            checks = doctor.examine()
            show(checks)
            return 0 if doctor.healthy(checks) else 1
    return 0


def show(checks: list[doctor.Check]) -> None:
    """One line per check on stderr, with the remedy where there is something to do."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for check in checks:
        mark = "[green]ok     [/]" if check.ok else "[red]missing[/]" if check.needed else "[yellow]absent [/]"
        console.print(f"{mark} {check.name:<14}", end="")
        console.print(check.found, markup=False)
        if not check.ok:
            console.print(f"                       → {check.remedy}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
