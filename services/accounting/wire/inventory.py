"""Inventories of enterprises and zones → their messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.accounting.domain.emission import Booked
from services.accounting.domain.enterprise import Label
from services.accounting.domain.inventory import Finding, Inventory, State
from services.accounting.domain.line import Line
from services.accounting.domain.method import Category, Item, Method
from services.accounting.domain.reported import Reported
from services.accounting.domain.transfer import Member, Side, Transfer
from services.accounting.domain.zone import MemberCoverage, ZoneInventory
from services.accounting.wire import activity, line
from services.kernel import names
from services.runtime import wire
from zonecarbon.accounting.v1 import inventory_pb2, zone_inventory_pb2
from zonecarbon.registry.v1 import enterprise_pb2
from zonecarbon.type.v1 import label_pb2, quantity_pb2, source_pb2

_NO_STATUS = source_pb2.SOURCE_STATUS_UNSPECIFIED
_NO_LABEL = label_pb2.DATA_LABEL_UNSPECIFIED


def from_inventory(
    inventory: Inventory, create_time: datetime, lines: Iterable[Line] = ()
) -> inventory_pb2.EnterpriseInventory:
    """Return the message of a version of an inventory, stored at `create_time`."""
    method = inventory.method
    own = method.gwp_set
    return inventory_pb2.EnterpriseInventory(
        name=inventory.name,
        accounting_year=inventory.accounting_year,
        method_id=method.method_id,
        gwp_set=own,
        scope2_basis=method.basis.value,
        state=from_state(inventory.state),
        findings=[_from_finding(finding) for finding in inventory.findings],
        direct_co2_g=inventory.direct.co2_g,
        direct_co2e_g=inventory.direct.under(own),
        indirect_co2_g=inventory.indirect_by(method.basis).co2_g,
        total_co2_g=inventory.total.co2_g,
        total_co2e_g=inventory.total.under(own),
        completeness_ratio=inventory.coverage.ratio,
        status=wire.from_status(inventory.status),
        label=from_label(inventory.label),
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
        items=[
            from_item(method.items[each.item_id], each.booked, own, each.facility)
            for each in inventory.items
        ],
        totals=[
            inventory_pb2.InventoryTotal(
                scope2_basis=basis.value,
                known=inventory.knows(basis),
                indirect=line.from_booked(inventory.indirect_by(basis), own),
                total=line.from_booked(inventory.total_by(basis), own),
            )
            for basis in method.bases
        ],
        reported=_from_reported(inventory.reported, method) if inventory.reported else None,
    )


def from_item(
    item: Item, booked: Booked, gwp_set: str, facility: str = ""
) -> inventory_pb2.InventoryItem:
    """Return the message of a line of a statement."""
    return inventory_pb2.InventoryItem(
        item_id=item.item_id,
        display_name=item.name.en,
        display_name_zh=item.name.zh,
        category=from_category(item.category),
        deducted=item.sign < 0,
        facility=facility,
        emissions=line.from_booked(booked, gwp_set),
    )


def from_category(category: Category) -> inventory_pb2.EmissionCategory.ValueType:
    """Return the enum value of a category."""
    return inventory_pb2.EmissionCategory.Value(f"EMISSION_CATEGORY_{category.value}")


def _from_reported(reported: Reported, method: Method) -> inventory_pb2.ReportedFigures:
    rule = method.reporting.clause if method.reporting else None
    return inventory_pb2.ReportedFigures(
        rows=[
            inventory_pb2.ReportedRow(
                item_id=row.item_id,
                facility=row.facility,
                subject=row.subject,
                deducted=row.sign < 0,
                activity=wire.from_quantity(row.activity),
                factors=[wire.from_quantity(factor.quantity) for factor in row.factors],
                emissions=wire.from_quantity(row.emissions),
                in_total=row.in_total,
            )
            for row in reported.rows
        ],
        total_t=wire.from_decimal(reported.total),
        difference_g=reported.difference_g,
        rule=wire.from_source(rule) if rule else None,
    )


def from_zone(inventory: ZoneInventory) -> zone_inventory_pb2.ZoneInventory:
    """Return the message of a zone's inventory."""
    return zone_inventory_pb2.ZoneInventory(
        name=inventory.name,
        accounting_year=inventory.accounting_year,
        method_id=inventory.method_id,
        gwp_set=inventory.gwp_set,
        scope2_basis=inventory.scope2_basis,
        state=from_state(inventory.state),
        findings=[_from_finding(finding) for finding in inventory.findings],
        direct_co2e_g=inventory.direct_co2e_g,
        imported_co2e_g=inventory.imported_co2e_g,
        exported_co2e_g=inventory.exported_co2e_g,
        internal_purchased_co2e_g=inventory.internal_purchased_co2e_g,
        internal_sold_co2e_g=inventory.internal_sold_co2e_g,
        naive_co2e_g=inventory.naive_co2e_g,
        double_count_co2e_g=inventory.double_count_co2e_g,
        net_co2e_g=inventory.net_co2e_g,
        members_total_co2e_g=inventory.members_total_co2e_g,
        residual_co2e_g=inventory.residual_co2e_g,
        claimed_inside_co2e_g=inventory.claimed_inside_co2e_g,
        transfers=[_from_transfer(transfer) for transfer in inventory.transfers],
        members=[_from_member(member, inventory) for member in inventory.members],
        completeness_ratio=inventory.coverage.ratio,
        status=wire.from_status(inventory.status) if inventory.status else _NO_STATUS,
        revision=inventory.snapshot.revision,
        registry_revision=inventory.snapshot.registry_revision,
        label=from_label(inventory.label),
        member_coverage=from_member_coverage(inventory.snapshot.member_coverage),
    )


def from_member_coverage(
    member_coverage: MemberCoverage,
) -> zone_inventory_pb2.MemberCoverage.ValueType:
    """Return the enum value of which members are counted."""
    return zone_inventory_pb2.MemberCoverage.Value(f"MEMBER_COVERAGE_{member_coverage.value}")


def to_member_coverage(value: zone_inventory_pb2.MemberCoverage.ValueType) -> MemberCoverage:
    """Return which members are counted: all where it is not said."""
    if value == zone_inventory_pb2.MEMBER_COVERAGE_ABOVE_SCALE:
        return MemberCoverage.ABOVE_SCALE
    return MemberCoverage.ALL


def to_label(value: label_pb2.DataLabel.ValueType) -> Label:
    """Return the label."""
    return Label(label_pb2.DataLabel.Name(value).removeprefix("DATA_LABEL_"))


def from_label(label: Label | None) -> label_pb2.DataLabel.ValueType:
    """Return the enum value of a label; that of none where there is nothing."""
    if label is None:
        return _NO_LABEL
    return label_pb2.DataLabel.Value(f"DATA_LABEL_{label.value}")


def from_state(state: State) -> inventory_pb2.InventoryState.ValueType:
    """Return the enum value of a state."""
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
        sold_co2e_g=transfer.sold_co2e_g,
        bought_co2e_g=transfer.bought_co2e_g,
        residual_co2e_g=transfer.residual_co2e_g,
    )


def _from_side(side: Side | None) -> quantity_pb2.Quantity | None:
    return None if side is None else wire.from_exact(side.value, side.unit)


def _from_member(member: Member, inventory: ZoneInventory) -> zone_inventory_pb2.MemberInventory:
    zone = names.ZONE.format(zone=inventory.zone)
    membership = member.enterprise.membership_in(zone, inventory.accounting_year)
    return zone_inventory_pb2.MemberInventory(
        enterprise=member.name,
        display_name=member.enterprise.display_name,
        label=from_label(member.enterprise.label),
        state=from_state(member.state),
        direct_co2e_g=member.direct_co2e_g,
        total_co2e_g=member.total_co2e_g,
        resource_version=member.inventory.version if member.inventory else 0,
        month_number=sorted(member.months),
        role=enterprise_pb2.MemberRole.Value(f"MEMBER_ROLE_{membership.role}")
        if membership
        else enterprise_pb2.MEMBER_ROLE_UNSPECIFIED,
        above_scale=membership.above_scale if membership else False,
    )
