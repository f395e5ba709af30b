"""Errors of a request that is none of the contract yet: its path, its body, its fields."""

from __future__ import annotations

from enum import Enum

from services.kernel.errors.base import Absent, Invalid, Late, Words


class FieldUnknown(Invalid):
    """The request has no such field; `choices` are those that it has there."""

    choices: tuple[str, ...]

    reason = "FIELD_UNKNOWN"
    en = (
        "{field} is not a field of this request, so the request was refused whole. "
        "Fields here: {choices}. Correct the name, or leave it out."
    )
    zh = (
        "该请求没有字段 {field}，因此整个请求未被受理。"
        "此处可用的字段：{choices}。请更正字段名称，或删除该字段。"
    )


class BodyProblem(Enum):
    """Why a body cannot be read."""

    NOT_JSON = Words(
        en="it is not JSON; check commas, quotes and brackets there",
        zh="不是有效的 JSON；请检查该处的逗号、引号和括号",
    )
    NOT_UTF8 = Words(en="it is not UTF-8; send it in UTF-8", zh="不是 UTF-8 编码；请以 UTF-8 发送")
    NO_NUMBER = Words(
        en="it is no number that a field takes; write a finite decimal number",
        zh="不是任何字段可接受的数值；请填写有限的十进制数",
    )
    TOO_DEEP = Words(
        en="it is nested too deeply; send it as the contract describes it",
        zh="嵌套层数过多；请按接口约定的结构发送",
    )
    TWICE = Words(
        en="it stands twice in its object; write it once",
        zh="在同一对象中出现了两次；请只写一次",
    )
    UNWANTED = Words(
        en="this call takes no body; send its fields in the path and the query",
        zh="该调用不接受请求体；请通过路径和查询参数发送字段",
    )
    ENCODED = Words(
        en="a body is not unpacked here; send it as it is",
        zh="此处不解压请求体；请直接发送原文",
    )
    WRONG_TYPE = Words(
        en="the content type is not the one that is read; send application/json",
        zh="内容类型不正确；请使用 application/json",
    )
    WRONG_STREAM_TYPE = Words(
        en="the content type is not the one that is read; send application/x-ndjson",
        zh="内容类型不正确；请使用 application/x-ndjson",
    )


class BodyMalformed(Invalid):
    """The body, or a part of it, cannot be read; `given` says where or what."""

    field: str = "body"
    given: str
    problem: BodyProblem

    reason = "BODY_MALFORMED"
    en = "{field} cannot be read ({given}): {problem}."
    zh = "无法读取 {field}（{given}）：{problem}。"


class RouteUnknown(Absent):
    """No call has this path, or none with this HTTP method; `allowed` are those it has."""

    name: str
    method: str
    allowed: tuple[str, ...] = ()

    reason = "ROUTE_UNKNOWN"
    en = (
        "There is no {method} {name}. Methods of this path: {allowed}. "
        "Check both: /openapi.json lists every path."
    )
    zh = "不存在 {method} {name}。该路径支持的方法：{allowed}。请核对，/openapi.json 列出全部路径。"


class DeadlineExceeded(Late):
    """A service gave no answer in the time that the call was given."""

    service: str
    seconds: float

    reason = "DEADLINE_EXCEEDED"
    en = (
        "The service {service} did not answer within {seconds} s; what was asked for may have been "
        "done. Send the same request again, with the same request_id, or give it more time."
    )
    zh = (
        "服务 {service} 未在 {seconds} 秒内答复，所请求的操作可能已经完成。"
        "请使用相同的 request_id 重新提交同一请求，或延长等待时间。"
    )
