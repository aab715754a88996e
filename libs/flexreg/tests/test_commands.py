"""What the commands make of their arguments, what they print, how they end; the register behind them is a stand-in."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from flexreg_given import PREFIX, event
from typer.testing import CliRunner, Result

from flexreg import outgoing, terminal, told
from flexreg.cli import app
from flexreg.commands import contracting, listening, operating, papers, persons, sending
from flexreg.outgoing import Outgoing
from flexreg.problem import Problem
from flexreg.sending import Answer

pytestmark = pytest.mark.unit

GLN = "7080000000012"
ONBOARD = {"type": "onboard-party", "subject": "7080000000029", "data": {"name": "N", "roles": ["brp"]}}


class StandIn:
    """Answers each command by what its data say."""

    sandbox = True
    doors: ClassVar = {"prequal": "http://127.0.0.1:9"}

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.acted: list[tuple[str, str]] = []
        self.proved = [{"service": "registry", "shard": "", "equal": True, "tables": {}}]
        self.counted: dict[str, Any] = {"wrong": {}, "holds": True}
        self.delivered: dict[str, Any] = {"wrong": {}, "holds": True}

    async def now(self) -> Any:
        return outgoing.datetime(2026, 1, 5, 8, tzinfo=outgoing.UTC)

    async def stream(self, _gln: str, records: Any, *, wait: bool, **_: object) -> AsyncIterator[Answer]:
        async for record in records:
            self.sent.append(record)
            for place, head in enumerate(record.heads):
                position = f"ingress.x/0/{len(self.sent)}/{place}"
                status = json.loads(record.body)["data"]["status"] if record.body[:1] == b"{" else "accepted"
                if record.error:
                    yield Answer(head, error=record.error)
                elif not wait or status == "silence":
                    yield Answer(head, position)
                else:
                    yield Answer(head, position, {"command_id": head.id, "status": status})

    async def settled(self) -> None:
        """It always is."""

    async def prove(self) -> list[dict[str, Any]]:
        return self.proved

    async def count(self) -> dict[str, Any]:
        return self.counted

    async def deliveries(self) -> dict[str, Any]:
        return self.delivered

    async def parked(self) -> list[dict[str, Any]]:
        return [{"service": "registry", "key": "k", "body": "{}", "error": "broken"}]

    async def act(self, key: str, action: str) -> str:
        self.acted.append((key, action))
        return {"k": "ok", "event": "cannot-drop"}.get(key, "unknown")

    async def status(self) -> list[dict[str, Any]]:
        shard = {"shard": "", "lag": 0, "seconds_behind": 900, "position": 1}
        return [
            {"name": "registry", "ready": True, "shards": [shard]},
            {"name": "gateway", "ready": False, "shards": []},
        ]

    async def show(
        self, service: str, kind: str, id_: str, valid_at: Any, known_at: Any, party: Any = None
    ) -> dict[str, Any] | None:
        return {"kind": kind, "id": id_, "at": str(valid_at), "known": str(known_at)} if id_ == "there" else None

    async def each(self, service: str, kind: str, *, limit: int, after: str, asked: Any) -> AsyncIterator[Any]:
        yield {"asked": asked.params, "limit": limit, "after": after}

    async def history(self, service: str, kind: str, id_: str) -> AsyncIterator[dict[str, Any]]:
        if id_ == "there":
            yield {"position": 1, "type": f"{PREFIX}.registry.member-joined.v1"}


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    there = StandIn()

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[StandIn]:
        yield there

    monkeypatch.setattr(terminal, "register", opened)
    return there


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEXREG_STATE", str(tmp_path / "state.json"))


def run(*arguments: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(app, arguments, input=given)


def said(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def lines(*statuses: str) -> str:
    return "".join(json.dumps(ONBOARD | {"data": {"status": status}}) + "\n" for status in statuses)


@pytest.mark.parametrize(
    "arguments",
    [
        ("clock",),
        ("status",),
        ("parked",),
        ("prove",),
        ("show", "registry", "party", "1"),
        ("list", "registry", "party"),
        ("history", "registry", "party", "1"),
        ("send", "--as", GLN),
        ("receive", "--as", GLN),
        ("watch",),
        ("case", "1"),
        ("seed",),
    ],
)
@pytest.mark.usefixtures("nowhere")
def test_without_a_register_one_is_told_what_to_do_and_nothing_more(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "make up" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (lines("accepted", "accepted"), 0),
        (lines("accepted", "rejected"), 1),
        (lines("partly-accepted"), 1),
        (lines("rejected", "silence"), 2),
        (lines("accepted") + "no json\n", 2),
        (lines("accepted") + '{"type": "fly"}\n', 2),
        ("", 0),
        ("\n\n", 0),
    ],
)
@pytest.mark.usefixtures("register")
def test_the_exit_code_of_send_says_what_became_of_all(given: str, code: int) -> None:
    assert run("send", "--as", GLN, given=given).exit_code == code


@pytest.mark.usefixtures("register")
def test_what_was_not_sent_stands_among_the_receipts_where_its_line_stood() -> None:
    result = run("send", "--as", GLN, given=lines("accepted") + "[1]\n\n" + lines("rejected"))
    assert [line["status"] for line in said(result)] == ["accepted", "not-sent", "rejected"]
    assert "line 2" in said(result)[1]["error"]
    assert "1 not-sent" in result.stderr


def test_a_file_is_read_as_well_as_stdin(register: StandIn, tmp_path: Path) -> None:
    (tmp_path / "commands.jsonl").write_text(lines("accepted", "accepted").removesuffix("\n"))
    assert run("send", "--as", GLN, str(tmp_path / "commands.jsonl")).exit_code == 0
    assert len(register.sent) == 2
    missing = run("send", "--as", GLN, str(tmp_path / "missing"))
    assert missing.exit_code == 2
    assert "cannot be read" in missing.stderr


def test_a_batch_goes_in_parcels(register: StandIn) -> None:
    assert run("send", "--as", GLN, "--batch", "2", given=lines(*["accepted"] * 5)).exit_code == 0
    assert [len(record.heads) for record in register.sent] == [2, 2, 1]


def test_raw_lines_are_sent_byte_for_byte(register: StandIn) -> None:
    given = b'nonsense\n\n{"data": {"status": "rejected"}}\r\n\xff'
    assert run("send", "--as", GLN, "--raw", given=given).exit_code == 1
    assert [record.body for record in register.sent] == given.split(b"\n")


def test_raw_lines_are_no_parcels() -> None:
    result = run("send", "--as", GLN, "--raw", "--batch", "2")
    assert result.exit_code == 2
    assert "--batch" in result.stderr


@pytest.mark.usefixtures("register")
def test_without_waiting_the_positions_are_printed() -> None:
    result = run("send", "--as", GLN, "--no-wait", given=lines("silence"))
    assert result.exit_code == 0
    assert said(result)[0]["ingressposition"] == "ingress.x/0/1/0"


def test_the_worst_of_all_is_the_exit_code() -> None:
    assert sending.exit_code(Counter({"unanswered": 1, "rejected": 1})) == 2


def test_types_are_listed_with_who_may_send_or_see_them() -> None:
    found = {line["type"]: line for line in said(run("types"))}
    assert found[f"{PREFIX}.registry.onboard-party.v1"]["senders"] == ["operator"]
    assert found[f"{PREFIX}.registry.party-onboarded.v1"]["seen_by"] == ["the party", "every operator", "every tso"]
    assert found[f"{PREFIX}.registry.receipt.v1"]["kind"] == "receipt"
    assert found[f"{PREFIX}.gateway.time-passed.v1"]["kind"] == "control"


def test_a_type_is_told_with_its_schema_and_an_example_that_passes_the_door() -> None:
    [found] = said(run("types", "register-resource"))
    assert found["schema"]["$id"].endswith(found["type"])
    [example, *_] = found["examples"]
    assert [line["status"] for line in contracting.checked(json.dumps(example).encode())] == ["valid"]


def test_an_unknown_type_is_said_with_what_is_near() -> None:
    result = run("types", "onbord-party")
    assert result.exit_code == 2
    assert "onboard-party" in result.stderr


@pytest.mark.parametrize(
    ("given", "statuses"),
    [
        (json.dumps(ONBOARD), ["valid"]),
        (json.dumps([ONBOARD, ONBOARD]), ["valid", "valid"]),
        (json.dumps(ONBOARD, indent=2), ["valid"]),
        (json.dumps(ONBOARD) + "\n\n" + json.dumps(ONBOARD | {"subject": "1"}), ["valid", "refused"]),
        (json.dumps(ONBOARD | {"type": "fly"}), ["refused"]),
        ("no json", ["refused"]),
        ('{"type": "onboard-party", "type": "x"}', ["refused"]),
        ("", []),
    ],
)
def test_check_says_what_the_door_would(given: str, statuses: list[str]) -> None:
    result = run("check", given=given)
    assert [line["status"] for line in said(result)] == statuses
    assert result.exit_code == int("refused" in statuses)


def test_topics_are_listed() -> None:
    names = [line["topic"] for line in said(run("topics", "list"))]
    assert {"commands.registry.v1", "ingress.<gln>.v1", "control.clock.v1"} <= set(names)


def test_what_is_parked_is_listed_shown_released_and_dropped(register: StandIn) -> None:
    assert [line["error"] for line in said(run("parked"))] == ["broken"]
    assert "body" not in said(run("parked", "list"))[0]
    assert said(run("parked", "show", "k"))[0]["body"] == "{}"
    assert run("parked", "retry", "k").exit_code == 0
    assert register.acted == [("k", "retry")]
    assert run("parked", "show", "other").exit_code == 1
    assert run("parked", "retry", "other").exit_code == 1
    assert "cannot be dropped" in run("parked", "drop", "event").stderr


def test_prove_fails_where_anything_does_not_hold(register: StandIn) -> None:
    assert run("prove").exit_code == 0
    register.proved[0]["remarks"] = [{"text_nb": "Kan ikke bevises lenger.", "text_en": "Is not proved any more."}]
    result = run("prove")
    assert result.exit_code == 0, "what was erased fails nothing"
    assert "Kan ikke bevises lenger. Is not proved any more." in result.stderr
    register.counted = {"wrong": {"without a receipt": {"count": 2}}, "holds": False}
    assert run("prove").exit_code == 1
    register.counted, register.proved[0]["equal"] = {"wrong": {}, "holds": True}, False
    result = run("prove")
    assert result.exit_code == 1
    assert [line["holds"] for line in said(result)] == [False, True, True]
    register.proved[0]["equal"], register.delivered = True, {"wrong": {}, "holds": False}
    assert run("prove").exit_code == 1


def test_status_counts_what_is_unanswered_and_fails_where_a_process_is_down(register: StandIn) -> None:
    register.counted = {"wrong": {"without a receipt": {"count": 2}}, "holds": False}
    result = run("status")
    assert result.exit_code == 1
    assert said(result)[-1] == {"unanswered": 2, "doors": {"prequal": "http://127.0.0.1:9"}}
    assert said(result)[0]["seconds_behind"] == 0
    down = {"name": "a", "ready": False, "shards": [], "error": "e"}
    assert operating.rows_of([down]) == [{"process": "a", "ready": False, "error": "e"}]


@pytest.mark.usefixtures("register")
def test_show_prints_a_document_or_says_that_there_is_none() -> None:
    result = run("show", "registry", "party", "there", "--valid-at", "2026-01-20", "--known-at", "+P1D")
    assert said(result)[0]["at"] == "2026-01-19 23:00:00+00:00"
    assert said(result)[0]["known"] == "2026-01-06 08:00:00+00:00", "from the register's now"
    assert run("show", "registry", "party", "elsewhere").exit_code == 1
    assert "as known at 2026-01-20 00:00" in run("show", "registry", "party", "-", "--known-at", "2026-01-20").stderr
    assert run("show", "registry", "party", "there", "--valid-at", "soon").exit_code == 2


def test_tasks_stand_in_order_of_their_due_dates_and_what_is_overdue_is_marked() -> None:
    now = datetime(2026, 1, 10, tzinfo=UTC)
    due = ("2026-01-11T00:00:00Z", None, "2026-01-10T00:00:00Z", "2026-01-09T00:00:00+01:00")
    found = [{"due_at": at, "what": "w", "subject": "s", "party": "p"} for at in due]
    assert [(task["due_at"], task["overdue"]) for task in papers.in_order(found, now=now)] == [
        (due[3], True),
        (due[2], True),
        (due[0], False),
        (None, False),
    ]


def test_a_partys_tasks_are_asked_for_by_name_and_the_tsos_by_its_role(
    register: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def show(_service: str, _kind: str, id_: str) -> dict[str, Any] | None:
        if id_ == "of":
            return {"state": {"start": "2026-04-15T22:00:00Z"}}
        return {"state": {"roles": {"1": ["dso"], "2": ["tso"]}[id_]}} if id_ in {"1", "2"} else None

    async def each(service: str, kind: str, *, limit: int | None, asked: Any) -> AsyncIterator[Any]:
        assert limit is None
        if service == "bsp-switch":
            assert (kind, asked.where) == ("objection", ("state=open",))
            # Its switch has moved since.
            yield {"id": "o", "state": {"switch_id": "of", "start": "2026-04-08T22:00:00Z"}}
            return
        assert kind == "task"
        (where,) = asked.where or ("party=all",)
        yield {"state": {"due_at": None, "what": "w", "subject": "s", "party": where.partition("=")[2]}}

    monkeypatch.setattr(register, "show", show)
    monkeypatch.setattr(register, "each", each)
    asked = {who: said(run("tasks", *who)) for who in (("--as", "1"), ("--as", "2"), ())}
    told = [[(task["party"], task["what"]) for task in tasks] for tasks in asked.values()]
    objection = ("tso", "resolve-objection")
    assert told == [[("1", "w")], [objection, ("2", "w"), ("tso", "w")], [objection, ("all", "w")]]
    assert (asked[()][0]["subject"], asked[()][0]["due_at"]) == ("o", "2026-04-15T22:00:00Z")
    assert run("tasks", "--as", "3").exit_code != 0


@pytest.mark.usefixtures("register")
def test_list_asks_for_what_was_valid_and_known_and_for_values() -> None:
    moments = ("--valid-at", "2026-01-20", "--known-at", "2026-01-10T08:00:00Z")
    [line] = said(run("list", "registry", "group", *moments, "--where", "bsp=7", "--where", "name=a=b", "--limit", "3"))
    assert line == {
        "asked": {
            "valid_at": "2026-01-19T23:00:00Z",
            "known_at": "2026-01-10T08:00:00Z",
            "where": ["bsp=7", "name=a=b"],
        },
        "limit": 3,
        "after": "",
    }
    assert run("list", "registry", "group", "--where", "bsp").exit_code == 2
    assert said(run("list", "registry", "group"))[0]["asked"] == {}


@pytest.mark.usefixtures("register")
def test_history_prints_a_line_for_every_event_or_says_that_there_is_none() -> None:
    assert [line["position"] for line in said(run("history", "registry", "group", "there"))] == [1]
    assert run("history", "registry", "group", "elsewhere").exit_code == 1


def test_an_event_of_a_history_is_told_in_a_line() -> None:
    change = {
        "position": 12,
        "type": f"{PREFIX}.registry.membership-ended.v1",
        "recorded_at": "2026-04-14T22:00:01Z",
        "cause": "group|01900000|memberships-end|2026-04-14T22:00:00+00:00",
        "sender": None,
        "data": {"because": "switch"},
    }
    due, sent, heard = (
        told.change(change | more).plain for more in ({}, {"cause": "c", "sender": GLN}, {"cause": "c"})
    )
    assert due == "2026-04-15 00:00:01       12 ⏰ group memberships-end membership-ended  because=switch"
    assert f" {GLN} " in sent
    assert " an event " in heard


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        ({}, True),
        ({"type_": f"{PREFIX}.registry.party"}, True),
        ({"type_": "registry.party"}, True),
        ({"type_": "party"}, True),
        ({"type_": "prequal"}, False),
        ({"case": "case"}, True),
        ({"case": "another"}, False),
        ({"party": "7"}, True),
        ({"party": "8"}, False),
        ({"party": "8", "roles": {"tso"}}, True),
        ({"party": "8", "roles": {"dso"}}, False),
    ],
)
def test_watch_shows_what_was_asked_for(filters: dict[str, Any], passes: bool) -> None:
    entry = event(0, "e", name="party-onboarded", party="7")
    assert listening.wanted(entry, **({"type_": None, "case": None} | filters)) == passes


def test_a_problem_is_one_sentence_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        raise Problem("it is so", "do this")

    with pytest.raises(terminal.typer.Exit) as ended:
        terminal.said(fails)
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "it is so\n→ do this\n"


def test_what_nobody_anticipated_is_said_without_a_trace_of_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        raise ZeroDivisionError("oh")

    with pytest.raises(terminal.typer.Exit):
        terminal.said(fails)
    assert "ZeroDivisionError: oh" in capsys.readouterr().err


def test_a_broker_that_is_away_is_said_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        raise ConnectionRefusedError("nobody there")

    with pytest.raises(terminal.typer.Exit):
        terminal.said(fails)
    assert "does not answer" in capsys.readouterr().err


async def test_the_operator_watches_what_every_operator_sees() -> None:
    class Fresh:
        operator = "7080000000012"

        async def show(self, *_: str) -> None:
            """Nobody is onboarded."""

    assert await listening._roles(Fresh(), "7080000000012") == {"operator"}
    assert await listening._roles(Fresh(), "7080000000029") == set()


class _Doorway:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.answers: list[Any] = []

    async def ask(self, method: str, path: str, content: bytes) -> Any:
        self.asked.append((method, path, json.loads(content) if content else None))
        answer = self.answers.pop(0) if self.answers else {"end_user": "e"}
        return SimpleNamespace(content=b"{}", json=lambda: answer)


@pytest.fixture
def doorway(monkeypatch: pytest.MonkeyPatch, register: StandIn) -> _Doorway:
    """The door of `bsp-switch`."""
    made = _Doorway()

    async def to(_register: object, service: str, gln: str, _key: object) -> _Doorway:
        assert (service, gln) == ("bsp-switch", GLN)
        return made

    monkeypatch.setattr("flexreg.doorway.Doorway.to", to)
    return made


def test_a_lookup_says_the_point_and_what_is_known_and_can_be_asked_for_it(doorway: _Doorway) -> None:
    assert said(run("lookup", "7070", "--as", GLN, "--organisation-number", "9"))[0] == {"end_user": "e"}
    asked = run("lookup", "7070", "--as", GLN, "--birth-date", "-", given="1957-08-31\n")
    assert "1957" not in asked.output
    assert [content for _, _, content in doorway.asked] == [
        {"metering_point_id": "7070", "organisation_number": "9"},
        {"metering_point_id": "7070", "birth_date": "1957-08-31"},
    ]


def test_a_bsp_reads_its_own_history_of_a_point(doorway: _Doorway) -> None:
    assert said(run("point", "history", "7070", "--as", GLN))[0] == {"end_user": "e"}
    assert doorway.asked == [("GET", "/points/7070/history", None)]


def test_what_concerns_an_end_user_is_listed_page_by_page(doorway: _Doorway) -> None:
    pages = [
        {"entries": [{"what": "a"}], "links": {"next": "/persons/e/concerns?after=7070"}},
        {"entries": [{"what": "b"}]},
    ]
    doorway.answers = [*pages]
    assert said(run("person", "concerns", "e", "--as", GLN)) == [{"what": "a"}, {"what": "b"}]
    assert [path for _, path, _ in doorway.asked] == ["/persons/e/concerns", "/persons/e/concerns?after=7070"]


@pytest.mark.parametrize("known", [(), ("--birth-date", "1957-08-31", "--organisation-number", "9")])
def test_a_person_has_one_or_the_other(doorway: _Doorway, known: tuple[str, ...]) -> None:
    assert run("lookup", "7070", "--as", GLN, *known).exit_code == persons.Problem.code
    assert doorway.asked == []


def test_a_person_is_put_read_and_erased(doorway: _Doorway) -> None:
    run("person", "put", "e/1", "--as", GLN, "--name", "N", "--birth-date", "1957-08-31")
    run("person", "get", "e/1", "--as", GLN)
    run("person", "erase", "e/1", "--as", GLN, "--asked-by", "operator")
    assert doorway.asked == [
        ("PUT", "/persons/e%2F1", {"name": "N", "birth_date": "1957-08-31"}),
        ("GET", "/persons/e%2F1", None),
        ("DELETE", "/persons/e%2F1?asked_by=operator", None),
    ]


@pytest.mark.usefixtures("register")
def test_what_is_not_shown_as_a_party_sees_it_says_what_is() -> None:
    refused = run("show", "registry", "group", "there", "--as", GLN)
    assert "of bsp-switch point alone" in str(refused.exception)
