"""Rows against what is stored and known, as a ledger: one row an operation, the outcome last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from services.accounting.domain.activity import EmissionSource, Kind
from services.accounting.domain.binding import Unresolved
from services.accounting.domain.line import Entry, Grain
from services.accounting.domain.need import Reporter
from services.accounting.domain.refusal import PRECEDENCE, ranked
from services.accounting.domain.report import Accepted, Books, Refused, Stored, Verdict, judge
from services.accounting.domain.role import Role
from services.accounting.domain.row import Row
from services.kernel.errors import FieldRequired, UnitDimension, Words
from tests.accounting import builders
from tests.accounting.library import COAL, CONFLICT, MISSING, Figures, Own

GRID = builders.GRID_PARTNER
METER = builders.METER
RECORDS = "enterprises/mill/activityRecords/"
BOILER = builders.source(Kind.FUEL_COMBUSTION, "boiler-1")
STORED = "r1 2023-01"


def books(*entries: str, of: EmissionSource | None = None, what: str = "1 MWh") -> Books:
    """Return books in which a source has entries such as "r1 2023-01-01 2023-01-11"."""
    stored, whose = Books(), of or builders.source()
    if entries:
        stored.sources[whose.source_id] = whose
    for each in entries:
        record, when = each.split(maxsplit=1)
        period = builders.period(when)
        grain = Grain(source_id=whose.source_id, month=period.one_month())
        name = RECORDS + record
        entry = Entry(name=name, period=period, quantity=builders.quantity(what))
        stored.current[grain].append(entry)
        stored.stored[name] = Stored(grain=grain, corrected_by="")
        if whose.kind.is_fuel:
            stored.fuels.setdefault((whose.subject, grain.month), []).append(entry)
    return stored


def judged(
    rows: Sequence[Row],
    stored: Books | None = None,
    figures: Figures | None = None,
    *,
    of: Reporter | None = None,
    own: Sequence[Own] = (),
) -> tuple[Verdict, ...]:
    held = stored or Books()
    verdicts, _ = judge(rows, builders.facts(rows, held, figures, of=of, own=own), held)
    return verdicts


def outcomes(rows: Sequence[Row], stored: Books | None = None, **kwargs: Any) -> list[str]:
    """Return the reason of each row, or "" where it is accepted."""
    return [
        verdict.errors[0].reason if isinstance(verdict, Refused) else ""
        for verdict in judged(rows, stored, **kwargs)
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

    others = [
        each.errors[0].metadata()["other"]
        for each in judged(rows, books(STORED))
        if isinstance(each, Refused)
    ]

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


def test_the_books_hold_what_counts_after_a_correction_and_the_stored_ones_are_left_alone() -> None:
    stored = books(STORED)
    rows = [on(0, "2023-01-05 2023-01-06", corrects=RECORDS + "r1")]

    (verdict,), entered = judge(rows, builders.facts(rows, stored), stored)

    assert isinstance(verdict, Accepted)
    (entries,) = entered.current.values()
    assert [(entry.name, str(entry.period)) for entry in entries] == [
        ("records[0]", "[2023-01-05, 2023-01-06)")
    ]
    assert [[entry.name for entry in each] for each in stored.current.values()] == [
        [RECORDS + "r1"]
    ]


def test_a_record_that_was_corrected_before_names_its_successor() -> None:
    stored = books(STORED)
    grain = Grain(source_id="intake", month=builders.period("2023-01"))
    stored.stored[RECORDS + "r0"] = Stored(grain=grain, corrected_by=RECORDS + "r1")

    (verdict,) = judged([on(0, "2023-01", corrects=RECORDS + "r0")], stored)

    assert isinstance(verdict, Refused)
    assert RECORDS + "r1 has replaced this one" in verdict.errors[0].text("en")


def test_a_record_of_another_source_is_not_corrected() -> None:
    rows = [on(0, "2023-01", source_id="other", corrects=RECORDS + "r1")]

    assert outcomes(rows, books(STORED)) == ["FIELD_INVALID"]


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"kind": Kind.ELECTRICITY_EXPORTED}, "records[0].kind"),
        ({"counterparty": "enterprises/mill/counterparties/plant"}, "records[0].counterparty"),
        (
            {"subject": "electricity-non-fossil", "evidence": "contract 4"},
            "records[0].subject",
        ),
    ],
)
def test_a_source_keeps_what_it_is(overrides: dict[str, Any], field: str) -> None:
    (verdict,) = judged([on(0, "2023-02", **overrides)], books(STORED))

    assert isinstance(verdict, Refused)
    told = [error for error in verdict.errors if error.metadata().get("field") == field]
    assert "as source intake has reported before" in told[0].text("en")


def test_a_source_of_steam_keeps_its_state() -> None:
    steam = {
        "kind": Kind.HEAT_PURCHASED,
        "source_id": "steam-in",
        "quantity": builders.quantity("10 t"),
    }
    rows = [
        on(0, "2023-01", steam="0.5 MPa 400 °C", **steam),
        on(1, "2023-02", steam="0.5 MPa 420 °C", **steam),
        on(2, "2023-03", steam="0.5 MPa 400 °C", **steam),
    ]

    assert outcomes(rows) == ["", "FIELD_INVALID", ""]


def test_a_source_keeps_what_an_earlier_row_of_the_report_made_it() -> None:
    sold = on(1, "2023-02", kind=Kind.ELECTRICITY_EXPORTED)

    assert outcomes([on(0, "2023-01"), sold]) == ["", "FIELD_INVALID"]


def test_what_is_not_there_is_refused_and_what_is_there_is_not() -> None:
    ledger = [
        ({"meter": METER}, ""),
        ({"meter": "enterprises/mill/meters/none"}, "NOT_FOUND"),
        ({"facility": "enterprises/mill/facilities/none"}, "NOT_FOUND"),
        ({"counterparty": "enterprises/mill/counterparties/none", "source_id": "b"}, "NOT_FOUND"),
    ]
    rows = [
        on(number, f"2023-{number + 1:02d}", **overrides)
        for number, (overrides, _) in enumerate(ledger)
    ]

    assert outcomes(rows) == [reason for _, reason in ledger]


@pytest.mark.parametrize("reason", ["FACTOR_NOT_APPLICABLE", "FACTOR_MISSING", "FACTOR_CONFLICT"])
def test_a_row_that_no_method_has_a_factor_for_is_refused(reason: str) -> None:
    answer = Unresolved(reason=reason, candidates=("2024",))
    figures: Figures = {
        (role, "electricity"): answer
        for role in (Role.GRID_AVERAGE, Role.GRID_RESIDUAL, Role.GRID_FOSSIL)
    }

    (verdict,) = judged([on(0, "2023-01")], None, figures)

    assert isinstance(verdict, Refused)
    assert [error.reason for error in verdict.errors] == [reason]


def test_a_conflict_of_the_first_method_is_told_and_no_other_method_is_asked() -> None:
    figures: Figures = {(Role.OXIDATION_RATE, COAL, "gbt32150"): CONFLICT}

    assert outcomes([builders.fuel_row()], figures=figures) == ["FACTOR_CONFLICT"]


def test_a_row_is_held_against_the_first_method_that_has_factors_for_it() -> None:
    # The home method lacks the oxidation rate, the GHG Protocol wants none.
    figures: Figures = {(Role.OXIDATION_RATE, COAL, "gbt32150"): MISSING}

    assert outcomes([builders.fuel_row()], figures=figures) == [""]


def test_an_unclear_own_figure_is_the_rows_fault_whatever_other_methods_say() -> None:
    half = Own(
        role=Role.CARBON_CONTENT,
        subject=COAL,
        text="0.58 tC/t",
        period=builders.period("2023-01-01 2023-01-16"),
    )

    (verdict,) = judged([builders.fuel_row()], own=[half])

    assert isinstance(verdict, Refused)
    assert verdict.errors[0].reason == "FACTOR_PERIOD_SPLIT"
    assert verdict.errors[0].metadata()["days"] == "2023-01-16"
    first, rest = "2023-01-01 2023-01-16", "2023-01-16 2023-02-01"
    parts = [
        builders.fuel_row(0, period=builders.period(first)),
        builders.fuel_row(1, period=builders.period(rest)),
    ]
    assert outcomes(parts, own=[half]) == ["", ""]


def test_what_no_method_counts_is_refused_and_not_forgotten() -> None:
    row = builders.fuel_row(kind=Kind.PRODUCT_OUTPUT, subject="bicycle")

    assert outcomes([row]) == ["FIELD_INVALID"]


def test_what_only_the_method_of_an_industry_counts_is_taken_from_that_industry_alone() -> None:
    row = builders.fuel_row(kind=Kind.FUEL_SOLD, period=builders.period("2024-01"))

    assert outcomes([row], of=builders.reporter(industry="3120")) == [""]
    assert outcomes([row]) == ["FIELD_INVALID"]


@pytest.mark.parametrize(
    ("kind", "subject"), [(Kind.FUEL_COMBUSTION, "wood"), (Kind.BIOMASS_COMBUSTION, COAL)]
)
def test_biomass_is_no_fossil_fuel_and_a_fossil_fuel_no_biomass(kind: Kind, subject: str) -> None:
    (verdict,) = judged([builders.fuel_row(kind=kind, subject=subject)])

    assert isinstance(verdict, Refused)
    assert verdict.errors[0].metadata()["field"] == "records[0].kind"


def test_a_certificate_is_claimed_once_by_whomever() -> None:
    claim = {
        "kind": Kind.GREEN_POWER_CLAIMED,
        "source_id": "claims",
        "subject": "green-certificate",
        "counterparty": "",
        "evidence": "register extract",
    }
    stored = books()
    stored.certificates = {"GEC-own": RECORDS + "r1", "GEC-foreign": ""}
    ledger = [
        # number       month        outcome
        ("GEC-own", "2023-01", "CERTIFICATE_RETIRED"),
        ("GEC-foreign", "2023-02", "CERTIFICATE_RETIRED"),
        ("GEC-new", "2023-03", ""),
        ("GEC-new", "2023-04", "CERTIFICATE_RETIRED"),
    ]
    rows = [
        on(number, when, certificate=certificate, **claim)
        for number, (certificate, when, _) in enumerate(ledger)
    ]

    assert outcomes(rows, stored) == [reason for *_, reason in ledger]


def test_a_correction_keeps_the_certificate_of_the_record_it_replaces() -> None:
    source = builders.source(Kind.GREEN_POWER_CLAIMED, "claims", subject="green-certificate")
    stored = books(STORED, of=source)
    stored.certificates = {"GEC-own": RECORDS + "r1"}
    row = on(
        0,
        "2023-01",
        kind=Kind.GREEN_POWER_CLAIMED,
        source_id="claims",
        subject="green-certificate",
        counterparty="",
        evidence="register extract",
        certificate="GEC-own",
        corrects=RECORDS + "r1",
    )

    assert outcomes([row], stored) == [""]


def test_a_fuel_of_a_month_is_reported_by_one_path() -> None:
    ledger = [
        # source      amount          month        outcome
        ("boiler-1", "10 t", "2023-01", ""),
        ("boiler-2", "200 GJ(NCV)", "2023-01", "FUEL_COUNTED_TWICE"),
        ("boiler-3", "0 GJ(NCV)", "2023-01", ""),
        ("boiler-4", "5000 kg", "2023-01", ""),
        ("boiler-5", "200 GJ(NCV)", "2023-02", ""),
        ("boiler-6", "10 t", "2023-02", "FUEL_COUNTED_TWICE"),
    ]
    rows = [
        builders.fuel_row(number, what, source_id=source, period=builders.period(when))
        for number, (source, what, when, _) in enumerate(ledger)
    ]

    assert outcomes(rows) == [reason for *_, reason in ledger]


def test_a_correction_may_change_the_path_of_the_record_it_replaces() -> None:
    stored = books(STORED, of=BOILER, what="10 t")
    by_heat = builders.fuel_row(0, "200 GJ(NCV)", corrects=RECORDS + "r1")
    beside = builders.fuel_row(1, "200 GJ(NCV)", source_id="boiler-2")

    assert outcomes([by_heat], stored) == [""]
    assert outcomes([beside], stored) == ["FUEL_COUNTED_TWICE"]
    assert outcomes([beside, by_heat], stored) == ["", ""]


def test_a_record_whose_correction_is_refused_counts_on() -> None:
    stored = books(STORED, of=BOILER, what="10 t")
    beside = builders.fuel_row(0, "200 GJ(NCV)", source_id="boiler-2")
    refused = builders.fuel_row(
        1, "200 GJ(NCV)", corrects=RECORDS + "r1", period=builders.period("2023-02")
    )

    assert outcomes([beside, refused], stored) == ["FUEL_COUNTED_TWICE", "FIELD_INVALID"]


def test_an_accepted_row_is_an_entry_of_its_grain() -> None:
    (verdict,) = judged([on(0, "2023-01")])

    assert isinstance(verdict, Accepted)
    assert verdict.grain == Grain(source_id="intake", month=builders.period("2023-01"))
    assert (verdict.entry.name, str(verdict.entry.quantity)) == ("records[0]", "100 MWh")


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
    (verdict,) = judged([worst], books(STORED))
    assert isinstance(verdict, Refused)
    reasons = [error.reason for error in verdict.errors]
    assert reasons == ["NOT_FOUND", "UNIT_DIMENSION", "PERIOD_OVERLAP"]
    assert sorted(reasons, key=PRECEDENCE.index) == reasons
