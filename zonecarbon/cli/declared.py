"""Reads what a person declares in a file as a message of the contract.

The file is TOML or JSON in the shape of the message, but that a quantity is one text with its unit
("960000 MWh"), a decimal is its digits, and an enum value goes without its prefix ("ELECTRICITY").
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.type import decimal_pb2

from zonecarbon.type.v1 import quantity_pb2

Declared = TypeVar("Declared", bound=Message)

_QUANTITY = quantity_pb2.Quantity.DESCRIPTOR.full_name
_DECIMAL = decimal_pb2.Decimal.DESCRIPTOR.full_name


class FileWrong(ValueError):
    """The file does not declare what it should; says where and what is allowed."""


def read(file: Path) -> dict[str, Any]:
    """Return the contents of a file, TOML or, by its ending, JSON.

    Raises:
        FileWrong: it cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        data = json.loads(text) if file.suffix.lower() == ".json" else tomllib.loads(text)
    except (UnicodeDecodeError, ValueError) as error:
        raise FileWrong(f"{file.name} is no TOML (or, ending in .json, JSON): {error}") from None
    return data if isinstance(data, dict) else {"": data}


def message(data: Mapping[str, Any], into: Declared) -> Declared:
    """Return `into` with what the contents of a file declare.

    Raises:
        FileWrong: they hold what the message does not have.
    """
    try:
        # Of a message of any kind the stubs tell two descriptors, of which one is meant.
        kind = cast("Descriptor", into.DESCRIPTOR)
        json_format.ParseDict(_message(data, kind, ""), into)
    except json_format.ParseError as error:
        raise FileWrong(str(error)) from None
    return into


def _message(value: Any, kind: Descriptor, path: str) -> dict[str, Any]:
    """Return `value` in the JSON form of a message."""
    if kind.full_name == _QUANTITY:
        return _quantity(value, path)
    if kind.full_name == _DECIMAL:
        return {"value": str(value)}
    if not isinstance(value, Mapping):
        raise FileWrong(f"{path or 'the file'} is {value!r}; write a table of {_names(kind)}")
    found = {}
    for name, part in value.items():
        field = kind.fields_by_name.get(name)
        where = f"{path}.{name}" if path else name
        if field is None:
            raise FileWrong(f"{where} is not known; allowed: {_names(kind)}")
        found[name] = _field(part, field, where)
    return found


def _field(value: Any, field: FieldDescriptor, path: str) -> Any:
    if not field.is_repeated:
        return _single(value, field, path)
    if not isinstance(value, list):
        raise FileWrong(f"{path} is {value!r}; write a list")
    return [_single(part, field, f"{path}[{index}]") for index, part in enumerate(value)]


def _single(value: Any, field: FieldDescriptor, path: str) -> Any:
    if field.message_type is not None:
        return _message(value, field.message_type, path)
    if field.enum_type is not None:
        prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        choices = [each.name.removeprefix(prefix) for each in field.enum_type.values[1:]]
        if value not in choices:
            raise FileWrong(f"{path} is {value!r}; allowed: {', '.join(choices)}")
        return f"{prefix}{value}"
    return value


def _quantity(value: Any, path: str) -> dict[str, Any]:
    number, _, unit = value.strip().partition(" ") if isinstance(value, str) else ("", "", "")
    if not unit:
        raise FileWrong(f'{path} is {value!r}; write the number and its unit as one text: "5 MWh"')
    return {"value": {"value": number}, "unit_code": unit.strip()}


def _names(kind: Descriptor) -> str:
    return ", ".join(kind.fields_by_name)
