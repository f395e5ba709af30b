"""What every table of a rulebook file has: a source, an article, a status."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.kernel.errors import Words
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading.domain.rule import OmittedRule, Rule

Table = Mapping[str, Any]
Sources = Mapping[str, Source]


def read(path: Path) -> Table:
    """Return what a file holds."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def source(table: Table) -> Source:
    """Return a document as the file describes it."""
    return Source(
        title=table["title_zh"],
        document_no=table["document_no"],
        source_year=table["date"].year,
        url=table["url"],
        status=Status(table["status"]),
        confidence=table["confidence"],
        note=f"Read as {table['read_at']}.",
    )


def rule(table: Table, sources: Sources) -> Rule:
    """Return where a rule stands: its document, its article, its own status."""
    return Rule(
        source=replace(
            sources[table["source"]],
            locator=table["article"],
            status=Status(table["status"]),
            confidence=table["confidence"],
            note=table.get("note", ""),
        ),
        house_rule=table.get("house_rule", False),
    )


def omitted(table: Table, sources: Sources) -> OmittedRule:
    """Return a rule of the document that this release does not apply."""
    return OmittedRule(
        name=table["name"], text=words(table), effect=table["effect"], rule=rule(table, sources)
    )


def words(table: Table) -> Words:
    """Return the text of a rule."""
    return Words(en=table["text"], zh=table["text_zh"])


def optional_decimal(table: Table, key: str) -> Decimal | None:
    """Return a figure that may not be there."""
    text = table.get(key)
    return None if text is None else Decimal(text)
