"""What the door answers beside documents: `/persons/{id}` and `/lookups`."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bsp_switch import store
from bsp_switch.domain import person, rules
from bsp_switch.door import lookups, person_store, wishes
from bsp_switch.door.lookups import Asked, Limits
from bsp_switch.door.person_store import Person
from bsp_switch.door.wishes import Wish
from bsp_switch.handlers import persons
from chassis.door import papers
from chassis.door import rules as door_rules
from chassis.door.gate import Caller
from chassis.door.rules import Turned
from chassis.door.serving import POLL, SAFE, Beside, Desk, refusal
from contracts import calendar, national_id, values
from contracts.message import Refused, Rule
from contracts.strict_json import fault, parse
from contracts.values import Role

if TYPE_CHECKING:
    from chassis.consumer import Consumer

_ID: Final[TypeAdapter[str]] = TypeAdapter(values.Uuid)
ENTERS: Final = frozenset({Role.DATAHUB})
READS: Final = frozenset({Role.DATAHUB, Role.TSO})


class _Known(BaseModel):
    """A birth date or an organisation number: one of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    birth_date: values.LocalDate | None = None
    organisation_number: values.OrganisationNumber | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.birth_date is None) == (self.organisation_number is None):
            raise ValueError
        return self


class _Entered(_Known):
    name: values.NameText


class _Question(_Known):
    metering_point_id: values.Gsrn


Written = TypeVar("Written", bound=_Known)


@dataclass
class Counter:
    """Answers about persons and lookups."""

    desk: Desk
    limits: Limits = field(default_factory=Limits)

    def routes(self) -> Sequence[BaseRoute]:
        """Where it answers."""
        return (
            Route("/persons/{id}", self._answering(self.person), methods=["PUT", "GET", "DELETE"]),
            Route("/lookups", self._answering(self.look), methods=["POST"]),
        )

    def _answering(
        self, handle: Callable[[Request, Caller], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return await handle(request, await self.desk.admit(request))
            except Turned as turned:
                return refusal(turned)

        return answer

    # Persons

    async def person(self, request: Request, caller: Caller) -> Response:
        """Enter, read or erase who an end user is. For all but the datahub and the TSO there is nobody."""
        try:
            end_user = _ID.validate_python(request.path_params["id"])
        except ValidationError:
            raise Turned(404, rules.PERSON_NOT_FOUND) from None
        if not (ENTERS if request.method == "PUT" else READS) & set(caller.roles):
            raise Turned(404, rules.PERSON_NOT_FOUND)
        match request.method:
            case "PUT":
                return await self._enter(request, end_user, caller)
            case "DELETE":
                return await self._erase(request, end_user, caller)
            case _:
                return await self._read(end_user)

    async def _enter(self, request: Request, end_user: str, caller: Caller) -> Response:
        said = _written(_Entered, await self.desk.words(request, caller), rules.PERSON_INVALID)
        if national_id.may_be(said.name):
            raise Turned(400, rules.NATIONAL_ID_NOT_TAKEN)
        today = calendar.local_date(datetime.fromtimestamp(self.desk.gate.now(), UTC))
        if said.birth_date is not None and said.birth_date > today:
            raise Turned(400, rules.PERSON_INVALID, actual="birth_date")
        person = Person(said.name, said.birth_date, said.organisation_number)
        wish = str(uuid.uuid4())
        new = await person_store.enter(self.desk.database, end_user, person, party=caller.party, wish=wish)
        decided = await self._until(lambda: _gone(self.desk.database, wish)) if new else True
        answer = {"end_user": end_user, "links": {"self": f"/persons/{end_user}"}}
        if not decided:
            notice = door_rules.NOT_DECIDED_YET.reason().model_dump()
            return JSONResponse({**answer, "notice": notice}, 202, headers=SAFE)
        return JSONResponse(answer, 201 if new else 200, headers=SAFE)

    async def _read(self, end_user: str) -> Response:
        async with self.desk.database.connect() as connection:
            found = await person_store.find(connection, end_user)
        if found is None:
            raise Turned(404, rules.PERSON_NOT_FOUND)
        born = found.birth_date.isoformat() if found.birth_date else None
        return JSONResponse({"end_user": end_user, **asdict(found), "birth_date": born}, headers=SAFE)

    async def _erase(self, request: Request, end_user: str, caller: Caller) -> Response:
        asked_by = request.query_params.get("asked_by", "end-user")
        if asked_by not in {"end-user", "operator"}:
            raise Turned(400, rules.PERSON_INVALID, actual="asked_by")
        database, wish = self.desk.database, str(uuid.uuid4())
        async with database.begin() as connection:
            state = await papers.own_state(connection, store.END_USER, end_user)
            stored = await person_store.find(connection, end_user)
            if stored is None and not person.is_known(state):
                if state is not None and state.erased:
                    return Response(status_code=204, headers=SAFE)
                raise Turned(404, rules.PERSON_NOT_FOUND)
            said = {"party": caller.party, "asked_by": asked_by}
            await wishes.keep(connection, Wish(wish, persons.ERASED, end_user, said))
        if not await self._until(lambda: _gone(database, wish)):
            raise Turned(503, door_rules.NOT_DECIDED_YET)
        await person_store.sweep(database)
        return Response(status_code=204, headers=SAFE)

    async def _until(self, reached: Callable[[], Awaitable[bool]]) -> bool:
        ends = time.monotonic() + self.desk.decided_within
        while not (is_so := await reached()) and time.monotonic() < ends:
            await asyncio.sleep(POLL / 2)
        return is_so

    # Lookups

    async def look(self, request: Request, caller: Caller) -> Response:
        """What a BSP needs to begin, if it knows who stands behind the point."""
        if Role.BSP not in caller.roles:
            raise Turned(403, rules.LOOKUP_NOT_FOR_ROLE)
        said = _written(_Question, await self.desk.words(request, caller), rules.LOOKUP_INVALID)
        proof = Person("", said.birth_date, said.organisation_number).proof
        began, id_ = time.monotonic(), str(uuid.uuid4())
        found = await lookups.look(
            self.desk.database,
            Asked(id_, caller.party, said.metering_point_id, proof),
            limits=self.limits,
            now=self.desk.gate.now(),
            sandbox=self.desk.sandbox,
        )
        if self.limits.seconds:
            await asyncio.sleep(self.limits.seconds - (time.monotonic() - began) % self.limits.seconds)
        if found is None:
            raise Turned(404, rules.LOOKUP_WITHOUT_MATCH)
        answer = {
            name: values.time_text(one) if isinstance(one, datetime) else one for name, one in asdict(found).items()
        }
        return JSONResponse({"lookup_id": id_, **answer}, headers=SAFE)


def _written(form: type[Written], body: bytes, rule: Rule) -> Written:
    """What was written; where it is not as it should be, the field is named and nothing of it repeated."""
    try:
        said = parse(body)
        if (wrong := fault(said)) is not None:
            raise Turned(400, rule, actual=wrong.reason().code)
        return form.model_validate(said)
    except Refused as refused:
        raise Turned(400, rule, actual=refused.reasons[0].code) from None
    except ValidationError as error:
        named = ", ".join(sorted({str(one["loc"][0]) for one in error.errors() if one["loc"][:1] and _own(form, one)}))
        raise Turned(400, rule, actual=named or "form") from None


def _own(form: type[BaseModel], error: Any) -> bool:
    return error["loc"][0] in form.model_fields


async def _gone(database: AsyncEngine, wish: str) -> bool:
    return not await wishes.is_kept(database, wish)


@dataclass
class Keeper:
    """Gives the wishes, and lets go of what is to be forgotten: at once after a wish, else once a second."""

    _swept_at: float = 0.0

    async def attend(self, consumer: Consumer, database: AsyncEngine, sandbox: bool) -> int:
        """How many wishes there were."""
        given = await wishes.give(consumer, database, sandbox=sandbox)
        if given or time.monotonic() - self._swept_at >= 1:
            await person_store.sweep(database)
            self._swept_at = time.monotonic()
        return given


def beside() -> Beside:
    """Persons and lookups, beside documents."""
    return Beside(lambda desk: Counter(desk).routes(), Keeper().attend)
