"""`flexreg evidence verify` on files, without a register."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.meter_ingest.v1 import ActivationOrdered, EvidenceMembers
from contracts.values import Period, make_gln, make_gsrn, parse_time
from flexreg.cli import app
from meter_ingest.domain import packet

pytestmark = pytest.mark.unit

ACTIVATION, GROUP = "019b8d2b-8c00-7b54-9129-a6ca5b925000", "019b8d2b-8c00-7fc6-8dfc-d8d9e952d228"
HEAD = {
    "evidence_id": "019b8d2b-8c00-7b54-9129-a6ca5b925080",
    "version": 1,
    "activation_id": ACTIVATION,
    "group_id": GROUP,
    "bsp": make_gln(11),
    "run": None,
    "requested_at": "2026-03-28T10:00:00Z",
    "due_at": "2026-04-01T10:00:00Z",
    "prepared_at": "2026-04-01T10:00:00Z",
}


def written(path: Path) -> tuple[Path, str]:
    """A packet of an activation that was not verified."""
    points = (make_gsrn(1), make_gsrn(2))
    ordered = ActivationOrdered(
        activation_id=ACTIVATION,
        group_id=GROUP,
        bsp=make_gln(11),
        direction="up",
        power_w=4000,
        period=Period(start=parse_time("2026-03-28T09:00:00Z"), end=parse_time("2026-03-28T09:30:00Z")),
        biddable_w=0,
        metering_points=points,
    )
    ordered = ActivationOrdered.model_validate(ordered.model_dump(mode="json"))
    members = EvidenceMembers(
        dso=None, grid_area=None, substation=None, valid_from=None, valid_to=None, metering_points=points
    )
    parts = {
        "members": [members.model_dump(mode="json")],
        "events": [{"type": ordered.type, "sha256": packet.event_sha256(ordered)}],
    }
    content = packet.core({"evidence": HEAD}, parts)
    body = json.dumps(
        {"id": "one", "type": ordered.type, "time": HEAD["requested_at"], "data": ordered.model_dump(mode="json")}
    )
    file = path / "packet.jsonl"
    file.write_bytes(packet.file(content, [packet.Entry(7, "one", "2026-03-28T08:45:00Z", body)]))
    return file, content.root


def test_what_holds_and_what_does_not_is_said_with_an_exit_code(tmp_path: Path) -> None:
    file, root = written(tmp_path)

    def verify(*more: str) -> tuple[int, dict[str, bool]]:
        result = CliRunner().invoke(app, ["evidence", "verify", str(file), *more])
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        return result.exit_code, {line["check"]: line["holds"] for line in lines}

    assert verify() == (0, {"hashes": True, "events": True, "manifest": True, "request": True, "members": True})
    assert verify("--root", root)[0] == 0
    assert verify("--root", "0" * 64) == (
        1,
        {"hashes": True, "root": False, "events": True, "manifest": True, "request": True, "members": True},
    )
    assert verify("--root", "none")[0] == 2
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    assert verify() == (1, {"hashes": False})
    file.unlink()
    assert verify()[0] == 2
