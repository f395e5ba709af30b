"""The description of the calls over HTTP, OpenAPI 3.1, made from the contract and its comments."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from google.protobuf.descriptor import Descriptor
from google.rpc import status_pb2

from services import RELEASE
from services.console.answer import JSON
from services.console.openapi.comments import described
from services.console.openapi.operation import operation
from services.console.openapi.schema import Schema, Schemas
from services.console.route import Route
from zonecarbon.type.v1 import error_reason_pb2

_ABOUT = (
    "The contract of ZoneCarbon 园碳 over HTTP. A field that a request has not is refused with its "
    "path. 64-bit numbers are answered as text; quantities are decimals as text, never numbers. "
    "Empty fields are answered too. Every error is a `google.rpc.Status`."
)
_REFUSED = (
    "A `google.rpc.Status` in the caller's language. Among its details are an `ErrorInfo`, whose "
    "`reason` is the tail of an `ErrorReason`, the message in Chinese and in English, and, for "
    "fields that are wrong, a `BadRequest` with their paths."
)
_KEY = (
    "A UUID made by the caller, bare or in quotes: the same as `request_id`. The same key with the "
    "same content returns the stored answer; with other content, it is refused."
)


def document(routes: Sequence[Route]) -> bytes:
    """Return the description of the routes as JSON."""
    schemas = Schemas()
    schemas.requests(route.method.input_type for route in routes)
    paths: defaultdict[str, Schema] = defaultdict(dict)
    for route in routes:
        paths[route.template.spelt][route.verb.lower()] = operation(route, schemas)
    services = {route.method.containing_service.full_name: None for route in routes}
    found = {
        "openapi": "3.1.0",
        "info": {"title": "ZoneCarbon", "version": RELEASE, "description": _ABOUT},
        "security": [{"key": []}],
        "tags": [{"name": name, **described(name)} for name in services],
        "paths": paths,
        "components": _components(schemas),
    }
    return json.dumps(found, ensure_ascii=False).encode()


def _components(schemas: Schemas) -> Schema:
    status = schemas.message(cast("Descriptor", status_pb2.Status.DESCRIPTOR))
    schemas.enum(error_reason_pb2.ErrorReason.DESCRIPTOR)
    return {
        "schemas": schemas.components,
        "responses": {"Refused": {"description": _REFUSED, "content": {JSON: {"schema": status}}}},
        "parameters": {
            "IdempotencyKey": {
                "name": "Idempotency-Key",
                "in": "header",
                "description": _KEY,
                "schema": {"type": "string", "format": "uuid"},
            },
            "AcceptLanguage": {
                "name": "Accept-Language",
                "in": "header",
                "description": "The language of errors and texts: English, or Chinese where it "
                "begins with `zh`.",
                "schema": {"type": "string", "examples": ["zh-CN"]},
            },
        },
        "securitySchemes": {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "The key of a principal, as `Authorization: Bearer …`.",
            }
        },
    }
