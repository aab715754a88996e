"""Times as people give them: ISO 8601, a local date with or without a time of day (Oslo), or a duration from now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from contracts import calendar
from flexreg.problem import Problem

HOW = "2026-01-20, '2026-01-20 09:00' (Oslo), 2026-01-20T08:00:00Z, or from now on: +P1D, +PT1H, +P2W"

_LOCAL = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?").fullmatch
_DURATION = re.compile(
    r"\+P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
).fullmatch


class NoSuchTime(Problem):
    """This is no time that could be understood, or there is no such time."""


def parse(text: str, *, now: datetime) -> datetime:
    """The moment, in UTC. Days, weeks and months from now keep the time of day in Oslo. Raises `NoSuchTime`."""
    text = text.strip()
    try:
        if text.startswith("+"):
            return _after(text, now)
        if local := _LOCAL(text):
            return calendar.at_local(date.fromisoformat(local[1]), local[2] or "00:00")
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise NoSuchTime(f"{text!r} is no time ({error})", f"write it as {HOW}") from None
    if moment.tzinfo is None:
        return calendar.at_local(moment.date(), moment.time().isoformat())
    return moment.astimezone(UTC)


def _after(text: str, now: datetime) -> datetime:
    found = _DURATION(text)
    if found is None:
        raise ValueError("a duration is written +P1D, +PT1H, +P2W or +P1DT12H")
    number = {name: int(value or 0) for name, value in found.groupdict().items()}
    months = 12 * number["years"] + number["months"]
    later = _months_later(now, months) if months else now
    if days := 7 * number["weeks"] + number["days"]:
        later = calendar.add_local_days(later, days)
    return later + timedelta(hours=number["hours"], minutes=number["minutes"], seconds=number["seconds"])


def _months_later(now: datetime, months: int) -> datetime:
    # The same number in that month, or its last day; the calendar of deadlines answers with the end of that day.
    last = calendar.local_date(calendar.after_months(now, months)) - timedelta(days=1)
    return calendar.add_local_days(now, calendar.days_between(calendar.local_date(now), last))


def local(moment: datetime, *, seconds: bool = False) -> str:
    """A moment for people: Oslo time, `2026-01-20 09:00`."""
    return moment.astimezone(calendar.OSLO).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
