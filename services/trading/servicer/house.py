"""What every part of the servicer works with."""

from __future__ import annotations

from dataclasses import dataclass

from services.runtime.database import Database
from services.trading.domain.market import Market
from services.trading.domain.rulebook import Shelf
from services.trading.neighbours import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The tables, the rules of this release, and the registry next door."""

    database: Database
    registry: Registry
    shelf: Shelf
    market: Market
