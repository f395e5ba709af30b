"""Bundles: an inventory as one archive that can be computed again without us."""

from __future__ import annotations

from typing import Final

import grpc

from services.accounting import store
from services.accounting.domain.bundle.content import Bundle
from services.accounting.files import archive
from services.accounting.files import bundle as files
from services.accounting.servicer.inventory import Inventories
from services.kernel.errors import FieldInvalid
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import bundle_pb2

_MIB: Final = 2**20
USUAL_PART_SIZE: Final = 8 * _MIB
LARGEST_PART_SIZE: Final = 15 * _MIB
"""What fits into a message of 16 MiB beside the other fields."""


class Bundles(Inventories):
    def ExportBundle(
        self, request: pb.ExportBundleRequest, context: grpc.ServicerContext
    ) -> bundle_pb2.Bundle:
        key = self._seen(request.name)
        with self._database.read() as connection:
            inventory, create_time = self._asked_inventory(connection, key, request)
            # Lines and records as they were at its revision: later ones are of later versions.
            year, as_of = key.accounting_year, inventory.revision
            lines = store.lines.current(connection, [key.enterprise], year, key.method_id, as_of)
            found = store.records.current(connection, key.enterprise, year, as_of)
            records = store.report_files.with_rows(connection, key.enterprise, found)
            made_with = store.inventories.method_version(connection, key, inventory.version)
        data = files.pack(
            Bundle.of(inventory, lines, records, create_time=create_time, method_version=made_with)
        )
        begin, size = request.begin_index, request.part_size or USUAL_PART_SIZE
        if begin > len(data):
            allowed = f"0 to {len(data)}"
            raise FieldInvalid(field="begin_index", given=str(begin), allowed=allowed)
        return bundle_pb2.Bundle(
            inventory=inventory.name,
            resource_version=inventory.version,
            file_name=files.file_name(inventory),
            media_type=files.MEDIA_TYPE,
            sha256=archive.sha256(data),
            archive_size=len(data),
            content=data[begin : begin + min(size, LARGEST_PART_SIZE)],
        )
