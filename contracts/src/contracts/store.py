"""`python -m contracts.store`: keep the stored schemas, examples and the AsyncAPI document in step with the code.

Run in a checkout. It writes what may be written and refuses the rest, saying what to do; `--check` only looks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from contracts import asyncapi, catalogue, compatibility, examples, schemas
from contracts.message import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.message import Message

PACKAGE: Final = Path(__file__).parent
ASYNCAPI: Final = PACKAGE.parents[1] / "asyncapi.json"


@dataclass(slots=True)
class Plan:
    """What would be written, and what is refused."""

    writes: dict[Path, str] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    def write(self, path: Path, text: str) -> None:
        """Plan a file, unless it is as it should be already."""
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            self.writes[path] = text


def plan() -> Plan:
    """Hold the code against what is stored."""
    found = Plan()
    _schemas(found)
    _examples(found)
    found.write(ASYNCAPI, _text(asyncapi.document()))
    return found


def _schemas(found: Plan) -> None:
    stored = schemas.stored()
    every: dict[str, type[Message]] = {**catalogue.commands(), **catalogue.events()}
    for type_, model in every.items():
        new = schemas.current(model)
        old = stored.pop(type_, None)
        if old is not None:
            broken = compatibility.breaks(old, new, "command" if type_ in COMMANDS else "event")
            if broken:
                found.refusals.append("\n  ".join([type_, *broken, compatibility.ADVICE]))
                continue
        found.write(PACKAGE / "schemas" / schemas.path(type_), _text(new))
    found.refusals += [
        f"{type_} has a stored schema but no class any more: what was once sent must stay readable. Put the class back."
        for type_ in stored
    ]


def _examples(found: Plan) -> None:
    kept = examples.index()
    index: dict[str, str] = {}
    for type_ in {*catalogue.commands(), *catalogue.events(), *examples.types()}:
        named = examples.named(type_)
        if not named:
            where = f"contracts/src/contracts/examples/{type_}/<name>.json"
            found.refusals.append(f"{type_} has no example: write a whole envelope of it to {where}")
        for name, envelope in named.items():
            text = _text(envelope)
            found.write(PACKAGE / "examples" / type_ / f"{name}.json", text)
            index[f"{type_}/{name}"] = hashlib.sha256(text.encode()).hexdigest()
    for name, digest in kept.items():
        if name not in index or index[name] != digest:
            what = "was changed" if name in index else "is gone"
            found.refusals.append(
                f"the example {name} {what}: every example ever stored parses for ever. Put it back, and write another "
                f"beside it. If it was never released, take its line out of {examples.INDEX} and run this again."
            )
    found.write(PACKAGE / "examples" / examples.INDEX, _text(dict(sorted({**index, **kept}.items()))))


def _text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or with `--check` only look. Exit 0 when all is in step, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m contracts.store", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where something would be written")
    checking: bool = parser.parse_args(arguments).check
    found = plan()
    for path, text in found.writes.items():
        if not checking:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        said = "is not in step with the code: run `python -m contracts.store`" if checking else "written"
        sys.stderr.write(f"{path.relative_to(ASYNCAPI.parent)}: {said}\n")
    for refusal in found.refusals:
        sys.stderr.write(f"refused: {refusal}\n")
    return 1 if found.refusals or (checking and found.writes) else 0


if __name__ == "__main__":
    sys.exit(main())
