"""The OpenAPI document of the door; `python -m meter_ingest.out.openapi` writes it beside the service's README."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from contracts.calendar import Resolution
from contracts.message import Reason
from contracts.meter_ingest.v1 import KeptStatus
from meter_ingest.domain.aggregate import Size
from meter_ingest.domain.transform import Method, Origin, Settlement
from meter_ingest.out import (
    openapi_grants,
    openapi_other,
    openapi_public,
    openapi_settlement,
    order,
    public_desk,
    summing,
    telling,
)
from meter_ingest.out.openapi_words import (
    COUNT,
    DATE,
    FOR_END_USER,
    GSRN,
    LINE,
    MAY_TIME,
    TEXT,
    TIME,
    WH,
    an_object,
    answers,
    many,
    one_of,
    path,
    query,
    ref,
    says,
)

STORED: Final = Path(__file__).parents[3] / "openapi.json"


def _modelled(model: type[BaseModel]) -> dict[str, Any]:
    """A model's schema; what it is made of stands beside it."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {name: one for name, one in schema.items() if name != "$defs"}


def _renamed(schema: dict[str, Any], **names: str) -> dict[str, Any]:
    """`from` is a word of Python."""
    again = {names.get(name, name): one for name, one in schema["properties"].items()}
    return {**schema, "properties": again, "required": [names.get(name, name) for name in schema["required"]]}


_PERIOD: Final = an_object(start=TIME, end=TIME)
_HEAD: Final[dict[str, Any]] = {
    "metering_point_id": GSRN,
    "line": TEXT,
    "as_of": MAY_TIME,
    "fresh": many(ref("Fresh")),
    "periods": many(_PERIOD)
    | {"description": "The parts of the period that the caller may read: elsewhere there is nothing."},
}

SCHEMAS: Final[dict[str, Any]] = {
    "Reason": Reason.model_json_schema(),
    "Fresh": an_object(shard=TEXT, position=COUNT, received_at=MAY_TIME)
    | {"description": "All that this value shard had taken up to this position is in the answer."},
    "Message": an_object(name=TEXT, sender=TEXT, record=TEXT, received_at=TIME, registered_at=TIME),
    "Run": an_object(
        steps=COUNT,
        status=one_of(KeptStatus, nullable=True),
        origin=one_of(Origin, nullable=True),
        profile={"type": ["string", "null"]},
        messages=many(COUNT) | {"description": "Places in `messages`."},
    )
    | {"description": "So many steps in a row that were made alike, from the same messages."},
    "Day": an_object(
        date=DATE,
        start=TIME,
        resolution=one_of(Resolution),
        counts=one_of(Resolution, nullable=True) | {"description": "The channel that the balance is settled on."},
        settlement=one_of(Settlement, nullable=True),
        method=one_of(Method, nullable=True),
        grid_area={"type": ["string", "null"]},
        values_wh=many(WH),
        runs=many(ref("Run")),
    ),
    "Values": _renamed(
        an_object(
            **_HEAD,
            from1=TIME,
            to=TIME,
            messages=many(ref("Message")),
            days=many(ref("Day")),
            links_=an_object(next=TEXT),
        ),
        from1="from",
    ),
    "Sums": _renamed(
        an_object(**_HEAD, by=one_of(Size), from1=DATE, to=DATE, sums=many(ref("Sum"))),
        from1="from",
    ),
    "Sum": _renamed(
        an_object(
            from1=DATE,
            to=DATE,
            wh=WH,
            quarters=COUNT,
            expected_quarters=COUNT,
            estimated_quarters=COUNT,
            complete={"type": "boolean"},
        ),
        from1="from",
    ),
    "AsOf": order.AsOf.model_json_schema(),
    "Order": _modelled(order.Order),
    "File": an_object(
        name=TEXT,
        month=DATE,
        format=one_of(order.Format),
        state={"enum": ["waiting", "ready"]},
        values_={"type": "integer", "description": "How many values it holds."},
        bytes_=COUNT,
        sha256_=TEXT,
        link_=TEXT,
    ),
    "Export": an_object(
        id=TEXT,
        kind=one_of(order.ExportKind),
        state=one_of(order.State),
        asked_at=TIME,
        expires_at=TIME,
        order=ref("Order"),
        as_of=ref("AsOf"),
        points=COUNT,
        files=many(ref("File")),
        links=an_object(self=TEXT),
    ),
    "Exports": an_object(exports=many(ref("Export"))),
    **openapi_grants.SCHEMAS,
    **openapi_public.SCHEMAS,
    **openapi_settlement.SCHEMAS,
}
SCHEMAS.update(openapi_other.schemas(SCHEMAS["Day"]))


_AS_OF: Final = query("as_of", TIME, "What had come by then, by time of receipt; else all that has come.")
_LINE_OF: Final = query("line", LINE, "Direction, and product where it is not active energy.")
_EXPORT: Final = path("id", {"type": "string", "format": "uuid"})

DOCUMENT: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Flexregister: meter values",
        "version": "1",
        "description": "Values, sums and exports of meter values. Each request is signed: a compact JWS (ES256) in"
        " `Authorization: Bearer`, with a key that was registered by `register-party-key` (docs/participant.md)."
        " All energy is in whole Wh, all days are Oslo days of 92, 96 or 100 quarters.",
    },
    "security": [{"proof": []}],
    "paths": {
        "/openapi.json": {
            "get": {
                "operationId": "openapi",
                "summary": "This document",
                "security": [],
                "responses": {"200": {"description": "It.", "content": {"application/json": {}}}},
            }
        },
        public_desk.PATH: openapi_public.ENERGY,
        "/points/{id}/values": {
            "get": {
                "operationId": "values",
                "summary": "What counts of a metering point",
                "parameters": [
                    path("id", GSRN),
                    query("from", TIME, "The beginning of a quarter of an hour.", required=True),
                    query("to", TIME, f"Likewise, at most {telling.LONGEST} days later.", required=True),
                    _LINE_OF,
                    query("resolution", one_of(Resolution), "Else each day in its own."),
                    _AS_OF,
                    query(
                        "days",
                        {"type": "integer", "minimum": 1, "maximum": telling.MOST_DAYS, "default": telling.MOST_DAYS},
                        "Local days in one answer; `links.next` says where to go on.",
                    ),
                    FOR_END_USER,
                ],
                "responses": answers(
                    _200=says("The values that the caller may read.", "Values"), _403=openapi_grants.NOT_SERVED
                ),
            }
        },
        "/points/{id}/sums": {
            "get": {
                "operationId": "sums",
                "summary": "Energy by local day, month or year",
                "parameters": [
                    path("id", GSRN),
                    query("from", DATE, "The first day of such a period.", required=True),
                    query("to", DATE, f"Likewise, at most {summing.LONGEST} days later.", required=True),
                    query("by", {**one_of(Size), "default": "month"}, "How long the periods are."),
                    _LINE_OF,
                    _AS_OF,
                    FOR_END_USER,
                ],
                "responses": answers(
                    _200=says("The sums, of what the caller may read.", "Sums"), _403=openapi_grants.NOT_SERVED
                ),
            }
        },
        **openapi_grants.PATHS,
        **openapi_settlement.PATHS,
        **openapi_other.PATHS,
        "/exports": {
            "get": {
                "operationId": "exports",
                "summary": "The caller's exports",
                "responses": answers(_200=says("Those that have not expired, the newest first.", "Exports")),
            },
            "post": {
                "operationId": "order-export",
                "summary": "Order an export",
                "requestBody": {"required": True, "content": {"application/json": {"schema": ref("Order")}}},
                "responses": answers(
                    _200=says("It was ordered before, by the same id.", "Export"),
                    _201=says("It is ordered: its files come one by one.", "Export"),
                    _403=openapi_grants.NOT_SERVED,
                    _409=says("The id is another order's.", "Reason"),
                ),
            },
        },
        "/exports/{id}": {
            "get": {
                "operationId": "export",
                "summary": "How an export stands",
                "parameters": [_EXPORT],
                "responses": answers(_200=says("It, with its files.", "Export")),
            },
            "delete": {
                "operationId": "delete-export",
                "summary": "Delete an export and its files",
                "parameters": [_EXPORT],
                "responses": answers(_204={"description": "It is gone."}),
            },
        },
        "/exports/{id}/files/{name}": {
            "get": {
                "operationId": "export-file",
                "summary": "A file of an export",
                "description": "`Range: bytes=from-to` goes on where a transfer ended; `If-Range` with the ETag, which"
                " is the file's SHA-256.",
                "parameters": [_EXPORT, path("name", TEXT)],
                "responses": answers(
                    _200={"description": "The file.", "content": {"application/octet-stream": {}}},
                    _206={"description": "The part of it.", "content": {"application/octet-stream": {}}},
                    _409=says("It is not made yet.", "Reason"),
                    _410=says("The caller may no longer read all of it.", "Reason"),
                    _416=says("There is no such part.", "Reason"),
                ),
            }
        },
        "/evidence/{id}": {
            "get": {
                "operationId": "evidence",
                "summary": "The packet of evidence, for the TSO: of an activation, or of a group's capacity",
                "description": "Lines of JSON, which `flexreg evidence verify` checks; the ETag is the root that"
                " `evidence-prepared` or `capacity-evidence-prepared` has.",
                "parameters": [
                    _EXPORT,
                    query("version", {"type": "integer", "minimum": 1}, "Another than the last one."),
                ],
                "responses": answers(
                    _200={"description": "The packet.", "content": {"application/jsonl": {}}},
                    _403=says("It is for the TSO alone.", "Reason"),
                    _409=says("It is not prepared yet: `limit` is its deadline.", "Reason"),
                    _410=says("Values of it were erased, or are kept no longer: `limit` is its root.", "Reason"),
                ),
            }
        },
    },
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"proof": {"type": "http", "scheme": "bearer", "bearerFormat": "JWS"}},
    },
}


def text() -> str:
    """As it is stored."""
    return json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    STORED.write_text(text(), encoding="utf-8")
