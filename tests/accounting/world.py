"""Zones and enterprises of a test, in services that the tests of a module share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import builders
from tests.accounting import requests
from tests.fixtures.house import Running
from zonecarbon.accounting.v1 import accounting_service_pb2, inventory_pb2, zone_inventory_pb2
from zonecarbon.client import Client
from zonecarbon.registry.v1 import registry_service_pb2

DATA = Path(__file__).parents[2] / "services" / "registry" / "data"
TEXTILES = "1713"
"""An industry of which the method computes everything there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A zone of its own, with a desk that sees nothing else."""

    running: Running
    zone: str
    desk: Client

    def enterprise(self, *, join: str = "2020-01-01", leave: str = "", **fields: Any) -> str:
        """Create a member that can buy from the grid; return its name."""
        values: dict[str, Any] = {
            "industry_code": TEXTILES,
            "memberships": [builders.membership(self.zone, join, leave)],
        }
        name = self.desk.registry.CreateEnterprise(builders.enterprise(**values | fields)).name
        self.desk.registry.CreateCounterparty(builders.counterparty(name, requests.GRID))
        return name

    def partner(self, name: str, other: str) -> str:
        """Make the enterprise `other` a counterparty of `name`; return the counterparty's name."""
        request = registry_service_pb2.GetEnterpriseRequest(name=other)
        code = self.desk.registry.GetEnterprise(request).credit_code
        return self.desk.registry.CreateCounterparty(
            builders.counterparty(name, other.partition("/")[2], credit_code=code)
        ).name

    def report(self, parent: str, *records: Any) -> accounting_service_pb2.ReportActivityResponse:
        """Report, as the desk, records of an enterprise; all are accepted."""
        answer = self.desk.accounting.ReportActivity(requests.report(parent, *records))
        assert answer.refused_count == 0, answer.results
        return answer

    def inventory(self, name: str, id_: str = "2023", **fields: Any) -> Inventory:
        """Return the inventory "2023" or "2024-ghgp" of an enterprise as the desk sees it."""
        return self.desk.accounting.GetEnterpriseInventory(
            accounting_service_pb2.GetEnterpriseInventoryRequest(
                name=f"{name}/inventories/{id_}", **fields
            )
        )

    def zone_inventory(self, id_: str = "2023") -> zone_inventory_pb2.ZoneInventory:
        """Return the inventory of the zone as its desk sees it."""
        request = accounting_service_pb2.GetZoneInventoryRequest(
            name=f"{self.zone}/inventories/{id_}"
        )
        return self.desk.accounting.GetZoneInventory(request)


Inventory = inventory_pb2.EnterpriseInventory


def in_zone(running: Running) -> World:
    """Create a zone and its desk."""
    zone = running.administrator.registry.CreateZone(builders.zone()).name
    return World(running=running, zone=zone, desk=running.principal("DESK", zone))
