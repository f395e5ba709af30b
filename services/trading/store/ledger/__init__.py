"""The ledger in the database: transfers are inserted, and all else in it follows from them."""

from __future__ import annotations

from services.trading.store.ledger import (
    balances,
    blocks,
    chains,
    instruments,
    posting,
    totals,
    transfers,
)

__all__ = ["balances", "blocks", "chains", "instruments", "posting", "totals", "transfers"]
