"""An enterprise, and how it changes without losing what it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from services.kernel.errors import FieldInvalid, Words
from services.registry.domain import credit_code
from services.registry.domain.label import Label


class MemberRole(StrEnum):
    """What a member of a zone is in it; the contract says it in words."""

    ENTERPRISE = "ENTERPRISE"
    HEAT_AND_POWER = "HEAT_AND_POWER"
    WASTEWATER = "WASTEWATER"
    WASTE = "WASTE"
    BUILDING = "BUILDING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The days, `[join, leave)`, on which an enterprise belongs to a zone."""

    zone: str
    join: date
    leave: date | None = None
    """None while it is a member."""
    role: MemberRole = MemberRole.ENTERPRISE
    above_scale: bool = False
    """Whether it is industry above the designated scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSpan:
    """A credit code, in force from `start` until the next one."""

    credit_code: str
    start: date | None = None
    """None for the code the enterprise was registered with."""
    change_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """A legal person that reports energy data, in one of its versions."""

    enterprise: str
    display_name: str
    industry_code: str
    region_code: str
    label: Label
    memberships: tuple[Membership, ...] = ()
    codes: tuple[CodeSpan, ...]
    """Oldest first; the last one is in force."""
    merged_into: str = ""
    merge_date: date | None = None

    @property
    def credit_code(self) -> str:
        """The code in force."""
        return self.codes[-1].credit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An enterprise in one of its versions, and when that became known."""

    enterprise: Enterprise
    version: int
    create_time: datetime
    """Of the first version."""
    revision: int

    @property
    def etag(self) -> str:
        """Changes with every version."""
        return f'"{self.version}"'


def checked(enterprise: Enterprise) -> Enterprise:
    """Return `enterprise` with its codes in plain form and its memberships in order.

    Raises:
        CreditCodeInvalid: a code is no code.
        FieldInvalid: a membership ends before it begins, or two of one zone overlap.
    """
    codes = tuple(
        replace(span, credit_code=credit_code.check(span.credit_code, "enterprise.credit_code"))
        for span in enterprise.codes
    )
    numbered = sorted(
        enumerate(enterprise.memberships), key=lambda each: (each[1].join, each[1].zone)
    )
    _check_memberships(numbered)
    return replace(
        enterprise, codes=codes, memberships=tuple(membership for _, membership in numbered)
    )


def with_code(enterprise: Enterprise, span: CodeSpan) -> Enterprise:
    """Return `enterprise` with a new code in force from `span.start` on.

    Raises:
        CreditCodeInvalid: the code is no code.
        FieldInvalid: the code is the old one, or does not begin after it.
    """
    assert span.start is not None, "a change has a day"
    new = replace(span, credit_code=credit_code.check(span.credit_code, "credit_code"))
    last = enterprise.codes[-1]
    if new.credit_code == last.credit_code:
        raise FieldInvalid(
            field="credit_code",
            given=new.credit_code,
            allowed=Words(en="a code other than the one in force", zh="与现行代码不同的代码"),
        )
    if last.start is not None and span.start <= last.start:
        raise FieldInvalid(
            field="start_date",
            given=str(span.start),
            allowed=Words(en=f"a day after {last.start}", zh=f"晚于 {last.start} 的日期"),
        )
    return replace(enterprise, codes=(*enterprise.codes, new))


def merged(enterprise: Enterprise, into: Enterprise, day: date) -> Enterprise:
    """Return `enterprise` as taken over by `into`.

    Raises:
        FieldInvalid: it would take over itself, or one of the two was taken over before.
    """
    if into.enterprise == enterprise.enterprise:
        raise FieldInvalid(
            field="merged_into",
            given=into.enterprise,
            allowed=Words(en="another enterprise", zh="另一家企业"),
        )
    if into.merged_into:
        raise FieldInvalid(
            field="merged_into",
            given=into.enterprise,
            allowed=Words(
                en=f"an enterprise that goes on (this one went into {into.merged_into})",
                zh=f"存续的企业（该企业已并入 {into.merged_into}）",
            ),
        )
    if enterprise.merged_into:
        raise FieldInvalid(
            field="name",
            given=enterprise.enterprise,
            allowed=Words(
                en=f"an enterprise not yet merged (this one went into {enterprise.merged_into})",
                zh=f"尚未合并的企业（该企业已并入 {enterprise.merged_into}）",
            ),
        )
    return replace(enterprise, merged_into=into.enterprise, merge_date=day)


def _check_memberships(numbered: Sequence[tuple[int, Membership]]) -> None:
    """Check memberships in order of their join, each with its place in the request."""
    until: dict[str, date | None] = {}
    for index, each in numbered:
        field = f"enterprise.memberships[{index}]"
        if each.leave is not None and each.leave <= each.join:
            raise FieldInvalid(
                field=f"{field}.leave_date",
                given=str(each.leave),
                allowed=Words(en=f"a day after {each.join}", zh=f"晚于 {each.join} 的日期"),
            )
        before = until.get(each.zone, date.min)
        if before is None or each.join < before:
            raise FieldInvalid(
                field=f"{field}.join_date",
                given=str(each.join),
                allowed=Words(
                    en=f"a day after the enterprise left {each.zone} before",
                    zh=f"上一次退出 {each.zone} 之后的日期",
                ),
            )
        until[each.zone] = each.leave
