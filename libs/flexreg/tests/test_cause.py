from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from flexreg_given import command, event, receipt
from rich.console import Console

from flexreg import cause, told
from flexreg.log import Entry

pytestmark = pytest.mark.unit

LOG = [
    command(1, "form", name="form-group"),
    event(2, "formed", name="group-formed", cause="form"),
    event(3, "joined-1", name="member-joined", cause="form"),
    event(4, "joined-2", name="member-joined", cause="form"),
    receipt(5, "formed-receipt", command_id="form"),
    command(6, "other", name="form-group"),
    event(7, "other-formed", name="group-formed", case="another", cause="other"),
    command(8, "switch", service="bsp-switch", name="request-switch"),
    event(9, "announced", service="bsp-switch", name="switch-announced", case="the-switch", cause="switch"),
    event(10, "announced-too", service="bsp-switch", name="switch-announced", case="the-switch", cause="switch"),
    receipt(11, "switch-receipt", command_id="switch", service="bsp-switch"),
    event(12, "ending", name="membership-end-announced", cause="announced"),
    event(13, "ended", name="membership-ended", cause="group|case|ending|2026-04-14T22:00:00+00:00"),
    event(14, "biddable", service="prequal", name="biddable-changed", cause="ended"),
]


async def scan() -> AsyncIterator[Entry]:
    for entry in LOG:
        yield entry


def ids(entries: list[Entry]) -> list[str]:
    return [entry.envelope["id"] for entry in entries]


async def test_to_a_case_belong_its_messages_their_causes_across_cases_and_the_receipts_of_the_commands() -> None:
    assert ids(await cause.gather(scan, "case")) == [
        "form", "formed", "joined-1", "joined-2", "formed-receipt", "switch", "announced", "switch-receipt",
        "ending", "ended", "biddable",
    ]  # fmt: skip


async def test_a_case_that_nothing_belongs_to_is_empty() -> None:
    assert await cause.gather(scan, "nothing") == []


async def test_a_message_leads_to_its_case() -> None:
    assert await cause.case_of(scan, "joined-1") == "case"
    assert await cause.case_of(scan, "switch") == "the-switch"
    assert await cause.case_of(scan, "nowhere") == ""


async def test_a_command_that_led_to_nothing_is_a_case_of_its_own() -> None:
    async def refused() -> AsyncIterator[Entry]:
        yield command(1, "c", subject="the-group")
        yield receipt(2, "r", command_id="c")

    assert await cause.case_of(refused, "the-group") == "c"


async def test_the_tree_has_each_effect_under_its_cause() -> None:
    nodes = cause.tree(await cause.gather(scan, "case"))
    assert [(depth, entry.envelope["id"]) for depth, entry in cause.walk(nodes)] == [
        (0, "form"),
        (1, "formed"),
        (1, "joined-1"),
        (1, "joined-2"),
        (1, "formed-receipt"),
        (0, "switch"),
        (1, "announced"),
        (2, "ending"),
        (1, "switch-receipt"),
        (0, "ended"),
        (1, "biddable"),
    ]


def test_a_cause_that_a_sender_made_up_leaves_nothing_out() -> None:
    circle = [command(1, "a", cause="b"), command(2, "b", cause="a"), command(3, "c", cause="c")]
    nodes = cause.tree(circle)
    assert [(depth, entry.envelope["id"]) for depth, entry in cause.walk(nodes)] == [(0, "a"), (1, "b"), (0, "c")]


def test_the_same_message_sent_again_is_told_once() -> None:
    twice = [event(1, "a"), event(2, "a")]
    assert len(cause.tree(twice)) == 1


async def test_what_is_alike_is_told_once() -> None:
    nodes = cause.tree(await cause.gather(scan, "case"))
    form = cause.bunches(nodes)[0]
    assert [len(bunch.entries) for bunch in form.children] == [1, 2, 1]


async def test_people_see_a_tree_of_it() -> None:
    nodes = cause.tree(await cause.gather(scan, "case"))
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: ASYNC230, PTH123, SIM115
    console.print(told.bunched("case", cause.bunches(nodes)))
    console.print(told.grown("case", nodes))
    text = console.export_text()
    assert "2 x member-joined" in text
    assert "ending fell due" in text
    assert "accepted" in text
