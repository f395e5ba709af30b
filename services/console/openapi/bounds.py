"""The rules of the contract that JSON Schema can say too. The services check them all."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from buf.validate import validate_pb2

# The annotation's stub leaves the extended message open; it extends FieldOptions.
_RULES: Any = validate_pb2.field

_NUMBERS = {"gte": "minimum", "lte": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_NUMBER_KINDS = ("int32", "int64", "double")


def rules(field: FieldDescriptor) -> validate_pb2.FieldRules:
    """Return the rules of a field."""
    found: validate_pb2.FieldRules = field.GetOptions().Extensions[_RULES]
    return found


def of_value(given: validate_pb2.FieldRules) -> dict[str, Any]:
    """Return the keywords that bound a single value."""
    kind = given.WhichOneof("type")
    if kind == "string":
        return _of_text(given.string)
    if kind in _NUMBER_KINDS:
        of_number = getattr(given, kind)
        return {
            keyword: getattr(of_number, rule)
            for rule, keyword in _NUMBERS.items()
            if of_number.HasField(rule)
        }
    return {}


def of_list(given: validate_pb2.FieldRules) -> dict[str, Any]:
    """Return the keywords that bound a list."""
    found: dict[str, Any] = {}
    if given.repeated.HasField("min_items"):
        found["minItems"] = given.repeated.min_items
    if given.repeated.HasField("max_items"):
        found["maxItems"] = given.repeated.max_items
    if given.repeated.unique:
        found["uniqueItems"] = True
    return found


def required(field: FieldDescriptor) -> bool:
    """Tell whether a request without the field, or with an empty one, is refused."""
    given = rules(field)
    if given.ignore != validate_pb2.IGNORE_UNSPECIFIED:
        return False
    return (
        given.required
        or given.string.min_len > 0
        or given.string.uuid
        or given.repeated.min_items > 0
        or max(given.int32.gte, given.int64.gte) > 0
        or 0 in given.enum.not_in
    )


def _of_text(given: validate_pb2.StringRules) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if given.HasField("min_len"):
        found["minLength"] = given.min_len
    if given.HasField("max_len"):
        found["maxLength"] = given.max_len
    if given.HasField("pattern"):
        found["pattern"] = given.pattern
    if given.uuid:
        found["format"] = "uuid"
    if getattr(given, "in"):
        found["enum"] = list(getattr(given, "in"))
    return found
