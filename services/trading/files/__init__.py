"""Files that trading reads and writes: rulebooks, the desk's tables, statements of the ledger."""

from __future__ import annotations

from services.trading.files.compliance import compliance
from services.trading.files.desk import desk
from services.trading.files.exchange import exchange
from services.trading.files.rulebooks import market, rulebook, shelf
from services.trading.files.rules import FOLDER
from services.trading.files.statement import statement_csv

__all__ = [
    "FOLDER",
    "compliance",
    "desk",
    "exchange",
    "market",
    "rulebook",
    "shelf",
    "statement_csv",
]
