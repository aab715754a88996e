"""Step 3 begins: two BSPs are qualified, each after its own system has answered over its own topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contracts.prequal.v1 import (
    CommunicationTested,
    CommunicationTestStarted,
    MissingFactsRequested,
    QualificationConfirmed,
    QualificationDecided,
    QualificationFactsAdded,
    QualificationRequested,
    QualifiedBspsListed,
)
from flexreg.story import cast as who
from flexreg.story import messages

if TYPE_CHECKING:
    from flexreg.story.cast import Party
    from flexreg.story.playing import Play

CASES: Final = ((who.BSP_A, who.QUALIFICATION_A), (who.BSP_B, who.QUALIFICATION_B))


async def qualifications(play: Play) -> None:
    """A has it all together and is tested before it is qualified; of B something is missing first."""
    for bsp, case in CASES:
        wish = messages.apply_for_qualification(bsp, case, operations=bsp is who.BSP_A)
        await play.say(bsp, "applies to be qualified", [wish], rule="R41")
    await play.say(
        who.TSO,
        "finds B incomplete",
        [messages.confirm_qualification(who.QUALIFICATION_B)],
        refused={0: "QUALIFICATION_FACT_MISSING"},
    )
    wish = messages.request_missing(who.QUALIFICATION_B, "operations-contact")
    await play.say(who.TSO, "asks B for its operations centre", [wish], decided="until the end of 02-02", rule="D24")
    wish = messages.complete_qualification(who.QUALIFICATION_B)
    await play.say(who.BSP_B, "says how it is reached at every hour", [wish], rule="R41")
    for bsp, case in CASES:
        wish = messages.confirm_qualification(case)
        await play.say(who.TSO, f"finds {bsp.short} complete", [wish], rule="R41, SOGL art. 159")
    await play.say(
        who.TSO,
        "would qualify A without a test",
        [messages.qualify(who.QUALIFICATION_A)],
        refused={0: "COMMUNICATION_TEST_MISSING"},
    )
    for bsp, case in CASES:
        await _tested(play, bsp, case)
        await play.say(who.TSO, f"qualifies {bsp.short}", [messages.qualify(case)], rule="R41")


async def _tested(play: Play, bsp: Party, case: str) -> None:
    """The BSP's system reads its own topic, and answers with what it finds there."""
    await play.say(who.TSO, f"tests whether {bsp.short} answers", [messages.start_communication_test(case)], rule="R41")
    asked = await play.delivered(bsp, CommunicationTestStarted, qualification_id=case)
    answer = messages.answer_communication_test(case, asked["nonce"])
    await play.say(bsp, "gives back the nonce from its topic", [answer], rule="R41")


def followed(play: Play) -> None:
    """What was said of it, once all of step 3 has been read."""
    play.events(QualificationRequested, 2)
    asked = play.event(MissingFactsRequested)
    play.expect_all("asked of B", asked, missing=["operations-contact"], answer_by="2026-02-02T23:00:00Z")
    added = play.event(QualificationFactsAdded)
    play.expect_all("B's answer", added, missing=[], confirm_by="2026-03-02T23:00:00Z")
    confirmed = play.events(QualificationConfirmed, 2)
    play.expect("decided until", {one["decide_by"] for one in confirmed}, {"2026-04-05T22:00:00Z"})
    for bsp, case in CASES:
        play.told(CommunicationTestStarted, {bsp: 1}, qualification_id=case)
        tested = play.event(CommunicationTested, qualification_id=case)
        # A sandbox's clock stands still.
        play.expect_all(f"{bsp.short}'s answer", tested, result="passed", because="answered", measured_ms=0)
    decided = play.events(QualificationDecided, 2)
    play.expect("qualified", [one["bsp"] for one in decided], [who.BSP_A.gln, who.BSP_B.gln])
    lists = play.events(QualifiedBspsListed, 2)
    play.expect("on the list", [one["bsp"] for one in lists[-1]["bsps"]], [who.BSP_A.gln, who.BSP_B.gln])
    play.told(QualifiedBspsListed, dict.fromkeys(play.parties, 2))
