"""The OpenAPI document of the door; `python -m meter_ingest.out.openapi` writes it beside the service's README."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel

from contracts.calendar import Resolution
from contracts.message import Reason
from contracts.meter_ingest.v1 import KeptStatus
from meter_ingest.domain.aggregate import Size
from meter_ingest.domain.transform import Method, Origin, Settlement
from meter_ingest.out import openapi_public, order, public_desk, summing, telling

STORED: Final = Path(__file__).parents[3] / "openapi.json"

_WH: Final = {"type": ["integer", "null"], "description": "Wh (varh), exactly; null: nothing is there."}
_TIME: Final = {"type": "string", "format": "date-time"}
_MAY_TIME: Final = {"type": ["string", "null"], "format": "date-time"}
_DATE: Final = {"type": "string", "format": "date"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_TEXT: Final = {"type": "string"}
_GSRN: Final = {"type": "string", "pattern": "^[0-9]{18}$"}
_LINE: Final = {
    "type": "string",
    "default": "consumption",
    "examples": ["consumption", "production", "consumption.reactive"],
}


def _one_of(given: Any, *, nullable: bool = False) -> dict[str, Any]:
    return {"enum": [*get_args(given), *([None] if nullable else [])]}


def _object(**fields: Any) -> dict[str, Any]:
    """All fields are there but those whose name ends with `_`."""
    required = [name for name in fields if not name.endswith("_")]
    properties = {name.rstrip("_"): schema for name, schema in fields.items()}
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def _many(schema: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _modelled(model: type[BaseModel]) -> dict[str, Any]:
    """A model's schema; what it is made of stands beside it."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {name: one for name, one in schema.items() if name != "$defs"}


def _renamed(schema: dict[str, Any], **names: str) -> dict[str, Any]:
    """`from` is a word of Python."""
    again = {names.get(name, name): one for name, one in schema["properties"].items()}
    return {**schema, "properties": again, "required": [names.get(name, name) for name in schema["required"]]}


_PERIOD: Final = _object(start=_TIME, end=_TIME)
_HEAD: Final[dict[str, Any]] = {
    "metering_point_id": _GSRN,
    "line": _TEXT,
    "as_of": _MAY_TIME,
    "fresh": _many(_ref("Fresh")),
    "periods": _many(_PERIOD)
    | {"description": "The parts of the period that the caller may read: elsewhere there is nothing."},
}

SCHEMAS: Final[dict[str, Any]] = {
    "Reason": Reason.model_json_schema(),
    "Fresh": _object(shard=_TEXT, position=_COUNT, received_at=_MAY_TIME)
    | {"description": "All that this value shard had taken up to this position is in the answer."},
    "Message": _object(name=_TEXT, sender=_TEXT, record=_TEXT, received_at=_TIME, registered_at=_TIME),
    "Run": _object(
        steps=_COUNT,
        status=_one_of(KeptStatus, nullable=True),
        origin=_one_of(Origin, nullable=True),
        profile={"type": ["string", "null"]},
        messages=_many(_COUNT) | {"description": "Places in `messages`."},
    )
    | {"description": "So many steps in a row that were made alike, from the same messages."},
    "Day": _object(
        date=_DATE,
        start=_TIME,
        resolution=_one_of(Resolution),
        counts=_one_of(Resolution, nullable=True) | {"description": "The channel that the balance is settled on."},
        settlement=_one_of(Settlement, nullable=True),
        method=_one_of(Method, nullable=True),
        grid_area={"type": ["string", "null"]},
        values_wh=_many(_WH),
        runs=_many(_ref("Run")),
    ),
    "Values": _renamed(
        _object(
            **_HEAD,
            from1=_TIME,
            to=_TIME,
            messages=_many(_ref("Message")),
            days=_many(_ref("Day")),
            links_=_object(next=_TEXT),
        ),
        from1="from",
    ),
    "Sums": _renamed(_object(**_HEAD, by=_one_of(Size), from1=_DATE, to=_DATE, sums=_many(_ref("Sum"))), from1="from"),
    "Sum": _renamed(
        _object(
            from1=_DATE,
            to=_DATE,
            wh=_WH,
            quarters=_COUNT,
            expected_quarters=_COUNT,
            estimated_quarters=_COUNT,
            complete={"type": "boolean"},
        ),
        from1="from",
    ),
    "AsOf": order.AsOf.model_json_schema(),
    "Order": _modelled(order.Order),
    "File": _object(
        name=_TEXT,
        month=_DATE,
        format=_one_of(order.Format),
        state={"enum": ["waiting", "ready"]},
        values_={"type": "integer", "description": "How many values it holds."},
        bytes_=_COUNT,
        sha256_=_TEXT,
        link_=_TEXT,
    ),
    "Export": _object(
        id=_TEXT,
        kind=_one_of(order.ExportKind),
        state=_one_of(order.State),
        asked_at=_TIME,
        expires_at=_TIME,
        order=_ref("Order"),
        as_of=_ref("AsOf"),
        points=_COUNT,
        files=_many(_ref("File")),
        links=_object(self=_TEXT),
    ),
    "Exports": _object(exports=_many(_ref("Export"))),
    **openapi_public.SCHEMAS,
}


def _query(name: str, schema: Any, about: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": about}


def _path(name: str, schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _says(about: str, schema: str) -> dict[str, Any]:
    return {"description": about, "content": {"application/json": {"schema": _ref(schema)}}}


def _answers(**answers: Any) -> dict[str, Any]:
    refused = {
        "400": _says("It cannot be read so.", "Reason"),
        "401": _says("Nobody that is known here has signed it so.", "Reason"),
        "404": _says("There is no such thing, or not for the caller: the two are answered alike.", "Reason"),
        "429": _says("Too often. `Retry-After` says when to come back.", "Reason"),
    }
    return {**{name[1:]: said for name, said in answers.items()}, **refused}


_AS_OF: Final = _query("as_of", _TIME, "What had come by then, by time of receipt; else all that has come.")
_LINE_OF: Final = _query("line", _LINE, "Direction, and product where it is not active energy.")
_EXPORT: Final = _path("id", {"type": "string", "format": "uuid"})

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
                    _path("id", _GSRN),
                    _query("from", _TIME, "The beginning of a quarter of an hour.", required=True),
                    _query("to", _TIME, f"Likewise, at most {telling.LONGEST} days later.", required=True),
                    _LINE_OF,
                    _query("resolution", _one_of(Resolution), "Else each day in its own."),
                    _AS_OF,
                    _query(
                        "days",
                        {"type": "integer", "minimum": 1, "maximum": telling.MOST_DAYS, "default": telling.MOST_DAYS},
                        "Local days in one answer; `links.next` says where to go on.",
                    ),
                ],
                "responses": _answers(_200=_says("The values that the caller may read.", "Values")),
            }
        },
        "/points/{id}/sums": {
            "get": {
                "operationId": "sums",
                "summary": "Energy by local day, month or year",
                "parameters": [
                    _path("id", _GSRN),
                    _query("from", _DATE, "The first day of such a period.", required=True),
                    _query("to", _DATE, f"Likewise, at most {summing.LONGEST} days later.", required=True),
                    _query("by", {**_one_of(Size), "default": "month"}, "How long the periods are."),
                    _LINE_OF,
                    _AS_OF,
                ],
                "responses": _answers(_200=_says("The sums, of what the caller may read.", "Sums")),
            }
        },
        "/exports": {
            "get": {
                "operationId": "exports",
                "summary": "The caller's exports",
                "responses": _answers(_200=_says("Those that have not expired, the newest first.", "Exports")),
            },
            "post": {
                "operationId": "order-export",
                "summary": "Order an export",
                "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("Order")}}},
                "responses": _answers(
                    _200=_says("It was ordered before, by the same id.", "Export"),
                    _201=_says("It is ordered: its files come one by one.", "Export"),
                    _409=_says("The id is another order's.", "Reason"),
                ),
            },
        },
        "/exports/{id}": {
            "get": {
                "operationId": "export",
                "summary": "How an export stands",
                "parameters": [_EXPORT],
                "responses": _answers(_200=_says("It, with its files.", "Export")),
            },
            "delete": {
                "operationId": "delete-export",
                "summary": "Delete an export and its files",
                "parameters": [_EXPORT],
                "responses": _answers(_204={"description": "It is gone."}),
            },
        },
        "/exports/{id}/files/{name}": {
            "get": {
                "operationId": "export-file",
                "summary": "A file of an export",
                "description": "`Range: bytes=from-to` goes on where a transfer ended; `If-Range` with the ETag, which"
                " is the file's SHA-256.",
                "parameters": [_EXPORT, _path("name", _TEXT)],
                "responses": _answers(
                    _200={"description": "The file.", "content": {"application/octet-stream": {}}},
                    _206={"description": "The part of it.", "content": {"application/octet-stream": {}}},
                    _409=_says("It is not made yet.", "Reason"),
                    _410=_says("The caller may no longer read all of it.", "Reason"),
                    _416=_says("There is no such part.", "Reason"),
                ),
            }
        },
        "/evidence/{id}": {
            "get": {
                "operationId": "evidence",
                "summary": "The packet of evidence, for the TSO: of an activation, or of a group's capacity",
                "description": "Lines of JSON, which `flexreg evidence verify` checks; the ETag is the root that"
                " `evidence-prepared` or `capacity-evidence-prepared` has.",
                "parameters": [_EXPORT],
                "responses": _answers(
                    _200={"description": "The packet.", "content": {"application/jsonl": {}}},
                    _410=_says("Its values are kept no longer.", "Reason"),
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
