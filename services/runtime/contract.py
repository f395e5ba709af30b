"""The rules written in the protos, checked for every request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import protovalidate
from google.protobuf.message import Message

from services.kernel.errors import FieldInvalid, FieldRequired, Invalid, Words

_VALIDATOR = protovalidate.Validator()
_EMPTY = {
    *("string.min_len", "string.pattern", "string.uuid_empty"),
    *("bytes.min_len", "repeated.min_items"),
}
_COUNTED = {"bytes.min_len", "bytes.max_len", "repeated.min_items", "repeated.max_items"}
_NUL = "\0"
_OF_NOTHING = hashlib.sha256().hexdigest()

# The validator's sentences, with what they quote, and what they allow in our languages.
_ALLOWED = [
    (r"must be at least (\d+) characters", r"at least \1 characters", r"至少 \1 个字符"),
    (r"must be at most (\d+) characters", r"at most \1 characters", r"最多 \1 个字符"),
    (r"must be at most (\d+) bytes", r"at most \1 bytes", r"最多 \1 字节"),
    (
        r"must be a valid UUID",
        "a UUID, for example 0f8fad5b-d9cb-469f-a165-70867728950e",
        "一个 UUID，例如 0f8fad5b-d9cb-469f-a165-70867728950e",
    ),
    # A pattern is for machines: each in the contract has its words and an example.
    (
        re.escape("does not match regex pattern `^CN-[A-Z]{2}$`"),
        "a province as CN- and two capital letters, for example CN-JS (ISO 3166-2:CN)",
        "以 CN- 加两个大写字母表示的省级行政区，例如 CN-JS（ISO 3166-2:CN）",
    ),
    (
        re.escape("does not match regex pattern `^[0-9]{4}$`"),
        "four digits, the class of GB/T 4754-2017, for example 4412",
        "四位数字，即 GB/T 4754-2017 小类代码，例如 4412",
    ),
    (
        re.escape(r"does not match regex pattern `^[^\x00-\x1f\x7f]+$`"),
        "text without control characters, for example report.xlsx",
        "不含控制字符的文本，例如 report.xlsx",
    ),
    (
        re.escape("does not match regex pattern `^[0-9a-f]{64}$`"),
        f"the SHA-256 as 64 digits 0 to 9 and a to f, for example {_OF_NOTHING}",
        f"以 64 位小写十六进制数字表示的 SHA-256，例如 {_OF_NOTHING}",
    ),
    (
        r"must be greater than or equal to (\S+) and less than or equal to (\S+)",
        r"\1 to \2",
        r"\1 至 \2",
    ),
    (r"must be greater than (\d+)", r"more than \1", r"大于 \1"),
    (r"must be greater than or equal to (\S+)", r"\1 or more", r"不小于 \1"),
    (r"must contain no more than (\d+) item\(s\)", r"at most \1 items", r"最多 \1 项"),
    (r"must contain at least (\d+) item\(s\)", r"at least \1 items", r"至少 \1 项"),
    (r"repeated value must contain unique items", "each item once", "各项互不相同"),
]


class Broken(Exception):
    """A message of a stream breaks rules of the contract."""

    def __init__(self, violations: list[Invalid]) -> None:
        super().__init__(*violations)
        self.violations = violations


def violations(request: Message) -> list[Invalid]:
    """Return an error for each rule of the contract that `request` breaks."""
    broken: list[Invalid] = [
        _error(found, request) for found in _VALIDATOR.collect_violations(request)
    ]
    # Bytes that hold no zero hold no text with one.
    return [*broken, *_with_nul(request)] if 0 in request.SerializeToString() else broken


def _error(found: protovalidate.Violation, request: Message) -> Invalid:
    path = _path(found)
    rule_id = found.proto.rule_id
    if rule_id == "required" or (rule_id in _EMPTY and not found.field_value):
        return FieldRequired(field=path)
    given = len(found.field_value) if rule_id in _COUNTED else found.field_value
    if rule_id.startswith("enum."):
        return FieldInvalid(field=path, given=str(given), allowed=_values(found, request))
    return FieldInvalid(
        field=path, given=str(given), allowed=_allowed(found.proto.message or rule_id)
    )


def _with_nul(message: Message, within: str = "") -> Iterator[Invalid]:
    """Yield an error for each text with the character U+0000, which PostgreSQL cannot store."""
    for field, value in message.ListFields():
        parts = enumerate(value) if field.is_repeated else [(None, value)]
        for index, part in parts:
            path = within + field.name + ("" if index is None else f"[{index}]")
            if isinstance(part, Message):
                yield from _with_nul(part, f"{path}.")
            elif isinstance(part, str) and _NUL in part:
                allowed = Words(en="text without the character U+0000", zh="不含字符 U+0000 的文本")
                yield FieldInvalid(field=path, given=part, allowed=allowed)


def _path(found: protovalidate.Violation) -> str:
    path = ""
    for element in found.proto.field.elements if found.proto.field else ():
        path += ("." if path else "") + element.field_name
        if element.subscript is not None:
            path += f"[{element.subscript.value}]"
    return path


def _values(found: protovalidate.Violation, request: Message) -> str:
    """Return the values of the enum that is wrong, but for the unspecified one."""
    kind: Any = request.DESCRIPTOR
    for element in found.proto.field.elements if found.proto.field else ():
        field = kind.fields_by_name[element.field_name]
        kind = field.message_type or field.enum_type
    return ", ".join(value.name for value in kind.values if value.number)


def _allowed(rule: str) -> Words:
    for sentence, en, zh in _ALLOWED:
        if found := re.fullmatch(sentence, rule):
            return Words(en=found.expand(en), zh=found.expand(zh))
    return Words(en=rule, zh=rule)
