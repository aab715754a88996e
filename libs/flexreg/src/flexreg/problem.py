"""What can go wrong for whoever uses the register: said in one sentence, with what to do about it."""

from __future__ import annotations


class Problem(Exception):
    """Anticipated: the command line prints `what` and `todo` and ends with `code`, without a stack trace."""

    code = 2

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(f"{what}: {todo}" if todo else what)
        self.what = what
        self.todo = todo
