"""Everything that a proto declares, with the comment that stands before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf import descriptor_pb2

# How a descriptor numbers its children, which is how source locations are addressed.
MESSAGE, ENUM, SERVICE = 4, 5, 6
FIELD, NESTED, NESTED_ENUM, ONEOF = 2, 3, 4, 8
VALUE = METHOD = 2

File = descriptor_pb2.FileDescriptorProto
Message = descriptor_pb2.DescriptorProto
Enum = descriptor_pb2.EnumDescriptorProto
Place = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Anything that a proto declares, with the comment that stands before it."""

    name: str
    comment: str
    kind: str


def things(file: File) -> Iterator[Thing]:
    """Yield everything that a file declares, with the comment before it."""
    comments = {tuple(it.path): it.leading_comments for it in file.source_code_info.location}
    for kind, name, place in _places(file):
        yield Thing(kind=kind, name=name, comment=comments.get(place, "").strip())


def messages(within: File | Message, at: Place, name: str) -> Iterator[tuple[str, Place, Message]]:
    """Yield every message, nested ones too, with its full name and its place in the file."""
    if isinstance(within, File):
        children, number = within.message_type, MESSAGE
    else:
        children, number = within.nested_type, NESTED
    for index, message in enumerate(children):
        if not message.options.map_entry:
            place, full = (*at, number, index), f"{name}.{message.name}"
            yield full, place, message
            yield from messages(message, place, full)


def _enums(file: File) -> Iterator[tuple[str, Place, Enum]]:
    for index, enum in enumerate(file.enum_type):
        yield f"{file.package}.{enum.name}", (ENUM, index), enum
    for full, place, message in messages(file, (), file.package):
        for index, enum in enumerate(message.enum_type):
            yield f"{full}.{enum.name}", (*place, NESTED_ENUM, index), enum


def _places(file: File) -> Iterator[tuple[str, str, Place]]:
    """Yield everything that a file declares: its kind, its full name and its place in the file."""
    for full, place, message in messages(file, (), file.package):
        yield "message", full, place
        for index, field in enumerate(message.field):
            yield "field", f"{full}.{field.name}", (*place, FIELD, index)
        # An `optional` field is, behind the scenes, alone in a oneof that nobody wrote.
        unwritten = {field.oneof_index for field in message.field if field.proto3_optional}
        for index, oneof in enumerate(message.oneof_decl):
            if index not in unwritten:
                yield "oneof", f"{full}.{oneof.name}", (*place, ONEOF, index)
    for full, place, enum in _enums(file):
        yield "enum", full, place
        for index, value in enumerate(enum.value):
            yield "value", f"{full}.{value.name}", (*place, VALUE, index)
    for index, service in enumerate(file.service):
        full = f"{file.package}.{service.name}"
        yield "service", full, (SERVICE, index)
        for number, method in enumerate(service.method):
            yield "method", f"{full}.{method.name}", (SERVICE, index, METHOD, number)
