"""Inventories of enterprises and zones → their messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.accounting.domain.activity import Kind
from services.accounting.domain.enterprise import Label
from services.accounting.domain.inventory import Finding, Inventory, State
from services.accounting.domain.line import Line
from services.accounting.domain.transfer import Member, Side, Transfer
from services.accounting.domain.zone import ZoneInventory
from services.accounting.wire import activity, line
from services.runtime import wire
from zonecarbon.accounting.v1 import inventory_pb2, zone_inventory_pb2
from zonecarbon.type.v1 import label_pb2, quantity_pb2, source_pb2

_NO_STATUS = source_pb2.SOURCE_STATUS_UNSPECIFIED
_NO_LABEL = label_pb2.DATA_LABEL_UNSPECIFIED


def from_inventory(
    inventory: Inventory, create_time: datetime, lines: Iterable[Line] = ()
) -> inventory_pb2.EnterpriseInventory:
    """Return the message of a version of an inventory, stored at `create_time`."""
    of_kind = inventory.co2_g_by_kind
    return inventory_pb2.EnterpriseInventory(
        name=inventory.name,
        accounting_year=inventory.accounting_year,
        method_id=inventory.method_id,
        gwp_set=inventory.gwp_set,
        scope2_basis=inventory.scope2_basis,
        state=_from_state(inventory.state),
        findings=[_from_finding(finding) for finding in inventory.findings],
        combustion_co2_g=of_kind[Kind.FUEL_COMBUSTION],
        electricity_purchased_co2_g=of_kind[Kind.ELECTRICITY_PURCHASED],
        electricity_exported_co2_g=of_kind[Kind.ELECTRICITY_EXPORTED],
        heat_purchased_co2_g=of_kind[Kind.HEAT_PURCHASED],
        heat_exported_co2_g=of_kind[Kind.HEAT_EXPORTED],
        indirect_co2_g=inventory.indirect.co2_g,
        total_co2_g=inventory.total.co2_g,
        total_co2e_g=inventory.total.co2e_g,
        completeness_ratio=inventory.coverage.ratio,
        status=wire.from_status(inventory.status),
        label=_from_label(inventory.label),
        lines=[line.from_line(each) for each in lines],
        activity_totals=[
            inventory_pb2.ActivityTotal(
                kind=activity.from_kind(total.kind),
                subject=total.subject,
                quantity=wire.from_exact(total.value, total.unit),
            )
            for total in inventory.activity_totals
        ],
        resource_version=inventory.version,
        revision=inventory.revision,
        registry_revision=inventory.registry_revision,
        create_time=wire.from_instant(create_time),
    )


def from_zone(inventory: ZoneInventory) -> zone_inventory_pb2.ZoneInventory:
    """Return the message of a zone's inventory."""
    return zone_inventory_pb2.ZoneInventory(
        name=inventory.name,
        accounting_year=inventory.accounting_year,
        method_id=inventory.method_id,
        gwp_set=inventory.gwp_set,
        scope2_basis=inventory.scope2_basis,
        state=_from_state(inventory.state),
        findings=[_from_finding(finding) for finding in inventory.findings],
        direct_co2_g=inventory.direct_co2_g,
        imported_co2_g=inventory.imported_co2_g,
        exported_co2_g=inventory.exported_co2_g,
        internal_purchased_co2_g=inventory.internal_purchased_co2_g,
        internal_sold_co2_g=inventory.internal_sold_co2_g,
        naive_co2_g=inventory.naive_co2_g,
        double_count_co2_g=inventory.double_count_co2_g,
        net_co2_g=inventory.net_co2_g,
        members_total_co2_g=inventory.members_total_co2_g,
        residual_co2_g=inventory.residual_co2_g,
        transfers=[_from_transfer(transfer) for transfer in inventory.transfers],
        members=[_from_member(member) for member in inventory.members],
        completeness_ratio=inventory.coverage.ratio,
        status=wire.from_status(inventory.status) if inventory.status else _NO_STATUS,
        revision=inventory.snapshot.revision,
        registry_revision=inventory.snapshot.registry_revision,
        label=_from_label(inventory.label) if inventory.label else _NO_LABEL,
    )


def to_label(value: label_pb2.DataLabel.ValueType) -> Label:
    """Return the label."""
    return Label(label_pb2.DataLabel.Name(value).removeprefix("DATA_LABEL_"))


def _from_label(label: Label) -> label_pb2.DataLabel.ValueType:
    return label_pb2.DataLabel.Value(f"DATA_LABEL_{label.value}")


def _from_state(state: State) -> inventory_pb2.InventoryState.ValueType:
    return inventory_pb2.InventoryState.Value(f"INVENTORY_STATE_{state.value}")


def _from_finding(finding: Finding) -> inventory_pb2.Finding:
    return inventory_pb2.Finding(
        kind=inventory_pb2.FindingKind.Value(f"FINDING_KIND_{finding.kind.value}"),
        subject=finding.subject,
        text=finding.text.en,
        text_zh=finding.text.zh,
    )


def _from_transfer(transfer: Transfer) -> zone_inventory_pb2.Transfer:
    return zone_inventory_pb2.Transfer(
        seller=transfer.passage.seller,
        buyer=transfer.passage.buyer,
        subject=transfer.passage.subject,
        sold=_from_side(transfer.sold),
        bought=_from_side(transfer.bought),
        sold_co2_g=transfer.sold_co2_g,
        bought_co2_g=transfer.bought_co2_g,
        residual_co2_g=transfer.residual_co2_g,
    )


def _from_side(side: Side | None) -> quantity_pb2.Quantity | None:
    return None if side is None else wire.from_exact(side.value, side.unit)


def _from_member(member: Member) -> zone_inventory_pb2.MemberInventory:
    return zone_inventory_pb2.MemberInventory(
        enterprise=member.name,
        display_name=member.enterprise.display_name,
        label=_from_label(member.enterprise.label),
        state=_from_state(member.state),
        direct_co2_g=member.direct_co2_g,
        total_co2_g=member.total_co2_g,
        resource_version=member.inventory.version if member.inventory else 0,
    )
