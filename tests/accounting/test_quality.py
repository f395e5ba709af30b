"""What is missing or odd in the data: history, completeness, outliers, units, plan, shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting import files
from services.accounting.domain.activity import Kind, Record
from services.accounting.domain.quality import assessment, completeness, history, plan, shares
from services.accounting.domain.quality.assessment import Assessment, Scope
from services.accounting.domain.quality.finding import Finding, FindingKind
from services.accounting.domain.quality.outlier import OutlierRule
from services.accounting.domain.quality.plan import Determination, Entry, Plan
from services.kernel.errors import DuplicateRow, FieldInvalid, NameInvalid
from tests.accounting import builders

AFTERWARDS = date(2024, 2, 1)
MONTHS = [f"2023-{month:02d}" for month in range(1, 13)]


@cache
def rule() -> OutlierRule:
    return files.outlier_rule()


def record(
    what: str = "100 MWh", when: str = "2023-01", *, of: Any = None, **fields: Any
) -> Record:
    values: dict[str, Any] = {
        "name": f"enterprises/mill/activityRecords/{when}",
        "source": of or builders.source(),
        "quantity": builders.quantity(what),
        "period": builders.period(when),
        "facility": "",
        "meter": "",
        "evidence": "",
        "certificate": "",
        "corrects": "",
        "reporter": "principals/p",
        "revision": 1,
        "create_time": datetime(2024, 1, 1, tzinfo=UTC),
    }
    return Record(**values | fields)


def months(*amounts: str, year: int = 2023) -> list[Record]:
    """Return a record for each month from January on."""
    return [record(what, f"{year}-{at:02d}") for at, what in enumerate(amounts, start=1)]


def steady(**changed: str) -> list[Record]:
    """Return a year of about 10 MWh a day, but for the months that are said: `m03="1 MWh"`."""
    amounts = [f"{(300, 280, 310, 296, 305, 301)[at % 6]} MWh" for at in range(12)]
    for month, what in changed.items():
        amounts[int(month[1:]) - 1] = what
    return months(*amounts)


def entry(source_id: str = "intake", **fields: Any) -> Entry:
    values: dict[str, Any] = {
        "source_id": source_id,
        "determination": Determination.METERED,
        "meter": "",
        "facility": "",
        "frequency": "every 15 minutes",
        "uncertainty_percent": Decimal("0.5"),
        "responsible": "energy office",
        "note": "",
    }
    return Entry(**values | fields)


def planned(*entries: Entry) -> Plan:
    return Plan(enterprise="mill", entries=entries or (entry(),), note="")


def assessed(
    records: Iterable[Record], of: Plan | None = None, today: date = AFTERWARDS
) -> Assessment:
    scope = Scope(accounting_year=2023, today=today, rule=rule())
    return assessment.of(history.of(records), of or planned(), [], scope)


def kinds(found: Sequence[Finding]) -> list[tuple[FindingKind, list[str]]]:
    return [(each.kind, [f"{month.start:%Y-%m}" for month in each.months]) for each in found]


def test_a_year_that_is_whole_and_steady_has_no_finding() -> None:
    found = assessed(steady())

    assert found.findings == ()
    (source,) = found.sources
    assert (source.source_id, source.reported_day_count, source.due_day_count) == (
        "intake",
        365,
        365,
    )
    assert source.ratio == completeness.whole_ratio(found.sources) == 1.0


def test_missing_months_are_told_of_the_source_and_as_a_ratio() -> None:
    found = assessed([each for each in steady() if each.period.start.month not in {2, 5}])

    (finding,) = found.findings
    assert kinds([finding]) == [(FindingKind.SOURCE_MONTH_MISSING, ["2023-02", "2023-05"])]
    assert (finding.given, finding.expected, finding.unit) == (10, 12, "1")
    assert "2023-02, 2023-05" in finding.text.en
    assert "2023-02、2023-05" in finding.text.zh
    assert found.sources[0].ratio == (365 - 28 - 31) / 365


def test_missing_days_are_told_of_the_month() -> None:
    short = record("150 MWh", "2023-06-01 2023-06-16")
    found = assessed([short if each.period.start.month == 6 else each for each in steady()])

    (finding,) = found.findings
    assert kinds([finding]) == [(FindingKind.SOURCE_DAYS_MISSING, ["2023-06"])]
    assert (finding.given, finding.expected, finding.unit) == (15, 30, "d")


def test_a_source_that_reported_last_year_and_stopped_is_missing() -> None:
    last_year, today = months(*["300 MWh"] * 12, year=2022), date(2023, 3, 1)

    found = assessed(last_year, planned(entry("boiler-1")), today=today)

    assert kinds(found.findings)[0] == (
        FindingKind.SOURCE_MONTH_MISSING,
        ["2023-01", "2023-02"],
    )
    assert [(each.source_id, each.ratio) for each in found.sources] == [("intake", 0.0)]
    planned_and_silent = assessed(last_year, planned(entry("intake")), today=today)
    assert [each.kind for each in planned_and_silent.findings] == [FindingKind.PLAN_SOURCE_SILENT]


def test_a_month_that_has_not_ended_is_not_missing() -> None:
    found = assessed(months("300 MWh", "280 MWh"), today=date(2023, 3, 31))

    assert found.findings == ()
    assert found.sources[0].due_day_count == 31 + 28
    assert assessed([], today=date(2023, 1, 31)).sources == ()


def test_what_does_not_flow_all_year_round_has_no_missing_month() -> None:
    vent = builders.source(Kind.GAS_RELEASED, subject="sf6")
    found = assessed([record("2 kgSF6", "2023-03", of=vent)])

    assert (found.findings, found.sources) == ((), ())
    assert completeness.whole_ratio(found.sources) == 0.0


def test_a_month_that_is_odd_is_told_with_its_size_a_day_and_the_usual_one() -> None:
    found = assessed(steady(m04="600 MWh"))

    (finding,) = found.findings
    assert kinds([finding]) == [(FindingKind.OUTLIER, ["2023-04"])]
    assert (finding.given, finding.unit) == (20.0, "MWh")
    assert finding.expected == pytest.approx(10, rel=0.02)
    assert "11 other months" in finding.text.en


def test_a_month_is_held_against_others_by_the_day() -> None:
    february, june = "280 MWh", "150 MWh"
    half = replace(record(june), period=builders.period("2023-06-01 2023-06-16"))
    records = [half if each.period.start.month == 6 else each for each in steady(m02=february)]

    assert FindingKind.OUTLIER not in {each.kind for each in assessed(records).findings}


def test_equal_months_make_no_small_change_odd_but_a_large_one() -> None:
    equal = {
        f"m{month:02d}": f"{each.days * 10} MWh"
        for month, each in enumerate((builders.period(when) for when in MONTHS), start=1)
    }

    assert assessed(steady(**equal | {"m07": "350 MWh"})).findings == ()
    assert kinds(assessed(steady(**equal | {"m07": "400 MWh"})).findings) == [
        (FindingKind.OUTLIER, ["2023-07"])
    ]


def test_a_source_that_used_nothing_and_begins_to_is_odd() -> None:
    nothing = {f"m{month:02d}": "0 MWh" for month in range(1, 13)}

    assert assessed(steady(**nothing)).findings == ()
    assert kinds(assessed(steady(**nothing | {"m12": "1 MWh"})).findings) == [
        (FindingKind.OUTLIER, ["2023-12"])
    ]


def test_a_short_history_says_nothing_and_the_years_before_lengthen_it() -> None:
    short = months("300 MWh", "280 MWh", "600 MWh")
    before = months(*["300 MWh"] * 12, year=2022)
    today = date(2023, 4, 1)

    assert assessed(short, today=today).findings == ()
    assert kinds(assessed([*before, *short], today=today).findings) == [
        (FindingKind.OUTLIER, ["2023-03"])
    ]


def test_a_relabelled_unit_is_told_as_a_slip_and_once() -> None:
    """300 MWh become 300 kWh: the unit was changed and the figure was not."""
    found = assessed(steady(m09="296 kWh"))

    (finding,) = found.findings
    assert kinds([finding]) == [(FindingKind.UNIT_CHANGED, ["2023-09"])]
    assert finding.unit == "MWh"
    assert (finding.expected or 0) / (finding.given or 1) == pytest.approx(1000, rel=0.05)
    assert "1,000 times as little" in finding.text.en
    assert "分之一" in finding.text.zh


def test_a_unit_that_was_changed_with_its_figure_is_asked_about() -> None:
    found = assessed(steady(m09="296000 kWh"))

    (finding,) = found.findings
    assert finding.kind is FindingKind.UNIT_CHANGED
    assert finding.given == pytest.approx(finding.expected, rel=0.05)
    assert "times" not in finding.text.en


def test_a_slip_in_the_same_unit_is_an_outlier_that_looks_like_one() -> None:
    found = assessed(steady(m09="296000 MWh"))

    (finding,) = found.findings
    assert finding.kind is FindingKind.OUTLIER
    assert "1,000 times as much" in finding.text.en


def test_ten_thousands_are_a_slip_too() -> None:
    found = assessed(steady(m09="2960000 MWh"))

    assert "10,000 times as much" in found.findings[0].text.en


def test_a_unit_of_another_kind_cannot_be_held_against_the_others() -> None:
    coal = builders.source(Kind.FUEL_COMBUSTION)
    records = [record("10 t", when, of=coal) for when in MONTHS[:11]]

    found = assessed([*records, record("232 GJ(NCV)", "2023-12", of=coal)])

    (finding,) = found.findings
    assert finding.kind is FindingKind.UNIT_CHANGED
    assert (finding.given, finding.expected, finding.unit) == (None, None, "")


def test_the_amounts_of_a_month_in_two_units_are_one_month() -> None:
    records = steady()
    january = [
        record("150 MWh", "2023-01-01 2023-01-16"),
        record("160000 kWh", "2023-01-16 2023-02-01"),
    ]

    found = assessed([*january, *records[1:]])

    (finding,) = found.findings
    assert finding.kind is FindingKind.UNIT_CHANGED
    assert finding.given == pytest.approx(10)


def test_plan_and_reports_are_held_against_each_other() -> None:
    of = planned(entry("boiler-1"))

    found = assessed(steady(), of)

    assert [(each.kind, each.subject) for each in found.findings] == [
        (FindingKind.SOURCE_NOT_IN_PLAN, "intake"),
        (FindingKind.PLAN_SOURCE_SILENT, "boiler-1"),
    ]


def test_no_plan_is_one_finding() -> None:
    (finding,) = plan.findings(None, {"intake"})

    assert (finding.kind, finding.subject) == (FindingKind.PLAN_MISSING, "")


def test_a_plan_states_what_it_knows() -> None:
    of = planned(entry("a"), entry("b", uncertainty_percent=None))

    assert plan.checked(of).stated_percents == {"a": Decimal("0.5")}


@pytest.mark.parametrize(
    ("entries", "error", "field"),
    [
        ([entry("a"), entry("a")], DuplicateRow, "[1]"),
        ([entry(uncertainty_percent=Decimal("100.1"))], FieldInvalid, "[0].uncertainty_percent"),
        ([entry(uncertainty_percent=Decimal(-1))], FieldInvalid, "[0].uncertainty_percent"),
        ([entry(meter="main")], NameInvalid, "[0].meter"),
        ([entry(facility="hall")], NameInvalid, "[0].facility"),
    ],
)
def test_a_plan_says_each_thing_once_and_nothing_impossible(
    entries: list[Entry], error: type[FieldInvalid], field: str
) -> None:
    with pytest.raises(error) as caught:
        plan.checked(planned(*entries))

    assert field in caught.value.field


@pytest.mark.parametrize(
    ("parts", "stated", "kind"),
    [
        (["40.0", "16.4", "10.7"], "67.1", None),
        (["33.3", "33.3", "33.3"], "100.0", FindingKind.SHARES_ROUNDED),
        (["33.3", "33.3", "33.3"], "100.2", FindingKind.SHARES_DO_NOT_ADD_UP),
        # Half a unit of each last digit: 40 may be 39.5 to 40.5.
        (["40", "16.4", "10.7"], "66.8", FindingKind.SHARES_ROUNDED),
        (["4e1", "16.4", "10.7"], "71", FindingKind.SHARES_ROUNDED),
    ],
)
def test_parts_make_up_their_whole_or_the_difference_is_told(
    parts: list[str], stated: str, kind: FindingKind | None
) -> None:
    found = shares.checked([Decimal(each) for each in parts], Decimal(stated)).findings()

    assert [each.kind for each in found] == ([kind] if kind else [])


@given(st.lists(st.decimals(0, 100, places=4), min_size=1, max_size=20), st.integers(0, 3))
def test_rounding_alone_is_never_called_more(parts: list[Decimal], places: int) -> None:
    unit = Decimal(1).scaleb(-places)
    rounded, whole = [each.quantize(unit) for each in parts], sum(parts, Decimal(0)).quantize(unit)

    for finding in shares.checked(rounded, whole).findings():
        assert finding.kind is FindingKind.SHARES_ROUNDED
