"""What the demo found out, read from the services: plain values under stable keys."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from google.type import date_pb2, money_pb2

from samples.load import ZONE, Late, Loaded
from tools.demo import by_method, by_zone, evaluations
from tools.demo.words import Result, day, label, quantity, state, status, tonnes
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    activity_pb2,
    inventory_pb2,
    line_pb2,
    restatement_pb2,
    zone_inventory_pb2,
)
from zonecarbon.client import Client
from zonecarbon.registry.v1 import factor_service_pb2, registry_service_pb2
from zonecarbon.trading.v1 import (
    account_pb2,
    duty_pb2,
    position_pb2,
    price_pb2,
    trading_service_pb2,
)

YEARS = (2023, 2024)
METERED = "enterprises/steel-shop"
METERED_YEAR = 2023
PARK_YEAR = 2024
PARK = "park910"
_KWH_PER_MWH = 1000
_NANOS = 1_000_000_000


def gather(desk: Client, loaded: Loaded, today: date) -> Result:
    """Return everything the page shows."""
    # First of all: an evaluation is kept, which is a revision that the others are then known at.
    evaluated = evaluations.gather(desk)
    zones = {year: _zone_inventory(desk, str(year)) for year in YEARS}
    return {
        "today": today.isoformat(),
        "zone": _named(desk),
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
        "late_reports": [_late(desk, each) for each in loaded.late],
        "green_power": by_method.green_power(desk),
        "steel_works": by_method.steel_works(desk),
        "meter": _meter(desk),
        "enterprises": [
            _enterprise(desk, member, year)
            for year, zone in zones.items()
            for member in zone.members
        ],
        "zones": {str(year): _zone(zone) for year, zone in zones.items()},
        "zones_park910": {
            str(PARK_YEAR): _zone(_zone_inventory(desk, f"{PARK_YEAR}-{PARK}")),
        },
        "evaluations": evaluated,
        "drivers": by_zone.drivers(desk, *YEARS),
        "public_table": by_zone.table(desk, YEARS[-1]),
        "positions": _positions(desk, today),
    }


def _named(desk: Client) -> Result:
    zone = desk.registry.GetZone(registry_service_pb2.GetZoneRequest(name=ZONE))
    return {"name": zone.name, "display_name": zone.display_name, "label": label(zone.label)}


def _late(desk: Client, late: Late) -> Result:
    """Return what a late report changed: the inventory's version before it and the one it made."""
    name = f"{late.enterprise}/inventories/{late.accounting_year}"
    request = accounting_service_pb2.ListInventoryVersionsRequest(name=name, page_size=1000)
    versions = desk.accounting.ListInventoryVersions(request).versions
    before = [each for each in versions if each.revision < late.revision]
    after = versions[len(before)]
    return {
        "enterprise": late.enterprise,
        "accounting_year": late.accounting_year,
        "month": f"{late.accounting_year}-{late.month:02}",
        "row_count": late.row_count,
        "inventory": name,
        "before": _version(before[-1]) if before else None,
        "after": _version(after),
        "causes": _causes(desk, name, before[-1], after) if before else [],
    }


def _causes(
    desk: Client,
    name: str,
    before: inventory_pb2.EnterpriseInventory,
    after: inventory_pb2.EnterpriseInventory,
) -> list[Result]:
    """Return what each kind of cause makes of the total between two versions."""
    report = desk.accounting.CompareInventory(
        accounting_service_pb2.CompareInventoryRequest(
            name=name, from_version=before.resource_version, to_version=after.resource_version
        )
    )
    (total,) = [each for each in report.figures if each.figure == "total_co2e_g"]
    return [
        {
            "kind": restatement_pb2.CauseKind.Name(each.kind).removeprefix("CAUSE_KIND_"),
            "difference_co2e_g": each.difference_g,
        }
        for each in total.causes
    ]


def _version(inventory: inventory_pb2.EnterpriseInventory) -> Result:
    return {
        "resource_version": inventory.resource_version,
        "method": inventory.method_id,
        "gwp_set": inventory.gwp_set,
        "scope2_basis": inventory.scope2_basis,
        "state": state(inventory.state),
        "status": status(inventory.status),
        "completeness_ratio": round(inventory.completeness_ratio, 6),
        "total_co2e_g": inventory.total_co2e_g,
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
    (item,) = (each for each in inventory.items if each.item_id == "electricity_purchased")
    energy_kwh = Decimal(total.quantity.value.value) * _KWH_PER_MWH
    return {
        "enterprise": METERED,
        "label": label(inventory.label),
        "accounting_year": inventory.accounting_year,
        "energy_kwh": f"{energy_kwh.normalize():f}",
        "emissions_co2_g": item.emissions.co2_g,
        "emissions_co2_t": tonnes(item.emissions.co2_g),
        "inventory": inventory.name,
        "resource_version": inventory.resource_version,
        "method": inventory.method_id,
        "gwp_set": inventory.gwp_set,
        "scope2_basis": inventory.scope2_basis,
        "status": status(inventory.status),
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
    return (
        result
        | _version(inventory)
        | {
            "direct_co2e_g": inventory.direct_co2e_g,
            "indirect_co2e_g": inventory.total_co2e_g - inventory.direct_co2e_g,
            "findings": [each.text for each in inventory.findings],
        }
    )


def _zone_inventory(desk: Client, inventory: str) -> zone_inventory_pb2.ZoneInventory:
    request = accounting_service_pb2.GetZoneInventoryRequest(name=f"{ZONE}/inventories/{inventory}")
    return desk.accounting.GetZoneInventory(request)


def _zone(inventory: zone_inventory_pb2.ZoneInventory) -> Result:
    figures = {
        name: getattr(inventory, name)
        for name in (
            "direct_co2e_g",
            "imported_co2e_g",
            "exported_co2e_g",
            "naive_co2e_g",
            "double_count_co2e_g",
            "net_co2e_g",
            "members_total_co2e_g",
            "residual_co2e_g",
        )
    }
    return figures | {
        "method": inventory.method_id,
        "gwp_set": inventory.gwp_set,
        "scope2_basis": inventory.scope2_basis,
        "revision": inventory.revision,
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
        "sold": quantity(each.sold),
        "bought": quantity(each.bought),
        "residual_co2e_g": each.residual_co2e_g,
    }


_BASES = {
    position_pb2.OBLIGATION_BASIS_ESTIMATE: "estimate, not yet by the ETS guide",
    position_pb2.OBLIGATION_BASIS_REPORTED: "reported by the ETS guide, not verified",
    position_pb2.OBLIGATION_BASIS_VERIFIED: "verified by the ETS guide",
}


def _positions(desk: Client, today: date) -> list[Result]:
    rulebooks = {
        each.name: status(each.source.status)
        for each in desk.trading.ListRulebooks(trading_service_pb2.ListRulebooksRequest()).rulebooks
    }
    found = []
    for year in YEARS:
        request = trading_service_pb2.ListPositionsRequest(
            compliance_year=year,
            valuation_date=date_pb2.Date(year=today.year, month=today.month, day=today.day),
        )
        for each in desk.trading.ListPositions(request).positions:
            about = {
                "rulebook": each.rulebook or None,
                "rulebook_status": rulebooks.get(each.rulebook),
                "allocation_status": _allocation_status(desk, each),
            }
            found.append(_position(each) | about)
    return found


def _allocation_status(desk: Client, position: position_pb2.Position) -> str | None:
    """Return the status of the allocation alone; None where there is none."""
    if not position.rulebook:
        return None
    request = trading_service_pb2.GetAllocationRequest(
        account=position.name.partition("/positions/")[0], compliance_year=position.compliance_year
    )
    return status(desk.trading.GetAllocation(request).status)


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
        "rule_status": status(each.rule_status),
        "next_duty": _duty(each.next_duty) if each.HasField("next_duty") else None,
    }
    if each.state == position_pb2.POSITION_STATE_INCOMPLETE:
        return result
    return result | {
        "obligation_basis": _BASES[each.obligation.basis],
        "obligation_status": status(each.obligation.status),
        "allocated_count": each.allocated_count,
        "held_count": each.held_count,
        "to_be_issued_count": each.to_be_issued_count,
        "obligation_count": each.obligation_count,
        "gap_count": each.gap_count,
        "gap_value_cny": _yuan(each.gap_value) if each.HasField("price") else None,
        "price": _price(each.price) if each.HasField("price") else None,
    }


def _duty(duty: duty_pb2.Duty) -> Result:
    return {
        "duty": duty.duty_id,
        "text": duty.text,
        "due_date": _text(duty.due_date),
        "left_day_count": duty.left_day_count,
        "status": status(duty.source.status),
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


def _text(message: date_pb2.Date) -> str:
    found = day(message)
    return found.isoformat() if found else ""


def _yuan(money: money_pb2.Money) -> str:
    return f"{Decimal(money.units) + Decimal(money.nanos) / _NANOS:.2f}"
