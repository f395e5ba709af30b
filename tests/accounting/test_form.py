"""The form: what a filled one says, and that it says the same in whatever it is written."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.activity import Kind
from services.accounting.domain.form import fault, filled, kinds
from services.accounting.domain.form.choices import Possessions, Subject, choices
from services.accounting.domain.form.form import FORM
from services.accounting.domain.form.sheet import CellKind
from services.accounting.domain.report import Refused
from services.accounting.domain.row import Row, checked
from services.accounting.files import methods
from services.accounting.files.report import annotated, csv_template, opened, xlsx_template
from services.accounting.files.report.text import DIVIDERS
from services.accounting.files.report.workbook import number
from services.accounting.wire import report, report_file
from services.kernel.encoding import Encoding
from services.kernel.errors import FileInvalid, LimitExceeded, TemplateOutdated, Words
from tests.accounting import sheets
from tests.accounting.sheets import COAL, KEYS, Values
from tests.accounting.world import DATA
from zonecarbon.accounting.v1 import activity_pb2

TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], include_characters="\n"),
    min_size=1,
    max_size=12,
).map(str.strip)
DAYS = st.dates(date(2020, 1, 1), date(2025, 12, 31))


@st.composite
def filled_rows(draw: st.DrawFn) -> Values:
    """A row as somebody could fill it in; not always one that would be accepted."""
    first = draw(DAYS)
    return {
        "source_id": draw(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)),
        "kind": draw(st.sampled_from(Kind)),
        "subject": draw(st.sampled_from(["", "natural-gas", "bituminous-coal 烟煤"])),
        "value": draw(st.decimals(0, 10**9, places=3).map(str)),
        "unit_code": draw(st.sampled_from(["t", "10^4 Nm3", "万度", "GJ(NCV)"])),
        "first_day": str(first),
        "last_day": str(first + timedelta(days=draw(st.integers(0, 20)))),
        "facility": draw(st.sampled_from(["", "kiln-1 回转窑", "enterprises/mill/facilities/a"])),
        "evidence": draw(TEXT | st.just("")),
        "certificate": draw(TEXT | st.just("")),
    }


def rows_of(content: bytes) -> list[Row]:
    return report_file.to_rows(filled.read(opened(content).sheet), "mill")


def expected(rows: list[Values]) -> list[Row]:
    """The rows as a report over gRPC would have them, made without the form."""
    return [
        report.to_row(_message(row), f"rows[{index}]") for index, row in enumerate(rows, start=3)
    ]


def _message(row: Values) -> activity_pb2.ActivityRecord:
    facility = row["facility"].split(maxsplit=1)[0] if row["facility"] else ""
    record = activity_pb2.ActivityRecord(
        source_id=row["source_id"],
        kind=activity_pb2.ActivityKind.Value(f"ACTIVITY_KIND_{row['kind']}"),
        subject=row["subject"].partition(" ")[0],
        facility=f"enterprises/mill/facilities/{facility}" if facility[:4] == "kiln" else facility,
        evidence=row["evidence"],
        certificate=row["certificate"],
    )
    record.quantity.value.value, record.quantity.unit_code = row["value"], row["unit_code"]
    for message, day in (
        (record.period.start_date, date.fromisoformat(row["first_day"])),
        (record.period.end_date, date.fromisoformat(row["last_day"]) + timedelta(days=1)),
    ):
        message.year, message.month, message.day = day.year, day.month, day.day
    return record


@given(
    rows=st.lists(filled_rows(), min_size=1, max_size=5),
    keys=st.permutations(KEYS),
    encoding=st.sampled_from(Encoding),
    divider=st.sampled_from(DIVIDERS),
)
def test_a_file_says_the_same_as_a_report_in_every_encoding_divider_and_order(
    rows: list[Values], keys: list[str], encoding: Encoding, divider: str
) -> None:
    text = sheets.csv(*rows, keys=keys, encoding=encoding, divider=divider)
    workbook = sheets.xlsx(*rows, keys=keys)

    assert opened(text).encoding is encoding
    assert rows_of(text) == rows_of(workbook) == expected(rows)


@given(rows=st.lists(filled_rows(), min_size=1, max_size=5))
def test_the_annotated_workbook_says_what_the_file_says(rows: list[Values]) -> None:
    form = filled.read(opened(sheets.csv(*rows)).sheet)

    assert rows_of(annotated(form, [])) == expected(rows)


@given(value=st.decimals(0, 10**9, places=4).map(Decimal.normalize))
def test_a_number_of_a_workbook_is_read_as_the_shortest_decimal_that_is_it(value: Decimal) -> None:
    row = dict(COAL) | {"value": float(value)}
    (read,) = rows_of(sheets.xlsx(row))

    assert read.quantity is not None
    assert read.quantity.value == value
    assert "e" not in read.quantity.text.lower()


@given(value=st.floats(0, allow_nan=False, allow_infinity=False))
def test_the_decimal_of_a_number_is_that_number(value: float) -> None:
    assert float(number(value)) == value


@pytest.mark.parametrize("language", ["key", "zh", "en"])
def test_a_header_may_be_in_either_language(language: str) -> None:
    headers = [
        each.key if language == "key" else getattr(each.name, language) for each in FORM.columns
    ]
    assert rows_of(sheets.csv(COAL, headers=headers)) == rows_of(sheets.csv(COAL))


def test_a_column_that_is_not_required_may_be_left_out() -> None:
    required = [each.key for each in FORM.columns if each.is_required]

    (read,) = rows_of(sheets.csv({**COAL, "kind": "购入电力"}, keys=required))

    assert (read.kind, read.subject, read.errors) == (Kind.ELECTRICITY_PURCHASED, "", ())


@pytest.mark.parametrize("text", ["2023-01-31", "2023/1/31", "2023年1月31日", "2023-1-31"])
def test_a_day_may_be_written_as_spreadsheets_and_people_do(text: str) -> None:
    (read,) = rows_of(sheets.csv({**COAL, "last_day": text}))

    assert str(read.period) == "[2023-01-01, 2023-02-01)"


def test_a_date_of_a_workbook_is_a_day() -> None:
    row = {**COAL, "first_day": date(2023, 1, 1), "last_day": date(2023, 1, 31)}

    assert rows_of(sheets.xlsx(row)) == rows_of(sheets.csv(COAL))


def test_a_kind_may_be_written_by_its_code_or_its_name_in_either_language() -> None:
    for kind, name in kinds.NAMES.items():
        for text in (kind.value, name.zh, name.en, kinds.choice(kind), kind.value.lower()):
            assert kinds.named(text) is kind
    assert set(kinds.NAMES) == set(Kind)
    assert kinds.named("燃烧") is None


def test_empty_rows_are_left_out_and_the_others_keep_their_numbers() -> None:
    found = filled.read(opened(sheets.csv({}, COAL, {}, COAL)).sheet)

    assert [each.number for each in found.rows] == [4, 6]


TODAY = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("content", "field", "told"),
    [
        (sheets.csv(COAL, mark="x"), "A1", "mark of the template"),
        (b"a,b\r\n", "A1", "mark of the template"),
        (sheets.csv(), "A3", "no row below the header"),
        (
            sheets.csv(COAL, headers=[*sheets.titles()[:-1], "Colour"]),
            "P2",
            "the template has no such column",
        ),
        (
            sheets.csv(COAL, keys=["source_id", "kind", "value", "first_day", "last_day"]),
            "2:2",
            "required columns are missing: 计量单位 Unit",
        ),
        (sheets.csv(COAL, keys=[*KEYS, "value"]), "Q2", "the column stands in D2 already"),
        (sheets.csv(COAL) + b"x" + b"," * 16 + b"y\r\n", "Q4", "nothing heads its column"),
    ],
    ids=["mark", "none", "empty", "unknown", "missing", "twice", "beyond"],
)
def test_a_file_that_is_not_the_form_is_refused_at_the_cell(
    content: bytes, field: str, told: str
) -> None:
    with pytest.raises(FileInvalid) as refused:
        filled.read(opened(content).sheet)

    assert refused.value.field == field
    assert told in str(refused.value)


def test_a_file_of_another_version_is_told_which_columns_changed() -> None:
    headers = ["Cert no" if key == "certificate" else key for key in KEYS]

    with pytest.raises(TemplateOutdated) as refused:
        filled.read(opened(sheets.csv(COAL, headers=headers, mark="zonecarbon-report/0")).sheet)

    error = refused.value
    assert (error.field, error.given, error.current) == ("A1", "0", FORM.version)
    assert error.added == (FORM.column("certificate").title,)
    assert error.removed == ("Cert no",)
    assert "Cert no" in error.text("zh")


def test_a_file_with_too_many_rows_is_refused() -> None:
    with pytest.raises(LimitExceeded) as refused:
        filled.read(opened(sheets.csv(*[COAL] * (filled.MOST_ROWS + 1))).sheet)

    assert (refused.value.limit, refused.value.given) == ("report_file_rows", 5001)


@pytest.mark.parametrize(
    ("changed", "cell", "reason"),
    [
        ({"source_id": ""}, "A3", "FIELD_REQUIRED"),
        ({"source_id": 1.5}, "A3", "FIELD_INVALID"),
        ({"kind": "燃烧"}, "B3", "FIELD_INVALID"),
        ({"subject": date(2023, 1, 1)}, "C3", "FIELD_INVALID"),
        ({"value": "1,234.5"}, "D3", "QUANTITY_INVALID"),
        ({"value": ("=1/0", "#DIV/0!")}, "D3", "FIELD_INVALID"),
        ({"value": True}, "D3", "FIELD_INVALID"),
        ({"value": date(2023, 1, 1)}, "D3", "FIELD_INVALID"),
        ({"value": "-1"}, "D3", "QUANTITY_INVALID"),
        ({"unit_code": "ton"}, "E3", "UNIT_AMBIGUOUS"),
        ({"unit_code": "furlong"}, "E3", "UNIT_UNKNOWN"),
        ({"first_day": "01/02/2023"}, "F3", "FIELD_INVALID"),
        ({"first_day": 44927}, "F3", "FIELD_INVALID"),
        ({"last_day": "2022-12-31"}, "F3", "PERIOD_INVALID"),
        ({"last_day": "9999-12-31"}, "G3", "FIELD_INVALID"),
        ({"facility": "Kiln"}, "H3", "NAME_INVALID"),
        ({"counterparty": "grid"}, "J3", "FIELD_INVALID"),
        ({"evidence": "x" * 501}, "K3", "FIELD_INVALID"),
        ({"certificate": 12345678901234567}, "L3", "FIELD_INVALID"),
        ({"steam_temperature_c": "hot"}, "N3", "QUANTITY_INVALID"),
        ({"steam_temperature_c": "200"}, "M3", "FIELD_REQUIRED"),
        ({"value_chain_category": "four"}, "O3", "FIELD_INVALID"),
        ({"value_chain_category": 4}, "O3", "FIELD_INVALID"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_cell_is_told_at_the_cell(
    changed: dict[str, Any], cell: str, reason: str
) -> None:
    found = faults_of({**COAL, **changed})

    assert (cell, reason) in [(each.address, each.reason) for each in found]
    (one,) = [each for each in found if (each.address, each.reason) == (cell, reason)]
    assert one.text.en.startswith(f"{cell} (")
    assert one.text.zh.startswith(f"{cell}（")
    assert "rows[" not in one.text.en


def faults_of(*rows: Values) -> list[fault.Fault]:
    """The faults that can be seen without a service."""
    return told(filled.read(opened(sheets.xlsx(*rows)).sheet))


def told(form: filled.Filled) -> list[fault.Fault]:
    judged = checked(report_file.to_rows(form, "mill"), enterprise="mill", today=TODAY)
    return fault.faults(form, [Refused(row=each, errors=each.errors) for each in judged])


def test_a_cell_that_cannot_be_read_is_told_once() -> None:
    found = faults_of({**COAL, "kind": "燃烧", "value": "", "last_day": ""})

    assert [(each.address, each.reason) for each in found] == [
        ("B3", "FIELD_INVALID"),
        ("D3", "FIELD_REQUIRED"),
        ("G3", "FIELD_REQUIRED"),
    ]


def test_what_is_wrong_in_a_column_that_the_file_lacks_is_told_by_its_title() -> None:
    keys = [each.key for each in FORM.columns if each.is_required]
    form = filled.read(opened(sheets.csv({**COAL, "kind": "购入电力"}, keys=keys)).sheet)
    (found,) = told(form)

    assert (found.address, found.row_number, found.header) == ("", 3, "交易对方 Counterparty")
    assert found.text.en.startswith("row 3 (交易对方 Counterparty) is empty")


def test_another_row_of_the_file_is_called_by_its_number() -> None:
    (found,) = faults_of(COAL, {}, COAL)

    assert (found.address, found.row_number, found.reason) == ("", 5, "DUPLICATE_ROW")
    assert found.text == Words(
        en="row 5 repeats row 3. Each row may stand in a batch once: remove one of the two.",
        zh="第 5 行 与 第 3 行 重复。同一批次中每行只能出现一次，请删除其中一行。",
    )


def test_it_is_said_that_numbers_are_as_stored_and_formulas_by_their_results() -> None:
    row = {**COAL, "value": ("=1+1", 2), "evidence": ('="a"', "a")}
    form = filled.read(opened(sheets.xlsx(row, {**COAL, "value": 1.5})).sheet)

    numbers, formulas = fault.notes(form)

    assert numbers.addresses == ("D3", "D4")
    assert "as the workbook stores them" in numbers.text.en
    assert formulas.addresses == ("D3", "K3")
    assert fault.notes(filled.read(opened(sheets.csv(COAL)).sheet)) == []


def test_a_template_is_the_form_with_no_row() -> None:
    offered = choices(list(methods().values()), LIBRARY, OWN)

    for content in (csv_template(), xlsx_template(offered, "Mill")):
        sheet = opened(content).sheet
        with pytest.raises(FileInvalid, match="no row below the header"):
            filled.read(sheet)
        assert [FORM.headed(each.text) for each in sheet.row(2)] == list(FORM.columns)


LIBRARY = {
    "natural-gas": Subject(
        name=Words(en="natural gas", zh="天然气"), roles=frozenset({"NET_CALORIFIC_VALUE"})
    ),
    "sulphur": Subject(name=Words(en="sulphur", zh="硫"), roles=frozenset({"SULPHUR_SHARE"})),
}
OWN = Possessions(
    facilities={"kiln-1": "回转窑"}, meters={}, counterparties={"grid": "电网", "chp": "热电厂"}
)


def test_what_can_be_chosen_is_what_the_methods_count_and_what_the_enterprise_has() -> None:
    home = next(iter(methods().values()))

    offered = choices([home], LIBRARY, OWN)

    assert "FUEL_COMBUSTION 化石燃料燃烧" in offered["kind"]
    assert "GREEN_POWER_CLAIMED 绿色电力声明" not in offered["kind"]
    assert "natural-gas 天然气" in offered["subject"]
    assert "electricity-non-fossil 非化石能源电力" in offered["subject"]
    assert not any(each.startswith("sulphur ") for each in offered["subject"])
    assert offered["unit_code"][:2] == ["t", "kg"]
    assert "tCO2/MWh" not in offered["unit_code"]
    assert offered["facility"] == ["kiln-1 回转窑"]
    assert offered["meter"] == []
    assert offered["counterparty"] == ["chp 热电厂", "grid 电网"]


def test_every_choice_is_read_as_what_it_stands_for() -> None:
    offered = choices(list(methods().values()), LIBRARY, OWN)
    rows = [
        *({**COAL, "kind": each} for each in offered["kind"]),
        *({**COAL, "subject": each} for each in offered["subject"]),
        *({**COAL, "unit_code": each} for each in offered["unit_code"]),
        *({**COAL, "counterparty": each} for each in offered["counterparty"]),
    ]
    read = filled.read(opened(sheets.csv(*rows)).sheet)

    assert [each.errors for each in read.rows if each.errors] == []
    assert all(each.cells["kind"].kind is CellKind.TEXT for each in read.rows)


def test_every_subject_that_a_method_counts_has_a_chinese_name() -> None:
    naming = {"net_calorific_value", "carbon_content_per_heat", "oxidation_rate", "co2_factor"}
    names: dict[str, str] = {}
    roles: defaultdict[str, set[str]] = defaultdict(set)
    for file in sorted(DATA.glob("factors/*.csv")):
        with file.open(encoding="utf-8", newline="") as text:
            for each in csv.DictReader(text):
                roles[each["subject"]].add(each["role"].upper())
                if each["role"] in naming and each["name_zh"]:
                    names[each["subject"]] = each["name_zh"]
    library = {
        subject: Subject(name=Words(en=subject, zh=names.get(subject, "")), roles=frozenset(of))
        for subject, of in roles.items()
    }

    offered = choices(list(methods().values()), library, OWN)["subject"]

    assert len(offered) > 100
    assert [each for each in offered if not re.search("[\u4e00-\u9fff]", each)] == []
