"""Errors of the desk's work by four eyes."""

from __future__ import annotations

from services.kernel.errors.base import AtField, DomainError, FailedPrecondition, Words


class InstructionRequired(DomainError):
    """Nobody moves allowances or money alone, unless two others gave a mandate for it."""

    code = "PERMISSION_DENIED"
    principal: str

    reason = "INSTRUCTION_REQUIRED"
    en = (
        "{principal} may not post transfers alone: make an instruction of them and have another "
        "person approve it, or ask two administrators for a mandate."
    )
    zh = (
        "{principal} 不得单独记账：请将其编制为指令并由另一人审批，"
        "或由两名管理员授予有期限的记账授权。"
    )


class MandateExceeded(AtField, FailedPrecondition):
    """A transfer moves more than the mandate of who posts it allows."""

    principal: str
    given: int
    allowed: int

    reason = "MANDATE_EXCEEDED"
    en = (
        "{field}: {given} is more than the {allowed} that the mandate of {principal} allows for a "
        "transfer. Give less, or make an instruction of it."
    )
    zh = "{field}：{given} 超过 {principal} 的记账授权单笔上限 {allowed}。请减少数量，或编制指令。"


class SamePerson(DomainError):
    """Another principal, but the same person."""

    code = "PERMISSION_DENIED"
    name: str
    principal: str
    person: str

    reason = "SAME_PERSON"
    en = (
        "{name} is the work of {person}, who is also {principal}, calling now. Have another person "
        "decide on it: principals of one person are one."
    )
    zh = (
        "{name} 由 {person} 编制，当前调用方 {principal} 为同一人。"
        "请由另一人决定：同一人的不同主体视为一人。"
    )


class InstructionExpired(FailedPrecondition):
    """The time of the instruction is over."""

    name: str
    expire_time: str

    reason = "INSTRUCTION_EXPIRED"
    en = "{name} expired on {expire_time}. Give it a later time, or write a new one."
    zh = "{name} 已于 {expire_time} 失效。请修改有效期，或新建指令。"


class CheckFailed(AtField, FailedPrecondition):
    """A check that the instruction must pass fails; all that fail are told together."""

    number: int
    name: str
    rule: Words
    source: str

    reason = "CHECK_FAILED"
    en = (
        "{field}: check {number}, {name}: {rule} Source: {source}. Correct it, and submit it again."
    )
    zh = "{field}：检查项 {number}（{name}）：{rule}来源：{source}。请更正后重新提交。"
