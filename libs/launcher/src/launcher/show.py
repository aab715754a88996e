"""What a person sees while a register starts: live lines on a terminal, plain lines anywhere else. Always on stderr."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Narrator(Protocol):
    """Is told what happens; what it makes of it is its own affair."""

    def say(self, text: str) -> None:
        """Something went as it should."""
        ...

    def warn(self, text: str) -> None:
        """Something a person should look at."""
        ...

    def during(self, text: str) -> contextlib.AbstractContextManager[None]:
        """Something that takes a while."""
        ...

    def download(self, text: str, *, files: int) -> contextlib.AbstractContextManager[Callable[[str], None]]:
        """A number of files are fetched; yields what to call when one is there."""
        ...


class Quiet:
    """Says nothing but warnings: for tests."""

    def say(self, text: str) -> None:
        """Nothing."""

    def warn(self, text: str) -> None:
        """Straight to stderr: a test that fails shows it."""
        Console(stderr=True).print(text, highlight=False, markup=False)

    @contextlib.contextmanager
    def during(self, text: str) -> Generator[None]:
        """Nothing."""
        del text
        yield

    @contextlib.contextmanager
    def download(self, text: str, *, files: int) -> Generator[Callable[[str], None]]:
        """Nothing."""
        del text, files

        def fetched(name: str) -> None:
            del name

        yield fetched


class Terminal:
    """A person at a terminal, or a log: rich decides by looking at stderr."""

    def __init__(self, *, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        # One live region for all that goes on at once: rich allows no second one.
        self._live: Progress | None = None
        self._running = 0

    def say(self, text: str) -> None:
        """A line."""
        self._console.print(f"[green]✓[/] {text}")

    def warn(self, text: str) -> None:
        """A line that catches the eye."""
        self._console.print(f"[bold red]![/] {text}")

    @contextlib.contextmanager
    def during(self, text: str) -> Generator[None]:
        """A spinner with the seconds on a terminal; nothing in a log, where the line that follows is enough."""
        if not self._console.is_terminal:
            yield
            return
        if self._live is None:
            self._live = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._live.start()
        self._running += 1
        task = self._live.add_task(text, total=None)
        try:
            yield
        finally:
            self._live.remove_task(task)
            self._running -= 1
            if self._running == 0:
                self._live.stop()
                self._live = None

    @contextlib.contextmanager
    def download(self, text: str, *, files: int) -> Generator[Callable[[str], None]]:
        """A bar on a terminal, a line for every tenth of the way in a log."""
        if not self._console.is_terminal:
            yield self._counted(text, files=files)
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
        with Progress(*columns, TimeElapsedColumn(), console=self._console, transient=True) as bar:
            task = bar.add_task(text, total=files)

            def fetched(name: str) -> None:
                del name
                bar.advance(task)

            yield fetched

    def _counted(self, text: str, *, files: int) -> Callable[[str], None]:
        self._console.print(f"  {text}: {files} files", markup=False)
        done = 0

        def fetched(name: str) -> None:
            nonlocal done
            done += 1
            if done == files or done % max(1, files // 5) == 0:
                self._console.print(f"  {text}: {done} of {files} ({name})", markup=False)

        return fetched
