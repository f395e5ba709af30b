"""Any message of a kind, for laws; and its JSON, to be spoiled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2
from hypothesis import strategies as st

DEPTH = 3
_SPECIAL = "google.protobuf."
_ERROR_INFO = cast("Descriptor", error_details_pb2.ErrorInfo.DESCRIPTOR)

_SCALARS = {
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
}


@st.composite
def messages(draw: st.DrawFn, kind: Descriptor, depth: int = DEPTH) -> Message:
    """Draw a message, some of its fields set; of a oneof one field at the most."""
    message = GetMessageClass(kind)()
    taken = set()
    for field in kind.fields:
        oneof = field.containing_oneof
        if (oneof is not None and oneof.name in taken) or not draw(st.booleans()):
            continue
        if field.message_type is not None and not depth:
            continue
        taken |= {oneof.name} if oneof is not None else set()
        if field.is_repeated:
            for _ in range(draw(st.integers(0, 2))):
                _add(draw, message, field, depth)
        else:
            _set(draw, message, field, depth)
    return message


def objects(value: Any, kind: Descriptor, path: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every JSON object of a message, with its path."""
    yield value, path
    for field in kind.fields:
        of = field.message_type
        part = value.get(field.name)
        if part is None or of is None or of.full_name.startswith(_SPECIAL):
            continue
        where = f"{path}.{field.name}" if path else field.name
        if field.is_repeated:
            for index, each in enumerate(part):
                yield from objects(each, of, f"{where}[{index}]")
        else:
            yield from objects(part, of, where)


def _set(draw: st.DrawFn, message: Message, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is not None:
        getattr(message, field.name).CopyFrom(_nested(draw, field.message_type, depth))
    else:
        setattr(message, field.name, draw(_scalar(field)))


def _add(draw: st.DrawFn, message: Message, field: FieldDescriptor, depth: int) -> None:
    of = field.message_type
    if of is not None and of.GetOptions().map_entry:
        key, part = (draw(_scalar(of.fields_by_name[name])) for name in ("key", "value"))
        getattr(message, field.name)[key] = part
        return
    value = _nested(draw, of, depth) if of is not None else draw(_scalar(field))
    getattr(message, field.name).append(value)


def _nested(draw: st.DrawFn, kind: Descriptor, depth: int) -> Message:
    name = kind.full_name
    message: Any = GetMessageClass(kind)()
    if name == "google.protobuf.Timestamp":
        # Without a zone, as hypothesis draws it.
        moment = draw(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))  # noqa: DTZ001
        message.FromDatetime(moment.replace(tzinfo=UTC))
    elif name == "google.protobuf.Any":
        message.Pack(draw(messages(_ERROR_INFO)))
    elif name == "google.protobuf.FieldMask":
        message.paths.extend(draw(st.lists(st.sampled_from(["display_name", "code"]), max_size=2)))
    else:
        assert not name.startswith(_SPECIAL), f"{name} is drawn by nobody"
        message = draw(messages(kind, depth - 1))
    return cast("Message", message)


def _scalar(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=9)
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return st.text(max_size=9)
    return _SCALARS[field.cpp_type]
