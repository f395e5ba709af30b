"""One JSON value that is no object → what `json_format` takes for a field, or why it is wrong.

Stricter than ProtoJSON where that would let two readings through: null is no value, a fraction is
no whole number, base64 has no other characters, an enum's value is given by its name.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from services.console.text import written
from services.kernel.errors import FieldInvalid, Words

_BOOL = Words(en="true or false", zh="true 或 false")
_TEXT = Words(en="text in quotes", zh="带引号的文本")
_WHOLE = Words(
    en="characters that UTF-8 can hold, no half of a pair",
    zh="可用 UTF-8 表示的字符，不含孤立代理项",
)
_BYTES = Words(en="bytes as base64 text", zh="以 base64 文本表示的字节")
_NUMBER = Words(en="a finite number", zh="有限数值")

_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_LONG = {FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64}
_DIGITS = re.compile(r"-?(0|[1-9][0-9]{0,19})")
_NUMERAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


def scalar(value: Any, field: FieldDescriptor, path: str) -> Any:
    """Return the value for a field that is no message.

    Raises:
        FieldInvalid: it is of another type, or out of the bounds of its type.
    """
    try:
        return _READ[field.cpp_type](value, field)
    except _Wrong as wrong:
        raise FieldInvalid(field=path, given=written(value), allowed=wrong.allowed) from None


def from_text(text: str, field: FieldDescriptor) -> Any:
    """Return the JSON value that a word of a path or a query stands for; the word, where none."""
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return {"true": True, "false": False}.get(text, text)
    numeric = field.cpp_type in _INTEGERS or field.cpp_type in _FLOATS
    if numeric and _NUMERAL.fullmatch(text):
        return Decimal(text)
    return text


class _Wrong(Exception):
    def __init__(self, allowed: Words) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def _bool(value: Any, _: FieldDescriptor) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(_BOOL)
    return value


def _string(value: Any, field: FieldDescriptor) -> str:
    if not isinstance(value, str):
        raise _Wrong(_TEXT)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _base64(value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _Wrong(_WHOLE) from None
    return value


def _base64(value: str) -> str:
    usual = value.replace("-", "+").replace("_", "/")
    try:
        found = base64.b64decode(usual + "=" * (-len(usual) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _Wrong(_BYTES) from None
    return base64.b64encode(found).decode()


def _integer(value: Any, field: FieldDescriptor) -> int:
    low, high = _INTEGERS[field.cpp_type]
    if field.cpp_type in _LONG and isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    # An exponent is looked at first: to write its digits out could take all memory.
    if isinstance(value, Decimal) and value.adjusted() < len(str(high)):
        value = int(value) if value == value.to_integral_value() else value
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        allowed = f"{low} to {high}"
        raise _Wrong(Words(en=f"a whole number from {allowed}", zh=f"整数，{low} 至 {high}"))
    return value


def _float(value: Any, _: FieldDescriptor) -> float:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        try:
            found = float(value)
        except (OverflowError, InvalidOperation):
            found = math.inf
        # A number too small to be held would become 0 unseen.
        if math.isfinite(found) and bool(found) == bool(value):
            return found
    raise _Wrong(_NUMBER)


def _enum(value: Any, field: FieldDescriptor) -> str:
    assert field.enum_type is not None, "its type is an enum"
    values = field.enum_type.values_by_name
    if not isinstance(value, str) or value not in values:
        choices = ", ".join(name for name, each in values.items() if each.number)
        raise _Wrong(Words(en=choices, zh=choices))
    return value


_FLOATS = {FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT}
_READ: Mapping[int, Callable[[Any, FieldDescriptor], Any]] = {
    FieldDescriptor.CPPTYPE_BOOL: _bool,
    FieldDescriptor.CPPTYPE_STRING: _string,
    FieldDescriptor.CPPTYPE_ENUM: _enum,
    **dict.fromkeys(_INTEGERS, _integer),
    **dict.fromkeys(_FLOATS, _float),
}
