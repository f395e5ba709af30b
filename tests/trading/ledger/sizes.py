"""How much the tests of the ledger do: enough for the gate, or all that is promised.

`LEDGER_SIZES=whole python3 dev.py test tests/trading/ledger` takes about half an hour.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Counts and seconds, each named for its test."""

    bank_seconds: float
    bank_snapshots: int
    model_examples: int
    model_steps: int
    block_operations: int
    sqlite_kills: int
    postgresql_kills: int
    power_cuts: int
    replays: int
    tampers: int
    parity_operations: int
    fairness_seconds: float


GATE = Sizes(
    bank_seconds=2,
    bank_snapshots=20,
    model_examples=20,
    model_steps=25,
    block_operations=10_000,
    sqlite_kills=100,
    postgresql_kills=20,
    power_cuts=1_000,
    replays=300,
    tampers=1_000,
    parity_operations=600,
    fairness_seconds=2,
)
WHOLE = Sizes(
    bank_seconds=60,
    bank_snapshots=10_000,
    model_examples=200,
    model_steps=30,
    block_operations=10_000,
    sqlite_kills=500,
    postgresql_kills=100,
    power_cuts=1_000,
    replays=10_000,
    tampers=1_000,
    parity_operations=10_000,
    fairness_seconds=60,
)
SIZES = WHOLE if os.environ.get("LEDGER_SIZES") == "whole" else GATE
