"""Resources from a table: every habit of writing one, and what is said of rows that do not pass."""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from contracts import door, values
from flexreg import terminal
from flexreg.cli import app
from flexreg.importing import resources, table
from flexreg.sending import Answer

pytestmark = pytest.mark.unit

BSP = values.make_gln(1)
POINTS = [values.make_gsrn(number) for number in range(1, 8)]
HEADER = "metering_point_id;technology;up_kw;down_kw;make;model;serial"


def wishes(text: str | bytes) -> list[resources.Wish]:
    content = text.encode() if isinstance(text, str) else text
    return resources.wishes(table.read(content, resources.COLUMNS).rows, gln=BSP)


def powers(text: str | bytes) -> list[tuple[int, int]]:
    return [(wish.fields["up_w"], wish.fields["down_w"]) for wish in wishes(text)]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n{POINTS[0]};water-heater;2,5;0;Høiax;C20;S1\n",
        f"\n{HEADER}\r\n {POINTS[0]} ;water-heater; 2,500 ;;Høiax;C20;S1\r\n;;;;;;\r\n",
        f"metering_point_id,technology,up_kw,down_kw,make,model,serial\n{POINTS[0]},water-heater,2.5,0,Høiax,C20,S1",
        f'metering_point_id,technology,up_kw,make,model,serial\n{POINTS[0]},water-heater,"2,5",Høiax,C20,S1',
        (
            "Målepunkt-ID\tTeknologi\tOpp (kW)\tFabrikat\tModell\tSerienummer\n"
            f"{POINTS[0]}\tVarmtvannsbereder\t2,5\tHøiax\tC20\tS1"
        ),
        f"MeteringPointId;Technology;up_w;make;model;serial\n{POINTS[0]};water-heater;2500;Høiax;C20;S1",
        json.dumps(
            {
                "metering_point_id": POINTS[0],
                "technology": "water-heater",
                "up_kw": 2.5,
                "make": "Høiax",
                "model": "C20",
            }
            | {"serial": "S1"},
            ensure_ascii=False,
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_habit_says_the_same(text: str, encoding: str) -> None:
    [wish] = wishes(text.encode(encoding))
    assert wish.error == ""
    assert wish.fields == {
        "metering_point_id": POINTS[0],
        "technology": "water-heater",
        "up_w": 2500,
        "down_w": 0,
    }
    assert wish.devices == [{"make": "Høiax", "model": "C20", "serial": "S1"}]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("-1", "-1"),
        ("1e3", "1e3"),
        ("NaN", "NaN"),
        ("1,2345", "1,2345"),
        ("1 000", "1 000"),
        ("1.000,5", "1.000,5"),
        ("5 kW", "5 kW"),
        ("٣", "٣"),
    ],
)
def test_power_that_could_mean_something_else_is_not_read(cell: str, said: str) -> None:
    [wish] = wishes(f"{HEADER}\n{POINTS[0]};battery;{cell};0;A;B;1")
    assert said in wish.error


def test_two_decimal_habits_in_one_file_are_refused_row_for_row() -> None:
    found = wishes(f"{HEADER}\n{POINTS[0]};battery;1,5;0;A;B;1\n{POINTS[1]};battery;1.500;0;A;B;2")
    assert [("decimal comma (line 2)" in wish.error, len(wish.rows)) for wish in found] == [(True, 1), (True, 1)]


@given(st.integers(0, 999_999_999), st.sampled_from(",."))
def test_no_watt_is_lost(watt: int, separator: str) -> None:
    cell = f"{watt // 1000}{separator}{watt % 1000:03d}"
    assert powers(f"{HEADER}\n{POINTS[0]};battery;{cell};0;A;B;1") == [(watt, 0)]


def test_what_else_can_be_said_of_a_resource_and_its_device() -> None:
    header = "Målepunkt;Teknologi;Opp kW;Fabrikat;Modell;Serienummer;Enhetstype;Merkeeffekt (kW);Rampe (kW/min);Navn"
    [wish] = wishes(f"{header}\n{POINTS[0]};Elkjel;100;Acme;B;1;boiler;120,5;60;Kjel")
    assert (wish.fields["ramp_w_per_min"], wish.fields["name"]) == (60_000, "Kjel")
    assert wish.devices == [{"make": "Acme", "model": "B", "serial": "1", "device_type": "boiler", "rated_w": 120_500}]
    [item] = door.open_record(json.dumps(wish.command(gln=BSP, at=values.parse_time("2026-02-01T00:00:00Z"))).encode())
    assert item.reasons == ()


@pytest.mark.parametrize("devices", ["1", '["a"]', "[[]]", '{"make": "A"}'])
def test_devices_that_are_none_are_said_to_be_none(devices: str) -> None:
    [wish] = wishes(f'{{"metering_point_id": "{POINTS[0]}", "technology": "battery", "devices": {devices}}}')
    assert "devices" in wish.error


def test_rows_of_one_resource_are_its_devices() -> None:
    rows = [f"R1;{POINTS[0]};battery;5;5;A;B;{serial}" for serial in (1, 2, 3)]
    [wish] = wishes("\n".join([f"resource_id;{HEADER}", *rows]))
    assert [device["serial"] for device in wish.devices] == ["1", "2", "3"]
    assert [row.line for row in wish.rows] == [2, 3, 4]


@pytest.mark.parametrize(
    ("second", "said"),
    [(f"R1;{POINTS[0]};battery;6;5;A;B;2", "something else"), (f"R1;{POINTS[0]};battery;5;5;A;B;1", "twice")],
)
def test_a_resource_that_is_said_in_two_ways_is_refused_whole(second: str, said: str) -> None:
    [wish] = wishes(f"resource_id;{HEADER}\nR1;{POINTS[0]};battery;5;5;A;B;1\n{second}")
    assert said in wish.error
    assert len(wish.rows) == 2


def test_a_device_that_stands_twice_is_refused_the_second_time() -> None:
    first, again = wishes(f"{HEADER}\n{POINTS[0]};battery;5;5;A;B;1\n{POINTS[0]};battery;6;5;A;B;1")
    assert first.error == ""
    assert "line 2" in again.error


def test_the_same_file_gives_the_same_messages_and_another_time_other_ones() -> None:
    text = f"{HEADER}\n{POINTS[0]};battery;5;5;A;B;1\n{POINTS[1]};battery;5;5;A;B;2"
    at = values.parse_time("2026-02-01T00:00:00Z")
    first, again = ([wish.command(gln=BSP, at=at) for wish in wishes(text)] for _ in range(2))
    assert first == again
    later = [wish.command(gln=BSP, at=values.parse_time("2026-02-02T00:00:00Z")) for wish in wishes(text)]
    assert [one["subject"] for one in later] == [one["subject"] for one in first], "the resource is the same"
    assert not {one["id"] for one in later} & {one["id"] for one in first}
    assert len({one["subject"] for one in first}) == 2
    for command in first:
        [item] = door.open_record(json.dumps(command).encode())
        assert item.reasons == ()


@given(st.binary(max_size=300))
def test_no_bytes_break_it(content: bytes) -> None:
    for head in (b"", HEADER.encode() + b"\n", b'{"metering_point_id":'):
        with contextlib.suppress(table.UnreadableTable):
            resources.wishes(table.read(head + content, resources.COLUMNS).rows, gln=BSP)


@pytest.mark.parametrize(
    "text", ["", "a;b\n1;2", f"{HEADER};up (kW)\n", f'{HEADER}\n"{POINTS[0]};battery;5;5;A;B;1'], ids=repr
)
def test_a_file_that_is_no_table_is_said_to_be_none(text: str) -> None:
    with pytest.raises(table.UnreadableTable):
        table.read(text.encode(), resources.COLUMNS)


# The command


class Answering:
    """A register that refuses what a serial number says it should."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.parcels = 0
        self.there: set[str] = set()

    async def stream(self, _gln: str, records: Any, **_: object) -> AsyncIterator[Answer]:
        async for record in records:
            self.parcels += 1
            found = json.loads(record.body)
            for head, command in zip(record.heads, found if isinstance(found, list) else [found], strict=True):
                self.sent.append(command)
                serial = command["data"]["devices"][0]["serial"]
                if serial == "silent":
                    yield Answer(head, "p")
                    continue
                reason = {"code": "DEVICE_ALREADY_REGISTERED", "text_en": "It is taken.", "fix_en": "Check it."}
                refused = serial.startswith("taken")
                said = {"status": "rejected", "reasons": [reason]} if refused else {"status": "accepted"}
                if command["subject"] in self.there:
                    said["reasons"] = [{"code": "RESOURCE_ALREADY_REGISTERED", "text_en": "It is there.", "fix_en": ""}]
                yield Answer(head, "p", said)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Answering:
    standing = Answering()

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[Answering]:
        yield standing

    monkeypatch.setattr(terminal, "register", opened)
    return standing


def run(file: Path, *options: str) -> tuple[Result, list[dict[str, Any]]]:
    result = CliRunner().invoke(app, ["import", "resources", str(file), "--as", BSP, *options])
    return result, [json.loads(line) for line in result.stdout.splitlines()]


def test_every_row_has_a_result_and_those_to_mend_are_a_file_that_can_be_imported(
    tmp_path: Path, register: Answering
) -> None:
    file = tmp_path / "plan.csv"
    rows = [
        f"{POINTS[0]};battery;5;5;A;B;1",
        f"{POINTS[1]};battery;x;5;A;B;2",
        f'{POINTS[2]};battery;5;5;"A; ""B""";B;taken-1',
        f"{POINTS[3]};battery;5;5;A;B;4",
    ]
    file.write_text("\n".join([HEADER, *rows]), encoding="cp1252")
    result, said = run(file)
    assert result.exit_code == 1
    assert sorted((one["lines"], one["status"]) for one in said) == [
        ([2], "accepted"),
        ([3], "rejected"),
        ([4], "rejected"),
        ([5], "accepted"),
    ]
    assert "2 rejected, 2 accepted; 3 resources read, 15.000 kW up and 15.000 kW down in all" in result.stderr
    assert register.parcels == 1
    with (tmp_path / "plan.mend.csv").open(encoding="utf-8-sig", newline="") as stream:
        left = list(csv.DictReader(stream, delimiter=";"))
    assert [(row["serial"], row["code"]) for row in left] == [
        ("2", "ROW_NOT_READ"),
        ("taken-1", "DEVICE_ALREADY_REGISTERED"),
    ]
    assert left[1]["why"] == "It is taken. Check it."
    assert "up_kw er 'x'" in left[0]["why_nb"]
    mended = tmp_path / "plan.mend.csv"
    mended.write_text(mended.read_text(encoding="utf-8-sig").replace(";x;", ";5;").replace("taken-1", "3"))
    result, said = run(mended)
    assert result.exit_code == 0, result.output
    assert register.sent[-1]["data"]["devices"][0]["make"] == 'A; "B"'
    assert not (tmp_path / "plan.mend.mend.csv").exists()


def test_a_dry_run_asks_no_register_and_says_what_the_door_would(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    wrong = POINTS[1][:-1] + str((int(POINTS[1][-1]) + 1) % 10)
    file.write_text(f"{HEADER}\n{POINTS[0]};battery;5;5;A;B;1\n{wrong};battery;5;5;A;B;2\n")
    result, said = run(file, "--dry-run")
    assert result.exit_code == 1
    assert [one["status"] for one in said] == ["valid", "rejected"]
    assert said[1]["reasons"][0]["path"] == "/data/metering_point_id"


def test_what_was_not_answered_is_said_and_asked_again_as_a_new_message(tmp_path: Path, register: Answering) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(f"{HEADER}\n{POINTS[0]};battery;5;5;A;B;silent\n")
    for _ in range(2):
        result, _ = run(file)
        assert result.exit_code == 2
        assert "import the same file again" in result.stderr
    first, again = register.sent
    assert (first["subject"], first["data"]) == (again["subject"], again["data"]), "the resource is the same"
    assert first["id"] != again["id"], "nobody is told for ever what was refused once"


@pytest.mark.parametrize("seconds", [0, 1_770_000_000])
def test_a_mended_file_has_its_other_rows_behind_it(tmp_path: Path, register: Answering, seconds: int) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(f"{HEADER}\n{POINTS[0]};battery;5;5;A;B;1\n{POINTS[1]};battery;x;5;A;B;2\n")
    assert run(file)[0].exit_code == 1
    (tmp_path / "plan.mend.csv").unlink()
    file.write_text(file.read_text().replace(";x;", ";5;"))
    os.utime(file, (seconds, seconds))
    register.there = {register.sent[0]["subject"]}
    result, said = run(file)
    assert result.exit_code == 0, result.output
    assert [(one["status"], one["duplicate"]) for one in said] == [("accepted", True), ("accepted", False)]
    assert "2 accepted (1 of them registered before)" in result.stderr
    assert not (tmp_path / "plan.mend.csv").exists()


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n{POINTS[0]};battery;x;5;A;B;1",
        f"{HEADER}\n{POINTS[0]};;5;5;A;B;1",
        f"{HEADER}\n{POINTS[0]};battery;5;5;A;B;1;2",
        f"{HEADER};up_w\n{POINTS[0]};battery;5;5;A;B;1;5000",
        f"{HEADER};up_w\n{POINTS[0]};battery;;5;A;B;1;5.5",
        "{no json}",
        '{"type": "register-resource"}',
    ],
)
def test_what_cannot_be_read_is_said_in_both_languages_with_what_to_do(text: str) -> None:
    unread = wishes(text)[0].unread
    assert unread is not None
    assert unread.text_nb != unread.text_en
    assert unread.fix_nb
    assert unread.fix_en


def test_a_file_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    result, _ = run(tmp_path / "nothing.csv")
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_a_row_of_the_rarer_decimal_habit_is_refused_alone() -> None:
    cells = ("1,5", "2,5", "1.500", "7")
    rows = [f"{POINTS[n]};battery;{cell};0;A;B;{n}" for n, cell in enumerate(cells)]
    found = wishes("\n".join([HEADER, *rows]))
    assert ["decimal comma" in wish.error for wish in found] == [False, False, True, False]
    even = wishes("\n".join([HEADER, *rows[1:]]))
    assert ["decimal comma" in wish.error for wish in even] == [True, True, False]
