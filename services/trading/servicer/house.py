"""What every part of the servicer works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.runtime.database import Database
from services.trading.domain.ledger.transfer import Transfer
from services.trading.domain.market import Market
from services.trading.domain.portfolio.journal import Scheme
from services.trading.domain.quotes.quote import Limits
from services.trading.domain.rulebook import Shelf
from services.trading.neighbours import Registry
from services.trading.store.ledger.posting import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The tables, the rules of this release, and the registry next door."""

    database: Database
    registry: Registry
    shelf: Shelf
    market: Market
    limits: Limits
    """How far a day's prices may lie from the close before."""
    scheme: Scheme
    """The enterprise's own accounts, and what is entered in them."""
    post: Callable[[Group], list[Transfer]]
    """Posts transfers to the ledger, together with those of others that wait."""
