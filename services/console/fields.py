"""A JSON value → the members of a message, and every part of it that is wrong, with its path.

A member may be spelt as the contract has it, `unit_code`, or as ProtoJSON does, `unitCode`; paths
of errors are spelt as the contract has them, as the services' own are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from google.api import field_behavior_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from services.console.scalar import from_text, scalar
from services.console.text import Object, written
from services.kernel.errors import (
    AtField,
    BodyMalformed,
    BodyProblem,
    FieldInvalid,
    FieldUnknown,
    Words,
)

MOST_ERRORS = 50
"""So many parts that are wrong are looked for; a status has no room for more."""

# The annotation's stub leaves the extended message open; it extends FieldOptions.
_BEHAVIOR: Any = field_behavior_pb2.field_behavior
_LIST = Words(en="a list, as in […]", zh="列表，即 […]")
_ONCE = Words(en="one value", zh="单个值")
_NO_NULL = Words(
    en="a value; where there is none, leave the field out", zh="一个值；没有值时请省略该字段"
)
_MASK = "google.protobuf.FieldMask"
# Messages whose JSON is not an object of their fields, and what it is.
_SPECIAL: Mapping[str, Words] = {
    "google.protobuf.Timestamp": Words(
        en='a moment with its zone, as in "2024-02-01T00:00:00+08:00"; in a query + is written %2B',
        zh="带时区的时刻，例如“2024-02-01T00:00:00+08:00”；在查询参数中 + 须写作 %2B",
    ),
    "google.protobuf.Duration": Words(
        en='seconds with the letter s, as in "900s"', zh="以字母 s 结尾的秒数，例如“900s”"
    ),
    _MASK: Words(
        en='names of fields, as in "display_name,region_code"',
        zh="字段名称，例如“display_name,region_code”",
    ),
}


class Broken(Exception):
    """Parts of a request are wrong."""

    def __init__(self, wrong: list[AtField]) -> None:
        super().__init__(*wrong)
        self.wrong = wrong


class Reader:
    """Reads the parts of one request, and collects what is wrong with them."""

    def __init__(self) -> None:
        self._wrong: list[AtField] = []

    def done(self) -> None:
        """Raise Broken if anything was wrong."""
        if self._wrong:
            raise Broken(self._wrong)

    def refuse(self, error: AtField) -> None:
        """Remember what is wrong.

        Raises:
            Broken: it is enough.
        """
        self._wrong.append(error)
        if len(self._wrong) >= MOST_ERRORS:
            self.done()

    def message(self, value: Any, kind: Descriptor, path: str) -> Any:
        """Return what `json_format` takes for a message of this kind."""
        if kind.full_name in _SPECIAL:
            return self._special(value, kind, path)
        if not isinstance(value, Object):
            self._invalid(path or "body", value, _object(_choices(kind)))
            return {}
        found: dict[str, Any] = {}
        for name, part in value:
            field = named(kind).get(name)
            if field is None:
                self.refuse(FieldUnknown(field=_within(path, name), choices=_choices(kind)))
                continue
            where = _within(path, field.name)
            if field.name in found:
                twice = BodyProblem.TWICE
                self.refuse(BodyMalformed(field=where, given=name, problem=twice))
                continue
            self._alone(found, field, where)
            found[field.name] = self._field(part, field, where)
        return found

    def text(self, found: dict[str, Any], kind: Descriptor, path: str, texts: list[str]) -> None:
        """Put the words that a query or a path has for the field at `path` into `found`."""
        *heads, last = path.split(".")
        for depth, head in enumerate(heads):
            field = named(kind).get(head)
            if field is None or not _opens(field):
                self._unknown(heads[:depth], head, kind)
                return
            self._alone(found, field, ".".join([*heads[:depth], field.name]))
            found, kind = found.setdefault(field.name, {}), of(field)
        field = named(kind).get(last)
        if field is None:
            self._unknown(heads, last, kind)
            return
        where = _within(".".join(heads), field.name)
        if field.message_type is not None and field.message_type.full_name not in _SPECIAL:
            names = ", ".join(f"{where}.{name}" for name in _choices(field.message_type))
            parts = Words(en=f"its parts one by one, {names}", zh=f"逐项填写 {names}")
            self._invalid(where, ", ".join(texts), parts)
            return
        if field.name in found or (len(texts) > 1 and not field.is_repeated):
            self._invalid(where, ", ".join(texts), _ONCE)
            return
        self._alone(found, field, where)
        values = [from_text(text, field) for text in texts]
        found[field.name] = self._field(values if field.is_repeated else values[0], field, where)

    def _unknown(self, heads: list[str], name: str, kind: Descriptor) -> None:
        self.refuse(FieldUnknown(field=".".join([*heads, name]), choices=_choices(kind)))

    def _field(self, value: Any, field: FieldDescriptor, path: str) -> Any:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            return self._map(value, field, path)
        if not field.is_repeated:
            return self._single(value, field, path)
        if not isinstance(value, list) or isinstance(value, Object):
            self._invalid(path, value, _LIST)
            return []
        return [self._single(part, field, f"{path}[{i}]") for i, part in enumerate(value)]

    def _map(self, value: Any, field: FieldDescriptor, path: str) -> Any:
        if not isinstance(value, Object):
            self._invalid(path, value, _object(()))
            return {}
        key, each = (of(field).fields_by_name[name] for name in ("key", "value"))
        found: dict[str, Any] = {}
        for name, part in value:
            where = f"{path}[{name}]"
            if name in found:
                twice = BodyProblem.TWICE
                self.refuse(BodyMalformed(field=where, given=name, problem=twice))
            self._single(from_text(name, key), key, where)
            found[name] = self._single(part, each, where)
        return found

    def _single(self, value: Any, field: FieldDescriptor, path: str) -> Any:
        if value is None:
            self._invalid(path, value, _NO_NULL)
            return {}
        if field.message_type is not None:
            return self.message(value, field.message_type, path)
        try:
            return scalar(value, field, path)
        except FieldInvalid as error:
            self.refuse(error)
            return None

    def _special(self, value: Any, kind: Descriptor, path: str) -> Any:
        given: Any = value
        if kind.full_name == _MASK and isinstance(value, str):
            given = _camel(value)
        try:
            json_format.ParseDict(given, GetMessageClass(kind)())
        except (json_format.ParseError, ValueError, TypeError, AttributeError, OverflowError):
            self._invalid(path, value, _SPECIAL[kind.full_name])
            return None
        return given

    def _alone(self, found: Mapping[str, Any], field: FieldDescriptor, path: str) -> None:
        """Refuse a second member of a oneof."""
        members = field.containing_oneof.fields if field.containing_oneof is not None else []
        for other in members:
            if other.name in found and other.name != field.name:
                names = ", ".join(each.name for each in members)
                one = Words(en=f"only one of {names}", zh=f"{names} 中仅可填写一个")
                self._invalid(path, f"{other.name}, {field.name}", one)

    def _invalid(self, path: str, value: Any, allowed: Words) -> None:
        self.refuse(FieldInvalid(field=path, given=written(value), allowed=allowed))


@cache
def named(kind: Descriptor) -> Mapping[str, FieldDescriptor]:
    """Return the fields of a message by each of their spellings."""
    return {
        spelt: field
        for field in kind.fields
        for spelt in (field.name, field.camelcase_name, field.json_name)
    }


def of(field: FieldDescriptor) -> Descriptor:
    """Return the kind of message that a field holds."""
    assert field.message_type is not None, f"{field.full_name} is a message"
    return field.message_type


def _opens(field: FieldDescriptor) -> bool:
    """Tell whether a query can name parts of the field."""
    kind = field.message_type
    return kind is not None and not field.is_repeated and kind.full_name not in _SPECIAL


def read_only(field: FieldDescriptor) -> bool:
    """Tell whether only answers have the field."""
    return field_behavior_pb2.OUTPUT_ONLY in field.GetOptions().Extensions[_BEHAVIOR]


def _choices(kind: Descriptor) -> tuple[str, ...]:
    return tuple(field.name for field in kind.fields if not read_only(field))


def _object(names: Sequence[str]) -> Words:
    """Return what an object looks like that has these fields, or any."""
    first = f'{{"{names[0]}": …}}' if names else "{…}"
    others = ", ".join(names[1:])
    return Words(
        en=f"an object, as in {first}" + (f", or with {others}" if others else ""),
        zh=f"对象，例如 {first}" + (f"，或包含 {others}" if others else ""),
    )


def _within(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _camel(mask: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), mask)
