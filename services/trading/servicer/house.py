"""What every part of the servicer works with."""

from __future__ import annotations

from dataclasses import dataclass

from services.runtime.database import Database
from services.runtime.grouped import Grouped
from services.trading.domain.compliance import Compliance
from services.trading.domain.desk.rules import DeskRules
from services.trading.domain.ledger.transfer import Transfer
from services.trading.domain.market import Market
from services.trading.domain.portfolio.journal import Scheme
from services.trading.domain.rulebook import Shelf
from services.trading.neighbours import Registry
from services.trading.store.ledger.group import Group
from services.trading.store.positions import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The tables, the rules of this release, and the registry next door."""

    database: Database
    registry: Registry
    shelf: Shelf
    market: Market
    desk: DeskRules
    scheme: Scheme
    """The enterprise's own accounts, and what is entered in them."""
    post: Grouped[Group, list[Transfer]]
    """Posts transfers to the ledger, together with those of others that wait: the service's own,
    and what a principal posts alone within its mandate."""
    compliance: Compliance

    @property
    def rules(self) -> Rules:
        """What positions are told by."""
        return Rules(shelf=self.shelf, compliance=self.compliance)
