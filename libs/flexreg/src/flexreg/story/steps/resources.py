"""Steps 3 and 4: two BSPs qualify, bring their resources, and form a group; what does not fit is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from contracts.bsp_switch.v1 import ConsentRecorded, ControlClaimed
from contracts.registry.v1 import GroupFormed, MemberJoined, ResourceRegistered
from flexreg.story import cast as who
from flexreg.story import messages
from flexreg.story.steps import qualifications
from flexreg.story.steps.opening import FIRST_DAY
from flexreg.story.table import kw

if TYPE_CHECKING:
    from flexreg.story.cast import Point
    from flexreg.story.playing import Play

BRP_1: Final = who.BRP_1.gln
BRP_2: Final = who.BRP_2.gln


async def qualifications_and_resources(play: Play) -> None:
    """Step 3: first the BSP, then control of the points, then what is behind them (R26)."""
    play.step("3", "Two BSPs qualify and bring their resources")
    play.mark()
    cast = play.cast
    await qualifications.qualifications(play)
    await play.say(
        who.BSP_A,
        "has the consents of 460 end users",
        messages.consents(cast.held_by_a, who.BSP_A, valid_from=messages.BEGINNING),
        rule="R31",
    )
    await play.say(
        who.BSP_A,
        "claims 461 points, one of them without consent",
        messages.claims((*cast.held_by_a, cast.not_held), start=FIRST_DAY),
        refused={460: "CONSENT_MISSING"},
    )
    wrong = {number: one.refused for number, one in enumerate(cast.resources_of_a) if one.refused}
    receipts = await play.say(
        who.BSP_A, "registers 464 resources with their devices", messages.resources(cast.resources_of_a), refused=wrong
    )
    for number in wrong:
        reason = receipts[number]["reasons"][0]
        rule = f"{reason['code']} {reason['rule']}".strip()
        play.tell("", f"  refused: resource {number + 1}", reason["text_en"], rule)
    mistyped = receipts[min(wrong)]["reasons"][0]
    play.expect("where the wrong check digit is", mistyped["path"].rpartition("/")[2], "metering_point_id")
    play.expect("that it is the check digit", "check digit" in f"{mistyped['limit']} {mistyped['text_en']}", True)
    await play.say(
        who.BSP_B,
        "has the consents of 320 end users",
        messages.consents(cast.of_b, who.BSP_B, valid_from=messages.BEGINNING),
        rule="R31",
    )
    await play.say(who.BSP_B, "claims its 320 points", messages.claims(cast.of_b, start=FIRST_DAY), rule="R13")
    await play.say(who.BSP_B, "registers 320 resources of 5 kW", messages.resources(cast.resources_of_b), rule="R1")
    await play.follow()
    qualifications.followed(play)
    play.events(ConsentRecorded, 780)
    play.events(ControlClaimed, 780)
    of_a = play.events(ResourceRegistered, 460, bsp=who.BSP_A.gln)
    play.expect("what stands behind A's points in W", sum(one["up_w"] for one in of_a), 6_171_000)
    of_b = play.events(ResourceRegistered, 320, bsp=who.BSP_B.gln)
    play.expect("what stands behind B's points in W", sum(one["up_w"] for one in of_b), 1_600_000)
    play.told(ResourceRegistered, {who.BSP_A: 460, who.BSP_B: 320, who.DSO_1: 306, who.DSO_2: 474})


async def group(play: Play) -> None:
    """Step 4: a group of 420 points, and four that do not fit into it."""
    play.step("4", "A forms a group")
    play.mark()
    cast = play.cast
    await play.say(
        who.BSP_A,
        "forms a group of 420 points of 5 kW",
        [messages.form_group(who.GROUP_A, "Varmeflokk Midt", cast.members)],
        decided="2,100 kW in NO3, with BRP 1",
        rule="R6, R10, R11, D9",
    )
    wrong: tuple[tuple[str, tuple[Point, ...], str, dict[str, object]], ...] = (
        ("adds a point in NO1", cast.eastern[:1], "METERING_POINT_WRONG_ZONE", {"limit": "NO3", "actual": "NO1"}),
        ("adds a point with BRP 2", cast.other_brp[:1], "BRP_DIFFERENT", {"limit": BRP_1, "actual": BRP_2}),
        (
            f"adds a point of {kw(1_000_000)}",
            (cast.double,),
            "METERING_POINT_TOO_LARGE_FOR_GROUP",
            {"limit": 1_000_000},
        ),
        ("adds four large points at once", cast.large, "GROUP_ABOVE_MAX", {"limit": 5_000_000, "actual": 5_001_000}),
    )
    for said, points, code, figures in wrong:
        await _refused(play, said, points, code, figures)
    await play.follow()
    formed = play.event(GroupFormed)
    play.expect_all("the group", formed, group_id=who.GROUP_A, zone="NO3", brp_consumption=BRP_1, bsp=who.BSP_A.gln)
    joined = play.events(MemberJoined, 420)
    play.expect("declared in W", (joined[-1]["declared_up_w"], joined[-1]["declared_down_w"]), (2_100_000, 0))
    play.told(MemberJoined, {who.BSP_A: 420, who.DSO_1: 270, who.DSO_2: 150})


async def _refused(play: Play, said: str, points: Sequence[Point], code: str, figures: Mapping[str, object]) -> None:
    wish = messages.add_members(who.GROUP_A, points)
    (receipt,) = await play.say(who.BSP_A, said, [wish], refused={0: code})
    (reason,) = receipt["reasons"]
    play.expect_all(f"why {code}", reason, code=code, **figures)
