"""What every message of the register is: commands, events, receipts, and the refusals they carry.

A message class names itself: `RegisterResource` in `contracts.registry.v1` is the type
`no.flexregister.registry.register-resource.v1`. Its envelope's `subject` is the id of the aggregate it is about; an
event repeats that id in its data (`home`), a command does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.config import ExtraValues

from contracts import values, words

PREFIX = "no.flexregister"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is sent an event: the parties named in a field, or everyone in a role. Nobody, unless it is declared."""

    field: str | None = None
    role: values.Role | None = None
    without: tuple[str, ...] = ()
    """The fields that it is not sent: another party's secrets. The rest is told all the same."""


def party(field: str, *, without: tuple[str, ...] = ()) -> Audience:
    """The party (or parties) whose GLN stands in this field of the event, `without` some fields."""
    return Audience(field=field, without=without)


def everyone(role: values.Role) -> Audience:
    """Every party that has this role."""
    return Audience(role=role)


COMMANDS: dict[str, type[Command]] = {}
EVENTS: dict[str, type[Event]] = {}


class Message(BaseModel):
    """The data of one message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: ClassVar[str]
    """The service that owns the type, as its directory is named: `bsp-switch`."""
    type: ClassVar[str]
    """The full type of the envelope."""

    @classmethod
    def _named(cls) -> str:
        # A version with many messages is a package of modules.
        package, version = cls.__module__.split(".")[1:3]
        cls.service = package.replace("_", "-")
        cls.type = f"{PREFIX}.{cls.service}.{kebab(cls.__name__)}.{version}"
        return cls.type


class Command(Message):
    """A wish, in the imperative; it may be refused."""

    senders: ClassVar[frozenset[values.Role]]
    """The roles that may send it."""
    subject_is: ClassVar[object]
    """The value type of the envelope's subject (`values.Uuid`, `values.Gsrn` …)."""
    listed: ClassVar[str | None] = None
    """For a list command: the field that holds its rows."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        if cls.__module__.startswith("contracts."):
            COMMANDS[cls._named()] = cls


class Event(Message):
    """A fact, in the past tense; never taken back. Readers ignore fields they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    home: ClassVar[str]
    """The field that holds the aggregate's id, which is the envelope's subject."""
    audience: ClassVar[tuple[Audience, ...]] = ()
    """Who is sent it. The default is nobody."""
    case: ClassVar[str | None] = None
    """The field that holds the case's id; without one an event belongs to its command's case."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        if cls.__module__.startswith("contracts.") and cls.__module__ != __name__:
            EVENTS[cls._named()] = cls

    @classmethod
    def model_validate(
        cls,
        obj: Any,
        *,
        strict: bool | None = None,
        extra: ExtraValues | None = "ignore",
        from_attributes: bool | None = None,
        context: Any | None = None,
        by_alias: bool | None = None,
        by_name: bool | None = None,
    ) -> Self:
        """Read an event. Fields that are not known are ignored at every depth: its parts may gain some, too."""
        return super().model_validate(
            obj,
            strict=strict,
            extra=extra,
            from_attributes=from_attributes,
            context=context,
            by_alias=by_alias,
            by_name=by_name,
        )

    @classmethod
    def withheld(cls) -> frozenset[str]:
        """The fields that not everyone who is sent it is sent."""
        return frozenset(field for one in cls.audience for field in one.without)

    @property
    def subject(self) -> str:
        """The aggregate's id."""
        return str(getattr(self, self.home))


class Part(BaseModel):
    """A part of a message that is no message itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Model = TypeVar("Model", bound=BaseModel)


def trusted(model: type[Model], fields: dict[str, Any], given: set[str]) -> Model:
    """A message or part of fields that are known to be right and are all there, in their order; nothing is checked.

    `given`: those that were not left out. As `model_construct` does, which takes five times as long over it: for what
    is made by the ten thousand, of values that our own code has made or has checked otherwise.
    """
    one = _BLANK(model)
    _SET(one, "__dict__", fields)
    _SET(one, "__pydantic_fields_set__", given)
    _SET(one, "__pydantic_extra__", None)
    _SET(one, "__pydantic_private__", None)
    return one


_BLANK: Final = object.__new__
_SET: Final = object.__setattr__


def kebab(name: str) -> str:
    """`RegisterResource` → `register-resource`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


Scalar = int | str | bool | None


class Reason(Part):
    """Why something was refused, or what a participant should notice though it was accepted."""

    code: str
    rule: str = ""
    path: str = ""
    """JSON pointer: where a service says it, into the data; in a receipt, into the message."""
    limit: Scalar = None
    actual: Scalar = None
    unit: str | None = None
    text_nb: str
    text_en: str
    fix_nb: str
    fix_en: str
    retryable: bool = False


class RefusedRow(Part):
    """One refused row of a list command: its index, the code (its text stands once among the reasons), the figure."""

    row: int
    code: str
    actual: Scalar = None
    metering_points: tuple[str, ...] = ()
    """Which of its points, the first hundred, where a row stands for several (a group)."""


Status = Literal["accepted", "partly-accepted", "rejected"]


class ReceiptData(Event):
    """The one final answer to a command. Each service has its own type: `no.flexregister.<service>.receipt.v1`."""

    home: ClassVar[str] = "command_id"

    command_id: str
    command_source: str
    command_type: str
    command_subject: str = ""
    sender: str
    status: Status
    reasons: tuple[Reason, ...] = ()
    rows: tuple[RefusedRow, ...] = ()
    duplicate: bool = False
    ingressposition: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that may refuse: its key, number and texts; `{limit}`, `{actual}` and `{unit}` are filled in.

    So is by how much a figure is over its limit, where both are known (`{over_nb}`, `{over_en}`: ", by 1000 W").
    """

    key: str
    number: str
    text_nb: str
    text_en: str
    fix_nb: str
    fix_en: str
    retryable: bool = False

    def reason(self, *, path: str = "", limit: Scalar = None, actual: Scalar = None, unit: str | None = None) -> Reason:
        """The reason that a receipt carries."""
        figures: dict[str, Scalar] = {
            "limit": limit,
            "actual": actual,
            "unit": unit or "",
            "over_nb": "",
            "over_en": "",
        }
        if isinstance(limit, int) and isinstance(actual, int) and actual > limit:
            over = f"{actual - limit} {unit or ''}".strip()
            figures |= {"over_nb": f", med {over}", "over_en": f", by {over}"}
        in_norwegian = {name: words.norwegian(one) if isinstance(one, str) else one for name, one in figures.items()}
        return Reason(
            code=self.key,
            rule=self.number,
            path=path,
            limit=limit,
            actual=actual,
            unit=unit,
            text_nb=self.text_nb.format(**in_norwegian),
            text_en=self.text_en.format(**figures),
            fix_nb=self.fix_nb.format(**in_norwegian),
            fix_en=self.fix_en.format(**figures),
            retryable=self.retryable,
        )

    def refused(
        self, *, path: str = "", limit: Scalar = None, actual: Scalar = None, unit: str | None = None
    ) -> Refused:
        """To raise: the whole command is refused for this one reason."""
        return Refused(self.reason(path=path, limit=limit, actual=actual, unit=unit))


class Refused(Exception):
    """Raised by `decide`: the command is refused, and nothing of it happened."""

    def __init__(self, *reasons: Reason, rows: tuple[RefusedRow, ...] = ()) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons
        self.rows = rows
