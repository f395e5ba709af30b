"""A table that may be published → its message."""

from __future__ import annotations

from collections.abc import Sequence

from services.accounting.domain.publication.industry import PublicCell
from services.accounting.domain.publication.suppression import SuppressionRule
from services.accounting.domain.zone import ZoneInventory
from services.accounting.wire.inventory import from_member_coverage
from services.runtime import wire
from zonecarbon.accounting.v1 import zone_table_pb2
from zonecarbon.type.v1 import source_pb2


def from_table(
    inventory: ZoneInventory, cells: Sequence[PublicCell], rule: SuppressionRule
) -> zone_table_pb2.PublicTable:
    """Return the message of a table."""
    status = inventory.status
    return zone_table_pb2.PublicTable(
        inventory=inventory.name,
        gwp_set=inventory.gwp_set,
        cells=[
            zone_table_pb2.PublicCell(
                division=each.division,
                item=each.item,
                hidden=each.hidden,
                co2e_g=each.co2e_g,
                enterprise_count=each.enterprise_count,
            )
            for each in cells
        ],
        hidden_count=sum(each.hidden for each in cells),
        member_coverage=from_member_coverage(inventory.snapshot.member_coverage),
        rule=wire.from_source(rule.source),
        status=wire.from_status(status) if status else source_pb2.SOURCE_STATUS_UNSPECIFIED,
    )
