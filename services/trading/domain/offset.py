"""Certified reductions (CCER): how many may stand for allowances, and which.

Source: 生态环境部令第19号, 第二十九条 (5 %, no project under allowance management);
draft of 2026-07-27, 五（二） (registered from 2024-01-22 on, for 2025 and 2026);
生态环境部 市场监管总局令第31号, 第十条 and 第十七条 (which reductions can be registered).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from services.kernel.errors import Words
from services.kernel.mass import Rounding, round_integer
from services.trading.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetFacts:
    """What the registry of reductions says of what an account holds."""

    instrument: str
    registration_date: date
    """On which the reductions were registered; for legacy ones, filed (备案)."""
    under_allowance_management: bool
    """Whether the project is in an emissions trading market itself."""
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Which reductions stand for allowances of some compliance years."""

    first_year: int
    last_year: int
    registered_from: date | None
    """Registered on or after it; None: whenever."""
    registered_before: date | None
    """Registered before it; None: whenever."""
    usable_until: date | None
    """The last day on which they can be used; None: none is said."""
    text: Words
    rule: Rule

    def covers(self, compliance_year: int, registration_date: date) -> bool:
        """Tell whether reductions registered on a day stand for allowances of a year."""
        after = self.registered_from is None or registration_date >= self.registered_from
        before = self.registered_before is None or registration_date < self.registered_before
        return self.first_year <= compliance_year <= self.last_year and after and before


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetRules:
    """The rules of offsetting."""

    share_ratio: Decimal
    rounding: Rounding
    share_rule: Rule
    rounding_rule: Rule
    exclusion_rule: Rule
    eligibilities: tuple[Eligibility, ...]
    project: ProjectRules

    def limit_count(self, obligation_count: int) -> int:
        """Return how many reductions may stand for an obligation, tonnes, rounded by the rule."""
        return round_integer(Fraction(self.share_ratio) * obligation_count, self.rounding)

    def refusal(self, facts: OffsetFacts | None, compliance_year: int, on: date) -> Words | None:
        """Return why reductions do not stand for allowances of a year on a day; None: they do."""
        if facts is None:
            return Words(
                en="unknown when they were registered: record the registration",
                zh="登记日期未知，请补录减排量登记信息",
            )
        if facts.under_allowance_management:
            return Words(
                en=f"the project is under allowance management ({self.exclusion_rule})",
                zh=f"项目已纳入配额管理（{self.exclusion_rule}）",
            )
        found = self.eligibility(facts, compliance_year)
        if found is None:
            day, year = facts.registration_date, compliance_year
            return Words(
                en=f"registered on {day}: no rule lets them stand for allowances of {year}",
                zh=f"登记日期 {day}，没有规则允许用于抵销 {year} 年度配额清缴",
            )
        if found.usable_until is not None and on > found.usable_until:
            return Words(
                en=f"usable until {found.usable_until} alone ({found.rule})",
                zh=f"仅可使用至 {found.usable_until}（{found.rule}）",
            )
        return None

    def eligibility(self, facts: OffsetFacts, compliance_year: int) -> Eligibility | None:
        """Return the rule that lets reductions stand for allowances of a year, or None."""
        return next(
            (
                each
                for each in self.eligibilities
                if each.covers(compliance_year, facts.registration_date)
            ),
            None,
        )

    def applied(self, facts: Iterable[OffsetFacts], compliance_year: int) -> list[Rule]:
        """Return the rules by which some reductions stand for allowances of a year."""
        found = (self.eligibility(each, compliance_year) for each in facts)
        return [self.share_rule, *(each.rule for each in found if each is not None)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRules:
    """Which reductions of a project can be registered at all."""

    construction_after: date
    generated_after: date
    years_before_application: int
    construction_rule: Rule
    generated_rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days of a reduction period that can be registered, both included; None: no day."""

    start: date | None
    end: date | None
    refusal: Words | None = None


def eligible_window(
    rules: ProjectRules, *, construction: date, application: date, start: date, end: date
) -> Window:
    """Return the days from `start` to `end`, both included, whose reductions can be registered.

    The day exactly five years before the application counts: the text does not say, and the
    product's convention is that it does.
    """
    if construction <= rules.construction_after:
        return Window(
            start=None,
            end=None,
            refusal=Words(
                en=f"construction began on {construction}, not after {rules.construction_after}"
                f" ({rules.construction_rule})",
                zh=f"项目于 {construction} 开工，不晚于 {rules.construction_after}"
                f"（{rules.construction_rule}）",
            ),
        )
    first = max(
        start,
        rules.generated_after + timedelta(days=1),
        _years_before(application, rules.years_before_application),
    )
    if first > end:
        return Window(
            start=None,
            end=None,
            refusal=Words(
                en=f"every day is before {first} ({rules.generated_rule})",
                zh=f"减排量均产生于 {first} 之前（{rules.generated_rule}）",
            ),
        )
    return Window(start=first, end=end)


def _years_before(day: date, years: int) -> date:
    """Return the same day some years before; of a leap day, the day after."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)
