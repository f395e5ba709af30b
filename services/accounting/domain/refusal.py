"""Why activity is refused: the order in which errors take precedence, and two of our own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from services.accounting.domain.activity import HEAT, INSTRUMENTS, ORIGINS, Kind
from services.accounting.domain.method import Method
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
    "REGISTER_IMPLAUSIBLE",
    "PERIOD_INVALID",
    "PERIOD_CLOSED",
    "STEAM_STATE_OUTSIDE",
    "DUPLICATE_ROW",
    "CERTIFICATE_RETIRED",
    "GWP_SET_MISMATCH",
    "FACTOR_NOT_APPLICABLE",
    "FACTOR_MISSING",
    "FACTOR_CONFLICT",
    "FACTOR_PERIOD_SPLIT",
    "UNIT_DIMENSION",
    "FUEL_COUNTED_TWICE",
    "SOURCE_FED",
    "PERIOD_OVERLAP",
    "BALANCE_NEGATIVE",
)
"""The reasons as the contract lists them: of several, the first is the row's."""


def ranked(errors: Iterable[DomainError]) -> tuple[DomainError, ...]:
    """Return `errors` in their order of precedence, those of one reason as they came."""
    return tuple(sorted(errors, key=lambda error: PRECEDENCE.index(error.reason)))


def wrong_subject(kind: Kind, subject: str) -> Iterator[AtField]:
    """Yield an error where `subject` is not what an activity of `kind` can be about."""
    if not kind.carrier and not subject:
        yield FieldRequired(field="subject")
    if kind.carrier and subject not in {"", *ORIGINS[kind.carrier]}:
        known = ", ".join(ORIGINS[kind.carrier])
        allowed = Words(en=f"{known}, or nothing", zh=f"{known}，或留空")
        yield FieldInvalid(field="subject", given=subject, allowed=allowed)
    if kind is Kind.GREEN_POWER_CLAIMED and subject and subject not in INSTRUMENTS:
        yield FieldInvalid(field="subject", given=subject, allowed=", ".join(INSTRUMENTS))


def uncounted(kind: Kind, subject: str, methods: Sequence[Method]) -> FieldInvalid:
    """Return the error of activity that no method counts, with what they count of its kind."""
    counted = dict.fromkeys(
        subject
        for method in methods
        for term in method.terms
        if term.kind is kind
        for subject in term.subjects
    )
    names, listed = ", ".join(each.method_id for each in methods), ", ".join(counted)
    allowed = Words(
        en=f"what {names} counts under {kind}: {listed or 'nothing'}",
        zh=f"{names} 在 {kind} 下核算的对象：{listed or '无'}",
    )
    return FieldInvalid(field="subject", given=subject, allowed=allowed)


def wrong_fuel(kind: Kind, subject: str, biomass: Collection[str]) -> Iterator[AtField]:
    """Yield an error where biomass is reported as fossil fuel, or a fossil fuel as biomass.

    CO2 of biomass is in no total: a fuel under the wrong kind would vanish from one, or swell it.
    """
    fitting = Kind.BIOMASS_COMBUSTION if subject in biomass else Kind.FUEL_COMBUSTION
    if subject and kind in {Kind.BIOMASS_COMBUSTION, Kind.FUEL_COMBUSTION} and kind is not fitting:
        allowed = Words(en=f"{fitting} for {subject}", zh=f"{subject} 须填 {fitting}")
        yield FieldInvalid(field="kind", given=kind, allowed=allowed)


def wrong_category(kind: Kind, category: int) -> Iterator[AtField]:
    """Yield an error where the category of the value chain is missing, or has no place.

    A factor carries none: freight is category 4 or 9 by where the reporter stands.
    """
    if kind is Kind.OTHER_INDIRECT and not category:
        yield FieldRequired(field="value_chain_category_number")
    if kind is not Kind.OTHER_INDIRECT and category:
        allowed = Words(en="0 for what is no part of a value chain", zh="非价值链活动须填 0")
        yield FieldInvalid(
            field="value_chain_category_number", given=str(category), allowed=allowed
        )


def wrong_steam(kind: Kind, state: str) -> Iterator[AtField]:
    """Yield an error where a state of steam stands with what is no heat, and would mean nothing."""
    if state and kind.carrier != HEAT:
        allowed = Words(
            en="nothing: bought and sold heat alone has a state of steam",
            zh="留空：仅购入和输出的热力可填写蒸汽状态",
        )
        yield FieldInvalid(field="steam", given=state, allowed=allowed)


def unproven(kind: Kind, subject: str, evidence: str, certificate: str) -> Iterator[AtField]:
    """Yield an error where a zero factor would rest on nobody's word."""
    if kind is Kind.GREEN_POWER_CLAIMED and not certificate:
        yield FieldRequired(field="certificate")
    if kind is not Kind.GREEN_POWER_CLAIMED and certificate:
        allowed = Words(
            en="nothing: claimed green power alone has a certificate",
            zh="留空：仅绿色电力声明可填写凭证编号",
        )
        yield FieldInvalid(field="certificate", given=certificate, allowed=allowed)
    is_zero = kind is Kind.GREEN_POWER_CLAIMED or subject.endswith("-non-fossil")
    if is_zero and not evidence:
        yield FieldRequired(field="evidence")


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
