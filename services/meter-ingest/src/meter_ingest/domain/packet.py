"""The evidence packet: one file of lines, each canonical JSON, which anyone can check without the register (R46, D21).

The first line is the manifest, with the SHA-256 of the lines of the parts that follow; its own SHA-256 is the root,
which `evidence-prepared` published. Then the parts; then the events just as the ledger has them, with their positions:
the part `events` has the hash of what each says, so that they cannot be others (first the activation's, then the
requests, then the BSP's answer, for what is decided does not know its position yet). The last line has the root, and
the hash of the ledger's line. The same evidence gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from contracts.message import Event

Said = TypeVar("Said", bound=BaseModel)
FORMAT: Final = "flexregister-evidence/1"
FORMULAS: Final[Mapping[str, str]] = {
    "metered": "per quarter, over the points that count in it: consumption - production, Wh",
    "delivered": "up: baseline - metered; down: metered - baseline; Wh per quarter",
    "expected": "the power over the period with its ramps, in straight lines half before and half after each end",
    "share": "where other orders of the group reach into a quarter (the run's `beside`): what is delivered more or less"
    " than is expected of all together goes to the orders whose periods touch the quarter (else: whose ramps do), in"
    " proportion to what is expected of each, by largest remainder, ties to the one that began first; the share is what"
    " is expected of the order, with that",
    "allocation": "per point: its own baseline - its own metered, towards the direction; what is left of the group's"
    " baseline is shared in proportion to the points' own, by largest remainder, ties to the first id",
    "meter-before": "the mean of the quarters right before, of those that no other activation covers",
    "meter-before-and-after": "the mean of the quarters right before and right after",
    "sliding-window": "the mean of the same quarter on earlier days of the same kind",
    "plan": "what the BSP had submitted before the order",
    "reported": "what the BSP reported before the order",
    "zero": "nothing",
}
"""In words; in full in the register's `docs/baselines.md` and its ADRs on verification."""


def answered(answer: Event | None) -> dict[str, object]:
    """The part of the BSP's answer, where there is one."""
    return {"answer": said(answer)} if answer else {}


def said(model: BaseModel) -> dict[str, Any]:
    """What something that was read from the log says: a field that it was written without is not in it.

    So a packet from before there was a field has the root that it had.
    """
    return model.model_dump(mode="json", exclude_unset=True)


def written(model: Said) -> Said:
    """What is about to be published, as it is read from the log after that."""
    return type(model).model_validate_json(model.model_dump_json())


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the ledger has it."""

    position: int
    id: str
    recorded_at: str
    body: str


@dataclass(frozen=True, slots=True)
class Core:
    """What the root is over: a manifest, and parts by name, each as the line it is."""

    manifest: bytes
    parts: tuple[bytes, ...]

    @property
    def root(self) -> str:
        """What is published."""
        return sha256(self.manifest)


def canonical(content: object) -> bytes:
    """The one way of writing a content as JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def sha256(content: bytes) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def event_sha256(event: Event) -> str:
    """Of what an event says, whatever the order that its fields were written in.

    A field that its type got later is none that it says: what was hashed once has the same hash ever after.
    """
    return sha256(canonical(event.model_dump(mode="json", exclude_unset=True)))


def core(head: Mapping[str, Any], parts: Mapping[str, object], *, formulas: Mapping[str, str] = FORMULAS) -> Core:
    """A packet's content but for the ledger."""
    lines = tuple(canonical({"part": name, "content": content}) for name, content in parts.items())
    listed = [
        {"name": name, "bytes": len(line), "sha256": sha256(line)} for name, line in zip(parts, lines, strict=True)
    ]
    return Core(canonical({"format": FORMAT, **head, "formulas": formulas, "parts": listed}), lines)


def file(content: Core, ledger: Sequence[Entry]) -> bytes:
    """The whole file."""
    entries = [
        {
            "position": one.position,
            "id": one.id,
            "recorded_at": one.recorded_at,
            "body_sha256": sha256(one.body.encode()),
            "body": one.body,
        }
        for one in sorted(ledger, key=lambda one: one.position)
    ]
    told = canonical({"part": "ledger", "content": entries})
    seal = canonical({"root_sha256": content.root, "ledger_sha256": sha256(told)})
    return b"\n".join((content.manifest, *content.parts, told, seal)) + b"\n"
