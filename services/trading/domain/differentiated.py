"""What becomes of allowances that are issued to the province's account (差异化分配).

    surrendered = min(issued, obligation)
    released    = issued − surrendered          lacking = obligation − surrendered

Source: draft of 2026-07-27, 四（三） and 附2 表2-5 注9. 国环规气候〔2024〕1号, 五（四）, prints no
steps.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.kernel.errors import FieldInvalid, Words
from services.kernel.trust import Status, lowest
from services.trading.domain.allocation import Allocation
from services.trading.domain.obligation import Basis, Obligation
from services.trading.domain.plan import Said
from services.trading.domain.rulebook import Rulebook

NOT_ISSUED = Words(
    en="issue missing: known once the allocation is approved and its pre-allocation is entered",
    zh="缺少实发配额：须先录入预分配数据并完成配额核定",
)
NOT_OWED = Words(
    en="obligation missing: nothing that it follows from was reported",
    zh="缺少应清缴量：尚无可依据的排放数据",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Differentiated:
    """Where the province surrenders from its own account, tonnes."""

    surrendered_count: int
    released_count: int
    """To the emitter, when its obligation is met."""
    lacking_count: int
    """To be added by the emitter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A figure and what it rests on."""

    count: int
    status: Status | None
    """None where it is assumed."""
    basis: Basis | None = None
    """Of an obligation; None where it is assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of an account's allowances for a year, as far as it can be told."""

    rule: Said
    """Of the year's plan: who is issued to so."""
    steps: Said
    """How it is counted."""
    issued: Count | None
    obligation: Count | None

    @property
    def found(self) -> Differentiated | None:
        """What follows; None where something is missing."""
        if self.issued is None or self.obligation is None:
            return None
        return differentiated(
            issued_count=self.issued.count, obligation_count=self.obligation.count
        )

    @property
    def missing(self) -> tuple[Words, ...]:
        """What no figure can be given without; empty where one can."""
        lacks = ((self.issued, NOT_ISSUED), (self.obligation, NOT_OWED))
        return tuple(words for count, words in lacks if count is None)

    @property
    def status(self) -> Status:
        """The lowest status of both rules and of the figures that are not assumed."""
        of = [each.status for each in (self.issued, self.obligation) if each is not None]
        known = [status for status in of if status is not None]
        return lowest(self.rule.rule.source.status, self.steps.rule.source.status, *known)


def differentiated(*, issued_count: int, obligation_count: int) -> Differentiated:
    """Return what becomes of so many allowances, tonnes."""
    surrendered = min(issued_count, obligation_count)
    return Differentiated(
        surrendered_count=surrendered,
        released_count=issued_count - surrendered,
        lacking_count=obligation_count - surrendered,
    )


def rule_of(rulebook: Rulebook) -> Said:
    """Return what the plan of a year says.

    Raises:
        FieldInvalid: it says nothing of such an issue; at `compliance_year`.
    """
    rule = rulebook.plan.differentiated_issue
    if rule is None:
        raise FieldInvalid(
            field="compliance_year",
            given=str(rulebook.compliance_year),
            allowed=Words(
                en=f"a year whose plan issues to the province's account; {rulebook.name} does not",
                zh=f"方案规定差异化分配的年度（{rulebook.name} 无此规定）",
            ),
        )
    return rule


def issued_by(allocation: Allocation | None) -> Count | None:
    """Return what an allocation issues in both steps, tonnes, or None where it is not known."""
    if allocation is None or allocation.issue is None:
        return None
    return Count(count=allocation.issue.total_issued_count, status=allocation.status)


def owed_by(obligation: Obligation | None) -> Count | None:
    """Return what is owed, tonnes, or None where it is not known."""
    if obligation is None or not obligation.known:
        return None
    return Count(count=obligation.allowance_count, status=obligation.status, basis=obligation.basis)
