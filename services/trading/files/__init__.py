"""Files that trading reads and writes: rulebooks of this release, statements of the ledger."""

from __future__ import annotations

from services.trading.files.journal import scheme
from services.trading.files.quotes import limits
from services.trading.files.rulebooks import FOLDER, market, rulebook, shelf
from services.trading.files.statement import statement_csv

__all__ = ["FOLDER", "limits", "market", "rulebook", "scheme", "shelf", "statement_csv"]
