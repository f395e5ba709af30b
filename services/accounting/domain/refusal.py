"""Why activity is refused: the order in which errors take precedence, and two of our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from services.accounting.domain.activity import Kind
from services.kernel.errors import (
    AtField,
    DomainError,
    FieldInvalid,
    FieldRequired,
    NotFound,
    PeriodInvalid,
    PeriodProblem,
    Words,
)

PRECEDENCE = (
    "FIELD_REQUIRED",
    "FIELD_INVALID",
    "NAME_INVALID",
    "NOT_FOUND",
    "UNIT_UNKNOWN",
    "UNIT_AMBIGUOUS",
    "QUANTITY_INVALID",
    "PERIOD_INVALID",
    "DUPLICATE_ROW",
    "FACTOR_NOT_APPLICABLE",
    "FACTOR_MISSING",
    "FACTOR_CONFLICT",
    "UNIT_DIMENSION",
    "PERIOD_OVERLAP",
)
"""The reasons as the contract lists them: of several, the first is the row's."""


def ranked(errors: Iterable[DomainError]) -> tuple[DomainError, ...]:
    """Return `errors` in their order of precedence, those of one reason as they came."""
    return tuple(sorted(errors, key=lambda error: PRECEDENCE.index(error.reason)))


def wrong_subject(kind: Kind, subject: str) -> Iterator[AtField]:
    """Yield an error where `subject` is not what an activity of `kind` can be about."""
    if not kind.carrier and not subject:
        yield FieldRequired(field="subject")
    if kind.carrier and subject not in {"", kind.carrier}:
        allowed = Words(en=f'"{kind.carrier}" or nothing', zh=f"“{kind.carrier}”或留空")
        yield FieldInvalid(field="subject", given=subject, allowed=allowed)


class ReferenceNotFound(AtField, NotFound):
    """What a row refers to does not exist, or is not the reporting enterprise's own."""

    en = (
        '{field}: "{name}" does not exist or does not belong to the reporting enterprise. '
        "Check the name, or create it in the registry first."
    )
    zh = "{field}：“{name}”不存在，或不属于填报企业。请核对名称，或先在登记服务中创建。"


class PeriodNotOver(PeriodInvalid):
    """The period reaches beyond today."""

    problem: PeriodProblem = PeriodProblem.OUT_OF_BOUNDS
    today: date

    en = (
        "{field} is {given}, which reaches beyond today, {today}: nothing can have been measured "
        "there. Report the days up to today, and the rest when it is over."
    )
    zh = "{field} 的值 {given} 超过了今天（{today}），尚无实际计量数据。请只填报截至今天的日期。"
