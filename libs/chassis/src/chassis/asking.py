"""What may be asked of a service's documents: how one is at a moment, as known at another, and which have a value.

*Valid at* is the business' time: what is in force then. *Known at* is the register's: what had been decided by then
(`chassis.history` says what that means). Without either: all that is known, as it is stored now.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json, to_json, to_jsonable_python
from sqlalchemy import Boolean, Column, text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.datastructures import QueryParams

from chassis import history, store
from chassis.service import Kind, Service

MOST = 1000
MOST_FOLDED = 100
"""So many documents in a page: read as they are stored, or folded from their histories."""


class UnableToAnswer(Exception):
    """The question cannot be answered here; the text says why, and who can."""


@dataclass(frozen=True, slots=True)
class Question:
    """About the documents of one kind. `where`: fields (dotted within others) and the text of the value they have."""

    service: Service
    kind: Kind[Any]
    valid_at: datetime | None = None
    known_at: datetime | None = None
    where: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, service: Service, kind: Kind[Any], asked: QueryParams) -> Question:
        """From `valid_at`, `known_at` (ISO 8601) and any number of `where=field=value`. Raises `UnableToAnswer`."""
        known_at = _moment(asked, "known_at")
        if known_at is not None:
            check_remembered(service, kind)
        where = [(field, value) for field, _, value in (one.partition("=") for one in asked.getlist("where"))]
        if any(not field for field, _ in where):
            raise UnableToAnswer("where is written field=value")
        return cls(service, kind, _moment(asked, "valid_at"), known_at, tuple(where))

    @property
    def folds(self) -> bool:
        """Whether the documents' histories are needed to answer."""
        return self.known_at is not None or self._takes_course

    @property
    def most(self) -> int:
        """So many documents are looked at for one page."""
        return MOST_FOLDED if self.folds else MOST

    async def one(self, connection: AsyncConnection, id: str) -> dict[str, Any] | None:  # noqa: A002 - the field's word
        """`{id, version, state}` of a document; None where there is none (or was none then).

        Raises `UnableToAnswer` of what will be known.
        """
        await self._check_past(connection)
        rows = [] if self.folds else await _stored(connection, self.kind, id=id)
        async for answer, _ in self._answers(connection, rows, [id]):
            return answer
        return None

    async def page(
        self, connection: AsyncConnection, *, after: str, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """The documents behind an id that are as asked, of the next `limit`, and after which to go on (None: no more).

        Raises `UnableToAnswer` where none of those looked at has a field that is asked for, and of what will be known.
        """
        await self._check_past(connection)
        limit = min(limit, self.most)
        rows = await self._next(connection, after=after, limit=limit)
        # What a table finds need not stand in the state: a field of what is in force, of whatever time.
        left = [one for one in self.where if self.valid_at is not None or one not in self._found]
        found: list[dict[str, Any]] = []
        fields: set[str] = set()
        async for answer, named in self._answers(connection, rows, [id_ for id_, _, _ in rows]):
            fields |= named
            if all(_has(answer["state"], field.split("."), value) for field, value in left):
                found.append(answer)
        unknown = sorted({field.partition(".")[0] for field, _ in left} - fields)
        if unknown and fields:
            raise UnableToAnswer(f"{self.kind.name} has no field {unknown[0]}; it has {', '.join(sorted(fields))}")
        return found, rows[-1][0] if len(rows) == limit else None

    async def _next(self, connection: AsyncConnection, *, after: str, limit: int) -> list[tuple[str, int, str]]:
        """The next documents to look at: of what is known now, only those that a table finds by what is asked for."""
        return await _stored(connection, self.kind, after=after, limit=limit, by=self._found)

    @property
    def _found(self) -> tuple[tuple[str, str], ...]:
        """What is asked for that a table finds, if what is known now is asked."""
        return tuple(one for one in self.where if one[0] in self.kind.finds) if self.known_at is None else ()

    async def _check_past(self, connection: AsyncConnection) -> None:
        if self.known_at is not None and self.known_at > (last := await history.latest(connection, self.service)):
            raise UnableToAnswer(f"nobody knows yet what will be known then; it is {last.astimezone(UTC).isoformat()}")

    async def _is_there(self, connection: AsyncConnection, id_: str, state: Any) -> bool:
        """Whether there is such a document at the moment it is asked for."""
        at, since = self.valid_at, self.kind.since
        if at is None or since is None:
            return True
        if since == "recorded":
            begins = await history.first_recorded(connection, self.service, self.kind, id_)
        else:
            begins = since(self.kind.adapter.validate_json(state) if isinstance(state, str) else state)
        return begins is None or begins <= at

    @property
    def _takes_course(self) -> bool:
        return self.valid_at is not None and self.kind.course is not None

    async def _answers(
        self, connection: AsyncConnection, rows: Iterable[tuple[str, int, str]], ids: Iterable[str]
    ) -> AsyncIterator[tuple[dict[str, Any], set[str]]]:
        """Each document that there is with the fields it has: stored `rows`, or `ids` where they must be folded."""
        if not self.folds:
            for id_, version, stored in rows:
                if stored != "null" and await self._is_there(connection, id_, stored):
                    yield self._answer(id_, version, stored)
            return
        evolve = self.kind.course if self._takes_course else self.kind.evolve
        assert evolve is not None
        for id_ in ids:
            document = await history.folded(
                connection, self.service, self.kind, id_, known_at=self.known_at, evolve=evolve
            )
            if document is None or document.state is None:
                continue
            if await self._is_there(connection, id_, document.state):
                yield self._answer(id_, document.version, document.state)

    def _answer(self, id_: str, version: int, state: Any) -> tuple[dict[str, Any], set[str]]:
        """`state`: as it was folded, or its stored text."""
        kind, at = self.kind, self.valid_at
        if at is not None and kind.valid is not None:
            known = kind.adapter.validate_json(state) if isinstance(state, str) else state
            plain = seen = to_jsonable_python(kind.valid(known, at))
        else:
            plain = from_json(state if isinstance(state, str) else kind.adapter.dump_json(state))
            seen = plain if at is None else in_force(plain, at)
        fields = set(plain) if isinstance(plain, dict) else set[str]()
        return {"id": id_, "version": version, "state": seen}, fields


async def seen(
    connection: AsyncConnection,
    service: Service,
    kind: Kind[Any],
    id: str,  # noqa: A002 - the field's word
    *,
    party: str,
) -> Any:
    """What a party may see of a document, as JSON; None where there is none, or nothing of it is this party's."""
    if kind.seen is None:
        raise UnableToAnswer(f"{kind.name} is not shown as a party sees it")
    check_remembered(service, kind)
    found = kind.seen(await history.told(connection, service, kind, id), party)
    return to_jsonable_python(found)


def check_remembered(service: Service, kind: Kind[Any]) -> None:
    """Whether the service keeps what documents of this kind were. Raises `UnableToAnswer`, with who can be asked."""
    if kind.of == "private":
        raise UnableToAnswer(f"{kind.name} is private to {service.name}: no event says what it was")
    if kind.of is not None:
        owner = kind.of.partition("/")[0]
        raise UnableToAnswer(
            f"{service.name} only knows {kind.name} from {owner}, and not since when; ask {owner}, which owns it"
        )
    if not kind.remembered:
        raise UnableToAnswer(f"{kind.name} is an index of other documents: what it was is not kept; ask for those")
    if not service.remembers:
        raise UnableToAnswer(f"{service.name} passes messages on and keeps no history; ask the service that decides")


def in_force(state: Any, at: datetime) -> Any:
    """A state (as JSON) at a moment: without the entries that are not in force.

    Entries with `valid_from` and `valid_to` are half-open periods. Entries of a list that have `valid_from` alone are
    each in force until the next: of these only the last one begun is left.
    """
    if isinstance(state, dict):
        return {key: in_force(value, at) for key, value in state.items() if _covers(value, at)}
    if isinstance(state, list):
        covering = [value for value in state if _covers(value, at)]
        # Of two that began at the same moment the later entry stands.
        begun = (value for value in reversed(covering) if _lasts_until_next(value))
        last = max(begun, key=_valid_from, default=None)
        return [in_force(value, at) for value in covering if value is last or not _lasts_until_next(value)]
    return state


def moment(given: str) -> datetime:
    """A moment in ISO 8601; without a zone it is UTC. Raises `UnableToAnswer`."""
    try:
        at = datetime.fromisoformat(given)
    except ValueError as error:
        raise UnableToAnswer(f"{given!r} is no moment ({error})") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _moment(asked: QueryParams, name: str) -> datetime | None:
    return moment(asked[name]) if asked.get(name) else None


async def _stored(
    connection: AsyncConnection,
    kind: Kind[Any],
    *,
    id: str | None = None,  # noqa: A002 - the field's word
    after: str = "",
    limit: int = 1,
    by: Sequence[tuple[str, str]] = (),
) -> list[tuple[str, int, str]]:
    """Ids, versions and stored states: of one document, or of those behind an id, all or by fields that `finds`."""
    source, which = store.table_of(kind), "id > :id" if id is None else "id = :id"
    for place, (field, _) in enumerate(by):
        of, column = kind.finds[field]
        # Of several each finds all, for not each of them has the next ones.
        few = f" ORDER BY {of.name} LIMIT :limit" if len(by) == 1 else ""
        which += (
            f" AND id IN (SELECT DISTINCT {of.name} FROM {of.table}"  # noqa: S608 - declared names
            f" WHERE {as_text(column)} = :value_{place} AND {of.name} > :id{few})"
        )
    rows = await connection.execute(
        text(
            f"SELECT id, version, state::text AS state FROM {source}"  # noqa: S608 - a declared name
            f" WHERE kind = :kind AND {which} ORDER BY id LIMIT :limit"
        ),
        {"kind": kind.name, "id": after if id is None else id, "limit": limit}
        | {f"value_{place}": value for place, (_, value) in enumerate(by)},
    )
    return [(row.id, row.version, row.state) for row in rows]


def as_text(column: Column[Any]) -> str:
    """A column as what is asked for is written; one of text stands as it is, for its index."""
    return f"{column.name}::text" if isinstance(column.type, Boolean) else column.name


def _valid_from(value: Any) -> datetime:
    return datetime.fromisoformat(value["valid_from"])


def _covers(value: Any, at: datetime) -> bool:
    if not isinstance(value, dict) or "valid_from" not in value:
        return True
    starts, ends = value["valid_from"], value.get("valid_to")
    return (not starts or datetime.fromisoformat(starts) <= at) and (not ends or at < datetime.fromisoformat(ends))


def _lasts_until_next(value: Any) -> bool:
    return isinstance(value, dict) and bool(value.get("valid_from")) and "valid_to" not in value


def _has(state: Any, path: Sequence[str], value: str) -> bool:
    """Whether the field at this path has this value, as text or as JSON (`true`, `5000`, `null`)."""
    for name in path:
        if not isinstance(state, dict) or name not in state:
            return False
        state = state[name]
    return value == (state if isinstance(state, str) else to_json(state).decode())
