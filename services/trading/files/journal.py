"""Accounts and rules of the journal, as this release ships them → values of the domain."""

from __future__ import annotations

import tomllib
from pathlib import Path

from services.kernel.errors import Words
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading.domain.portfolio.journal import Book, Scheme, Title
from services.trading.files.rules import FOLDER


def scheme(path: Path = FOLDER / "journal.toml") -> Scheme:
    """Return the accounts and rules, each with how far it can be trusted."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    titles = {
        Book(key.upper()): Title(
            code=each["code"],
            name=Words(en=each["title_en"], zh=each["title_zh"]),
            status=Status(each["status"]),
        )
        for key, each in table["accounts"].items()
    }
    rules = {
        key: Source(
            title=table["title_zh"],
            document_no=table["document_no"],
            source_year=table["date"].year,
            status=Status(each["status"]),
            confidence=each["confidence"],
            note=each["note"],
        )
        for key, each in table["rules"].items()
    }
    return Scheme(titles=titles, rules=rules)
