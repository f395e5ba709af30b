"""The benchmark of ingest, small: that it runs and says what it should, never how fast."""

from __future__ import annotations

from benchmarks import ingest
from benchmarks.harness import Plan
from benchmarks.ingest import Sizes

SIZES = Sizes(
    enterprise_count=1,
    meter_count=2,
    row_count=3,
    look_count=4,
    subtotal_count=100,
    column_message_count=2,
    call_count=5,
)


def test_every_goal_has_its_figure() -> None:
    figures = ingest.run(SIZES, Plan(repetition_count=1, attempt_count=1))

    assert [(each.figure, each.against, each.goal) for each in figures] == [
        ("curves by stream, durable and booked, PostgreSQL", "COPY of rows with key", 6.0),
        ("curves by stream, durable and booked, PostgreSQL", "COPY of blocks", 0.45),
        ("the same messages again, PostgreSQL", "fresh ones", 1.0),
        (
            "curves by stream, durable and booked, PostgreSQL",
            "the same days stored and not booked",
            1.3,
        ),
        ("stored curves, PostgreSQL", "6 bytes/point", 1.0),
        ("curves by stream, durable and booked, SQLite", "executemany of rows with key", 8.0),
        ("stored curves, SQLite", "6 bytes/point", 1.0),
        ("a month of meters by stream, durable and booked, SQLite", "50,000 rows/s", 1.0),
        ("a further day of known meters, durable and booked, SQLite", "10,000 rows/s", 1.0),
        ("a zone's months under ingest, p99 of 4 calls", "20 ms", 1.0),
        ("100 subtotals booked by another factor, exactly", "50 ms", 1.0),
        ("curves by stream, to arrays", "Arrow Flight DoPut of rows", 0.7),
        ("curves by stream, to arrays", "Arrow Flight DoPut of days in blocks", 0.7),
        (
            "a report call's metrics, authentication and validation, server CPU",
            "bare grpcio echo of the same bytes",
            2.0,
        ),
    ]
