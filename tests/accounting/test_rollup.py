"""Months are what the current lines add up to, whatever came when."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain import rollup
from services.accounting.domain.activity import Kind
from services.accounting.domain.claim import BEYOND
from services.accounting.domain.emission import NOTHING, Booked
from services.accounting.domain.enterprise import WHOLE_YEAR
from services.accounting.domain.rollup import Difference, Months, Move
from tests.accounting.ledgers import MONTHS, YEAR, Ledger, ledger, row
from tests.accounting.test_laws import fewer, industries, reports
from tests.accounting.test_restatement import revised

columns = st.lists(st.integers(-9, 9), min_size=12, max_size=12).filter(any)
months = st.dictionaries(
    st.sampled_from("ab"),
    st.dictionaries(st.sampled_from(["co2_g", "line_count"]), columns, min_size=1),
).map(Months)


def add_up(books: Ledger) -> bool:
    """Whether the months of every method are what its lines add up to."""
    for (year, method_id), kept in books.months.items():
        assert kept == rollup.of_lines(books.current(method_id, year))
        for item in books.inventory(method_id, year).items:
            if item.item_id != BEYOND and not item.facility:
                sets = books.inventory(method_id, year).method.gwp_sets
                every = (kept.booked(item.item_id, month, sets) for month in range(1, 13))
                assert figures(sum(every, NOTHING)) == figures(item.booked)
    return bool(books.months)


def figures(booked: Booked) -> tuple[object, ...]:
    """All that is not 0."""
    others = [each for each in (*booked.other_mg, *booked.co2e_g) if each[1]]
    return booked.co2_g, others


@fewer
@given(industry=industries, data=st.data())
def test_months_that_were_added_to_are_those_that_are_added_up_anew(
    industry: str, data: st.DataObject
) -> None:
    books = ledger("mill", industry)

    for _ in range(data.draw(st.integers(1, 3))):
        books.report(*data.draw(reports(industry, 4)))
        has_revision = data.draw(st.booleans())
        if books.inventories and has_revision:
            books.keep(books.reposted(revised(books, data)))

    assert add_up(books) == bool(books.inventories)


def test_a_corrected_record_counts_once() -> None:
    books = ledger("mill", "1713", row(what="100 MWh"))

    books.report(row(what="40 MWh", corrects=books.name()))

    kept = books.months[YEAR, "gbt32150"]
    (item_id,) = kept.items
    assert kept.line_count(item_id, 1) == 1
    assert kept.items[item_id]["co2_g"][0] == books.inventory().items[0].booked.co2_g
    assert add_up(books)


def test_a_month_without_a_figure_is_told_from_one_of_zero() -> None:
    idle = row(Kind.ELECTRICITY_PURCHASED, "0 MWh", MONTHS[1])

    kept = ledger("mill", "1713", idle).months[YEAR, "gbt32150"]

    (item_id,) = kept.items
    assert [kept.line_count(item_id, month) for month in (1, 2)] == [0, 1]
    assert kept.booked(item_id, 2, ["gwp100-ar5"]) == kept.booked(item_id, 1, ["gwp100-ar5"])


@given(first=months, second=months)
def test_what_is_added_can_be_taken_away_again(first: Months, second: Months) -> None:
    assert first + second == second + first
    assert first + second - second == first
    assert not first - first


@given(whole=months, counted=st.frozensets(st.integers(1, 12)))
def test_the_months_inside_and_those_outside_are_all_there_are(
    whole: Months, counted: frozenset[int]
) -> None:
    assert whole.within(counted) + whole.within(WHOLE_YEAR - counted) == whole


@given(
    moves=st.lists(
        st.tuples(
            months,
            months,
            st.dictionaries(st.sampled_from("xyz"), st.frozensets(st.integers(1, 12))),
        )
    )
)
def test_a_zone_holds_those_that_are_counted_in_it(
    moves: list[tuple[Months, Months, dict[str, frozenset[int]]]],
) -> None:
    made = rollup.of_zones(
        Move(before=before, after=after, zones_before={"x": WHOLE_YEAR}, zones_after=zones)
        for before, after, zones in moves
    )

    expected: defaultdict[str, Months] = defaultdict(Months)
    for before, after, zones in moves:
        expected["x"] -= before
        for zone, counted in zones.items():
            expected[zone] += after.within(counted)
    assert {zone: each for zone, each in made.items() if each} == {
        zone: each for zone, each in expected.items() if each
    }


def test_a_difference_says_what_is_kept_and_what_the_lines_add_up_to() -> None:
    kept = Months({"a": {"co2_g": [1, *[0] * 10, 5]}})
    recomputed = Months({"a": {"co2_g": [1, *[0] * 10, 7]}, "b": {"co2_g": [0, 2, *[0] * 10]}})

    assert list(rollup.differences(kept, recomputed)) == [
        Difference(item_id="a", measure="co2_g", month=12, kept=5, recomputed=7),
        Difference(item_id="b", measure="co2_g", month=2, kept=0, recomputed=2),
    ]
