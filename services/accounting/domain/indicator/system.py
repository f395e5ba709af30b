"""An indicator system: what a document, or a desk of its own, judges a zone by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.accounting.domain.indicator.expression import Ask, Expression
from services.accounting.domain.indicator.requirement import Case
from services.kernel import trust
from services.kernel.errors import Words
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status


class Part(StrEnum):
    """What an indicator is for in its system."""

    CORE = "CORE"
    """Not met, nothing else counts: a veto."""
    MANDATORY = "MANDATORY"
    """Must be met, or is always in the score."""
    CHOSEN = "CHOSEN"
    """One of a group of which some suffice."""
    GUIDING = "GUIDING"
    """For reference; may be left out with a reason."""
    MEASURED = "MEASURED"
    """Shown and not judged."""


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "HIGHER"
    LOWER = "LOWER"


class Scoring(StrEnum):
    """What a system makes of its indicators."""

    VERDICTS = "VERDICTS"
    """Passed or not, with a veto where there is a core indicator."""
    REFERENCE_RATIO = "REFERENCE_RATIO"
    """100 / n × Σ of each value over its reference."""
    WEIGHTED = "WEIGHTED"
    """Σ of weight × score, each score linear between points."""
    NONE = "NONE"
    """Nothing: the document has no numbers, the indicators are shown."""


class Conclusion(StrEnum):
    """What follows for a zone."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    VETOED = "VETOED"
    NO_THRESHOLD = "NO_THRESHOLD"
    """The document asks nothing of a zone like this in its core indicator."""
    OPEN = "OPEN"
    """What must be met is; something for reference is not, or is not there."""
    INCOMPLETE = "INCOMPLETE"
    SCORED = "SCORED"
    NOT_JUDGED = "NOT_JUDGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value and the score it has; between two points the score is linear."""

    value: Quantity
    score: Decimal
    """From 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator of a system."""

    indicator_id: str
    name: Words
    group_id: str
    part: Part
    unit: str
    direction: Direction
    formula: Expression | None
    """None where the desk answers for it, with evidence."""
    formula_clause: Source
    """Where the formula is written; how far it can be trusted differs from the limit."""
    cases: tuple[Case, ...]
    """Tried in order: the first that holds. Empty: nothing is asked for."""
    reference: Quantity | None
    points: tuple[Point, ...]
    """By value, rising."""
    weight: Decimal | None
    smallest: Quantity | None
    largest: Quantity | None
    """What an answer can be, ends included."""
    whole: bool
    """Whether an answer is a whole number."""
    clause: Source

    def asks(self) -> tuple[Ask, ...]:
        """Return the inputs of its formula and of its cases, each once."""
        asked = list(self.formula.asks()) if self.formula else []
        for case in self.cases:
            asked += case.when.asks() if case.when else ()
        return tuple(dict.fromkeys(asked))

    def sources(self) -> Iterator[Source]:
        """Yield where everything that it is judged by is written."""
        yield self.clause
        if self.formula is not None:
            yield self.formula_clause
        for case in self.cases:
            yield case.requirement.clause if case.requirement else case.clause

    @property
    def status(self) -> Status:
        """The lowest status of its name, formula and figures."""
        return trust.lowest(*(source.status for source in self.sources()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Indicators that stand together."""

    group_id: str
    name: Words
    least_count: int = 0
    """How many of its CHOSEN indicators suffice, or are to be chosen; 0 where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What the document leaves to be declared, or what is remembered of it.

    A formula and the condition of a case can name it as they name an input.
    """

    parameter_id: str
    name: Words
    usual: Quantity | None
    """Taken where nobody declares another; None where it must be declared."""
    unit: str
    clause: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint:
    """What the document leaves open, and what is done about it."""

    open_point_id: str
    version: int
    text: Words
    treatment: Words
    clause: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What a conclusion means by the document, in words."""

    text: Words
    clause: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A version of an indicator system."""

    system_id: str
    version: int
    title: Words
    note: Words
    method_id: str
    """The method that emissions are computed by; empty where no formula takes any."""
    scoring: Scoring
    groups: Sequence[Group]
    indicators: Sequence[Indicator]
    """In the order of the document."""
    parameters: Sequence[Parameter]
    consequences: Mapping[Conclusion, Consequence]
    not_applicable_clause: Source | None
    """Says that GUIDING indicators may be left out with a reason; None where nothing may."""
    open_points: Sequence[OpenPoint]

    @property
    def status(self) -> Status:
        """The lowest status of anything in it."""
        parameters = (each.clause.status for each in self.parameters)
        return trust.lowest(*(each.status for each in self.indicators), *parameters)

    def indicator(self, indicator_id: str) -> Indicator | None:
        """Return the indicator of that id; None where there is none."""
        return next((each for each in self.indicators if each.indicator_id == indicator_id), None)

    def asks(self) -> tuple[Ask, ...]:
        """Return every input that it takes, each once; what is declared is none."""
        declared = {each.parameter_id for each in self.parameters}
        asked = dict.fromkeys(ask for each in self.indicators for ask in each.asks())
        return tuple(ask for ask in asked if ask.input_id not in declared)

    @property
    def core(self) -> Indicator | None:
        """The core indicator; None where it has none."""
        return next((each for each in self.indicators if each.part is Part.CORE), None)
