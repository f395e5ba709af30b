"""Requirements: a limit and the side of it that is asked for, and how a value stands by it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.accounting.domain.indicator.expression import Condition
from services.kernel.errors import Words
from services.kernel.quantity import Quantity
from services.kernel.source import Source


class Comparison(StrEnum):
    """Which side of its limit a value has to keep; the limit itself is inside."""

    AT_MOST = "AT_MOST"
    AT_LEAST = "AT_LEAST"


class Verdict(StrEnum):
    """How an indicator stands."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    NO_THRESHOLD = "NO_THRESHOLD"
    """Nothing is asked for, or nothing of a zone like this: neither met nor not met."""
    NOT_APPLICABLE_WITH_REASON = "NOT_APPLICABLE_WITH_REASON"
    MISSING = "MISSING"
    UNDEFINED = "UNDEFINED"
    """The figure does not exist: a share of nothing."""

    @property
    def is_settled(self) -> bool:
        """Whether it is met, or left out for a reason."""
        return self in {Verdict.MET, Verdict.NOT_APPLICABLE_WITH_REASON}

    @property
    def is_open(self) -> bool:
        """Whether the figure is not there, so that it may still come out either way."""
        return self in {Verdict.MISSING, Verdict.UNDEFINED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A limit, and the side of it that is asked for."""

    comparison: Comparison
    limit: Quantity
    clause: Source

    def verdict(self, value: Fraction) -> Verdict:
        """Return MET or NOT_MET for a value in the unit of the limit, compared unrounded."""
        limit = self.limit.fraction
        met = value <= limit if self.comparison is Comparison.AT_MOST else value >= limit
        return Verdict.MET if met else Verdict.NOT_MET


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is asked for of zones of one kind, of a size for example."""

    case_id: str
    name: Words
    when: Condition | None
    """None: of all that none before it holds for."""
    requirement: Requirement | None
    """None where the document asks for nothing of them."""
    clause: Source
