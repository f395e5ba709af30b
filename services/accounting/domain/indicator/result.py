"""What came of one indicator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from services.accounting.domain.indicator.figure import Figure, Need
from services.accounting.domain.indicator.question import Answer
from services.accounting.domain.indicator.requirement import Case, Verdict
from services.accounting.domain.indicator.system import Indicator
from services.kernel import trust
from services.kernel.errors import Words
from services.kernel.trust import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An indicator of a zone and year; with a verdict MISSING it names what it needs."""

    indicator: Indicator
    value: Fraction | None = None
    """In the unit of the indicator, exact; may be there though something lacks."""
    verdict: Verdict = Verdict.MISSING
    case: Case | None = None
    """What was asked for; None where nothing was."""
    figures: tuple[Figure, ...] = ()
    needs: tuple[Need, ...] = ()
    answer: Answer | None = None
    undefined: Words | None = None
    """Why the value does not exist."""
    score: Fraction | None = None

    @property
    def status(self) -> Status:
        """The lowest status of the name, the formula and the limit that were applied."""
        clauses = [self.indicator.clause]
        if self.indicator.formula is not None:
            clauses.append(self.indicator.formula_clause)
        if self.case is not None:
            clauses.append(
                self.case.requirement.clause if self.case.requirement else self.case.clause
            )
        return trust.lowest(*(each.status for each in clauses))

    @property
    def is_counted(self) -> bool:
        """Whether its value is there and nothing lacks."""
        return self.value is not None and not self.needs

    def valued(self, value: Fraction) -> Result:
        """Return it with a value."""
        return replace(self, value=value)

    def without_value(self, reason: Words) -> Result:
        """Return it as a figure that does not exist."""
        return replace(self, verdict=Verdict.UNDEFINED, undefined=reason)

    def under(self, case: Case | None, verdict: Verdict) -> Result:
        """Return it judged."""
        return replace(self, case=case, verdict=verdict)

    def scored(self, score: Fraction | None) -> Result:
        """Return it with its score."""
        return replace(self, score=score)
