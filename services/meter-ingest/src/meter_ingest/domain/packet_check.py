"""An evidence packet checked without the register: its hashes, and all that follows from the values in it.

What is edited with its hashes renewed does not give what the activation's events say, or has another root than
`evidence-prepared` published: a root that is known from there settles what recomputing leaves open.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from contracts.message import Event
from contracts.meter_ingest.v1 import (
    ActivationVerified,
    CapacityEvidenceRequested,
    CapacityFacts,
    EvidenceAnswered,
    EvidenceMembers,
    EvidenceRequested,
)
from contracts.values import parse_time
from meter_ingest.domain import (
    activation,
    again,
    capacity,
    capacity_packet,
    documentation,
    documented,
    packet,
    packet_head,
    packet_values,
)
from meter_ingest.domain.baselines import Window
from meter_ingest.domain.packet_head import Broken, Entry
from meter_ingest.domain.verification import Run

_REQUESTS: tuple[type[Event], ...] = (EvidenceRequested, CapacityEvidenceRequested)
_OF: dict[str, type[Event]] = {one.type: one for one in (*documentation.OF_ACTIVATION, *_REQUESTS, EvidenceAnswered)}
_LISTED: dict[type[Event], int] = {EvidenceAnswered: 2, **dict.fromkeys(_REQUESTS, 1)}
"""In which order the part `events` has them; the activation's come first."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, whether it holds, and if not, what does not; or what there is to say of what does."""

    name: str
    holds: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A packet that is whole: its lines are those of its manifest."""

    manifest: Mapping[str, Any]
    parts: Mapping[str, Any]
    ledger: Sequence[Mapping[str, Any]]
    root: str


def opened(file: bytes) -> Opened:
    """Read a packet. Raises `Broken` at the first byte that is not as the hashes have it."""
    lines = file.split(b"\n")
    if len(lines) < 4 or lines[-1] != b"":
        raise Broken("it does not end as a packet does")
    first, *parts, ledger, seal = lines[:-1]
    sealed = _read(seal, "the seal")
    root = packet.sha256(first)
    if sealed != {"root_sha256": root, "ledger_sha256": packet.sha256(ledger)}:
        raise Broken("the manifest or the ledger is not what the seal has the SHA-256 of")
    manifest = _read(first, "the manifest")
    if manifest.get("format") != packet.FORMAT:
        raise Broken(f"its format is {manifest.get('format')}, not {packet.FORMAT}")
    listed = manifest.get("parts")
    if not isinstance(listed, list) or len(listed) != len(parts):
        raise Broken("it has not as many parts as the manifest lists")
    found: dict[str, Any] = {}
    for line, one in zip(parts, listed, strict=True):
        if one != {"name": one.get("name"), "bytes": len(line), "sha256": packet.sha256(line)}:
            raise Broken(f"the part {one.get('name')} is not what the manifest has the SHA-256 of")
        found[str(one["name"])] = _content(line, str(one["name"]))
    return Opened(manifest, found, _content(ledger, "ledger"), root)


def _read(line: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
        again = packet.canonical(found)
    except (ValueError, RecursionError) as error:
        raise Broken(f"{name} cannot be read ({error})") from None
    if not isinstance(found, dict) or again != line:
        raise Broken(f"{name} is not written as a packet writes it")
    return found


def _content(line: bytes, name: str) -> Any:
    found = _read(line, f"the part {name}")
    if found.keys() != {"part", "content"} or found["part"] != name:
        raise Broken(f"the part {name} has another name")
    return found["content"]


def check(file: bytes, *, root: str = "") -> list[Check]:
    """All that can be said of a file. `root`: as `evidence-prepared` has it, where that is known."""
    try:
        found = opened(file)
    except Broken as broken:
        return [Check("hashes", holds=False, detail=str(broken))]
    checks = [Check("hashes", holds=True)]
    if root:
        checks.append(Check("root", root == found.root, "" if root == found.root else f"it is {found.root}"))
    try:
        told = _told(found)
    except Exception as error:  # noqa: BLE001 - whatever the file has there
        return [*checks, Check("events", holds=False, detail=_said(error))]
    checks.append(Check("events", holds=True))
    if "capacity" in found.manifest:
        return [*checks, *_each(_of_capacity(found, told), _answer(found, told, "capacity"))]
    events = [one.event for one in told if isinstance(one.event, documentation.OF_ACTIVATION)]
    of = _each(_itself(found, told, events), _of_run(found, events), _answer(found, told, "activation"))
    return [*checks, *of]


Named = Iterator[tuple[str, Callable[[], str]]]


def _each(*many: Named) -> Iterator[Check]:
    """One after the other; what cannot be computed from what is there does not hold."""
    for some in many:
        for name, look in some:
            try:
                wrong = look()
            except Exception as error:  # noqa: BLE001 - whatever the file has there
                wrong = _said(error)
            yield Check(name, not wrong or isinstance(wrong, packet_head.Remark), wrong)


def _said(error: Exception) -> str:
    """In words; what the file has there is not repeated."""
    if isinstance(error, Broken):
        return str(error)
    if isinstance(error, ValidationError):
        where = "/".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"]))
        return f"it is not written as it should be, at {where or 'its beginning'}"
    if isinstance(error, KeyError):
        return "something that belongs to it is not there"
    return "it cannot be made from what is there"


def _told(found: Opened) -> list[Entry]:
    """The events, as the ledger has them; each must be what the part `events` has the hash of. Raises."""
    told: list[Entry] = []
    listed = found.parts["events"]
    if len(listed) != len(found.ledger):
        raise Broken(f"the ledger has {len(found.ledger)} events, not {len(listed)}")
    position = 0
    for entry in found.ledger:
        body = entry["body"]
        if packet.sha256(body.encode()) != entry["body_sha256"]:
            raise Broken(f"the event at {entry['position']} has another SHA-256")
        envelope = json.loads(body)
        event = _OF[envelope["type"]].model_validate_json(json.dumps(envelope["data"]))
        if entry["position"] <= position or entry["id"] != envelope["id"]:
            raise Broken(f"the event at {entry['position']} is out of place")
        position = entry["position"]
        told.append(Entry(position, parse_time(envelope["time"]), event))
    for one, said in zip(sorted(told, key=lambda one: _LISTED.get(type(one.event), 0)), listed, strict=True):
        if said != {"type": one.event.type, "sha256": packet.event_sha256(one.event)}:
            raise Broken(f"the event at {one.position} does not say what was said")
    return told


def _itself(found: Opened, told: Sequence[Entry], events: Sequence[Event]) -> Named:
    """What it says of itself, against the events within."""

    def state() -> activation.Activation:
        return packet_head.stood(told)

    def members() -> str:
        members = [EvidenceMembers.model_validate(one) for one in found.parts["members"]]
        return packet_head.of_members(members, state())

    yield "manifest", lambda: packet_head.of_activation(found.manifest, found.parts, events, state())
    yield "request", lambda: packet_head.of_request(found.manifest["evidence"], told)
    yield "members", members


def _answer(found: Opened, told: Sequence[Entry], of: str) -> Named:
    """The BSP's answer, where it is within: that it is to this request, and as the ledger has it."""

    def look() -> str:
        answer = EvidenceAnswered.model_validate(found.parts["answer"])
        head = found.manifest["evidence" if of == "activation" else of]
        asked = head.get("evidence_id", head.get("capacity_evidence_id")), head["group_id"], of
        if asked != (answer.evidence_id, answer.group_id, answer.of):
            return "it answers another request"
        # More time may have been given since.
        in_time = answer.due_at <= parse_time(head["due_at"]) and answer.answered_at <= parse_time(head["prepared_at"])
        return packet_head.of_answer(answer, told) if in_time else "it is not of the time of this evidence"

    if "answer" in found.parts or any(isinstance(one.event, EvidenceAnswered) for one in told):
        yield "answer", look


def _of_capacity(found: Opened, told: Sequence[Entry]) -> Named:
    """Everything that follows from the facts and the values, and what was asked for."""
    made: list[capacity.Documented] = []

    def plans() -> str:
        return packet_head.of_plans(CapacityFacts.model_validate(found.parts["facts"]), found.parts["plans"])

    def read() -> str:
        made.append(capacity.shown(CapacityFacts.model_validate(found.parts["facts"]), found.parts["values"]))
        return ""

    def same(name: str) -> Callable[[], str]:
        def look() -> str:
            if not made:
                return "the values cannot be read"
            computed = capacity_packet.follows(made[0])[name]
            holds = packet.canonical(found.parts[name]) == packet.canonical(computed)
            return "" if holds else "it is not what the values give"

        return look

    yield "request", lambda: packet_head.of_capacity(found.manifest, found.parts, told)
    yield "plans", plans
    yield "values", read
    for name in ("completeness", "power", "summary"):
        yield name, same(name)


def _of_run(found: Opened, told: Sequence[Event]) -> Named:
    """Everything that follows from the values, and what the run's event says of it."""
    number = found.manifest["evidence"]["run"]
    if number is None:
        return
    made: list[tuple[Run, ActivationVerified]] = []

    def read() -> str:
        run = documentation.current(told, number)
        if run is None:
            return f"there is no run {number} among the events"
        made.append((_made(found, told, run), run))
        return ""

    def of(look: Callable[[Run, ActivationVerified], str]) -> Callable[[], str]:
        return lambda: look(*made[0]) if made else "the values cannot be read"

    def same(name: str, have: object, computed: object) -> str:
        return "" if packet.canonical(have) == packet.canonical(computed) else f"{name} is not what the values give"

    yield "values", read
    yield "baselines", of(lambda run, _: same("it", found.parts["baselines"], _baselines(run)))
    yield "completeness", of(lambda run, _: same("it", found.parts["completeness"], documented.completeness(run)))
    yield "allocation", of(lambda run, _: same("it", found.parts["allocation"], run.allocated) or _adds_up(run))
    yield "policies", of(lambda run, event: same("it", found.parts["policies"], documented.policies(event, run)))
    yield "result", of(_says)


def _made(found: Opened, told: Sequence[Event], event: ActivationVerified) -> Run:
    state = again.before(told, event)
    looked = again.looked_at(state, event)
    inputs = found.parts["baselines"]["inputs"]
    windows: tuple[Window, ...] = documented.windows(state, looked.covered)
    return Run(
        state,
        packet_values.readings(found.parts["values"], looked.by_line, windows),
        looked.held,
        plan=_by_start(inputs["plan"]),
        reported=_by_start(inputs["reported"]),
        covered=looked.covered,
        beside=event.beside,
    )


def _by_start(said: Mapping[str, int]) -> dict[datetime, int]:
    return {datetime.fromisoformat(start): wh for start, wh in said.items()}


def _baselines(run: Run) -> dict[str, object]:
    return {"inputs": documented.inputs(run), "methods": documented.by_method(run)}


def _adds_up(run: Run) -> str:
    for index, quarter in enumerate(documented.delivered(run)):
        each = sum(figures[index] or 0 for figures in run.allocated.values())
        if each != quarter:
            return f"quarter {index + 1} adds up to {each} Wh, not {quarter}"
    return ""


def _says(run: Run, event: ActivationVerified) -> str:
    """What of the event is not what is computed."""
    made = again.again(run, event)
    skipped = {"others"}
    wrong = [
        name for name in type(event).model_fields if name not in skipped and getattr(made, name) != getattr(event, name)
    ]
    # What was submitted too late is not within.
    if made.others != tuple(one for one in event.others if not one.corrected):
        wrong.append("others")
    return f"it is not what run {event.run} said of {', '.join(wrong)}" if wrong else ""
