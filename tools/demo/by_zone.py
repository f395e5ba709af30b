"""What moved the sample zone from one year to the next, and what may be published of it."""

from __future__ import annotations

from samples.load import ZONE
from tools.demo.words import Result, label, status
from zonecarbon.accounting.v1 import zone_analysis_service_pb2 as pb
from zonecarbon.accounting.v1 import zone_drivers_pb2
from zonecarbon.client import Client

TOLD_ENTERPRISES = 5
"""So many of those that moved the figure most."""


def drivers(desk: Client, from_year: int, to_year: int) -> Result:
    """Return what moved the zone's net emissions, by driver and by enterprise."""
    found = desk.zones.DecomposeEmissions(
        pb.DecomposeEmissionsRequest(parent=ZONE, from_year=from_year, to_year=to_year)
    )
    return {
        "from_year": found.from_year,
        "to_year": found.to_year,
        "method": found.method_id,
        "gwp_set": found.gwp_set,
        "scope2_basis": found.scope2_basis,
        "before_co2e_g": found.before_co2e_g,
        "after_co2e_g": found.after_co2e_g,
        "effects_g": {_name(each.driver): each.effect_g for each in found.effects if each.effect_g},
        "enterprises": [
            {
                "enterprise": each.enterprise,
                "difference_g": each.after_co2e_g - each.before_co2e_g,
            }
            for each in found.enterprises[:TOLD_ENTERPRISES]
        ],
        "enterprise_count": len(found.enterprises),
        "by_output": found.by_output,
        "without_heat_content": list(found.without_heat_content),
        "label": label(found.label),
        "status": status(found.status),
    }


def table(desk: Client, year: int) -> Result:
    """Return how many cells of the zone's table are hidden before it is published, of how many."""
    found = desk.zones.GetPublicTable(pb.GetPublicTableRequest(name=f"{ZONE}/inventories/{year}"))
    return {"cell_count": len(found.cells), "hidden_count": found.hidden_count}


def _name(driver: zone_drivers_pb2.EmissionDriver.ValueType) -> str:
    return zone_drivers_pb2.EmissionDriver.Name(driver).removeprefix("EMISSION_DRIVER_").lower()
