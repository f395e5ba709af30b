"""Zone ⇄ its message."""

from __future__ import annotations

from services.kernel import names
from services.registry.domain.label import Label
from services.registry.domain.zone import Zone
from services.runtime import wire
from services.runtime.revision import Revision
from zonecarbon.registry.v1 import registry_service_pb2, zone_pb2
from zonecarbon.type.v1 import label_pb2


def to_label(value: label_pb2.DataLabel.ValueType) -> Label:
    """Return the label."""
    return Label(label_pb2.DataLabel.Name(value).removeprefix("DATA_LABEL_"))


def from_label(label: Label) -> label_pb2.DataLabel.ValueType:
    """Return the enum value of `label`."""
    return label_pb2.DataLabel.Value(f"DATA_LABEL_{label.value}")


def to_zone(request: registry_service_pb2.CreateZoneRequest) -> Zone:
    """Return the zone that is to be created."""
    return Zone(
        zone=names.check_id("zone", request.zone_id),
        display_name=request.zone.display_name,
        region_code=request.zone.region_code,
        label=to_label(request.zone.label),
    )


def from_zone(zone: Zone, revision: Revision) -> zone_pb2.Zone:
    """Return the message of `zone`."""
    return zone_pb2.Zone(
        name=names.ZONE.format(zone=zone.zone),
        display_name=zone.display_name,
        region_code=zone.region_code,
        label=from_label(zone.label),
        create_time=wire.from_instant(revision.commit_time),
        revision=revision.number,
    )
