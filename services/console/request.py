"""What an HTTP request says → the message that the method takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from services.console.fields import Reader, named, of
from services.console.route import Route
from services.console.text import Object, parsed
from services.kernel.errors import BodyMalformed, BodyProblem, FieldInvalid, Words

REQUEST_ID = "request_id"
IDEMPOTENCY_KEY = "idempotency-key"

_BOUND_BY_PATH = Words(
    en="what the path says, {said}; or leave it out",
    zh="与路径一致的 {said}；或省略该字段",
)
_BOUND_BY_HEADER = Words(
    en="the same as the header Idempotency-Key, {said}; or leave one of them out",
    zh="与请求头 Idempotency-Key 一致的 {said}；或仅保留其中之一",
)
_NO_KEY = Words(
    en="no such header: this call has no request_id; leave it out",
    zh="不接受该请求头：该调用没有 request_id；请删除",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an HTTP request says besides its body."""

    path: Mapping[str, str]
    """The variables of the path."""
    query: bytes = b""
    """The query, still percent-encoded."""
    key: str | None = None
    """The header Idempotency-Key, bare or as a quoted string; None: there is none."""


def message(route: Route, said: Said, body: bytes) -> Message:
    """Return the request of the method.

    Raises:
        Broken: parts are wrong.
        BodyMalformed: the body or the query cannot be read at all.
    """
    kind = route.method.input_type
    reader = Reader()
    whole = _of_body(reader, route, body)
    for name, text in said.path.items():
        _bind_path(reader, whole, route, name, text)
    _bind_query(reader, whole, route, said)
    if said.key is not None:
        _bind_key(reader, whole, route, said.key.strip('"'))
    reader.done()
    return json_format.ParseDict(whole, GetMessageClass(kind)())


def _of_body(reader: Reader, route: Route, body: bytes) -> dict[str, Any]:
    kind = route.method.input_type
    if not route.body:
        if body:
            given = f"{len(body)} bytes"
            raise BodyMalformed(given=given, problem=BodyProblem.UNWANTED)
        return {}
    value = parsed(body) if body else Object()
    if route.whole:
        read: dict[str, Any] = reader.message(value, kind, "")
        return read
    field = named(kind)[route.body]
    return {field.name: reader.message(value, of(field), field.name)}


def _bind_path(reader: Reader, whole: dict[str, Any], route: Route, name: str, text: str) -> None:
    """Put a variable of the path where it belongs; the body may say the same or nothing."""
    *heads, last = name.split(".")
    within: Any = whole
    for head in heads:
        within = within.get(head, {})
    said = within.pop(last, None)
    reader.text(whole, route.method.input_type, name, [text])
    if said is not None and said != within.get(last, said):
        allowed = _filled(_BOUND_BY_PATH, text)
        reader.refuse(FieldInvalid(field=name, given=str(said), allowed=allowed))


def _bind_query(reader: Reader, whole: dict[str, Any], route: Route, said: Said) -> None:
    texts: defaultdict[str, list[str]] = defaultdict(list)
    try:
        pairs = parse_qsl(said.query.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        query = said.query.decode(errors="replace")
        raise BodyMalformed(field="query", given=query, problem=BodyProblem.NOT_UTF8) from None
    for name, text in pairs:
        texts[name].append(text)
    for name, given in texts.items():
        if route.whole or name.split(".")[0] == route.body:
            what = Words(
                en="a place in the body: this call takes it there", zh="写在请求体中的该字段"
            )
            reader.refuse(FieldInvalid(field=name, given=", ".join(given), allowed=what))
        else:
            reader.text(whole, route.method.input_type, name, given)


def _bind_key(reader: Reader, whole: dict[str, Any], route: Route, key: str) -> None:
    if REQUEST_ID not in route.method.input_type.fields_by_name:
        reader.refuse(FieldInvalid(field=IDEMPOTENCY_KEY, given=key, allowed=_NO_KEY))
        return
    said = whole.setdefault(REQUEST_ID, key)
    if said != key:
        allowed = _filled(_BOUND_BY_HEADER, key)
        reader.refuse(FieldInvalid(field=REQUEST_ID, given=str(said), allowed=allowed))


def _filled(words: Words, said: str) -> Words:
    return Words(en=words.en.format(said=said), zh=words.zh.format(said=said))
