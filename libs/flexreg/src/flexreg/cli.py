"""`flexreg`: the command line of the register. Machine output is JSON lines on stdout, everything else is on stderr."""

from __future__ import annotations

import logging

import typer

from flexreg.commands import (
    activations,
    contracting,
    documenting,
    exporting,
    holding,
    importing,
    listening,
    metering,
    operating,
    papers,
    persons,
    resending,
    running,
    sending,
    settling,
    supposing,
    switching,
)

app = typer.Typer(
    help="Talk to the register that is up: send, receive, watch, show, move its clock, prove what it holds.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (
    sending,
    importing,
    switching,
    metering,
    exporting,
    activations,
    documenting,
    settling,
    listening,
    resending,
    contracting,
    holding,
    papers,
    persons,
    supposing,
    operating,
    running,
):
    app.add_typer(group.app)


def main() -> None:
    """Run the command that was given."""
    # What a client library has to say about a broker that is away, a command says in its own words.
    logging.basicConfig(level=logging.CRITICAL)
    app()
