"""DomainError → google.rpc.Status. The only such mapping."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from services.kernel.errors import Absent, AtField, DomainError, Language, Several
from zonecarbon.type.v1 import error_reason_pb2

DOMAIN = "zonecarbon"
_LOCALES: dict[Language, str] = {"en": "en", "zh": "zh-CN"}
# A status travels in headers, a third longer where they are written as base64, and many clients
# take only 8 kB of them: a greater status would not arrive.
_MOST_BYTES = 5_500
_LONGEST_TEXT_BYTES = 960
_FRAME_BYTES = 4


class Relayed(DomainError):
    """An expected failure of a neighbour, passed on to the caller as it came."""

    status: bytes

    code = "UNKNOWN"
    reason = "RELAYED"
    en = "A neighbour refused the request."
    zh = "上游服务拒绝了该请求。"


def to_status(error: DomainError, language: Language) -> status_pb2.Status:
    """Return the status that stands for `error`, its message in `language`."""
    if isinstance(error, Relayed):
        return status_pb2.Status.FromString(error.status)
    return violations(error.errors if isinstance(error, Several) else [error], language)


def violations(errors: Sequence[DomainError], language: Language) -> status_pb2.Status:
    """Return one status for all `errors`: its reason is that of the first, its fields of all."""
    first = errors[0]
    error_reason_pb2.ErrorReason.Value(f"ERROR_REASON_{first.reason}")  # It is in the contract.
    metadata = {name: _cut(value) for name, value in first.metadata().items()}
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=first.reason, domain=DOMAIN, metadata=metadata),
        *(
            error_details_pb2.LocalizedMessage(locale=locale, message=_cut(first.text(each)))
            for each, locale in _LOCALES.items()
        ),
    ]
    if isinstance(first, Absent):
        details.append(error_details_pb2.ResourceInfo(resource_name=metadata.get("name", "")))
    status = status_pb2.Status(
        code=code_pb2.Code.Value(first.code),
        message=_cut(first.text(language)),
        details=[_packed(detail) for detail in details],
    )
    if fields := _fields(errors, language, _MOST_BYTES - _sent(status)):
        status.details.append(_packed(error_details_pb2.BadRequest(field_violations=fields)))
    return status


def _fields(
    errors: Sequence[DomainError], language: Language, room: int
) -> list[error_details_pb2.BadRequest.FieldViolation]:
    """Return the fields that are wrong: the first at least, and as many as there is room for."""
    found: list[error_details_pb2.BadRequest.FieldViolation] = []
    for error in errors:
        if isinstance(error, AtField):
            wrong = error_details_pb2.BadRequest.FieldViolation(
                field=error.field, description=_cut(error.text(language)), reason=error.reason
            )
            room -= wrong.ByteSize() + _FRAME_BYTES
            if found and room < 0:
                break
            found.append(wrong)
    return found


def _cut(text: str) -> str:
    """Return `text`, without its end where it is too long for a header."""
    sent = text.encode()
    if len(sent) <= _LONGEST_TEXT_BYTES:
        return text
    return sent[:_LONGEST_TEXT_BYTES].decode(errors="ignore") + "…"


def _sent(status: status_pb2.Status) -> int:
    """Return how many bytes of the headers `status` takes, without its fields."""
    # The message goes twice, the second time percent-encoded.
    return status.ByteSize() + len(quote(status.message))


def _packed(detail: Message) -> any_pb2.Any:
    box = any_pb2.Any()
    box.Pack(detail)
    return box
