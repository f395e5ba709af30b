"""Messages and enums of the contract as JSON Schema, by their full names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from services.console.fields import read_only
from services.console.openapi import bounds
from services.console.openapi.comments import described
from services.console.request import REQUEST_ID

Schema = dict[str, Any]

_DIGITS = r"^-?(0|[1-9][0-9]*)$"
# Of JSON, a number loses digits beyond 2^53 in many programs; so 64 bits are answered as text.
_SCALARS: dict[int, Schema] = {
    FieldDescriptor.CPPTYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.CPPTYPE_STRING: {"type": "string"},
    FieldDescriptor.CPPTYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.CPPTYPE_INT64: {
        "type": ["string", "integer"],
        "format": "int64",
        "pattern": _DIGITS,
    },
    FieldDescriptor.CPPTYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.CPPTYPE_FLOAT: {"type": "number", "format": "float"},
}
_BYTES: Schema = {"type": "string", "contentEncoding": "base64"}
SPECIAL: dict[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"},
    "google.protobuf.FieldMask": {
        "type": "string",
        "description": "Names of fields, separated by commas.",
    },
    "google.protobuf.Any": {
        "type": "object",
        "description": "A message of the type that `@type` names, with its fields beside it.",
        "properties": {"@type": {"type": "string"}},
        "required": ["@type"],
    },
}
"""Messages whose JSON is not an object of their fields."""


class Schemas:
    """The schemas that a description refers to, collected as they are referred to."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._requests: set[str] = set()

    def requests(self, kinds: Iterable[Descriptor]) -> None:
        """Say which messages are requests: in all that they hold, rules are shown as bounds."""
        for kind in kinds:
            if kind.full_name not in self._requests and kind.full_name not in SPECIAL:
                self._requests.add(kind.full_name)
                self.requests(f.message_type for f in kind.fields if f.message_type is not None)

    def message(self, kind: Descriptor) -> Schema:
        """Return a reference to the schema of a message."""
        if kind.full_name in SPECIAL:
            return SPECIAL[kind.full_name]
        if kind.full_name not in self.components:
            # Before its fields, which may be of its own kind.
            self.components[kind.full_name] = {}
            self.components[kind.full_name].update(self.members(kind))
        return _reference(kind.full_name)

    def members(self, kind: Descriptor, but: Iterable[str] = ()) -> Schema:
        """Return the schema of a message itself, without the fields `but`."""
        fields = [field for field in kind.fields if field.name not in set(but)]
        needed = [field.name for field in fields if self._needed(field)]
        return {
            "type": "object",
            **_with_oneofs(kind),
            "properties": {field.name: self.field(field) for field in fields},
            **({"required": needed} if needed else {}),
            "additionalProperties": False,
        }

    def field(self, field: FieldDescriptor) -> Schema:
        """Return the schema of a field, with its comment."""
        given = bounds.rules(field)
        bounded = self._of_request(field)
        entry = field.message_type
        if entry is not None and entry.GetOptions().map_entry:
            values = self._single(entry.fields_by_name["value"])
            found: Schema = {"type": "object", "additionalProperties": values}
        elif field.is_repeated:
            of_items = bounds.of_value(given.repeated.items) if bounded else {}
            found = {"type": "array", "items": {**self._single(field), **of_items}}
            found |= bounds.of_list(given) if bounded else {}
        else:
            found = {**self._single(field), **(bounds.of_value(given) if bounded else {})}
        found |= described(field.full_name)
        return found | ({"readOnly": True} if read_only(field) else {})

    def _single(self, field: FieldDescriptor) -> Schema:
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return self.enum(field.enum_type)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return _BYTES
        return _SCALARS[field.cpp_type]

    def enum(self, kind: EnumDescriptor) -> Schema:
        """Return a reference to the schema of an enum."""
        told = described(kind.full_name).get("description", "")
        values = [
            f"- `{value.name}`: {described(f'{kind.full_name}.{value.name}').get('description')}"
            for value in kind.values
        ]
        self.components[kind.full_name] = {
            "type": "string",
            "enum": [value.name for value in kind.values],
            "description": "\n".join([told, "", *values]),
        }
        return _reference(kind.full_name)

    def _needed(self, field: FieldDescriptor) -> bool:
        # An id of the request may come as a header instead.
        return self._of_request(field) and field.name != REQUEST_ID and bounds.required(field)

    def _of_request(self, field: FieldDescriptor) -> bool:
        kind = field.containing_type
        return kind is not None and kind.full_name in self._requests


def _with_oneofs(kind: Descriptor) -> Schema:
    """Return the member `description`, with which fields exclude each other."""
    sentences = [described(kind.full_name).get("description", "")]
    for oneof in kind.oneofs:
        names = [f"`{field.name}`" for field in oneof.fields]
        if len(names) > 1:
            sentences.append(f"Not more than one of {', '.join(names)}.")
    told = " ".join(filter(None, sentences))
    return {"description": told} if told else {}


def _reference(full_name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{full_name}"}
