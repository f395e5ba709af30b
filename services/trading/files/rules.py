"""What every table of a rulebook file has: a source, an article, a status; in TOML or in rows."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from services.kernel.errors import Words
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading.domain.rule import OmittedRule, Rule

FOLDER: Final = Path(__file__).parents[1] / "rulebooks"

Table = Mapping[str, Any]
Sources = Mapping[str, Source]


def read(path: Path) -> Table:
    """Return what a file holds."""
    return _parsed(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _parsed(text: str) -> Table:
    """Return what a text says: several subjects, and every start in a process, read the same."""
    return tomllib.loads(text)


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


def rows(path: Path) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a file of ours, by column."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def row_source(row: Mapping[str, str]) -> Source:
    """Return the source that a row names."""
    return Source(
        title=row["source"],
        document_no=row.get("document_no", ""),
        locator=row.get("article", ""),
        url=row.get("url", ""),
        status=Status(row["status"]),
        confidence=row["confidence"],
        note=row.get("note", ""),
    )
