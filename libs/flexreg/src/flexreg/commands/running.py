"""`flexreg topics`, `up`, `down`, `doctor`, `seed` and `demo`: making a register, starting, filling, stopping it."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from contracts import topics
from flexreg import address, terminal
from flexreg.address import Address
from flexreg.problem import Problem

app = typer.Typer()
topics_app = typer.Typer(help="The topic catalogue: list it, or apply it to the broker.", no_args_is_help=True)
app.add_typer(topics_app, name="topics")


class UnableToStart(Problem):
    """The register did not start."""

    code = 1


@topics_app.command("list")
def topics_list() -> None:
    """List every topic: who writes it, who reads it, its key, partitions and retention."""
    terminal.lines(_declared(topic) for topic in (*topics.catalogue(), *topics.PER_PARTY))


def _declared(topic: topics.Topic) -> dict[str, Any]:
    return {
        "topic": topic.name,
        "what": topic.what,
        "owner": topic.owner,
        "consumers": list(topic.consumers),
        "key": topic.key,
        "partitions": topic.partitions,
        "retention": topic.retention,
        "max_message_bytes": topic.max_message_bytes,
        "roles": sorted(topic.roles) if topic.roles else None,
    }


@topics_app.command("apply")
def topics_apply(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    replication: Annotated[int, typer.Option(min=1, max=5, help="Replicas of a new topic.")] = 1,
) -> None:
    """Make the broker's topics what the catalogue says. The parties' own are made by the gateway, when a party comes.

    The broker is that of `KAFKA_BOOTSTRAP` (and `FLEXREG_NAMESPACE`), or else that of the register that is up.
    """
    terminal.run(_apply(dry_run=dry_run, replication=replication))


async def _apply(*, dry_run: bool, replication: int) -> None:
    from chassis import kafka  # noqa: PLC0415 - it takes a second to import

    place = _broker()
    plan = await kafka.apply(
        place.bootstrap, place.namespace, topics.catalogue(), replication=replication, dry_run=dry_run
    )
    done = "would" if dry_run else "done"
    terminal.lines({"topic": name, "create": done} for name in plan.create)
    terminal.lines(
        {"topic": name, "alter": done, "setting": key, "from": old, "to": new} for name, key, old, new in plan.alter
    )
    for name, found, wanted in plan.partitions:
        terminal.note(f"{name} has {found} partitions and should have {wanted}: left as it is, because keys would move")
    if not plan.create and not plan.alter:
        terminal.note("every topic is as the catalogue says")


def _broker() -> Address:
    if bootstrap := os.environ.get("KAFKA_BOOTSTRAP"):
        return Address(bootstrap, os.environ.get("FLEXREG_NAMESPACE", ""))
    return address.read()


@app.command()
def up(
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay, and stop it on Ctrl-C.")] = False,
) -> None:
    """Start a register, and return when it is ready. It knows only its operator; `flexreg seed` puts more in."""
    terminal.run(_up(foreground=foreground))


async def _up(*, foreground: bool) -> None:
    import launcher  # noqa: PLC0415 - starts servers; nothing else needs it

    try:
        if foreground:
            await launcher.serve(launcher.Options())
            return
        state = await launcher.up()
    except launcher.ANTICIPATED as error:
        raise UnableToStart(str(error), "`flexreg doctor` says what is missing") from None
    terminal.note(f"up: {', '.join(state.processes)}; broker {state.kafka_bootstrap}; the operator is {state.operator}")


@app.command()
def down() -> None:
    """Stop the register; what it holds is kept."""
    terminal.run(_down())


async def _down() -> None:
    import launcher  # noqa: PLC0415 - as above
    from launcher.show import Terminal  # noqa: PLC0415 - as above

    terminal.note("stopped" if await launcher.down(narrator=Terminal()) else "nothing was up")


@app.command()
def doctor() -> None:
    """Say what this machine has of what a register needs, and how to get the rest. Exit 1 if it needs more."""
    raise typer.Exit(terminal.said(_doctor))


def _doctor() -> int:
    import launcher  # noqa: PLC0415 - as above
    from launcher.__main__ import show  # noqa: PLC0415 - as above

    checks = launcher.examine()
    show(checks)
    return 0 if launcher.healthy(checks) else 1


@app.command()
def seed() -> None:
    """Put in the story's parties, grid, caps and metering points, to play on from there. Exit 1 if it went wrong."""
    raise typer.Exit(terminal.run(_seed()))


async def _seed() -> int:
    from flexreg import story  # noqa: PLC0415 - behind the client, which takes a second to import

    async with terminal.register() as register:
        outcome = await story.seed(register)
    for failed in outcome.failed:
        terminal.note(failed)
    return 0 if outcome.holds else 1


@app.command()
def demo() -> None:
    """Play the story on live processes, show it, prove it, stop. Exit 1 if anything does not hold."""
    from flexreg import story  # noqa: PLC0415 - as above

    raise typer.Exit(terminal.said(story.demo))
