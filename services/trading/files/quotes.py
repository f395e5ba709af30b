"""How quotes are judged, as this release ships it → values of the domain."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path

from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading.domain.quotes.quote import Limits
from services.trading.files.rulebooks import FOLDER


def limits(path: Path = FOLDER / "quotes.toml") -> Limits:
    """Return the limits of prices, with their source."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    source = table["source"]
    return Limits(
        listed_ratio=Fraction(table["listed_limit_ratio"]),
        block_ratio=Fraction(table["block_limit_ratio"]),
        source=Source(
            title=source["title_zh"],
            document_no=source["document_no"],
            source_year=source["date"].year,
            url=source["url"],
            status=Status(source["status"]),
            confidence=source["confidence"],
            note=source["note"],
        ),
    )
