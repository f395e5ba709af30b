"""What can be seen in a row alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.row import checked
from services.kernel.errors import DuplicateRow
from tests.accounting import builders

TODAY = date(2023, 6, 15)


def told(**overrides: Any) -> list[tuple[str, str]]:
    """Return field and reason of what is wrong with a row."""
    (row,) = checked([builders.row(3, **overrides)], enterprise="mill", today=TODAY)
    return [(error.metadata()["field"], error.reason) for error in row.errors]


def test_nothing_is_wrong_with_a_good_row() -> None:
    assert told() == []
    assert told(subject="electricity") == []
    assert told(subject="electricity-non-fossil", evidence="contract 4") == []
    assert told(subject="electricity-fossil") == []
    assert told(kind=Kind.HEAT_EXPORTED, steam="0.5 MPa 400 °C") == []


@pytest.mark.parametrize(
    ("overrides", "wrong"),
    [
        ({"source_id": "Intake 1"}, [("records[3].source_id", "FIELD_INVALID")]),
        ({"source_id": "a" * 41}, [("records[3].source_id", "FIELD_INVALID")]),
        ({"subject": "heat"}, [("records[3].subject", "FIELD_INVALID")]),
        ({"counterparty": ""}, [("records[3].counterparty", "FIELD_REQUIRED")]),
        (
            {"kind": Kind.FUEL_COMBUSTION, "counterparty": ""},
            [("records[3].subject", "FIELD_REQUIRED")],
        ),
        (
            {"kind": Kind.FUEL_COMBUSTION, "subject": "diesel"},
            [("records[3].counterparty", "FIELD_INVALID")],
        ),
        ({"counterparty": "grid"}, [("records[3].counterparty", "NAME_INVALID")]),
        ({"meter": "enterprises/mill/facilities/a"}, [("records[3].meter", "NAME_INVALID")]),
        (
            {"counterparty": "enterprises/other/counterparties/grid"},
            [("records[3].counterparty", "NOT_FOUND")],
        ),
        (
            {"corrects": "enterprises/other/activityRecords/r1-0"},
            [("records[3].corrects", "NOT_FOUND")],
        ),
        (
            {"value_chain_category": 4},
            [("records[3].value_chain_category_number", "FIELD_INVALID")],
        ),
        (
            {"kind": Kind.OTHER_INDIRECT, "subject": "freight", "counterparty": ""},
            [("records[3].value_chain_category_number", "FIELD_REQUIRED")],
        ),
        ({"certificate": "GEC-1"}, [("records[3].certificate", "FIELD_INVALID")]),
        ({"steam": "0.5 MPa 400 °C"}, [("records[3].steam", "FIELD_INVALID")]),
        ({"subject": "electricity-non-fossil"}, [("records[3].evidence", "FIELD_REQUIRED")]),
        (
            {"kind": Kind.HEAT_PURCHASED, "subject": "heat-non-fossil"},
            [("records[3].evidence", "FIELD_REQUIRED")],
        ),
        (
            {
                "kind": Kind.GREEN_POWER_CLAIMED,
                "subject": "green-certificate",
                "counterparty": "",
            },
            [
                ("records[3].certificate", "FIELD_REQUIRED"),
                ("records[3].evidence", "FIELD_REQUIRED"),
            ],
        ),
        (
            {
                "kind": Kind.GREEN_POWER_CLAIMED,
                "subject": "residual-mix",
                "counterparty": "",
                "certificate": "GEC-1",
                "evidence": "register extract",
            },
            [("records[3].subject", "FIELD_INVALID")],
        ),
        (
            {"quantity": builders.quantity("-1 MWh")},
            [("records[3].quantity.value", "QUANTITY_INVALID")],
        ),
        (
            {"period": builders.period("2023-01-15 2023-02-15")},
            [("records[3].period", "PERIOD_INVALID")],
        ),
        (
            {"period": builders.period("2023-06-15 2023-06-17")},
            [("records[3].period", "PERIOD_INVALID")],
        ),
    ],
)
def test_what_is_wrong_is_told_by_row_and_field(
    overrides: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    assert told(**overrides) == wrong


def test_today_may_be_reported_and_the_error_says_which_day_that_is() -> None:
    assert told(period=builders.period("2023-06-15 2023-06-16")) == []

    future = builders.row(period=builders.period("2023-07"))
    (row,) = checked([future], enterprise="mill", today=TODAY)

    assert "beyond today, 2023-06-15" in row.errors[0].text("en")
    assert "超过了今天（2023-06-15）" in row.errors[0].text("zh")


def test_a_row_that_says_the_same_as_an_earlier_one_names_it() -> None:
    rows = [builders.row(0), builders.row(1), builders.row(2, content=b"row 0")]

    *good, twin = checked(rows, enterprise="mill", today=TODAY)

    assert [row.errors for row in good] == [(), ()]
    assert twin.errors == (DuplicateRow(field="records[2]", first="records[0]"),)


def test_all_that_is_wrong_is_told_not_only_the_first() -> None:
    assert told(source_id="?", quantity=builders.quantity("-1 MWh"), counterparty="") == [
        ("records[3].source_id", "FIELD_INVALID"),
        ("records[3].counterparty", "FIELD_REQUIRED"),
        ("records[3].quantity.value", "QUANTITY_INVALID"),
    ]
