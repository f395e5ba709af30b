"""The benchmark of the ledger, small: that it runs and says what it should, never how fast."""

from __future__ import annotations

from benchmarks import ledger
from benchmarks.harness import Plan
from benchmarks.ledger import Sizes

SIZES = Sizes(
    seconds=0.1,
    tpcb_seconds=1,
    tpcb_scale=1,
    clients=2,
    callers=4,
    caller_processes=1,
    book_count=3,
    hot_book_count=1,
    batch=5,
    entry_count=200,
    call_count=3,
)


def test_every_goal_has_its_figure() -> None:
    figures = ledger.run(SIZES, Plan(repetition_count=1, attempt_count=1))

    found = {each.figure: (each.unit, each.goal) for each in figures}
    assert found == {
        "one post by the service's writer, 2 clients, 6 accounts": ("transfers/s", 1.0),
        "one post by the service's writer, 2 clients, 2 hot accounts": ("transfers/s", 0.6),
        "batch of 5 by the service's writer, 2 clients": ("transfers/s", 3.5),
        "one post in a commit of its own, 2 clients, 6 accounts": ("transfers/s", 1.0),
        "one post in a commit of its own, 2 clients, 2 hot accounts": ("transfers/s", 0.6),
        "posted over gRPC, 4 callers, PostgreSQL": ("transfers/s", 0.5),
        "batch of 5 over gRPC, 2 callers, PostgreSQL": ("transfers/s", 3.5),
        "posted over gRPC, 4 callers, PostgreSQL, p99": ("ms", 1.0),
        "posted over gRPC, 2 callers, PostgreSQL, p99": ("ms", 1.0),
        "posted over gRPC, 4 callers, PostgreSQL, longest": ("ms", 1.0),
        "storage a transfer, PostgreSQL": ("bytes", 1.0),
        "position of a year, 200 entries, PostgreSQL, p99": ("ms", 1.0),
        "posted over gRPC, 4 callers, SQLite": ("transfers/s", 1.0),
        "batch of 5 over gRPC, 2 callers, SQLite": ("transfers/s", 1.0),
        "posted over gRPC, 4 callers, SQLite, p99": ("ms", 1.0),
        "posted over gRPC, 2 callers, SQLite, p99": ("ms", 1.0),
        "posted over gRPC, 4 callers, SQLite, longest": ("ms", 1.0),
        "storage a transfer, SQLite": ("bytes", 1.0),
        "position of a year, 200 entries, SQLite, p99": ("ms", 1.0),
    }
