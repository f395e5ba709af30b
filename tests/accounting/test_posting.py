"""What accepted rows make of the books."""

from __future__ import annotations

from typing import Any

from services.accounting.domain.line import Grain
from services.accounting.domain.posting import Before, Occasion, Posting, post
from services.accounting.domain.report import Accepted, Books, Facts, judge
from tests.accounting import builders

OCCASION = Occasion(
    enterprise=builders.enterprise(), method=builders.method(), revision=9, registry_revision=4
)
EMPTY = Before(lines={}, versions={})


def posted(*whens: str, books: Books | None = None, before: Before = EMPTY, **row: Any) -> Posting:
    stored = Books() if books is None else books
    rows = [
        builders.row(number, period=builders.period(when), **row)
        for number, when in enumerate(whens)
    ]
    facts = Facts(
        region_code="CN-JS",
        known=frozenset({"enterprises/mill/counterparties/grid"}),
        found=builders.found() | builders.found(year=2024),
    )
    verdicts = judge(rows, builders.method(), facts, stored)
    accepted = [verdict for verdict in verdicts if isinstance(verdict, Accepted)]
    assert len(accepted) == len(whens)
    return post(accepted, stored, before, OCCASION)


def test_a_report_makes_a_line_for_each_month_and_an_inventory_for_each_year() -> None:
    posting = posted("2023-12", "2024-01-01 2024-01-11", "2024-01-11 2024-01-12")

    assert [(line.name, line.record_count) for line in posting.lines] == [
        ("enterprises/mill/lines/intake-2023-12", 1),
        ("enterprises/mill/lines/intake-2024-01", 2),
    ]
    assert [(each.name, each.version) for each in posting.inventories] == [
        ("enterprises/mill/inventories/2023", 1),
        ("enterprises/mill/inventories/2024", 1),
    ]
    assert {each.revision for each in posting.lines} == {9}
    assert {each.registry_revision for each in posting.inventories} == {4}


def test_a_further_report_makes_the_next_version_from_all_that_counts() -> None:
    january = Grain(source_id="intake", month=builders.period("2023-01"))
    february = builders.line([builders.entry("1 MWh", "2023-02")], version=4)
    books = Books()
    books.current[january].append(builders.entry("50 MWh", "2023-01-01 2023-01-02"))
    before = Before(
        lines={january: builders.line(version=2), february.grain: february}, versions={2023: 6}
    )

    posting = posted("2023-01-02 2023-01-03", books=books, before=before)

    (line,) = posting.lines
    (inventory,) = posting.inventories
    assert (line.version, line.record_count) == (3, 2)
    assert line.activity == 150
    assert inventory.version == 7
    assert inventory.total.co2_g == 151 * 645_100


def test_nothing_accepted_makes_nothing() -> None:
    assert posted() == Posting(enterprise="mill", accepted=(), lines=(), inventories=())
