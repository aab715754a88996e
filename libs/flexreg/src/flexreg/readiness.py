"""What may be bid for a group and why it is less than declared, in plain words, from `prequal`'s own document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from contracts import calendar
from flexreg import moments

Language = Literal["nb", "en"]

QUARTER = calendar.STEP["PT15M"]

WORDS: dict[Language, dict[str, str]] = {
    "nb": {
        "up": "opp",
        "down": "ned",
        "may": "{direction}: {mw} MW kan bys inn, av {declared} kW meldt inn",
        "unassessed": "venter på svar fra netteier",
        "assessment": "begrenset av netteiers nettvurdering",
        "temporary-limit": "midlertidig begrenset",
        "suspension": "suspendert",
        "qualification": "leverandøren er ikke kvalifisert",
        "temporary-approval": "godkjent for en tid, og ikke verifisert",
        "approved": "ut over det som er godkjent",
        "below-minimum": "det som er igjen, er under minstegrensen",
        "whole-steps": "ut over hele trinn",
        "by": "{what} {key}, av {by} ({reason})",
        "until": "Gjelder fra {start} til {end}.",
        "on": "Gjelder fra {start}.",
        "never": "Ingenting kan bys inn: gruppen er ikke godkjent.",
        "ends": "Godkjenningen slutter {at}, om gruppen fortsatt er under minstegrensen.",
    },
    "en": {
        "up": "up",
        "down": "down",
        "may": "{direction}: {mw} MW may be bid, of {declared} kW declared",
        "unassessed": "waits for a DSO's answer",
        "assessment": "limited by the DSOs' grid assessment",
        "temporary-limit": "limited for a time",
        "suspension": "suspended",
        "qualification": "the BSP is not qualified",
        "temporary-approval": "approved for a time, and not verified",
        "approved": "above what is approved",
        "below-minimum": "what is left is below the minimum",
        "whole-steps": "above whole steps",
        "by": "{what} {key}, by {by} ({reason})",
        "until": "Holds from {start} to {end}.",
        "on": "Holds from {start}.",
        "never": "Nothing may be bid: the group is not approved.",
        "ends": "The approval ends at {at}, if the group stays below the minimum.",
    },
}


def at_quarter(state: Mapping[str, Any], at: datetime) -> dict[str, Any] | None:
    """The least of what `prequal` says for the quarter that a moment lies in; None before the first step.

    What changes within a quarter may not be bid for all of it. `valid_from` and `valid_to`: the quarters that it is so.
    """
    steps = [step | {"valid_from": datetime.fromisoformat(step["valid_from"])} for step in state.get("steps", ())]
    starts = [calendar.quarter_of(step["valid_from"]) for step in steps]
    # A change within a quarter is of it, and of the one behind it.
    changes = sorted({*starts, *(start + QUARTER for start in starts)})
    start = calendar.quarter_of(at)
    found = _least(steps, start)
    if found is None:
        return None
    until = next((one for one in changes if one > start and _least(steps, one) != found), None)
    since = start
    for one in reversed([one for one in changes if one <= start]):
        if _least(steps, one) != found:
            break
        since = one
    return found | {"valid_from": since, "valid_to": until}


def _least(steps: Sequence[Mapping[str, Any]], start: datetime) -> dict[str, Any] | None:
    """Of the steps that touch a quarter the least in each direction, with the reasons of the lower one."""
    begun = [step for step in steps if step["valid_from"] <= start]
    if not begun:
        return None
    touching = [begun[-1], *(step for step in steps if start < step["valid_from"] < start + QUARTER)]
    least = min(touching, key=lambda step: step["biddable"]["up_w"] + step["biddable"]["down_w"])
    biddable = {figure: min(step["biddable"][figure] for step in touching) for figure in ("up_w", "down_w")}
    return {**least, "biddable": biddable}


def told(step: Mapping[str, Any] | None, language: Language) -> list[str]:
    """What a step says, in lines."""
    words = WORDS[language]
    if step is None or not any(step["approved"].values()):
        return [words["never"]]
    lines: list[str] = []
    for direction in ("up", "down"):
        figure = f"{direction}_w"
        mw, declared = step["biddable"][figure] / 1_000_000, step["declared"][figure]
        if not (mw or declared):
            continue
        lines.append(words["may"].format(direction=words[direction], mw=f"{mw:g}", declared=_kw(declared)))
        for less in step["reasons"]:
            if less[figure]:
                lines.append(f"  - {_kw(less[figure])} kW {words[less['why']]}")
                lines += [
                    f"      {_kw(one[figure])} kW: " + _by(one, words)
                    for one in step["lowered"]
                    if one["kind"] == less["why"] and one[figure]
                ]
    start = moments.local(step["valid_from"])
    end = step.get("valid_to")
    lines.append(words["until"].format(start=start, end=moments.local(end)) if end else words["on"].format(start=start))
    if ends := step["approval_ends_at"]:
        lines.append(words["ends"].format(at=moments.local(datetime.fromisoformat(ends))))
    return lines


def _by(lowered: Mapping[str, Any], words: Mapping[str, str]) -> str:
    text = words["by"].format(
        what=lowered["scope"], key=lowered["key"] or "", by=lowered["by"], reason=lowered["reason_code"]
    )
    return text.replace(" ,", ",")


def _kw(power_w: int) -> str:
    return f"{power_w / 1000:,.3f}".rstrip("0").rstrip(".").replace(",", " ")
