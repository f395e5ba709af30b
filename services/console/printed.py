"""A message → its JSON value: the fields in the order of the contract, and spelt as it spells them.

It says what `json_format` says, in the order of the contract and in a third of the time.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

Print = Callable[[Any], Any]

_SPECIAL = "google.protobuf."
_LONG = {FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64}
_FLOATS = {FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT}


def printed(message: Message) -> Any:
    """Return the JSON value of a message; what is empty is there, unless it may be unset."""
    return _of_kind(message.DESCRIPTOR)(message)


@cache
def _of_kind(kind: Descriptor) -> Print:
    if kind.full_name.startswith(_SPECIAL):
        return _special
    fields = [(field.name, _of_field(field), field.has_presence) for field in kind.fields]

    def members(message: Message) -> dict[str, Any]:
        return {
            name: of_field(getattr(message, name))
            for name, of_field, may_be_unset in fields
            if not may_be_unset or message.HasField(name)
        }

    return members


def _of_field(field: FieldDescriptor) -> Print:
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        of_key, of_value = (_single(entry.fields_by_name[name]) for name in ("key", "value"))
        return lambda pairs: {_key(of_key(key)): of_value(pairs[key]) for key in pairs}
    single = _single(field)
    return (lambda values: [single(value) for value in values]) if field.is_repeated else single


def _single(field: FieldDescriptor) -> Print:
    kind = field.message_type
    if kind is not None:
        return _later(kind)
    if field.enum_type is not None:
        return _of_enum(field.enum_type)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return lambda value: base64.b64encode(value).decode()
    if field.cpp_type in _LONG:
        return str
    return _float if field.cpp_type in _FLOATS else _itself


def _later(kind: Descriptor) -> Print:
    """Return what looks up how to print a message when there is one: it may hold its own kind."""

    def of_message(message: Message) -> Any:
        return _of_kind(kind)(message)

    return of_message


def _of_enum(kind: EnumDescriptor) -> Print:
    names: Mapping[int, str] = {value.number: value.name for value in kind.values}
    # A value that came with a newer contract has no name here.
    return lambda number: names.get(number, number)


def _special(message: Message) -> Any:
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def _float(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _itself(value: Any) -> Any:
    return value
