"""Files that trading reads and writes: rulebooks, the desk's tables, statements of the ledger."""

from __future__ import annotations

from services.trading.files.desk import desk
from services.trading.files.rulebooks import FOLDER, market, rulebook, shelf
from services.trading.files.statement import statement_csv

__all__ = ["FOLDER", "desk", "market", "rulebook", "shelf", "statement_csv"]
