"""Reporting by file from a terminal: what a user sees, right and wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from tests.accounting import sheets
from tests.accounting import world as worlds
from tests.accounting.sheets import COAL
from tests.accounting.world import World
from tests.fixtures.house import ROOT, Running
from zonecarbon.accounting.v1 import report_file_service_pb2 as pb
from zonecarbon.cli import library
from zonecarbon.cli.__main__ import main
from zonecarbon.client import Addresses, Client
from zonecarbon.report_files import File, send

WRONG = {**COAL, "source_id": "boiler-2", "unit_code": "ton"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed, in one line each, and how it ended."""

    code: object
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture(scope="module")
def running(shared_house: Running) -> Running:
    for each in library.requests(worlds.DATA):
        shared_house.administrator.factors.ImportFactors(each)
    return shared_house


@pytest.fixture
def world(running: Running) -> World:
    return worlds.in_zone(running)


@pytest.fixture
def mill(world: World) -> str:
    return world.enterprise()


@pytest.fixture
def zonecarbon(
    running: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    def run(*arguments: object, language: str = "en") -> Said:
        given = {
            "KEY": ROOT,
            "REGISTRY": running.addresses.registry,
            "ACCOUNTING": running.addresses.accounting,
            "LANG": language,
        }
        for name, value in given.items():
            monkeypatch.setenv(f"ZONECARBON_CLI_{name}", value)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Said(code=ended.value.code, out=printed.out, err=printed.err)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def put(content: bytes, name: str = "一月.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put


def test_a_file_is_tried_reported_listed_and_fetched(
    zonecarbon: Command, file: Callable[[bytes], Path], mill: str, tmp_path: Path
) -> None:
    path = file(sheets.csv(COAL))

    tried = zonecarbon("report", path, "--enterprise", mill, "--dry-run")
    done = zonecarbon("report", path, "--enterprise", mill)
    again = zonecarbon("report", path, "--enterprise", mill)
    listed = zonecarbon("files", "list", mill)
    name = listed.out.split()[0]
    fetched = zonecarbon("files", "get", name, "--out", tmp_path / "back.csv")

    assert [each.code for each in (tried, done, again, listed, fetched)] == [0] * 5
    assert "read as UTF-8-BOM: 1 rows, 1 good, 0 wrong" in tried.out
    assert "nothing was stored: a dry run" in tried.out
    assert f"stored as {name} at " in done.out
    assert again.out == done.out
    assert "一月.csv  1 of 1 rows" in listed.out
    assert (tmp_path / "back.csv").read_bytes() == path.read_bytes()


def test_wrong_cells_are_a_table_and_an_exit_code_of_their_own(
    zonecarbon: Command, file: Callable[[bytes], Path], mill: str, tmp_path: Path
) -> None:
    path, marked = file(sheets.csv(COAL, WRONG)), tmp_path / "marked.xlsx"

    said = zonecarbon("report", path, "--enterprise", mill, "--annotated", marked)
    told = zonecarbon("report", path, "--enterprise", mill, language="zh")
    good = zonecarbon("report", path, "--enterprise", mill, "--accept-good-rows")

    assert [each.code for each in (said, told, good)] == [3, 3, 3]
    assert "E4" in said.out
    assert "UNIT_AMBIGUOUS" in said.out
    assert "2 rows, 1 good, 1 wrong" in said.out
    assert "store the good rows with --accept-good-rows" in said.out
    assert marked.read_bytes().startswith(b"PK")
    assert "含义不唯一" in "".join(told.out.split("│")).replace(" ", "").replace("\n", "")
    assert "1 rows, 1 lines of the books" in good.out


def test_more_wrong_cells_than_are_listed_are_counted(
    zonecarbon: Command, file: Callable[[bytes], Path], mill: str
) -> None:
    rows = [{**WRONG, "source_id": f"b-{number}"} for number in range(1_002)]

    said = zonecarbon("report", file(sheets.csv(*rows)), "--enterprise", mill)

    assert "and 2 more cells" in said.out


def test_what_a_workbook_stores_is_said(
    zonecarbon: Command, file: Callable[..., Path], mill: str
) -> None:
    path = file(sheets.xlsx({**COAL, "value": 10.5}), "a.xlsx")

    said = zonecarbon("report", path, "--enterprise", mill)
    again = zonecarbon("report", path, "--enterprise", mill, language="zh")

    assert "as the workbook stores them, not as it shows them" in said.out
    assert "D3" in said.out
    assert "而非显示的值" in again.out
    assert "read as 填报 Report" in said.out


@pytest.mark.parametrize("name", ["form.xlsx", "form.CSV"])
def test_a_template_is_written_and_is_a_form_without_rows(
    zonecarbon: Command, mill: str, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name

    written = zonecarbon("template", "--enterprise", mill, "--out", path)
    empty = zonecarbon("report", path, "--enterprise", mill)

    assert written.code == 0
    assert "version 1 of the template" in written.out
    assert empty.code == 1
    assert empty.err.startswith('A3 is "": there is no row below the header')


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["template", "--enterprise", "enterprises/x", "--out", "a.pdf"], 2, "ends in none of"),
        (["template", "--enterprise", "x", "--out", "a.csv"], 1, "parent is"),
        (["report", "no-such-file", "--enterprise", "x"], 2, "does not exist"),
        (["report", os.devnull], 2, "--enterprise"),
        (["report", __file__, "--enterprise", "enterprises/none"], 1, "does not exist"),
        (["report", __file__, "--enterprise", "e", "--request-id", "x"], 1, "header.request_id"),
        (["files", "get", "enterprises/x/reportFiles/f1", "--out", "a"], 1, "does not exist"),
        (["files", "list", "x"], 1, "parent is"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_is_told(
    zonecarbon: Command, arguments: list[str], code: int, told: str
) -> None:
    said = zonecarbon(*arguments)

    assert said.code == code
    assert told in " ".join(said.err.split())


def test_a_service_that_stays_away_is_told_after_a_few_attempts() -> None:
    with (
        Client.connect(Addresses(accounting="127.0.0.1:1"), key="k") as to,
        pytest.raises(grpc.RpcError) as caught,
    ):
        send(to, File(name="a.csv", content=b"x"), parent="enterprises/x")

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def test_an_empty_file_is_refused(world: World, mill: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        send(world.desk, File(name="a.csv", content=b""), parent=mill)

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_progress_is_told_to_whoever_sends(world: World, mill: str) -> None:
    told: list[pb.UploadProgress] = []

    send(
        world.desk, File(name="a.csv", content=sheets.csv(COAL)), parent=mill, progress=told.append
    )

    assert told
