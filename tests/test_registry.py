"""What the registry can do, on live processes: the whole register acts on it, and it can be shown as it was."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts import calendar, values
from flexreg import terminal
from flexreg.client import Register
from flexreg.commands import importing
from flexreg.held import Asked
from flexreg.story import cast as who
from flexreg.story import messages

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

NEW_YEAR = date(2026, 1, 1)
POINTS = who.cast().near[:60]
FIRST, SECOND = (who.story_id("registry-test", name) for name in ("first", "second"))


async def say(register: Register, party: who.Party, *wishes: Any, status: str = "accepted") -> list[dict[str, Any]]:
    """Send as a party; every command is answered like this."""
    receipts = [receipt or {} for receipt in await register.send(party.gln, list(wishes))]
    assert {receipt.get("status") for receipt in receipts} == {status}, receipts[:2]
    return receipts


def wish(type_: str, subject: str, **data: Any) -> dict[str, Any]:
    return {"type": type_, "subject": subject, "data": data}


async def state(register: Register, kind: str, id_: str, **asked: Any) -> Any:
    found = await register.show("registry", kind, id_, **asked)
    return found["state"] if found else None


@pytest.fixture
async def held(register: Register) -> Register:
    """A register in which BSP A holds 60 points of DSO 1's."""
    await say(register, who.OPERATOR, *messages.onboard(who.ONBOARDED))
    waiting = {party.gln for party in who.ONBOARDED}
    async for entry in register.log(follow=True):
        if entry.envelope.get("type", "").endswith(".party-ready.v1"):
            waiting.discard(entry.envelope["subject"])
        if not waiting:
            break
    await say(register, who.TSO, *messages.grid_areas(who.AREAS))
    await say(register, who.DATAHUB, *messages.metering_points(POINTS))
    await say(register, who.DATAHUB, *messages.supplies(POINTS))
    await say(register, who.BSP_A, *messages.consents(POINTS, who.BSP_A, valid_from=NEW_YEAR))
    today = calendar.local_date(await register.now())
    await say(register, who.BSP_A, *messages.claims(POINTS, start=today))
    return register


@contextlib.asynccontextmanager
async def _given(register: Register) -> AsyncIterator[Register]:
    yield register


async def imported(register: Register, file: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(terminal, "register", lambda: _given(register))
    return await importing._import(file, who.BSP_A.gln, dry_run=False, mend=None, timeout=60, people=False)


async def test_a_portfolio_is_imported_grouped_and_followed_through_time(
    held: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    register = held
    file = tmp_path / "resources.csv"
    rows = [f"{point.id};varmtvannsbereder;19,5;0;Høiax;T200;R{n:04d}" for n, point in enumerate(POINTS)]
    rows.append(f"{POINTS[1].id};batteri;5;5;Høiax;T200;R0000")
    header = "målepunkt;teknologi;opp kW;ned kW;fabrikat;modell;serienummer"
    file.write_text("\n".join([header, *rows]), encoding="cp1252")
    assert await imported(register, file, monkeypatch) == 1
    assert "60 accepted, 1 rejected" in capsys.readouterr().err
    assert "DEVICE_ALREADY_REGISTERED" in (tmp_path / "resources.mend.csv").read_text(encoding="utf-8-sig")
    assert await imported(register, file, monkeypatch) == 1
    again = capsys.readouterr().out
    assert again.count('"duplicate":true') == 60, "nothing is done twice"
    assert again.count("DEVICE_ALREADY_REGISTERED") == 1, "what was refused is decided anew"

    before = await register.now()
    await register.move_clock(before + timedelta(minutes=1))
    await say(register, who.BSP_A, messages.form_group(FIRST, "First", POINTS[:50]))
    await say(register, who.BSP_A, messages.form_group(SECOND, "Second", POINTS[50:]))
    some = [point.id for point in POINTS[:10]]
    await say(register, who.BSP_A, wish("move-members", SECOND, from_group=FIRST, metering_points=some))
    assert len((await state(register, "group", FIRST))["members"]) == 40
    assert len((await state(register, "group", SECOND))["members"]) == 20
    history = [one["type"].split(".")[-2] async for one in register.history("registry", "metering-point", some[0])]
    assert history[-3:] == ["member-joined", "membership-ended", "member-joined"]

    # The border of a zone is moved: all members are out at that midnight, and were in until then.
    midnight = calendar.midnight(calendar.local_date(before) + timedelta(days=20))
    area = wish("change-grid-area", who.LYNGSKAR.eic, zone="NO1", valid_from=values.time_text(midnight))
    await say(register, who.TSO, area)
    await register.move_clock(midnight)
    assert (await state(register, "group", SECOND))["members"] == {}
    earlier = await state(register, "group", SECOND, valid_at=midnight - timedelta(hours=1))
    assert len(earlier["members"]) == 20
    unaware = await state(register, "metering-point", some[0], valid_at=midnight, known_at=before)
    assert (unaware["fact"]["zone"], unaware["membership"]) == ("NO3", None)
    assert (await state(register, "metering-point", some[0], valid_at=midnight))["fact"]["zone"] == "NO1"
    listed = register.each(
        "registry", "metering-point", asked=Asked(valid_at=midnight, where=(f"fact.dso={who.DSO_1.gln}",))
    )
    assert len([one async for one in listed]) == 60

    await register.settled()
    assert await register.parked() == []
    assert all(proof["equal"] for proof in await register.prove())
    assert (await register.count())["holds"]


async def test_a_policy_and_a_partys_standing_are_acted_on_everywhere(held: Register) -> None:
    register = held
    soon = await register.now() + timedelta(hours=1)
    policy = {"reason": "A try.", "source": "D13"}
    await say(
        register,
        who.TSO,
        wish("set-policy", "claim.ahead-days", value=7, valid_from=values.time_text(soon), **policy),
        wish("set-policy", "group.min-members", value=3, valid_from=values.time_text(soon), **policy),
    )
    await register.move_clock(soon + timedelta(minutes=1))
    point = who.cast().near[60]
    await say(register, who.DATAHUB, *messages.metering_points([point]), *messages.supplies([point]))
    await say(register, who.BSP_A, *messages.consents([point], who.BSP_A, valid_from=NEW_YEAR))
    late = calendar.local_date(await register.now()) + timedelta(days=8)
    [refused] = await say(register, who.BSP_A, *messages.claims([point], start=late), status="rejected")
    said = refused["reasons"][0]
    assert (said["code"], said["limit"], said["actual"]) == ("CLAIM_WINDOW", 7, 8)

    stop = wish("change-party-status", who.BSP_A.gln, status="suspended", reason="A try.")
    await say(register, who.OPERATOR, stop)
    await register.settled()
    [closed] = await say(register, who.BSP_A, messages.form_group(FIRST, "", POINTS[:2]), status="rejected")
    assert closed["reasons"][0]["code"] == "PARTY_NOT_ACTIVE"
    await say(register, who.OPERATOR, stop | {"data": {"status": "active", "reason": "It was a try."}})
    await register.settled()
    [few] = await say(register, who.BSP_A, messages.form_group(FIRST, "", POINTS[:2]), status="rejected")
    assert "GROUP_NEEDS_SEVERAL_POINTS" in {reason["code"] for reason in few["reasons"]}
    left = wish("change-party-status", who.BSP_A.gln, status="terminated", reason="It has merged.")
    [needed] = await say(register, who.OPERATOR, left, status="rejected")
    assert needed["reasons"][0]["code"] == "BSP_HOLDS_POINTS"
    assert all(proof["equal"] for proof in await register.prove())
