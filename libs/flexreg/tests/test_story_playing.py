"""How a step is played: what is said, what is shown, what fails."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from rich.console import Console

from contracts.bsp_switch.v1 import SwitchAnnounced
from contracts.prequal.v1 import BiddableChanged
from contracts.registry.v1 import MemberJoined, MembershipEndAnnounced, OnboardParty
from flexreg.client import Register
from flexreg.log import Entry
from flexreg.story import cast as who
from flexreg.story import causes
from flexreg.story.heard import Heard
from flexreg.story.playing import Play, UnableToGoOn
from flexreg.story.table import Board, kw, mw, percent

pytestmark = pytest.mark.unit


class OneThatAnswers:
    """A register that answers what it is told to."""

    bootstrap = namespace = ""

    def __init__(self, *answers: dict[str, Any] | None):
        self.answers = list(answers)

    async def send(self, gln, commands, *, parcel, timeout):  # noqa: ASYNC109
        return self.answers


def board() -> tuple[Board, io.StringIO]:
    file = io.StringIO()
    return Board(Console(file=file, width=200)), file


def playing(*answers: dict[str, Any] | None) -> tuple[Play, io.StringIO]:
    shown, file = board()
    play = Play(cast("Register", OneThatAnswers(*answers)), shown)
    play._log, play._post = Heard(None, ""), Heard(None, "")
    return play, file


def receipt(status: str = "accepted", *codes: str) -> dict[str, Any]:
    reasons = [{"code": code, "rule": "R1", "text_en": f"It is {code}."} for code in codes]
    return {"status": status, "reasons": reasons}


def entry(
    id_: str, type_: str, *, cause: str = "", at: int = 0, topic: str = "events.registry.v1", **data: Any
) -> Entry:
    head: dict[str, Any] = {
        "id": id_,
        "type": type_,
        "source": "/services/registry",
        "time": "2026-01-05T08:00:00Z",
        "subject": data.get("group_id", ""),
        "data": data,
    }
    if cause:
        head["causationid"] = cause
    return Entry(topic, 0, at, at, json.dumps(head).encode())


WISH = {"type": OnboardParty.type, "subject": who.TSO.gln, "data": {}}


async def test_what_is_accepted_is_shown_so():
    play, file = playing(receipt(), receipt())
    await play.say(who.OPERATOR, "onboards two", [WISH, WISH], rule="R25")
    assert "operator" in file.getvalue()
    assert "onboards two → 2 accepted  [R25]" in file.getvalue()
    assert (play.sent, [check.holds for check in play.checks]) == (2, [True])


async def test_a_refusal_says_why_and_by_which_rule():
    play, file = playing(receipt("rejected", "TOO_LARGE"))
    await play.say(who.BSP_A, "asks for too much", [WISH], refused={0: "TOO_LARGE"})
    assert "asks for too much → refused: It is TOO_LARGE.  [TOO_LARGE R1]" in file.getvalue()
    assert all(check.holds for check in play.checks)


async def test_what_comes_otherwise_fails_and_is_shown():
    play, file = playing(receipt("rejected", "TOO_LARGE"))
    await play.say(who.BSP_A, "asks", [WISH])
    assert [check.holds for check in play.checks] == [False]
    assert "{} expected, {0: 'TOO_LARGE'} came" in file.getvalue()


async def test_the_story_cannot_go_on_without_an_answer():
    play, file = playing(receipt(), None)
    with pytest.raises(UnableToGoOn, match="BSP A was not answered in time"):
        await play.say(who.BSP_A, "asks", [WISH, WISH])
    assert "not answered in time" in file.getvalue()


async def test_events_are_looked_for_after_the_mark():
    play, _ = playing()
    play.log.take([entry("1", MemberJoined.type, group_id="g", up_w=1)])
    play.mark()
    later = [
        entry("2", MemberJoined.type, group_id="g", up_w=2, at=1),
        entry("3", MemberJoined.type, group_id="h", at=2),
    ]
    play.log.take(later)
    assert play.event(MemberJoined, group_id="g")["up_w"] == 2
    assert all(check.holds for check in play.checks)
    with pytest.raises(UnableToGoOn, match="no biddable-changed came"):
        play.event(BiddableChanged)


async def test_who_was_told_is_everyone_who_was_and_nobody_else():
    play, _ = playing()
    play.post.take([entry("1", MemberJoined.type, topic=f"egress.{party.gln}.v1") for party in (who.BSP_A, who.DSO_1)])
    play.told(MemberJoined, {who.BSP_A: 1, who.DSO_1: 1})
    play.told(MemberJoined, {who.BSP_A: 1})
    assert [check.holds for check in play.checks] == [True, False]


async def test_a_party_finds_what_it_was_sent_on_its_own_topic(monkeypatch: pytest.MonkeyPatch):
    play, _ = playing()
    sent = [
        entry(str(n), MemberJoined.type, topic=f"egress.{party.gln}.v1", at=n, group_id="g", up_w=n)
        for n, party in enumerate((who.DSO_1, who.BSP_A))
    ]

    async def catch_up():
        if sent:
            play.post.take([sent.pop(0)])

    monkeypatch.setattr(play.post, "catch_up", catch_up)
    monkeypatch.setattr("flexreg.story.playing.PAUSE_SECONDS", 0)
    assert (await play.delivered(who.BSP_A, MemberJoined, group_id="g"))["up_w"] == 1
    monkeypatch.setattr("flexreg.story.playing.PATIENCE_SECONDS", -1)
    with pytest.raises(UnableToGoOn, match="BSP B was sent no member-joined"):
        await play.delivered(who.BSP_B, MemberJoined)


def test_a_groups_story_has_what_led_to_it_in_other_services():
    entries = [
        entry("command", "no.flexregister.bsp-switch.request-switch.v1", topic="commands.bsp-switch.v1"),
        entry("other", "no.flexregister.registry.group-formed.v1", group_id="h", at=1),
        *(entry(f"s{n}", SwitchAnnounced.type, cause="command", at=2 + n) for n in range(3)),
        *(entry(f"e{n}", MembershipEndAnnounced.type, cause=f"s{n}", group_id="g", at=5 + n) for n in range(3)),
    ]
    found = causes.of_group(entries, "g")
    assert [one.envelope["id"] for one in found] == ["command", "s0", "s1", "s2", "e0", "e1", "e2"]
    assert causes.out_of_order(found) == []
    assert causes.out_of_order(found[::-1]) == ["e2", "e1", "e0", "s2", "s1", "s0"]


def test_a_terminal_is_shown_a_table():
    file = io.StringIO()
    shown = Board(Console(file=file, force_terminal=True, width=160, height=40))
    with shown.showing():
        shown.step("1", "A beginning")
        shown.clock(datetime(2026, 1, 5, 8, tzinfo=UTC))
        line = shown.say("TSO", "says so")
        shown.decided(line, "it is so", "R1")
    shown.total([("checks", "1")], holds=True)
    assert "A beginning" in file.getvalue()
    assert "01-05 09:00" in file.getvalue()
    assert "It all holds." in file.getvalue()


def test_what_was_not_answered_is_shown_at_the_end_in_plain_lines_too():
    shown, file = board()
    with shown.showing():
        shown.step("1", "A beginning")
        shown.say("TSO", "says so")
    assert "says so → …" in file.getvalue()


def test_figures_read_well():
    assert (kw(2_020_000), kw(1_336_700), mw(2_000_000), mw(1_600_000), percent(9569)) == (
        "2,020 kW",
        "1,336.700 kW",
        "2 MW",
        "1,600 kW",
        "95.69 %",
    )
