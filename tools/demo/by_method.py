"""What comes of the same records by several methods: a steel works, a claim of green power."""

from __future__ import annotations

from tools.demo.words import Result, label, quantity, state, status
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    activity_pb2,
    inventory_pb2,
    reconciliation_pb2,
)
from zonecarbon.client import Client
from zonecarbon.registry.v1 import custom_factor_service_pb2
from zonecarbon.registry.v1.custom_factor_pb2 import (
    CustomFactorOrigin,
    CustomFactorState,
    SampleBasis,
)
from zonecarbon.registry.v1.factor_pb2 import FactorRole

YEAR = 2024
STEEL = "enterprises/steel"
GREEN = "enterprises/electronics-1"
HOME = "gbt32150"
_GUIDE, _PROTOCOL, _PARK = "ets-steel", "ghgp", "park910"
_LOCATION, _MARKET, _NONE = "location-based", "market-based", "none"

Inventories = dict[str, inventory_pb2.EnterpriseInventory]
"""By method."""


def steel_works(desk: Client) -> Result:
    """Return the totals of the steel works by four methods, and why they differ."""
    inventories = _inventories(desk, STEEL, (HOME, _GUIDE, _PROTOCOL, _PARK))
    titles = _titles(desk)
    return {
        "enterprise": STEEL,
        "accounting_year": YEAR,
        "label": label(inventories[HOME].label),
        "custom_factors": _custom_factors(desk, STEEL),
        "methods": [
            titles[method] | _figure(inventories[method], total)
            for method in inventories
            for total in inventories[method].totals
        ],
        "processes": _processes(inventories[_GUIDE]),
        "statements": [
            _statement(desk, to) for to in ((_GUIDE, _NONE), (_PROTOCOL, _MARKET), (_PARK, _MARKET))
        ],
    }


def green_power(desk: Client) -> Result:
    """Return what the enterprise with green power claims, and what it changes by each method."""
    records = desk.accounting.ListActivityRecords(
        accounting_service_pb2.ListActivityRecordsRequest(parent=GREEN, page_size=1000)
    ).activity_records
    claims = [each for each in records if each.certificate and _year(each) == YEAR]
    inventories = _inventories(desk, GREEN, (HOME, _PROTOCOL, _PARK))
    quantities = {
        each.kind: quantity(each.quantity) for each in inventories[_PROTOCOL].activity_totals
    }
    return {
        "enterprise": GREEN,
        "accounting_year": YEAR,
        "activity_record": claims[0].name,
        "evidence": claims[0].evidence,
        "certificates": [each.certificate for each in claims],
        "accounted": True,
        "bought": quantities[activity_pb2.ACTIVITY_KIND_ELECTRICITY_PURCHASED],
        "claimed": quantities[activity_pb2.ACTIVITY_KIND_GREEN_POWER_CLAIMED],
        "methods": [
            _figure(inventories[method], total)
            | {"claimed_co2e_g": _claimed_g(inventories[method], total.scope2_basis)}
            for method in inventories
            for total in inventories[method].totals
        ],
    }


def _titles(desk: Client) -> dict[str, Result]:
    """Return what people call each method."""
    methods = desk.accounting.ListMethods(accounting_service_pb2.ListMethodsRequest()).methods
    return {
        each.method_id: {"title": each.display_name, "title_zh": each.display_name_zh}
        for each in methods
    }


def _year(record: activity_pb2.ActivityRecord) -> int:
    return record.period.start_date.year


def _inventories(desk: Client, enterprise: str, methods: tuple[str, ...]) -> Inventories:
    return {
        method: desk.accounting.GetEnterpriseInventory(
            accounting_service_pb2.GetEnterpriseInventoryRequest(
                name=f"{enterprise}/inventories/{YEAR}" + ("" if method == HOME else f"-{method}")
            )
        )
        for method in methods
    }


def _figure(
    inventory: inventory_pb2.EnterpriseInventory, total: inventory_pb2.InventoryTotal
) -> Result:
    """Return a total with all that a total is never shown without."""
    result: Result = {
        "method": inventory.method_id,
        "inventory": inventory.name,
        "resource_version": inventory.resource_version,
        "gwp_set": inventory.gwp_set,
        "scope2_basis": total.scope2_basis,
        "state": state(inventory.state),
        "status": status(inventory.status),
        "known": total.known,
        "direct_co2e_g": inventory.direct_co2e_g,
        "indirect_co2e_g": total.indirect.co2e_g,
        "total_co2e_g": total.total.co2e_g,
        "reported": None,
    }
    if inventory.HasField("reported"):
        rule = inventory.reported.rule
        result["reported"] = {
            "total_t": inventory.reported.total_t.value,
            "difference_g": inventory.reported.difference_g,
            "rule": f"{rule.document_no}, {rule.locator}",
            "rule_status": status(rule.status),
        }
    return result


def _claimed_g(inventory: inventory_pb2.EnterpriseInventory, basis: str) -> int:
    """Return what claims take off a total on a basis; 0 where method or basis knows none."""
    if basis != _MARKET:
        return 0
    return sum(
        each.emissions.co2e_g for each in inventory.items if each.item_id == "green_power"
    ) - sum(
        each.emissions.co2e_g
        for each in inventory.items
        if each.item_id == "claims_beyond_consumption"
    )


def _processes(inventory: inventory_pb2.EnterpriseInventory) -> list[Result]:
    """Return the boundary of each process: carbon in less carbon out, in no total."""
    found: dict[str, dict[str, int]] = {}
    for each in inventory.items:
        if each.facility:
            found.setdefault(each.facility, {})[each.item_id] = each.emissions.co2_g
    return [
        {
            "facility": facility,
            "method": inventory.method_id,
            "in_co2_g": grams.get("process_in", 0),
            "out_co2_g": grams.get("process_out", 0),
            "net_co2_g": grams.get("process_in", 0) - grams.get("process_out", 0),
        }
        for facility, grams in found.items()
    ]


def _statement(desk: Client, to: tuple[str, str]) -> Result:
    """Return the statement that leads from the home method's total to another's."""
    method, basis = to
    found = desk.accounting.ReconcileInventories(
        accounting_service_pb2.ReconcileInventoriesRequest(
            parent=STEEL,
            accounting_year=YEAR,
            to=accounting_service_pb2.ReconciledSide(method_id=method, scope2_basis=basis),
            **{"from": accounting_service_pb2.ReconciledSide(method_id=HOME)},
        )
    )
    return {
        "from": _side(getattr(found, "from")),
        "to": _side(found.to),
        "rows": [
            {
                "cause": reconciliation_pb2.DifferenceCause.Name(each.cause).removeprefix(
                    "DIFFERENCE_CAUSE_"
                ),
                "from_item": each.from_item_id or None,
                "to_item": each.to_item_id or None,
                "subject": each.subject,
                "difference_g": each.difference_g,
                "text": each.text,
                "text_zh": each.text_zh,
            }
            for each in found.rows
        ],
    }


def _side(side: reconciliation_pb2.ReconciledTotal) -> Result:
    return {
        "method": side.method_id,
        "inventory": side.inventory,
        "resource_version": side.resource_version,
        "gwp_set": side.gwp_set,
        "scope2_basis": side.scope2_basis,
        "status": status(side.status),
        "known": side.known,
        "total_co2e_g": side.total_co2e_g,
    }


def _custom_factors(desk: Client, enterprise: str) -> list[Result]:
    found = desk.custom_factors.ListCustomFactors(
        custom_factor_service_pb2.ListCustomFactorsRequest(parent=enterprise)
    ).custom_factors
    return [
        {
            "name": each.name,
            "resource_version": each.resource_version,
            "state": CustomFactorState.Name(each.state).removeprefix("CUSTOM_FACTOR_STATE_"),
            "origin": _word(CustomFactorOrigin.Name(each.origin), "CUSTOM_FACTOR_ORIGIN_"),
            "role": _word(FactorRole.Name(each.role), "FACTOR_ROLE_"),
            "subject": each.subject,
            "quantity": quantity(each.quantity),
            "basis": _word(SampleBasis.Name(each.basis), "SAMPLE_BASIS_"),
            "evidence": each.evidence,
            "proposer": each.proposer,
            "decider": each.decider,
        }
        for each in found
    ]


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", " ")
