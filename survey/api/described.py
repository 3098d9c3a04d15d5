"""The OpenAPI description: written by hand beside the views, and held against them by a test."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

Schema = dict[str, Any]
_TEXT, _COUNT, _FLAG = {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "boolean"}
_MAYBE = {"type": ["integer", "null"], "minimum": 0}
_WAVE = {
    "wave": _TEXT, "title": {"type": "object", "additionalProperties": _TEXT}, "opens": _TEXT, "closes": _TEXT,
    "state": _TEXT, "simulated": _FLAG,
}  # fmt: skip
_ROW = {"id": _TEXT, "name": _TEXT, "issued": _COUNT, "returned": _MAYBE, "hidden": _FLAG}
_PUBLICATION = {
    "name": _TEXT, "version": _COUNT, "decision": _TEXT, "date": _TEXT, "signer": _TEXT, "result": {"type": "object"},
}  # fmt: skip


def document() -> Schema:
    """OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Phiếu",
            "version": version("phieu"),
            "description": "Published results and fieldwork counters. Small numbers are null, with hidden = true.",
        },
        "servers": [{"url": "/api/v1"}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Error": _object({"error": _object({"status": _COUNT, "message": _TEXT})}),
                "Waves": _object({"waves": _list(_object(_WAVE))}),
                "Results": _object({"wave": _TEXT, "publications": _list(_object(_PUBLICATION))}),
                "Fieldwork": _object({
                    **_WAVE, "as_of": _TEXT, "k": _COUNT, "groups": _list(_object(_ROW)), "units": _list(_object(_ROW)),
                    "total": _object({"issued": _COUNT, "returned": _MAYBE, "hidden": _FLAG}),
                }),
            },
        },
        "paths": {
            "/openapi.json": {"get": _get("This description.", {"type": "object"})},
            "/waves": {"get": _with_token("Waves that the token may read about.", "Waves")},
            "/waves/{wave}/results": {"get": _with_token("What is published (scope results).", "Results", wave=True)},
            "/waves/{wave}/fieldwork": {
                "get": _with_token("Forms out and back (scope fieldwork).", "Fieldwork", wave=True)
            },
        },
    }  # fmt: skip


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _answer(said: str, schema: Schema) -> Schema:
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _get(said: str, schema: Schema) -> Schema:
    return {"summary": said, "responses": {"200": _answer("As described.", schema)}}


def _with_token(said: str, name: str, *, wave: bool = False) -> Schema:
    made = _get(said, {"$ref": f"#/components/schemas/{name}"})
    error = {"$ref": "#/components/schemas/Error"}
    made["security"] = [{"token": []}]
    told = {"401": "No good token.", "429": "Asked too often; Retry-After says for how many seconds."}
    if wave:
        made["parameters"] = [{"name": "wave", "in": "path", "required": True, "schema": _TEXT}]
        told |= {"403": "The token is for something else.", "404": "No such wave, or nothing published."}
    if name == "Fieldwork":
        told["503"] = "The numbers cannot be computed now."
    made["responses"] |= {code: _answer(text, error) for code, text in told.items()}
    return made
