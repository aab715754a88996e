"""What a command prints: JSON lines for machines on stdout, words for people on stderr; and how a command ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import typer
from rich.console import Console

from flexreg.problem import Problem

if TYPE_CHECKING:
    from flexreg.client import Register

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")

INTERRUPTED = 130
DEBUG = "FLEXREG_DEBUG"


def line(value: Any) -> None:
    """One JSON line on stdout, at once: whoever reads it may be waiting."""
    lines([value])


def lines(values: Iterable[Any]) -> None:
    """JSON lines on stdout."""
    for value in values:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line for a person, on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)


def for_people(*, as_json: bool) -> bool:
    """Whether a person reads stdout: it is a terminal, and nobody asked for JSON."""
    return sys.stdout.isatty() and not as_json


def console() -> Console:
    """Stdout, for a person."""
    return Console(highlight=False)


@contextlib.asynccontextmanager
async def register() -> AsyncGenerator[Register]:
    """The register that is up."""
    # It takes a second to import, which `flexreg types` or `--help` need not wait for.
    from flexreg.client import Register  # noqa: PLC0415

    async with Register.open() as opened:
        yield opened


def run(what: Coroutine[Any, Any, Result]) -> Result:
    """Run a command. What can be anticipated is said in a sentence, and ends it with an exit code."""
    return said(asyncio.run, what)


def said(what: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
    """The same for a command that waits for nothing."""
    try:
        return what(*args, **kwargs)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except (typer.Exit, BrokenPipeError):
        raise
    except Problem as problem:
        note(f"{problem.what}\n→ {problem.todo}" if problem.todo else problem.what)
        raise typer.Exit(problem.code) from None
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        if _is_away(error):
            note(f"the register does not answer ({_short(error)})\n→ `flexreg status` says what is up; `make up`")
        else:
            note(f"this should not have happened: {_short(error)}\n→ {DEBUG}=1 shows where it did")
        raise typer.Exit(Problem.code) from None


def _is_away(error: Exception) -> bool:
    # By their names: the client libraries are not imported by what needs none of them.
    families = {base.__module__.partition(".")[0] for base in type(error).__mro__}
    return bool(families & {"aiokafka", "httpx"}) or isinstance(error, (OSError, TimeoutError))


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
