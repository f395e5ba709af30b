"""Files as they come: what they are written in, and what is no report at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
import python_calamine
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.form import filled
from services.accounting.domain.form.fault import Fault
from services.accounting.domain.form.form import FORM
from services.accounting.domain.form.sheet import Cell, CellKind
from services.accounting.files.report import annotated, opened, package
from services.kernel.encoding import Encoding
from services.kernel.errors import FileInvalid, LimitExceeded, TemplateOutdated, Words
from tests.accounting import sheets
from tests.accounting.sheets import COAL, KEYS


def refused(content: bytes) -> FileInvalid:
    with pytest.raises(FileInvalid) as caught:
        opened(content)
    return caught.value


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old form"),
        (b"%PDF-1.7", "PDF"),
        (b"\xff\xfea\x00", "neither XLSX nor text"),
        (b"\x7fELF\x80\xff\xff", "neither XLSX nor text"),
        (b"PK\x03\x04 and no more", "cannot be read as a workbook"),
        (sheets.xlsx(COAL)[:-30], "cannot be read as a workbook"),
        (sheets.xlsx(COAL, mark="x"), "no sheet begins with the mark"),
        (sheets.xlsx(COAL, sheets=("a", "b")), "several sheets are reports"),
        (sheets.csv(COAL) + b'"never closed,1\r\n', "quotes of this row do not match"),
    ],
    ids=["xls", "pdf", "utf-16", "program", "zip", "cut", "mark", "two", "quotes"],
)
def test_what_is_no_report_is_refused_with_the_way_out(content: bytes, told: str) -> None:
    error = refused(content)

    assert told in error.text("en")
    assert "请" in error.text("zh")


def test_a_quote_that_is_never_closed_is_told_at_its_row() -> None:
    assert refused(sheets.csv(COAL, COAL) + b'"x\r\n').field == "A5"


def test_text_that_can_be_of_two_encodings_is_not_guessed() -> None:
    # The two bytes of this character in GB18030 are a letter in UTF-8.
    row = {**COAL, "kind": "FUEL_COMBUSTION", "subject": "lignite", "evidence": "模"}
    content = sheets.csv(row, headers=KEYS, encoding=Encoding.GB18030)

    assert content.decode("utf-8")
    assert "UTF-8 or GB18030" in refused(content).text("en")
    assert opened(sheets.csv(row, headers=KEYS)).encoding is Encoding.UTF_8_BOM
    with_header = sheets.csv(row, encoding=Encoding.GB18030)
    assert opened(with_header).encoding is Encoding.GB18030


def test_text_without_a_byte_order_mark_is_utf_8_where_every_byte_keeps_its_rules() -> None:
    assert opened(sheets.csv(COAL, encoding=Encoding.UTF_8)).encoding is Encoding.UTF_8
    plain = {**COAL, "kind": "FUEL_COMBUSTION", "subject": "lignite"}
    ascii_only = sheets.csv(plain, headers=KEYS, encoding=Encoding.UTF_8)
    assert opened(ascii_only).encoding is Encoding.UTF_8


def test_a_text_with_dividers_quotes_and_lines_in_it_stays_one_cell() -> None:
    text = 'a "b", c;\td\ne'
    for divider in ",;\t":
        (row,) = filled.read(
            opened(sheets.csv({**COAL, "evidence": text}, divider=divider)).sheet
        ).rows
        assert row.values["evidence"] == text


def test_cells_of_a_workbook_are_what_the_workbook_stores() -> None:
    row = {
        "source_id": 7,
        "kind": True,
        "subject": ("=1/0", "#DIV/0!"),
        "value": 0.1,
        "unit_code": ("=A1", ""),
        "evidence": " text ",
    }
    cells = opened(sheets.xlsx(row)).sheet.row(3)

    assert cells[:5] == [
        Cell(text="7", kind=CellKind.NUMBER),
        Cell(text="TRUE", kind=CellKind.OTHER),
        Cell(text="#DIV/0!", kind=CellKind.ERROR),
        Cell(text="0.1", kind=CellKind.NUMBER),
        Cell(text="", is_formula=True),
    ]
    assert cells[10] == Cell(text=" text ")


def edited(content: bytes, edit: Callable[[bytes], bytes], part: str = "sheet1.xml") -> bytes:
    """A workbook with one of its parts edited."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for each in old.infolist():
            data = old.read(each)
            if each.filename.endswith(part):
                data = edit(data)
            new.writestr(each, data)
    return buffer.getvalue()


def test_a_formula_that_has_no_result_yet_is_no_empty_cell() -> None:
    workbook = sheets.xlsx({**COAL, "value": ("=1+1", 2)})
    unread = edited(workbook, lambda part: part.replace(b"<f>1+1</f><v>2</v>", b"<f>1+1</f>"))

    assert opened(unread).sheet.row(3)[3] == Cell(text="=", kind=CellKind.ERROR)


def test_a_cell_far_off_is_refused_before_room_is_made_for_all_before_it() -> None:
    far = edited(
        sheets.xlsx(COAL),
        lambda part: part.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    )

    error = refused(far)

    assert error.field == "1048576:1048576"
    assert "spans more than 500000 cells" in error.text("en")


def test_a_text_that_spans_too_many_cells_is_refused_at_its_row() -> None:
    wide = sheets.csv(COAL) + (b"," * 50_000 + b"\r\n") * 9

    assert refused(wide).field == "10:10"


def test_a_workbook_may_have_a_chart_beside_its_sheets() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        chart = workbook.add_chart({"type": "line"})
        rows = workbook.add_worksheet("rows")
        rows.write_string(0, 0, FORM.mark)
        chart.add_series({"values": "=rows!$A$1"})
        workbook.add_chartsheet("chart").set_chart(chart)

    assert opened(buffer.getvalue()).sheet.name == "rows"


@given(st.data())
def test_a_workbook_whatever_became_of_its_bytes_is_read_or_refused(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(["sheet1.xml", "workbook.xml", "workbook.xml.rels", ""]))
    begin, old, new = (data.draw(st.integers(0, most)) for most in (3_000, 30, 255))

    def changed(content: bytes) -> bytes:
        at = begin % len(content)
        return content[:at] + bytes([new]) + content[at + old :]

    content = edited(WORKBOOK, changed, part) if part else changed(WORKBOOK)
    with suppress(FileInvalid, LimitExceeded, TemplateOutdated):
        assert filled.read(opened(content).sheet).rows


WORKBOOK = sheets.xlsx({**COAL, "value": 1.5}, {**COAL, "value": ("=1+1", 2)})


def test_a_workbook_that_is_too_large_when_unpacked_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(package, "MOST_UNPACKED_BYTES", 1_000)

    with pytest.raises(LimitExceeded) as caught:
        opened(sheets.xlsx(COAL))

    assert caught.value.limit == "report_file_unpacked_bytes"


FAULT = Fault(
    row_number=3,
    address="E3",
    header="计量单位 Unit",
    given="ton",
    reason="UNIT_AMBIGUOUS",
    text=Words(en="E3 is ton.", zh="E3 为 ton。"),
)
OF_ROW = Fault(
    row_number=4,
    address="",
    header="",
    given="",
    reason="DUPLICATE_ROW",
    text=Words(en="row 4 repeats row 3.", zh="第 4 行重复。"),
)


def test_the_annotated_workbook_marks_cells_and_lists_the_errors_in_both_languages() -> None:
    form = filled.read(
        opened(sheets.csv({**COAL, "unit_code": "ton", "evidence": "=1+1"}, COAL)).sheet
    )

    content = annotated(form, [FAULT, OF_ROW])

    with python_calamine.load_workbook(io.BytesIO(content)) as workbook:
        listed = workbook.get_sheet_by_name("错误 Errors").to_python()
    assert listed[1] == [
        "E3",
        3.0,
        "计量单位 Unit",
        "ton",
        "UNIT_AMBIGUOUS",
        "E3 为 ton。",
        "E3 is ton.",
    ]
    assert listed[2][4:] == ["DUPLICATE_ROW", "第 4 行重复。", "row 4 repeats row 3."]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        comments = parts.read("xl/comments1.xml").decode()
        cells = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'ref="E3"' in comments
    assert 'ref="A4"' in comments
    assert "E3 为 ton。\nE3 is ton." in comments
    # What a cell says is text, whatever it begins with.
    assert "<f>" not in cells
    assert opened(content).sheet.row(3)[10].text == "=1+1"


def test_rows_that_are_stored_are_left_out_of_the_annotated_workbook() -> None:
    form = filled.read(opened(sheets.csv(COAL, COAL, COAL)).sheet)

    left = filled.read(opened(annotated(form, [OF_ROW], [3, 5])).sheet)

    assert [each.number for each in left.rows] == [4]


def test_a_text_that_no_workbook_holds_is_cut_and_not_left_out() -> None:
    form = filled.read(opened(sheets.csv({**COAL, "evidence": "x" * 40_000})).sheet)

    (left,) = filled.read(opened(annotated(form, [FAULT])).sheet).rows

    assert left.values["evidence"] == "x" * 32_767
