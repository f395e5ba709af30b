"""What the demo found out, read from the services: plain values under stable keys."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from google.type import date_pb2, money_pb2

from samples.load import ZONE, Loaded
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    activity_pb2,
    inventory_pb2,
    line_pb2,
    zone_inventory_pb2,
)
from zonecarbon.client import Client
from zonecarbon.registry.v1 import factor_service_pb2
from zonecarbon.trading.v1 import account_pb2, position_pb2, price_pb2, trading_service_pb2
from zonecarbon.type.v1 import label_pb2, source_pb2

YEARS = (2023, 2024)
METERED = "enterprises/steel-shop"
METERED_YEAR = 2023
_G_PER_T = 1_000_000
_KWH_PER_MWH = 1000
_NANOS = 1_000_000_000

Result = dict[str, Any]


def gather(desk: Client, loaded: Loaded, today: date) -> Result:
    """Return everything the page shows."""
    zones = {year: _zone_inventory(desk, year) for year in YEARS}
    return {
        "today": today.isoformat(),
        "library": _library(desk),
        "reports": {
            "accepted_row_count": loaded.row_count,
            "refused": [
                {
                    "enterprise": each.enterprise,
                    "row_number": each.row_number,
                    "reason": each.reason,
                    "text": each.text,
                }
                for each in loaded.refusals
            ],
        },
        "meter": _meter(desk),
        "enterprises": [
            _enterprise(desk, member, year)
            for year, zone in zones.items()
            for member in zone.members
        ],
        "zones": {str(year): _zone(zone) for year, zone in zones.items()},
        "positions": _positions(desk, today),
    }


def _library(desk: Client) -> Result:
    sets = desk.factors.ListFactorSets(factor_service_pb2.ListFactorSetsRequest()).factor_sets
    return {
        "set_count": len(sets),
        "factor_count": sum(each.factor_count for each in sets),
        "sets": {
            each.name: {"factor_count": each.factor_count, "status": status(each.status)}
            for each in sets
        },
    }


def _meter(desk: Client) -> Result:
    inventory = desk.accounting.GetEnterpriseInventory(
        accounting_service_pb2.GetEnterpriseInventoryRequest(
            name=f"{METERED}/inventories/{METERED_YEAR}", view=inventory_pb2.INVENTORY_VIEW_FULL
        )
    )
    bought = activity_pb2.ACTIVITY_KIND_ELECTRICITY_PURCHASED
    (total,) = (each for each in inventory.activity_totals if each.kind == bought)
    energy_kwh = Decimal(total.quantity.value.value) * _KWH_PER_MWH
    return {
        "enterprise": METERED,
        "label": label(inventory.label),
        "accounting_year": inventory.accounting_year,
        "energy_kwh": f"{energy_kwh.normalize():f}",
        "emissions_co2_g": inventory.electricity_purchased_co2_g,
        "emissions_co2_t": tonnes(inventory.electricity_purchased_co2_g),
        "method": inventory.method_id,
        "scope2_basis": inventory.scope2_basis,
        "factor": _factor(inventory.lines[0].binding.factors[0]),
    }


def _factor(bound: line_pb2.BoundFactor) -> Result:
    return {
        "name": bound.factor,
        "version": bound.factor_version,
        "value": bound.quantity.value.value,
        "unit_code": bound.quantity.unit_code,
        "region_code": bound.region_code,
        "data_period": bound.data_period,
        "status": status(bound.source.status),
        "source": f"{bound.source.title} {bound.source.document_no}".strip(),
    }


def _enterprise(desk: Client, member: zone_inventory_pb2.MemberInventory, year: int) -> Result:
    result: Result = {
        "enterprise": member.enterprise,
        "display_name": member.display_name,
        "label": label(member.label),
        "accounting_year": year,
    }
    if not member.resource_version:
        return result | {"state": "NOTHING_REPORTED"}
    inventory = desk.accounting.GetEnterpriseInventory(
        accounting_service_pb2.GetEnterpriseInventoryRequest(
            name=f"{member.enterprise}/inventories/{year}"
        )
    )
    return result | {
        "state": state(inventory.state),
        "direct_co2_g": inventory.combustion_co2_g,
        "indirect_co2_g": inventory.indirect_co2_g,
        "total_co2_g": inventory.total_co2_g,
        "completeness_ratio": round(inventory.completeness_ratio, 6),
        "status": status(inventory.status),
        "findings": [each.text for each in inventory.findings],
    }


def _zone_inventory(desk: Client, year: int) -> zone_inventory_pb2.ZoneInventory:
    request = accounting_service_pb2.GetZoneInventoryRequest(name=f"{ZONE}/inventories/{year}")
    return desk.accounting.GetZoneInventory(request)


def _zone(inventory: zone_inventory_pb2.ZoneInventory) -> Result:
    figures = {
        name: getattr(inventory, name)
        for name in (
            "direct_co2_g",
            "imported_co2_g",
            "exported_co2_g",
            "naive_co2_g",
            "double_count_co2_g",
            "net_co2_g",
            "members_total_co2_g",
            "residual_co2_g",
        )
    }
    return figures | {
        "method": inventory.method_id,
        "gwp_set": inventory.gwp_set,
        "scope2_basis": inventory.scope2_basis,
        "state": state(inventory.state),
        "label": label(inventory.label),
        "status": status(inventory.status),
        "completeness_ratio": round(inventory.completeness_ratio, 6),
        "member_count": len(inventory.members),
        "transfers": [_transfer(each) for each in inventory.transfers],
        "findings": [each.text for each in inventory.findings],
    }


def _transfer(each: zone_inventory_pb2.Transfer) -> Result:
    return {
        "seller": each.seller,
        "buyer": each.buyer,
        "subject": each.subject,
        "sold": f"{each.sold.value.value} {each.sold.unit_code}".strip(),
        "bought": f"{each.bought.value.value} {each.bought.unit_code}".strip(),
        "residual_co2_g": each.residual_co2_g,
    }


def _positions(desk: Client, today: date) -> list[Result]:
    found = []
    for year in YEARS:
        request = trading_service_pb2.ListPositionsRequest(
            compliance_year=year,
            valuation_date=date_pb2.Date(year=today.year, month=today.month, day=today.day),
        )
        found += [_position(each) for each in desk.trading.ListPositions(request).positions]
    return found


def _position(each: position_pb2.Position) -> Result:
    result: Result = {
        "position": each.name,
        "enterprise": each.enterprise,
        "sector": account_pb2.MarketSector.Name(each.sector).removeprefix("MARKET_SECTOR_"),
        "compliance_year": each.compliance_year,
        "valuation_date": _text(each.valuation_date),
        "state": position_pb2.PositionState.Name(each.state).removeprefix("POSITION_STATE_"),
        "missing": list(each.missing),
        "status": status(each.status),
        "surrender_date": _text(each.surrender_date),
    }
    if each.state == position_pb2.POSITION_STATE_INCOMPLETE:
        return result
    return result | {
        "rulebook": each.rulebook,
        "obligation_basis": "estimate, not yet by the ETS guide",
        "allocated_count": each.allocated_count,
        "held_count": each.held_count,
        "to_be_issued_count": each.to_be_issued_count,
        "obligation_count": each.obligation_count,
        "gap_count": each.gap_count,
        "gap_value_cny": _yuan(each.gap_value) if each.HasField("price") else None,
        "price": _price(each.price) if each.HasField("price") else None,
    }


def _price(price: price_pb2.Price) -> Result:
    last = day(price.end_date)
    return {
        "product": price.product,
        "kind": price_pb2.PriceKind.Name(price.kind).removeprefix("PRICE_KIND_"),
        "date": (last - timedelta(days=1)).isoformat() if last else "",
        "price_cny_per_t": price.price_cny_per_t.value,
        "status": status(price.source.status),
        "source": price.source.title,
    }


def tonnes(grams: int) -> str:
    """Return grams as tonnes with all six decimals."""
    return f"{Decimal(grams) / _G_PER_T:.6f}"


def status(value: source_pb2.SourceStatus.ValueType) -> str:
    """Return the word of a status."""
    return source_pb2.SourceStatus.Name(value).removeprefix("SOURCE_STATUS_").lower()


def label(value: label_pb2.DataLabel.ValueType) -> str:
    """Return the word of a label."""
    return label_pb2.DataLabel.Name(value).removeprefix("DATA_LABEL_").lower()


def state(value: inventory_pb2.InventoryState.ValueType) -> str:
    """Return the word of an inventory's state."""
    return inventory_pb2.InventoryState.Name(value).removeprefix("INVENTORY_STATE_")


def day(message: date_pb2.Date) -> date | None:
    """Return the day, or None where it is not set."""
    return date(message.year, message.month, message.day) if message.year else None


def _text(message: date_pb2.Date) -> str:
    found = day(message)
    return found.isoformat() if found else ""


def _yuan(money: money_pb2.Money) -> str:
    return f"{Decimal(money.units) + Decimal(money.nanos) / _NANOS:.2f}"
