"""`flexreg meter get`: values and revisions, one a line."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from flexreg import measured, terminal
from flexreg.cli import app

pytestmark = pytest.mark.unit

POINT = "707057500000000018"
FOUND: dict[str, Any] = {
    "line": "consumption",
    "start": "2026-10-24T23:30:00Z",
    "end": "2026-10-25T01:00:00Z",
    "as_of": None,
    "messages": [{"record": "ingress.7080000000029.meter-values.v1/0/7"}, {"record": "t/0/9"}],
    "points": [
        {
            "metering_point_id": POINT,
            "periods": [{"start": "2026-10-24T23:45:00Z", "end": "2026-10-25T01:00:00Z"}],
            "days": [
                {
                    "start": "2026-10-24T23:30:00Z",
                    "resolution": "PT15M",
                    "counts": "PT15M",
                    "method": "none",
                    "values_wh": [None, 5, None, 7, 8, 9],
                    "status": [None, "metered", None, "metered", "metered", None],
                    "origin": [None, "metered", None, "metered", "metered", "filled"],
                    "profile": [],
                    "basis": [None, None, None, None, None, "history"],
                    "from": [
                        {"steps": 1, "messages": []},
                        {"steps": 1, "messages": [0]},
                        {"steps": 1, "messages": []},
                        {"steps": 2, "messages": [0, 1]},
                        {"steps": 1, "messages": []},
                    ],
                }
            ],
        }
    ],
}


def test_a_missing_value_is_a_row_and_what_is_not_given_is_none() -> None:
    rows = list(measured.rows(FOUND))
    assert [(row["start"][11:16], row["wh"], row["origin"]) for row in rows] == [
        ("23:45", 5, "metered"),
        ("00:00", None, "missing"),
        ("00:15", 7, "metered"),
        ("00:30", 8, "metered"),
        ("00:45", 9, "filled"),
    ]
    assert [(row["record"], row["basis"]) for row in rows[2:]] == [
        ("ingress.7080000000029.meter-values.v1/0/7 t/0/9", None),
        ("ingress.7080000000029.meter-values.v1/0/7 t/0/9", None),
        (None, "history"),
    ]
    assert {(row["counts"], row["method"]) for row in rows} == {("PT15M", "none")}


TERMS = [
    {"metering_point_id": "7070", "line": "consumption", "virtual": None, "minus": False},
    {"metering_point_id": None, "line": None, "virtual": "w", "minus": True},
]


def test_a_virtual_channel_is_named_in_each_row_and_by_what_it_is_computed() -> None:
    (point,) = FOUND["points"]
    (day,) = point["days"]
    computed = {name: day[name] for name in ("resolution", "values_wh", "status", "origin")}
    found = {"metering_point_id": None, "periods": point["periods"], **computed}
    definition = {"version": 3, "method": "net", "product_code": "4700000000303", "terms": TERMS}
    early, late = ({**definition, "version": version} for version in (1, 3))
    turn = "2026-10-25T00:00:00Z"
    definitions = [{**early, "start": FOUND["start"], "end": turn}, {**late, "start": turn, "end": FOUND["end"]}]
    rows = list(measured.rows(FOUND | {"virtual": "v", "points": [found], "definitions": definitions}))
    assert {(row["virtual"], row["metering_point_id"]) for row in rows} == {("v", None)}
    assert [row["wh"] for row in rows] == [5, None, 7, 8, 9]
    assert [row["definition"] for row in rows] == [1, 3, 3, 3, 3]
    assert {(row["method"], row["product_code"], row["made_of"]) for row in rows} == {
        ("net", "4700000000303", "7070/consumption -w")
    }


def test_what_a_virtual_channel_is_computed_from_is_named_by_where_it_was_decided() -> None:
    (row,) = measured.versions({"virtual": "v", "versions": ["7070|consumption|2026-03-28|0/17|2"]})
    assert (row["metering_point_id"], row["day"], row["position"], row["series"]) == ("7070", "2026-03-28", "0/17", 2)


def test_an_own_meters_values_say_how_many_samples_they_are_of() -> None:
    (point,) = FOUND["points"]
    (day,) = point["days"]
    own = {**day, "samples": [None, 13, None, None, None, None], "clock_wrong": [False] * 5 + [True]}
    rows = list(measured.rows({**FOUND, "points": [{**point, "days": [own]}]}))
    assert [(row["wh"], row["samples"], row["clock_wrong"]) for row in rows[::4]] == [(5, 13, False), (9, None, True)]
    assert "samples" not in next(measured.rows(FOUND))


def test_a_revision_is_a_row_for_every_run_that_it_changed() -> None:
    changes = [
        {"start": f"2026-03-28T{clock}:00Z", "before_wh": before, "wh": 2, "sent_wh": 2}
        for clock, before in (("00:00", None), ("00:15", None), ("00:30", 1), ("01:00", 1))
    ]
    said = {
        "status": "metered",
        "sender": "s",
        "received_at": "r",
        "registered_at": "g",
        "record": "t/0/1",
        "counts": True,
    }
    rows = list(
        measured.revisions({"metering_point_id": POINT, "line": "x", "revisions": [said | {"changes": changes}]})
    )
    assert [(row["start"][11:16], row["end"][11:16], row["before_wh"], row["wh"]) for row in rows] == [
        ("00:00", "00:30", None, 4),
        ("00:30", "00:45", 1, 2),
        ("01:00", "01:15", 1, 2),
    ]
    assert {row["record"] for row in rows} == {"t/0/1"}
    never = said | {"counts": False, "changes": [changes[0] | {"before_wh": 2, "sent_wh": 7}]}
    (row,) = measured.revisions({"metering_point_id": POINT, "line": "x", "revisions": [never]})
    assert (row["before_wh"], row["wh"], row["sent_wh"]) == (2, 2, 7)
    assert row["counts"] == "no: registered before what counts"
    (row,) = measured.revisions({"metering_point_id": POINT, "line": "x", "revisions": [never | {"other": True}]})
    assert row["counts"] == "no: the day counts in another resolution"


class Playing:
    """A register that gives what it is told to, and keeps what it was asked."""

    def __init__(self, found: dict[str, Any] | None) -> None:
        self.found = found
        self.asked: dict[str, str] = {}

    async def now(self) -> datetime:
        return datetime(2026, 11, 1, tzinfo=UTC)

    async def values(self, asked: dict[str, str]) -> dict[str, Any] | None:
        self.asked = asked
        return self.found


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Any:
    def play(found: dict[str, Any] | None) -> Playing:
        playing = Playing(found)

        @contextlib.asynccontextmanager
        async def register() -> AsyncGenerator[Any]:
            yield playing

        monkeypatch.setattr(terminal, "register", register)
        return playing

    return play


PERIOD = ("--from", "2026-10-25", "--to", "2026-10-26")


def test_values_are_printed_as_lines_or_csv(play: Any) -> None:
    playing = play(FOUND)
    result = CliRunner().invoke(app, ["meter", "get", POINT, *PERIOD, "--as", "7080000000029", "--resolution", "PT15M"])
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 5)
    assert json.loads(result.stdout.splitlines()[0])["wh"] == 5
    assert playing.asked == {
        "point": POINT,
        "line": "consumption",
        "resolution": "PT15M",
        "as": "7080000000029",
        "revisions": "false",
        "from": "2026-10-24T22:00:00Z",
        "to": "2026-10-25T23:00:00Z",
    }
    result = CliRunner().invoke(app, ["meter", "get", POINT, *PERIOD, "--csv", "--fill", "--source"])
    assert (playing.asked["fill"], playing.asked["source"]) == ("true", "true")
    assert [row["wh"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["5", "", "7", "8", "9"]


def test_nothing_is_said_in_a_sentence(play: Any) -> None:
    play(None)
    assert CliRunner().invoke(app, ["meter", "get", POINT, *PERIOD]).exit_code == 1
    assert CliRunner().invoke(app, ["meter", "get", POINT, "--group", "x", *PERIOD]).exit_code == 2
    assert CliRunner().invoke(app, ["meter", "get", *PERIOD]).exit_code == 2


def test_a_device_of_a_resource_is_asked_for(play: Any) -> None:
    playing = play(FOUND)
    result = CliRunner().invoke(app, ["meter", "get", "--resource", "r", "--device", "KH12-0001", *PERIOD])
    assert result.exit_code == 0
    assert (playing.asked["resource"], playing.asked["device"]) == ("r", "KH12-0001")
