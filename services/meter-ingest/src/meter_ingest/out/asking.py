"""What is asked in a query, read strictly: a parameter that is unknown, written twice or wrongly is refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, cast, get_args

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from chassis.door.rules import Turned
from contracts import values
from contracts.calendar import Resolution
from meter_ingest import queries
from meter_ingest.domain import days, lines, out_rules
from meter_ingest.domain.aggregate import Size

_ID: Final[TypeAdapter[str]] = TypeAdapter(values.Uuid)
_GSRN: Final[TypeAdapter[str]] = TypeAdapter(values.Gsrn)
_MOMENT: Final = "a moment with its offset, as 2026-03-01T00:00:00Z"
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_LONGEST: Final = 64
"""Characters of a parameter."""


@dataclass(frozen=True, slots=True)
class Given:
    """The parameters of a request, each there once."""

    said: dict[str, str]

    @classmethod
    def of(cls, request: Request, names: Collection[str]) -> Given:
        """Raises `Turned` for what is none of these names, or is there twice."""
        said: dict[str, str] = {}
        for name, value in request.query_params.multi_items():
            if name not in names:
                known = f"one of {', '.join(f'`{one}`' for one in sorted(names))}" if names else "no parameter"
                raise invalid("", "a parameter that there is not", known)
            if name in said:
                raise invalid(name, "written twice", "there once")
            if len(value) > _LONGEST:
                raise invalid(name, "too long", f"at most {_LONGEST} characters")
            said[name] = value
        return cls(said)

    def moment(self, name: str) -> datetime | None:
        """A moment in UTC; None where it is left out."""
        given = self.said.get(name)
        return None if given is None else moment(given, name)

    def period(self) -> tuple[datetime, datetime]:
        """`from` and `to`: whole quarters."""
        start, end = self.moment("from"), self.moment("to")
        if start is None or end is None:
            raise invalid("to" if start else "from", "left out", _MOMENT)
        if end <= start:
            raise invalid("to", "not behind `from`", "later than `from`")
        for name, at in (("from", start), ("to", end)):
            if days.quarter_floor(at) != at:
                raise invalid(name, "no whole quarter of an hour", "the beginning of a quarter of an hour")
        return start, end

    def day(self, name: str) -> date:
        """A local date."""
        given = self.said.get(name, "")
        try:
            found = date.fromisoformat(given) if len(given) == len("2026-03-01") else None
        except ValueError:
            found = None
        if found is None or not _EARLIEST.year < found.year < _LATEST.year:
            raise invalid(name, "no date" if given else "left out", "a local date, as 2026-03-01")
        return found

    def line(self) -> str:
        """A line of the settlement meter: an own meter is asked for by its resource, elsewhere."""
        given = self.said.get("line", queries.DEFAULT_LINE)
        try:
            lines.code(given)
            known = not lines.parts(given)[2]
        except (ValueError, IndexError):
            known = False
        if not known:
            raise invalid("line", "no line", "consumption, production, consumption.reactive …")
        return given

    def resolution(self) -> Resolution | None:
        """None: each day in its own."""
        given = self.said.get("resolution")
        if given is not None and given not in get_args(Resolution):
            raise invalid("resolution", "no resolution", " or ".join(get_args(Resolution)))
        return cast("Resolution | None", given)

    def size(self) -> Size:
        """How long the periods of sums are."""
        given = self.said.get("by", "month")
        if given not in get_args(Size):
            raise invalid("by", "no size", " or ".join(get_args(Size)))
        return cast("Size", given)

    def id(self, name: str) -> str:
        """A UUID; empty where it is left out."""
        given = self.said.get(name)
        try:
            return "" if given is None else _ID.validate_python(given)
        except ValidationError:
            raise invalid(name, "no id", "a UUID") from None

    def gsrn(self, name: str) -> str:
        """A metering point; empty where it is left out."""
        given = self.said.get(name)
        try:
            return "" if given is None else _GSRN.validate_python(given)
        except ValidationError:
            raise invalid(name, "no metering point", "18 digits, the last of which checks") from None

    def number(self, name: str, *, least: int, most: int) -> int:
        """A whole number; the most where it is left out."""
        given = self.said.get(name, str(most))
        if not (given.isascii() and given.isdecimal()) or not least <= int(given) <= most:
            raise invalid(name, "not such a number", f"a whole number from {least} to {most}")
        return int(given)


def id_of(request: Request) -> str:
    """The UUID in the path; what is none is not found."""
    try:
        return _ID.validate_python(request.path_params["id"])
    except ValidationError:
        raise Turned(404, out_rules.VALUES_NOT_FOUND) from None


def point_of(request: Request) -> str:
    """The metering point in the path; what is none is not found."""
    try:
        return _GSRN.validate_python(request.path_params["id"])
    except ValidationError:
        raise Turned(404, out_rules.VALUES_NOT_FOUND) from None


def moment(given: str, name: str, where: Literal["query", "body"] = "query") -> datetime:
    """Read a moment. Raises `Turned`."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise invalid(name, "no moment", _MOMENT, where)
    try:
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid(name, "no moment", _MOMENT, where) from None
    if not _EARLIEST <= found < _LATEST:
        raise invalid(name, "out of range", _MOMENT, where)
    return found


def invalid(name: str, actual: str, limit: str, where: Literal["query", "body"] = "query") -> Turned:
    """What is wrong, at which parameter; nothing that was sent is repeated."""
    path = f"/{where}/{name}" if name else f"/{where}"
    return Turned(400, out_rules.QUERY_INVALID, path=path, limit=limit, actual=actual)


def in_whole_hours(resolution: Resolution | None, start: datetime, end: datetime) -> None:
    """What is asked for by the hour. Raises `Turned`."""
    for name, at in (("from", start), ("to", end)) if resolution == "PT60M" else ():
        if at.minute:
            raise invalid(name, "no whole hour", "the beginning of an hour")


def not_too_long(period: timedelta, most: int, name: str) -> None:
    """At most so many local days. Raises `Turned`."""
    # An hour more: a year in which the clock was put back in its first days, and forth only behind it.
    if period > timedelta(days=most, hours=1):
        raise Turned(400, out_rules.QUERY_TOO_LONG, path=f"/query/{name}", limit=most, actual=period.days, unit="days")
