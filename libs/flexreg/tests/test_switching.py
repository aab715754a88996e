"""A portfolio from a table: one switch in parts, a result for every row, and the rows to mend."""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from contracts import door, values
from flexreg import terminal
from flexreg.cli import app
from flexreg.importing import points
from flexreg.sending import Answer

pytestmark = pytest.mark.unit

BSP = values.make_gln(1)
POINTS = [values.make_gsrn(number) for number in range(1, 9)]
NO_CONSENT = {"code": "CONSENT_MISSING", "text_en": "No consent.", "fix_en": "Record it."}
WAITS = {"code": "SWITCH_WAITS", "text_en": "1 of the metering points waits.", "fix_en": ""}


class Answering:
    """A register that refuses some points, and answers as a list command is answered."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.refuses: set[str] = set()
        self.silent_after = 99
        self.whole: dict[str, Any] | None = None

    async def stream(self, _gln: str, records: Any, **_: object) -> AsyncIterator[Answer]:
        async for record in records:
            [item] = door.open_record(record.body)
            assert not item.reasons, item.reasons
            command = json.loads(record.body)
            self.sent.append(command)
            if len(self.sent) > self.silent_after:
                yield Answer(record.heads[0], "p")
                continue
            if self.whole:
                yield Answer(record.heads[0], "p", {"status": "rejected", "reasons": [self.whole], "rows": []})
                continue
            asked = command["data"]["metering_points"]
            rows = [{"row": row, "code": "CONSENT_MISSING"} for row, point in enumerate(asked) if point in self.refuses]
            none = len(rows) == len(asked)
            reasons = [*([] if none else [WAITS]), *([NO_CONSENT] if rows else [])]
            status = "rejected" if none else "partly-accepted" if rows else "accepted"
            yield Answer(record.heads[0], "p", {"status": status, "reasons": reasons, "rows": rows})


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Answering:
    standing = Answering()

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[Answering]:
        yield standing

    monkeypatch.setattr(terminal, "register", opened)
    monkeypatch.setattr(points, "parts", lambda found: _PARTS(found, size=3))
    return standing


_PARTS = points.parts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "portfolio.csv"
    made.write_text("Målepunkt-ID;kunde\n" + "".join(f"{point};K\n" for point in POINTS), encoding="utf-8")
    return made


def run(file: Path, *options: str) -> tuple[Result, list[dict[str, Any]]]:
    options = options or ("--start", "2026-04-15")
    result = CliRunner().invoke(app, ["switch", str(file), "--as", BSP, *options])
    return result, [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def kinds(register: Answering) -> list[str]:
    return [command["type"].split(".")[3] for command in register.sent]


def test_it_is_one_switch_that_is_requested_and_extended(register: Answering, file: Path) -> None:
    result, said = run(file)

    assert result.exit_code == 0, result.output
    assert kinds(register) == ["request-switch", "extend-switch", "extend-switch"]
    assert len({command["subject"] for command in register.sent}) == 1
    assert register.sent[0]["data"]["start"] == "2026-04-14T22:00:00Z"
    assert [point for command in register.sent for point in command["data"]["metering_points"]] == POINTS
    assert [(one["metering_point_id"], one["status"]) for one in said] == [(point, "accepted") for point in POINTS]
    assert f"8 accepted; switch {register.sent[0]['subject']}" in result.stderr
    assert WAITS["text_en"] in result.stderr
    assert not (file.parent / "portfolio.mend.csv").exists()


def test_every_refused_row_is_told_and_is_in_the_file_to_mend(register: Answering, file: Path) -> None:
    register.refuses = {POINTS[1], POINTS[7]}
    wrong = POINTS[0][:-1] + str((int(POINTS[0][-1]) + 1) % 10)
    file.write_text(file.read_text(encoding="utf-8") + f"{wrong};K\n{POINTS[3]};K\n", encoding="utf-8")

    result, said = run(file)

    assert result.exit_code == 1
    refused = {one["metering_point_id"]: one["code"] for one in said if one["status"] == "rejected"}
    assert refused == {
        POINTS[1]: "CONSENT_MISSING",
        POINTS[7]: "CONSENT_MISSING",
        wrong: "ROW_NOT_READ",
        POINTS[3]: "ROW_NOT_READ",
    }
    assert len(said) == 10
    with (file.parent / "portfolio.mend.csv").open(encoding="utf-8-sig", newline="") as stream:
        left = list(csv.DictReader(stream, delimiter=";"))
    assert {row["Målepunkt-ID"]: row["code"] for row in left} == refused
    assert all(row["kunde"] == "K" and row["why"] for row in left)
    assert all(row["why_nb"] for row in left if row["code"] == "ROW_NOT_READ")


def test_where_nothing_of_a_part_passes_the_next_one_begins_the_switch(register: Answering, file: Path) -> None:
    register.refuses = set(POINTS[:3])

    result, said = run(file)

    assert result.exit_code == 1
    assert kinds(register) == ["request-switch", "request-switch", "extend-switch"]
    assert [one["status"] for one in said] == ["rejected"] * 3 + ["accepted"] * 5


def test_what_refuses_a_part_as_a_whole_is_said_of_each_of_its_rows(register: Answering, file: Path) -> None:
    register.whole = {"code": "SWITCH_NOTICE", "text_en": "Too early.", "fix_en": "Choose another."}

    result, said = run(file)

    assert result.exit_code == 1
    assert {one["code"] for one in said} == {"SWITCH_NOTICE"}
    assert len(said) == 8


def test_mended_rows_are_added_to_the_switch(register: Answering, file: Path) -> None:
    switch = "0192f000-0000-7000-8000-000000000001"
    result, _ = run(file, "--to", switch)

    assert result.exit_code == 0, result.output
    assert set(kinds(register)) == {"extend-switch"}
    assert {command["subject"] for command in register.sent} == {switch}


def test_without_an_answer_nothing_more_is_sent(register: Answering, file: Path) -> None:
    register.silent_after = 1

    result, said = run(file)

    assert result.exit_code == 2
    assert [one["status"] for one in said] == ["accepted"] * 3 + ["unanswered"] * 3 + ["not-sent"] * 2
    assert len(register.sent) == 2
    assert "flexreg show bsp-switch switch" in result.stderr


@pytest.mark.parametrize("options", [("--start", "2026-04-15", "--to", "x"), ("--json",)])
def test_it_is_a_new_switch_or_one_that_there_is(file: Path, options: tuple[str, ...]) -> None:
    assert run(file, *options)[0].exit_code == 2


def test_no_id_that_others_are_sent_tells_whose_portfolio_it_is(register: Answering, file: Path) -> None:
    for _ in range(2):
        run(file)
    for _ in range(2):
        run(file, "--to", register.sent[0]["subject"])

    # But for the moment it begins with, each is random: the same portfolio again has nothing in common.
    assert len({command["subject"][13:] for command in register.sent}) == 2
    assert len({command["id"][13:] for command in register.sent}) == len(register.sent) == 12
    assert all(len({command["id"], command["subject"]}) == 2 for command in register.sent)


def test_a_run_again_names_the_points_to_the_register_which_switches_none_twice(
    register: Answering, file: Path
) -> None:
    run(file)
    register.refuses = set(POINTS)

    result, said = run(file)

    # Of none of them a switch is extended: each part is refused as a new one.
    assert result.exit_code == 1
    assert kinds(register)[3:] == ["request-switch"] * 3
    assert {one["status"] for one in said} == {"rejected"}


def test_a_file_that_is_not_there_is_a_problem_in_a_line(register: Answering, tmp_path: Path) -> None:
    result, said = run(tmp_path / "nowhere.csv")

    assert isinstance(result.exception, SystemExit), result.exception
    assert "nowhere.csv cannot be read" in result.stderr
    assert not said
    assert not register.sent
