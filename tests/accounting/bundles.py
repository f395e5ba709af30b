"""Bundles of books that need no server, and what a forger makes of an archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.accounting.domain.activity import EmissionSource, Record
from services.accounting.domain.bundle.content import Bundle
from services.accounting.domain.bundle.recomputation import Differing, recompute
from services.accounting.domain.line import Entry
from services.accounting.domain.row import Row
from services.accounting.files import archive, bundle
from services.kernel.names import HOME_METHOD
from tests.accounting import builders
from tests.accounting.ledgers import Ledger

STORED = datetime(2025, 1, 31, 8, tzinfo=UTC)
_LOCAL_HEADER_SIZE = 30
REPORTED = datetime(2025, 1, 15, tzinfo=UTC)


def record(source: EmissionSource, entry: Entry, row: Row | None = None) -> Record:
    """A record as it is stored."""
    row = row or builders.row()
    return Record(
        name=entry.name,
        source=source,
        quantity=entry.quantity,
        period=entry.period,
        facility=entry.facility,
        meter=row.meter,
        evidence=row.evidence,
        certificate=row.certificate,
        corrects=row.corrects,
        reporter="principals/p",
        revision=1,
        create_time=REPORTED,
    )


def bundle_of(books: Ledger, by: str = HOME_METHOD) -> Bundle:
    """The bundle of the current inventory by a method."""
    inventory = books.inventory(by)
    return Bundle.of(
        inventory,
        books.current(by),
        [
            record(accepted.source, replace(accepted.entry, name=kept.name), accepted.row)
            for kept in books.records.values()
            if not kept.corrected_by and (accepted := kept.accepted)
        ],
        create_time=STORED,
        method_version=inventory.method.version,
    )


def opened(data: bytes) -> bundle.Opened:
    """A bundle that is read."""
    return bundle.read(archive.opened(data))


def recomputed(data: bytes) -> list[Differing]:
    """What differs in an archive."""
    return list(recompute(opened(data).bundle).differing)


def places(data: bytes) -> dict[str, list[str]]:
    """The names of the figures that differ in an archive, by place."""
    found: dict[str, list[str]] = {}
    for each in recomputed(data):
        found.setdefault(each.place, []).append(each.name)
    return found


def repacked(data: bytes, changed: Mapping[str, bytes | None], **about: Any) -> bytes:
    """An archive with other files, and a manifest that fits them; without those that are None."""
    before = archive.opened(data)
    files = {**before.files, **changed}
    said = {
        name: value
        for name, value in before.manifest.items()
        if name not in {"format", "format_version", "files"}
    }
    return archive.packed(
        {**said, **about}, {path: file for path, file in files.items() if file is not None}
    )


def forged(data: bytes, path: str, change: Callable[[Any], object]) -> bytes:
    """An archive with a document that was changed, and a manifest that fits it."""
    content = archive.parsed(archive.opened(data).files[path])
    change(content)
    return repacked(data, {path: archive.document(content)})


def spans(data: bytes) -> dict[str, range]:
    """Where the bytes of each file lie in an archive."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        for entry in read.infolist():
            begin = entry.header_offset + _LOCAL_HEADER_SIZE + len(entry.filename)
            found[entry.filename] = range(begin, begin + entry.file_size)
    return found
