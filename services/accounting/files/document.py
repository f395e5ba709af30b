"""Places in documents, as the data files of rules write them: one document, many places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.kernel import trust
from services.kernel.source import Source
from services.kernel.trust import Status

Table = Mapping[str, Any]


def source(table: Table, data: Table) -> Source:
    """Return a place in a document, trusted no more than the document itself."""
    (document,) = (each for each in data["documents"] if each["id"] == table["document"])
    return Source(
        title=document["title_zh"],
        status=trust.lowest(Status(document["status"]), Status(table["status"])),
        document_no=document["document_no"],
        source_year=document["source_year"],
        locator=table["clause"],
        url=document["url"],
        confidence=document["confidence"],
        note=" ".join(filter(None, (table["note"], document["note"]))),
    )
