"""What figures made of meters' readings share: the steps to them, and what a reader must know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.kernel import units
from services.kernel.errors import Words
from services.kernel.quantity import Quantity
from services.kernel.source import Source


class FindingKind(StrEnum):
    """What a reader of a figure must know: never an error, never silent."""

    DEVIATES_FROM_IAPWS97 = "DEVIATES_FROM_IAPWS97"
    """A printed enthalpy lies off IAPWS-IF97; the printed one is what the standard says."""
    PRESSURE_KEY_PRINTED_TWICE = "PRESSURE_KEY_PRINTED_TWICE"
    """A row of the saturated table stands under a pressure that is not its own."""
    SATURATION_END_POINT = "SATURATION_END_POINT"
    """Superheated steam was interpolated from the saturation line."""
    TABLE_COARSE = "TABLE_COARSE"
    """The neighbours in the table lie too far apart for a good straight line."""
    TABLE_OF_ANOTHER_DOCUMENT = "TABLE_OF_ANOTHER_DOCUMENT"
    """The rule's document takes its enthalpies from another table."""
    ENTHALPY_GIVEN = "ENTHALPY_GIVEN"
    """The caller gave the enthalpy: it was compared with no state."""
    APPORTIONED_BY_DAYS = "APPORTIONED_BY_DAYS"
    """One reading was shared out over covered and uncovered days."""
    RULE_OF_LATER_YEARS = "RULE_OF_LATER_YEARS"
    """The rule speaks of later years than the one it was used for."""
    COEFFICIENT_UNLIKE_ITS_BASE = "COEFFICIENT_UNLIKE_ITS_BASE"
    """A declared coefficient does not look like the base it was declared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a reader of a figure must know."""

    kind: FindingKind
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step to a figure, exact."""

    formula: Words
    value: Fraction
    unit: str
    source: Source | None
    """Where the step is written; None for a conversion of units, which is nobody's rule."""


def conversion(quantity: Quantity, unit: str) -> tuple[Step, ...]:
    """Return the step that brings `quantity` to `unit`; none where it stands in it already.

    Raises:
        UnitDimension: it measures something else; at `unit_code`.
    """
    value = quantity.to(unit)
    if quantity.unit == unit:
        return ()
    path = units.explain(quantity.unit, unit).steps[-1]
    return (Step(formula=Words(en=path, zh=path), value=value, unit=unit, source=None),)


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings in their order, each once."""
    return tuple(dict.fromkeys(findings))
