"""A zone in brief: its members' inventories and the residual, without the lines behind them.

What a zone's inventory says of its net total follows from these:

    net = sum of members − residual
"""

from __future__ import annotations

from dataclasses import dataclass

from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.flow import Residual
from services.accounting.domain.inventory import Inventory, State
from services.kernel.names import ZONE_INVENTORY, inventory_id


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefMember:
    """A member of the zone."""

    enterprise: Enterprise
    inventory: Inventory | None
    """Made of the months that it is counted in; None where it has reported nothing."""

    @property
    def name(self) -> str:
        """The resource name of the enterprise."""
        return self.enterprise.name

    @property
    def state(self) -> State:
        """The state of its inventory."""
        return State.INCOMPLETE if self.inventory is None else self.inventory.state


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneBrief:
    """A zone in a year by a method."""

    zone: str
    """The id of the zone."""
    accounting_year: int
    method_id: str
    members: tuple[BriefMember, ...]
    """Largest total first."""
    residual: Residual

    @property
    def name(self) -> str:
        """The resource name of the inventory that says more."""
        return ZONE_INVENTORY.format(
            zone=self.zone, inventory=inventory_id(self.accounting_year, self.method_id)
        )
