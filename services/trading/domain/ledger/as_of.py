"""Which transfers count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """Those for which all conditions hold that are set: on or before a day, known at a moment."""

    trade_date: date | None = None
    settlement_date: date | None = None
    record_time: datetime | None = None

    @property
    def is_now(self) -> bool:
        """Tell whether all transfers count."""
        return self == NOW


NOW = AsOf()
"""All that is known."""
