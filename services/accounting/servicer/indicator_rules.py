"""What zones are evaluated by: the data files of indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.accounting.domain.indicator.input import Catalogue
from services.accounting.domain.indicator.system import System
from services.accounting.domain.ranking.weights import Consistency


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRules:
    """The systems of this release, what formulas can name, and when comparisons are consistent."""

    systems: Mapping[str, System]
    """By id; each in the version of this release."""
    catalogue: Catalogue
    consistency: Consistency
