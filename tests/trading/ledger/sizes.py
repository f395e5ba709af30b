"""How much the long tests of the ledger do: enough for the gate, or all that is promised.

`LEDGER_SIZES=whole python3 dev.py test tests/trading/ledger` runs the whole of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Counts and seconds, each named for its test."""

    bank_seconds: float
    bank_snapshots: int
    sqlite_kills: int
    postgresql_kills: int
    fairness_seconds: float


GATE = Sizes(
    bank_seconds=2,
    bank_snapshots=20,
    sqlite_kills=100,
    postgresql_kills=20,
    fairness_seconds=2,
)
WHOLE = Sizes(
    bank_seconds=60,
    bank_snapshots=10_000,
    sqlite_kills=500,
    postgresql_kills=100,
    fairness_seconds=60,
)
SIZES = WHOLE if os.environ.get("LEDGER_SIZES") == "whole" else GATE
