"""One call as an operation of OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from services.console.answer import JSON, LINES
from services.console.fields import of
from services.console.openapi import bounds
from services.console.openapi.comments import described, summary
from services.console.openapi.schema import SPECIAL, Schema, Schemas
from services.console.request import REQUEST_ID
from services.console.route import Route
from services.console.template import ONE

_SEGMENT: Schema = {"type": "string", "minLength": 1}


def operation(route: Route, schemas: Schemas) -> Schema:
    """Return what OpenAPI says of a route."""
    method = route.method
    streamed = method.server_streaming
    body = _body(route, schemas)
    return {
        "operationId": method.full_name + (f".{route.number}" if route.number > 1 else ""),
        "tags": [method.containing_service.full_name],
        "summary": summary(method.full_name),
        **described(method.full_name),
        "parameters": [*_of_path(route, schemas), *_of_query(route, schemas), *_of_headers(route)],
        **({"requestBody": body} if body else {}),
        "responses": {
            "200": {
                "description": "Lines, each such a message; an error is the last, with `@type`."
                if streamed
                else "What was asked for.",
                "content": {
                    LINES if streamed else JSON: {"schema": schemas.message(method.output_type)}
                },
            },
            "default": {"$ref": "#/components/responses/Refused"},
        },
    }


def _of_path(route: Route, schemas: Schemas) -> Iterator[Schema]:
    for variable, form in route.template.variables.items():
        field = _at(route.method.input_type, variable)
        told = described(field.full_name).get("description", "")
        whole = form == ONE
        for name in route.template.parameters_of(variable):
            yield {
                "name": name,
                "in": "path",
                "required": True,
                "description": told if whole else f"A part of `{variable}`. {told}",
                "schema": schemas.field(field) if whole else _SEGMENT,
            }


def _of_query(route: Route, schemas: Schemas) -> Iterator[Schema]:
    if route.whole:
        return
    bound = {*route.template.variables, route.body}
    for field in route.method.input_type.fields:
        if field.name not in bound:
            yield from _parameters(field, field.name, schemas, needed=bounds.required(field))


def _parameters(
    field: FieldDescriptor, path: str, schemas: Schemas, *, needed: bool
) -> Iterator[Schema]:
    """Yield a field of the query, or each part of one that is a message."""
    kind = field.message_type
    if kind is not None and kind.full_name not in SPECIAL and not field.is_repeated:
        for part in kind.fields:
            deeper = needed and bounds.required(part)
            yield from _parameters(part, f"{path}.{part.name}", schemas, needed=deeper)
        return
    schema = dict(schemas.field(field))
    yield {
        "name": path,
        "in": "query",
        "required": needed,
        "description": schema.pop("description", ""),
        "schema": schema,
    }


def _of_headers(route: Route) -> Iterator[Schema]:
    if REQUEST_ID in route.method.input_type.fields_by_name:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}
    yield {"$ref": "#/components/parameters/AcceptLanguage"}


def _body(route: Route, schemas: Schemas) -> Schema:
    if not route.body:
        return {}
    kind = route.method.input_type
    streamed = route.method.client_streaming
    if route.whole:
        schema = schemas.members(kind, but=route.template.variables)
        # A stream may be of no message at all.
        needed = "required" in schema and not streamed
    else:
        field = kind.fields_by_name[route.body]
        schema, needed = schemas.message(of(field)), bounds.required(field)
    told = "Lines, each such a message." if streamed else ""
    content: dict[str, Any] = {LINES if streamed else JSON: {"schema": schema}}
    return {"required": needed, "content": content, **({"description": told} if told else {})}


def _at(kind: Descriptor, path: str) -> FieldDescriptor:
    """Return the field at a path such as `enterprise.name`."""
    *heads, last = path.split(".")
    for head in heads:
        kind = of(kind.fields_by_name[head])
    return kind.fields_by_name[last]
