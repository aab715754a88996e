"""What the OpenAPI document says of what everybody may read."""

from __future__ import annotations

from typing import Any, Final, get_args

from contracts.meter_ingest.v1 import Dimension
from contracts.meter_ingest.v1.lines import EnergyDirection
from contracts.values import BiddingZone
from meter_ingest.domain import anonymity
from meter_ingest.out import public_desk

_DATE: Final = {"type": "string", "format": "date"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_PERCENT: Final = {"type": ["string", "null"], "pattern": r"^[0-9]{1,3}\.[0-9]{4}$"}


def _object(description: str = "", **properties: Any) -> dict[str, Any]:
    said = {"description": description} if description else {}
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
        **said,
    }


SCHEMAS: Final[dict[str, Any]] = {
    "PublicFigure": _object(
        f"Energy of at least {anonymity.LEAST} points. A grid area has a figure of its own where at least"
        f" {anonymity.LEAST_OF_AREA} consumption points of it count.",
        type={"const": "public-energy"},
        id={"type": "string"},
        attributes=_object(
            date=_DATE,
            zone={"enum": [str(zone) for zone in BiddingZone]},
            line={"enum": list(get_args(EnergyDirection))},
            key={
                "type": ["string", "null"],
                "description": "Zone, grid area or type; `unstated`: the register has no type; null: the rest.",
            },
            wh={"type": "integer"},
            points=_COUNT | {"description": "Whose whole day is in it."},
            estimated_percent=_PERCENT | {"description": "Of these points: of which something is not metered."},
            missing_percent=_PERCENT | {"description": "Of all points: whose day is not whole, and so is not in it."},
        ),
    ),
    "PublicEnergy": _object(
        data={"type": "array", "items": {"$ref": "#/components/schemas/PublicFigure"}},
        meta=_object(dimension={"enum": list(get_args(Dimension))}, not_said_yet={"type": "array", "items": _DATE}),
        links=_object(self={"type": "string"}),
    ),
}


def _query(name: str, schema: Any, about: str, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": about}


def _says(about: str, schema: str) -> dict[str, Any]:
    return {
        "description": about,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


ENERGY: Final[dict[str, Any]] = {
    "get": {
        "operationId": "public-energy",
        "summary": "Energy of whole local days, by zone, grid area or type",
        "description": "For anybody, unsigned. A day is said once, after its fifth day; what is corrected later changes"
        " nothing in it (ADR 0036). Answers may be kept (`Cache-Control`, `ETag`).",
        "security": [],
        "parameters": [
            _query("dimension", {"enum": list(get_args(Dimension)), "default": "zone"}, "By what.", required=False),
            _query("from", _DATE, "The first local day."),
            _query("to", _DATE, f"The first day behind, at most {public_desk.LONGEST} days later."),
        ],
        "responses": {
            "200": _says("The figures, day by day.", "PublicEnergy"),
            "304": {"description": "As it was (`If-None-Match`)."},
            "400": _says("It cannot be read so.", "Reason"),
            "429": _says("Too often. `Retry-After` says when to come back.", "Reason"),
        },
    }
}
