"""The desk in the database: instructions, limits, trusted counterparties, who may post alone."""

from __future__ import annotations

from services.trading.store.desk import (
    counterparties,
    execution,
    instructions,
    limits,
    mandates,
)

__all__ = ["counterparties", "execution", "instructions", "limits", "mandates"]
