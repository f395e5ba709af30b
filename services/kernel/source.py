"""Where a published figure or a rule comes from."""

from __future__ import annotations

from dataclasses import dataclass

from services.kernel.trust import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The document, the place in it, and how far the figure can be trusted."""

    title: str
    status: Status
    document_no: str = ""
    source_year: int = 0
    """Year of publication; 0 where unknown."""
    locator: str = ""
    """Table, clause, article or page."""
    url: str = ""
    licence: str = ""
    confidence: str = ""
    """The finder's own words on `status`."""
    note: str = ""
