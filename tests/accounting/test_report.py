"""Rows against what is stored and known, as a ledger: one row an operation, the outcome last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import Found, Unresolved
from services.accounting.domain.line import Entry, Grain
from services.accounting.domain.method import Role
from services.accounting.domain.refusal import PRECEDENCE, ranked
from services.accounting.domain.report import Accepted, Books, Facts, Refused, Stored, judge
from services.accounting.domain.row import Row
from services.kernel.errors import FieldRequired, UnitDimension, Words
from tests.accounting import builders

GRID = "enterprises/mill/counterparties/grid"
METER = "enterprises/mill/meters/main"
RECORDS = "enterprises/mill/activityRecords/"


def books(*entries: str) -> Books:
    """Return books in which the source "intake" has entries such as "r1 2023-01-01 2023-01-11"."""
    stored = Books()
    if entries:
        stored.sources["intake"] = builders.source()
    for entry in entries:
        record, when = entry.split(maxsplit=1)
        period = builders.period(when)
        grain = Grain(source_id="intake", month=period.one_month())
        name = RECORDS + record
        stored.current[grain].append(
            Entry(name=name, period=period, quantity=builders.quantity("1 MWh"))
        )
        stored.stored[name] = Stored(grain=grain, corrected_by="")
    return stored


def facts(found: Found | None = None) -> Facts:
    return Facts(
        region_code="CN-JS",
        known=frozenset({GRID, METER}),
        found=builders.found() if found is None else found,
    )


def outcomes(
    rows: Sequence[Row], stored: Books | None = None, found: Found | None = None
) -> list[str]:
    """Return the reason of each row, or "" where it is accepted."""
    verdicts = judge(rows, builders.method(), facts(found), stored or Books())
    return [
        verdict.errors[0].reason if isinstance(verdict, Refused) else "" for verdict in verdicts
    ]


def on(number: int, when: str, **overrides: Any) -> Row:
    return builders.row(number, period=builders.period(when), **overrides)


def test_periods_of_one_source_never_overlap() -> None:
    ledger = [
        # days                      outcome
        ("2023-01-01 2023-01-11", ""),
        ("2023-01-11 2023-01-21", ""),
        ("2023-01-10 2023-01-12", "PERIOD_OVERLAP"),
        ("2023-01-20 2023-01-22", "PERIOD_OVERLAP"),
        ("2023-01-21 2023-02-01", ""),
        ("2023-02-01 2023-02-02", ""),
        ("2023-01-05 2023-01-06", "PERIOD_OVERLAP"),
        ("2023-03", "PERIOD_OVERLAP"),
    ]
    rows = [on(number, days) for number, (days, _) in enumerate(ledger)]

    assert outcomes(rows, books("r1 2023-03-31 2023-04-01")) == [reason for _, reason in ledger]


def test_a_refused_row_does_not_stand_in_the_way_of_a_later_one() -> None:
    rows = [on(0, "2023-01", quantity=builders.quantity("1 t")), on(1, "2023-01")]

    assert outcomes(rows) == ["UNIT_DIMENSION", ""]


def test_an_overlap_names_the_record_or_the_row() -> None:
    rows = [on(0, "2023-01-02 2023-01-03"), on(1, "2023-02"), on(2, "2023-02-02 2023-02-03")]

    verdicts = list(judge(rows, builders.method(), facts(), books("r1 2023-01")))

    others = [v.errors[0].metadata()["other"] for v in verdicts if isinstance(v, Refused)]
    assert others == [RECORDS + "r1", "records[1]"]


def test_a_correction_replaces_one_record_of_its_month() -> None:
    first, second = RECORDS + "r1", RECORDS + "r2"
    ledger = [
        # days                   corrects             outcome
        ("2023-01-01 2023-01-09", first, ""),
        ("2023-01-12 2023-01-15", second, "PERIOD_OVERLAP"),
        ("2023-01-01 2023-01-09", first, "FIELD_INVALID"),
        ("2023-02-01 2023-02-09", second, "FIELD_INVALID"),
        ("2023-01-09 2023-01-10", RECORDS + "r9", "NOT_FOUND"),
        ("2023-01-09 2023-01-10", "", ""),
    ]
    rows = [on(number, days, corrects=name) for number, (days, name, _) in enumerate(ledger)]
    stored = books(
        "r1 2023-01-01 2023-01-11", "r2 2023-01-11 2023-01-12", "r3 2023-01-12 2023-01-21"
    )

    assert outcomes(rows, stored) == [reason for *_, reason in ledger]


def test_the_books_hold_what_counts_after_a_correction() -> None:
    stored = books("r1 2023-01")

    assert outcomes([on(0, "2023-01-05 2023-01-06", corrects=RECORDS + "r1")], stored) == [""]

    (entries,) = stored.current.values()
    assert [(entry.name, str(entry.period)) for entry in entries] == [
        ("records[0]", "[2023-01-05, 2023-01-06)")
    ]


def test_a_record_that_was_corrected_before_names_its_successor() -> None:
    stored = books("r1 2023-01")
    grain = Grain(source_id="intake", month=builders.period("2023-01"))
    stored.stored[RECORDS + "r0"] = Stored(grain=grain, corrected_by=RECORDS + "r1")

    (verdict,) = judge(
        [on(0, "2023-01", corrects=RECORDS + "r0")], builders.method(), facts(), stored
    )

    assert isinstance(verdict, Refused)
    assert RECORDS + "r1 has replaced this one" in verdict.errors[0].text("en")


def test_a_record_of_another_source_is_not_corrected() -> None:
    rows = [on(0, "2023-01", source_id="other", corrects=RECORDS + "r1")]

    assert outcomes(rows, books("r1 2023-01")) == ["FIELD_INVALID"]


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"kind": Kind.ELECTRICITY_EXPORTED}, "records[0].kind"),
        ({"counterparty": "enterprises/mill/counterparties/plant"}, "records[0].counterparty"),
    ],
)
def test_a_source_keeps_what_it_is(overrides: dict[str, Any], field: str) -> None:
    verdicts = judge(
        [on(0, "2023-02", **overrides)], builders.method(), facts(), books("r1 2023-01")
    )

    (verdict,) = verdicts
    assert isinstance(verdict, Refused)
    assert verdict.errors[0].metadata()["field"] == field
    assert "as source intake has reported before" in verdict.errors[0].text("en")


def test_a_source_keeps_what_an_earlier_row_of_the_report_made_it() -> None:
    sold = on(1, "2023-02", kind=Kind.ELECTRICITY_EXPORTED)

    assert outcomes([on(0, "2023-01"), sold]) == ["", "FIELD_INVALID"]


def test_what_the_registry_does_not_know_is_not_found() -> None:
    rows = [
        on(0, "2023-01", meter=METER),
        on(1, "2023-02", meter="enterprises/mill/meters/other"),
        on(2, "2023-03", facility="enterprises/mill/facilities/hall"),
    ]

    assert outcomes(rows) == ["", "NOT_FOUND", "NOT_FOUND"]


@pytest.mark.parametrize("reason", ["FACTOR_NOT_APPLICABLE", "FACTOR_MISSING", "FACTOR_CONFLICT"])
def test_without_a_factor_there_is_no_figure(reason: str) -> None:
    answer = Unresolved(reason=reason, candidates=("2024",))
    found = builders.found(factors={Role.GRID_AVERAGE: answer})

    assert outcomes([on(0, "2023-01")], found=found) == [reason]


def test_an_accepted_row_carries_its_binding() -> None:
    (verdict,) = judge([on(0, "2023-01")], builders.method(), facts(), Books())

    assert isinstance(verdict, Accepted)
    assert str(verdict.binding.factors[0].quantity) == builders.GRID
    assert verdict.grain == Grain(source_id="intake", month=builders.period("2023-01"))


def test_of_several_reasons_the_contracts_first_is_the_rows() -> None:
    required = FieldRequired(field="a")
    misfit = UnitDimension(
        given="t",
        given_dimension=Words(en="mass", zh="质量"),
        wanted_dimension=Words(en="energy", zh="能量"),
        choices=("MWh",),
    )

    assert ranked([misfit, required]) == (required, misfit)
    worst = on(
        0,
        "2023-01-02 2023-01-03",
        quantity=builders.quantity("1 t"),
        meter="enterprises/mill/meters/none",
    )
    (verdict,) = judge([worst], builders.method(), facts(), books("r1 2023-01"))
    assert isinstance(verdict, Refused)
    reasons = [error.reason for error in verdict.errors]
    assert reasons == ["NOT_FOUND", "UNIT_DIMENSION", "PERIOD_OVERLAP"]
    assert sorted(reasons, key=PRECEDENCE.index) == reasons
