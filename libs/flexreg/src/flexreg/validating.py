"""What is supposed of validation rules, as `meter-ingest` is asked it; and its answer, as rows: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from flexreg.problem import Problem

SIDES: Final = ("accepted", "warn", "quarantine", "reject")
"""What may become of a series."""
_GIVEN: Final = re.compile(r"(?P<key>[^.=]+)(\.(?P<threshold>[^.=]+))?=(?P<value>.+)").fullmatch


class NotUnderstood(Problem):
    """This cannot be supposed."""


def changes(given: Iterable[str]) -> list[dict[str, Any]]:
    """`KEY=CONSEQUENCE` and `KEY.THRESHOLD=FIGURE`, those of one key together, in the order of their first."""
    found: dict[str, dict[str, Any]] = {}
    for one in given:
        said = _GIVEN(one)
        if said is None:
            raise NotUnderstood(f"{one!r} is no change", "write it as spike=warn, or fuse-far.percent=150")
        change = found.setdefault(said["key"], {"key": said["key"]})
        if said["threshold"] is None:
            change["consequence"] = said["value"]
        elif said["value"].removeprefix("-").isdecimal():
            change.setdefault("thresholds", {})[said["threshold"]] = int(said["value"])
        else:
            raise NotUnderstood(f"{said['value']!r} is no whole number", "write it as fuse-far.percent=150")
    return list(found.values())


def rules(answer: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """A row for each rule: key, check, consequence, thresholds, and the lines that it is for."""
    for rule in answer["rules"]:
        lines = (rule["directions"], rule["products"], rule["resolutions"], rule["settlement_methods"])
        yield {
            "rule": rule["key"],
            "check": rule["check"],
            "consequence": rule["consequence"],
            "thresholds": ", ".join(f"{name} {value}" for name, value in rule["thresholds"].items()),
            "for": ", ".join("/".join(some) for some in lines if some) or "all",
            "since": rule["valid_from"],
        }


def effect(answer: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """A row for each DSO: its series, and how many are accepted, warned of … now and then."""
    for one in answer["effect"]["dsos"]:
        figures = {
            side: str(one["now"][side])
            if one["now"][side] == one["then"][side]
            else f"{one['now'][side]} → {one['then'][side]}"
            for side in SIDES
        }
        yield {"dso": one["dso"] or "unknown", "series": str(one["series"]), **figures}


def examples(answer: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """A row for each example of a series that would fare otherwise."""
    for one in answer["effect"]["dsos"]:
        for each in one["examples"]:
            yield {
                "point": each["metering_point_id"],
                "line": each["line"] + (" (kept aside)" if each["kept_aside"] else ""),
                "now → then": f"{each['now']} → {each['then']}".replace("off", "accepted"),
                "rule": each["rule"],
                "limit": f"{each['limit']} {each['unit']}".strip(),
                "is": f"{each['actual']} {each['unit']}".strip(),
            }
