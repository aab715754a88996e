"""An order of an export, as it is written, and what may stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts import calendar, values

ExportKind = Literal["portfolio", "history", "recorded"]
"""What one may read of a period; what there was before (three years back); all that was received in a period."""
Format = Literal["csv.zst", "csv.gz", "parquet"]
State = Literal["making", "ready", "revoked"]
Line = Literal["consumption", "production", "consumption.reactive", "production.reactive", "consumption.capacitive",
               "consumption.inductive"]  # fmt: skip
MOST_POINTS: Final = 10_000
"""Named in an order; a whole portfolio is not named."""
MOST_DAYS: Final = 3 * 366
"""Of values, and of receipt."""


class AsOf(BaseModel):
    """A state of the register's knowledge, as an export says it (`as_of`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: values.UtcTime
    positions: Annotated[dict[str, Annotated[int, Field(strict=True, ge=0)]], Field(min_length=1)]
    """What the value shards had taken up to there."""


class Order(BaseModel):
    """What is ordered: local days in [from, to), of all points that one may read, or of those that are named."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    kind: ExportKind
    id: values.Uuid | None = None
    """Its own id: the same order with the same id is the same export."""
    first: values.LocalDate | None = Field(default=None, alias="from")
    last: values.LocalDate | None = Field(default=None, alias="to")
    metering_points: Annotated[tuple[values.Gsrn, ...], Field(max_length=MOST_POINTS)] = ()
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=6)] = ("consumption", "production")
    formats: Annotated[tuple[Format, ...], Field(min_length=1, max_length=3)] = ("csv.zst", "parquet")
    end_user: values.Uuid | None = None
    """On whose behalf: then what this one stood behind, and nothing of the caller's own."""
    as_of: AsOf | None = None
    """That of a former export, for the same bytes again; else all that has come so far."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "history":
            if self.first is not None or self.last is not None:
                raise PydanticCustomError("export_of_history", "a history has no period: leave out `from` and `to`")
        elif self.first is None or self.last is None:
            raise PydanticCustomError("export_period_missing", "`from` and `to` are missing")
        elif not 0 < (days := (self.last - self.first).days) <= MOST_DAYS:
            raise PydanticCustomError(
                "export_days", "the period must have 1 to {most} days, it has {days}", {"most": MOST_DAYS, "days": days}
            )
        return self

    def period(self, at: datetime) -> tuple[date, date]:
        """The local days that it is about, half-open: of values, or of their receipt."""
        if self.first is not None and self.last is not None:
            return self.first, self.last
        last = calendar.local_date(at)
        day = min(last.day, 28) if last.month == 2 else last.day
        return last.replace(year=last.year - 3, day=day), last + calendar.DAY


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The local days [first, last) by calendar month."""
    while first < last:
        following = (first.replace(day=1) + 31 * calendar.DAY).replace(day=1)
        yield first, min(following, last)
        first = following
