"""Figures computed again from a bundle: those of any books agree, and what was changed is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.accounting.domain import written
from services.accounting.domain.activity import Kind
from services.accounting.domain.bundle.content import Bundle
from services.accounting.domain.bundle.recomputation import Differing, recompute
from services.accounting.files import archive
from services.accounting.files import bundle as files
from services.kernel.names import HOME_METHOD
from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from tests.accounting import builders, typical
from tests.accounting.bundles import (
    STORED,
    bundle_of,
    forged,
    opened,
    places,
    recomputed,
    record,
    repacked,
)
from tests.accounting.ledgers import Ledger, ledger, row, year_of
from tests.accounting.library import COAL
from tests.accounting.test_laws import books_of_any
from tests.accounting.test_reconciliation import ledgers as books_that_lack

few = settings(max_examples=25)


@few
@given(st.one_of(books_of_any(), books_that_lack()))
def test_the_books_of_any_method_come_out_again_to_the_gram(books: Ledger) -> None:
    for _, method_id in books.inventories:
        made = bundle_of(books, method_id)

        found = opened(files.pack(made)).bundle

        assert (found.inventory, found.lines) == (made.inventory, made.lines)
        assert (found.records, found.statement) == (made.records, made.statement)
        again = recompute(found)
        assert again.differing == ()
        assert again.figure_count > len(made.lines)


@few
@given(books_of_any(), st.data())
def test_books_that_were_corrected_come_out_again(books: Ledger, data: st.DataObject) -> None:
    for kept in list(books.records.values()):
        if data.draw(st.booleans()):
            quantity = kept.accepted.quantity
            less = Quantity(value=quantity.value / 2, unit=quantity.unit)
            books.report(replace(kept.accepted.row, quantity=less, corrects=kept.name))

    for _, method_id in books.inventories:
        assert recompute(bundle_of(books, method_id)).differing == ()


@pytest.mark.parametrize("method_id", builders.methods())
def test_every_formula_of_a_method_comes_out_again(method_id: str) -> None:
    cases = [case for case in typical.cases() if case.method.method_id == method_id]
    days = ((1, "1.25"), (2, "1000"), (9, "0.333"))
    assert cases
    for case in cases:
        entries = [
            builders.entry(
                f"{amount} {case.unit}",
                f"2023-01-0{day} 2023-01-{day + 1:02d}",
                f"enterprises/mill/activityRecords/r{day}",
            )
            for day, amount in days
        ]
        line = case.line(entries)

        again = recompute(
            Bundle.of(
                builders.inventory([line], by=method_id),
                [line],
                [record(case.source, each) for each in entries],
                create_time=STORED,
                method_version=1,
            )
        )

        # Where the activity stands in several items, the case is of one of them.
        assert [each for each in again.differing if not each.place.startswith("records/")] == []
        assert again.figure_count > 0


@cache
def works(by: str = HOME_METHOD) -> bytes:
    """The bundle of a works, by a method."""
    books = ledger(
        "mill",
        "3120",
        *year_of(Kind.FUEL_COMBUSTION, "12.5 t", COAL),
        row(Kind.ELECTRICITY_PURCHASED, "100 MWh", "2024-01"),
        row(Kind.MATERIAL_CONSUMED, "250 t", "2024-02", "limestone", evidence="发票 17"),
        row(Kind.GREEN_POWER_CLAIMED, "120 MWh", "2024-02", "green-certificate"),
    )
    return files.pack(bundle_of(books, by))


MARCH = f"fuel-combustion-grid-{COAL}"[:40].rstrip("-") + "-2024-03"


def line_called(content: Any, line: str) -> Any:
    """A line of the document of lines."""
    return next(each for each in content["lines"] if each["line"] == line)


def differing(data: bytes, place: str, name: str) -> Differing:
    """The one figure that differs at a place under a name."""
    (found,) = (each for each in recomputed(data) if (each.place, each.name) == (place, name))
    return found


def test_what_was_said_of_a_bundle_is_what_it_was_made_from() -> None:
    found = opened(works())
    again = recompute(found.bundle)

    assert (found.is_shipped, found.release) == (True, "0.1.0")
    assert found.bundle.create_time == STORED
    assert (len(found.bundle.lines), len(found.bundle.records)) == (14, 15)
    assert again.uncounted_count == 1, "the home method counts no claims"
    assert set(again.factor_counts) <= set(Status)
    assert sum(again.factor_counts.values()) == 5


def test_a_booked_gram_more_is_found_in_its_line() -> None:
    def change(content: Any) -> None:
        line_called(content, MARCH)["co2_g"] += 1

    data = forged(works(), files.LINES, change)

    assert places(data) == {f"lines/{MARCH}": ["co2_g"]}
    found = differing(data, f"lines/{MARCH}", "co2_g")
    assert found.difference == -1
    assert isinstance(found.stored, int)
    assert found.recomputed == found.stored - 1


def test_a_changed_factor_is_found_in_each_line_that_has_it() -> None:
    def change(content: Any) -> None:
        (bound,) = (each for each in content["bindings"] if each["subject"] == COAL)
        bound["factors"][0]["value"] = "23.205"

    found = places(forged(works(), files.BINDINGS, change))

    of_coal = {place for place in found if place.startswith("lines/")}
    assert of_coal == {f"lines/{MARCH[:-2]}{month:02d}" for month in range(1, 13)}
    assert {place for place in found if place.startswith("bindings/")}
    assert found["items/combustion"] == ["co2_g", "co2e_g.gwp100-ar5"]
    assert "total.co2_g" in found["totals/location-based"]


def test_a_changed_factor_under_a_key_that_fits_is_found_in_its_lines() -> None:
    before = opened(works()).bundle.lines
    (old,) = {written.binding.key(line.binding) for line in before if line.line_id == MARCH}
    new = ""

    def change(content: Any) -> None:
        nonlocal new
        (bound,) = (each for each in content["bindings"] if each["binding"] == old)
        bound["factors"][0]["value"] = "23.205"
        del bound["binding"]
        new = bound["binding"] = written.binding.digest(bound)

    data = forged(works(), files.BINDINGS, change)

    def follow(content: Any) -> None:
        for line in content["lines"]:
            line["binding"] = new if line["binding"] == old else line["binding"]

    found = places(forged(data, files.LINES, follow))

    assert not {place for place in found if place.startswith("bindings/")}
    assert found[f"lines/{MARCH}"] == ["co2_g", "co2e_g.gwp100-ar5"]


def test_a_changed_record_is_found_in_its_line() -> None:
    def change(content: Any) -> None:
        (march,) = (each for each in content["records"] if each["start_date"] == "2024-03-01")
        march["value"] = "12.6"

    found = places(forged(works(), files.RECORDS, change))

    assert found[f"lines/{MARCH}"] == ["activities.t", "activity", "co2_g", "co2e_g.gwp100-ar5"]
    assert {place for place in found if place.startswith("lines/")} == {f"lines/{MARCH}"}
    assert found["activity_totals/FUEL_COMBUSTION/bituminous-coal"] == ["t"]


def test_a_record_that_was_left_out_is_missed_by_its_line() -> None:
    def change(content: Any) -> None:
        content["records"] = [
            each for each in content["records"] if each["start_date"] != "2024-03-01"
        ]

    found = recomputed(forged(works(), files.RECORDS, change))

    (line,) = (each for each in found if each.place == f"lines/{MARCH}")
    assert line.text is not None
    assert "no record" in line.text.en


def test_a_line_that_was_left_out_with_its_figures_is_missed_by_its_record() -> None:
    books = ledger("mill", "3120", *year_of(Kind.FUEL_COMBUSTION, "12.5 t", COAL))
    whole = bundle_of(books)
    lines = [each for each in whole.lines if each.line_id != MARCH]
    inventory = builders.inventory(lines, books.reporter.enterprise)
    forgery = Bundle.of(
        replace(inventory, accounting_year=2024, revision=1, registry_revision=1),
        lines,
        whole.records,
        create_time=STORED,
        method_version=whole.method_version,
    )

    found = places(files.pack(forgery))

    assert list(found.values()) == [["booked_day_count.combustion"]]
    assert next(iter(found)).startswith("records/r1-")


def test_days_that_are_reported_twice_are_named() -> None:
    def change(content: Any) -> None:
        (march,) = (each for each in content["records"] if each["start_date"] == "2024-03-01")
        content["records"].append({**march, "name": "enterprises/mill/activityRecords/r9-9"})

    texts = [each.text for each in recomputed(forged(works(), files.RECORDS, change))]

    assert any(text and "overlap" in text.en for text in texts)


def test_a_record_beside_the_one_that_replaces_it_is_named() -> None:
    def change(content: Any) -> None:
        first, second = content["records"][:2]
        second["corrects"] = first["name"]

    (found,) = recomputed(forged(works(), files.RECORDS, change))

    # By source and day the electricity of January comes before the coal of January.
    assert found.place == "records/r1-12"
    assert found.text is not None
    assert found.text.en == "r1-0 has replaced it"


@pytest.mark.parametrize(
    ("by", "path", "change", "place", "name"),
    [
        (HOME_METHOD, "inventory.json", lambda it: it["direct"].update(co2_g=5), "direct", "co2_g"),
        (
            HOME_METHOD,
            "inventory.json",
            lambda it: it["totals"][0]["total"].update(co2_g=5),
            "totals/location-based",
            "total.co2_g",
        ),
        (
            HOME_METHOD,
            "inventory.json",
            lambda it: it["item_totals"][0]["co2e_g"].update({"gwp100-ar5": 0}),
            "items/combustion",
            "co2e_g.gwp100-ar5",
        ),
        (
            "ets-steel",
            "inventory.json",
            lambda it: it["reported"].update(total="1"),
            "reported",
            "total_t",
        ),
        (
            HOME_METHOD,
            "inventory.json",
            lambda it: it.update(state="COMPLETE"),
            "inventory",
            "state",
        ),
        (
            HOME_METHOD,
            "inventory.json",
            lambda it: it.update(status="official"),
            "inventory",
            "status",
        ),
        (
            HOME_METHOD,
            "inventory.json",
            lambda it: it["activity_totals"][0].update(value="1"),
            "activity_totals/FUEL_COMBUSTION/bituminous-coal",
            "t",
        ),
        (
            HOME_METHOD,
            "inventory.json",
            lambda it: it["findings"].pop(0),
            "findings/DAYS_MISSING/electricity-purchased-grid",
            "count",
        ),
        (
            HOME_METHOD,
            "lines.json",
            lambda it: line_called(it, MARCH).update(record_count=2),
            f"lines/{MARCH}",
            "record_count",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_figure_that_was_changed_alone_is_named_alone(
    by: str, path: str, change: Callable[[Any], object], place: str, name: str
) -> None:
    found = places(forged(works(by), path, change))

    assert name in found[place]
    assert list(found) == [place]


def test_a_claim_given_back_is_computed_again() -> None:
    assert recomputed(works("ghgp")) == []

    def change(content: Any) -> None:
        (back,) = (
            each
            for each in content["item_totals"]
            if each["item_id"] == "claims_beyond_consumption"
        )
        back["co2_g"] = 0

    found = places(forged(works("ghgp"), files.INVENTORY, change))

    assert found == {"items/claims_beyond_consumption": ["co2_g"]}


def test_a_changed_method_is_told_and_its_figures_are_others() -> None:
    shipped = archive.opened(works()).files[files.METHOD].decode()
    text = shipped.replace('value = "44/12"', 'value = "45/12"')
    assert text != shipped

    data = repacked(works(), {files.METHOD: text.encode()})

    assert opened(data).is_shipped is False
    assert f"lines/{MARCH}" in places(data)


def test_a_unit_that_is_defined_otherwise_is_named() -> None:
    kept = opened(works()).bundle
    units = {**kept.units, "MWh": "MWh = 1024 * kWh", "furlong": "furlong = 220 * yard"}

    (found,) = recompute(replace(kept, units=units)).differing

    assert (found.place, found.name) == ("units.txt", "MWh")
    assert (found.stored, found.recomputed) == ("MWh = 1024 * kWh", "MWh = 1000 * kWh")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda each: each.update(formula_id="none"), "do not fit together"),
        (lambda each: each.update(item_id="none"), "do not fit together"),
        (lambda each: each["factors"].clear(), "do not fit together"),
        (lambda each: each.update(method_id="ghgp"), "it is not of gbt32150"),
        (lambda each: each.update(accounting_year=2023), "it is not of gbt32150"),
        (lambda each: each.update(gwp_sets=["gwp100-ar6"]), "it is not of gbt32150"),
        (lambda each: each["factors"][0].update(unit_code="tCO2/MWh"), "measures"),
    ],
    ids=["formula", "item", "factors", "method", "year", "sets", "unit"],
)
def test_a_binding_that_was_made_up_is_told_with_its_lines(
    change: Callable[[Any], object], told: str
) -> None:
    def change_coal(content: Any) -> None:
        (bound,) = (each for each in content["bindings"] if each["subject"] == COAL)
        change(bound)

    found = recomputed(forged(works(), files.BINDINGS, change_coal))

    of_march = [each for each in found if each.place == f"lines/{MARCH}"]
    assert [told in (each.text.en if each.text else "") for each in of_march] == [True]
