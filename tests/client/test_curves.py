"""Curves as a caller sends them: cut, streamed, and from a file by the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.accounting import world as worlds
from tests.accounting.curves import created, days_of
from tests.accounting.world import World
from tests.fixtures.house import ROOT, Running
from zonecarbon import curves
from zonecarbon.accounting.v1 import curve_pb2
from zonecarbon.cli import library
from zonecarbon.cli.__main__ import main
from zonecarbon.cli.curves import FileWrong, read

SCALE = curves.Scale(unit_code="kWh", decimal_count=2, step=curve_pb2.CURVE_STEP_HOUR)
Command = Callable[..., tuple[object, str]]


@pytest.fixture(scope="module")
def world(shared_house: Running) -> World:
    for each in library.requests(worlds.DATA):
        shared_house.administrator.factors.ImportFactors(each)
    return worlds.in_zone(shared_house)


@pytest.fixture
def zonecarbon(
    shared_house: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs `zonecarbon curves`; gives how it ended and all that it printed."""

    def run(*arguments: str) -> tuple[object, str]:
        monkeypatch.setenv("ZONECARBON_CLI_KEY", ROOT)
        monkeypatch.setenv("ZONECARBON_CLI_ACCOUNTING", shared_house.addresses.accounting)
        monkeypatch.setenv("ZONECARBON_CLI_LANG", "en")
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["zonecarbon", "curves", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out + printed.err

    return run


def days(counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]], **fields: object) -> curves.Days:
    names = [f"enterprises/mill/curves/c{number}" for number in range(len(counts))]
    values = {"parent": "enterprises/mill", "curves": names, "first": date(2023, 12, 31)}
    return curves.Days(**values, counts=counts, scale=SCALE, **fields)  # type: ignore[arg-type]


def test_days_are_cut_into_messages_that_together_say_the_same() -> None:
    counts = np.arange(2 * 5 * 24).reshape(2, 5, 24)

    cut = list(curves.messages(days(counts), points=2 * 24 * 2))

    assert [each.day_count for each in cut] == [2, 2, 1]
    assert [each.first_date.day for each in cut] == [31, 2, 4]
    assert len({each.request_id for each in cut}) == 3
    parts = [np.frombuffer(each.values, "<i4").reshape(2, each.day_count, 24) for each in cut]
    assert (np.concatenate(parts, axis=1) == counts).all()


def test_readings_are_cut_so_that_each_message_opens_with_the_last_before() -> None:
    counts = np.arange(3 * 24 + 1)[np.newaxis]

    cut = list(
        curves.messages(days(counts, reading=curve_pb2.CURVE_READING_REGISTER), points=2 * 24)
    )

    read = [np.frombuffer(each.values, "<i4") for each in cut]
    assert [(part[0], part[-1]) for part in read] == [(0, 48), (48, 72)]


def test_a_count_that_does_not_fit_is_never_cut_off() -> None:
    with pytest.raises(OverflowError, match="fewer decimals"):
        next(curves.messages(days(np.full((1, 1, 24), 2**31))))


def test_a_file_is_sent_once_however_often(
    world: World, zonecarbon: Command, tmp_path: Path
) -> None:
    main_curve = created(world, world.enterprise())
    file = tmp_path / "points.csv"
    hours = [f"2023-03-01T{hour:02d}:00,{hour}.25" for hour in range(24)]
    file.write_text("\n".join(["time,value", *hours, "2023-03-01T16:00Z,1.5", ""]), "utf-8")

    assert zonecarbon("send", str(file), "--curve", main_curve) == (
        0,
        "2 days new, 0 superseding, 0 sent before, 0 refused\n",
    )
    assert (
        "0 days new, 0 superseding, 2 sent before"
        in zonecarbon("send", str(file), "--curve", main_curve)[1]
    )
    whole, partly = days_of(world, main_curve)
    assert (whole.total.value.value, whole.missing_count) == ("282.00", 0)
    assert (partly.total.value.value, partly.missing_count) == ("1.50", 23)


def test_days_without_a_line_keep_what_was_sent_of_them(
    world: World, zonecarbon: Command, tmp_path: Path
) -> None:
    main_curve = created(world, world.enterprise())
    file = tmp_path / "points.csv"
    for lines in (["2023-03-02T00:00,5"], ["2023-03-01T00:00,1", "2023-03-03T00:00,3"]):
        file.write_text("\n".join(["time,value", *lines]), "utf-8")
        zonecarbon("send", str(file), "--curve", main_curve)

    totals = [each.total.value.value for each in days_of(world, main_curve)]
    assert totals == ["1.00", "5.00", "3.00"]


def test_readings_come_from_a_file_as_the_register_shows_them(
    world: World, zonecarbon: Command, tmp_path: Path
) -> None:
    register = curve_pb2.Register(
        digit_count=6, multiplier_number=40, largest_interval_count=10_000
    )
    counter = created(world, world.enterprise(), register=register)
    file = tmp_path / "readings.csv"
    hours = [f"2023-03-{1 + hour // 24:02d}T{hour % 24:02d}:00,{hour}.5" for hour in range(25)]
    file.write_text("\n".join(["time,value", *hours]), "utf-8")

    zonecarbon("send", str(file), "--curve", counter)

    (day,) = days_of(world, counter)
    assert (day.total.value.value, day.missing_count) == ("960.00", 0)


def test_days_that_are_refused_are_told_with_the_reason(
    world: World, zonecarbon: Command, tmp_path: Path
) -> None:
    main_curve = created(world, world.enterprise())
    file = tmp_path / "points.csv"
    file.write_text("time,value\n2023-03-01T00:00,-1\n", "utf-8")

    code, said = zonecarbon("send", str(file), "--curve", main_curve)

    assert code == 1
    assert "2023-03-01, 1 days: values" in said


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["zeit,wert"], "line 1: write the columns time, value"),
        (["time,value", "noon,1"], 'line 2: "noon" is no time'),
        (["time,value", "2023-03-01T00:20,1"], "begins no interval of 1:00:00"),
        (["time,value", "2023-03-01T00:00,one"], 'line 2: "one" is no number'),
        (["time,value", "2023-03-01T00:00,1.234"], "more than the 2 decimals"),
        (["time,value", "2023-03-01T00:00,NaN"], "is no number"),
        (["time,value", *["2023-03-01T00:00,1"] * 2], "line 3"),
        (["time,value"], "has no point"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_line(
    tmp_path: Path, lines: list[str], told: str
) -> None:
    file = tmp_path / "points.csv"
    file.write_text("\n".join(lines), "utf-8")
    hourly = curve_pb2.Curve(
        name="enterprises/mill/curves/main",
        unit_code="kWh",
        decimal_count=2,
        step=curve_pb2.CURVE_STEP_HOUR,
    )

    with pytest.raises(FileWrong) as wrong:
        read(file, hourly)
    assert told in str(wrong.value)


def test_the_command_creates_a_curve_and_prints_it(world: World, zonecarbon: Command) -> None:
    mill = world.enterprise()
    electricity = (
        *("--kind", "electricity_purchased", "--source", "intake", "--unit", "kWh"),
        *("--decimals", "2", "--step", "HOUR", "--counterparty", f"{mill}/counterparties/grid"),
    )

    code, printed = zonecarbon("create", f"{mill}/curves/main", *electricity)

    assert code == 0, printed
    created = json.loads(printed)
    assert created["name"] == f"{mill}/curves/main"
    assert (created["source_id"], created["subject"]) == ("intake", "electricity")
    assert "register" not in created
    code, printed = zonecarbon("create", f"{mill}/curves/main", *electricity)
    assert code == 1
    assert "exists" in printed


def test_the_command_creates_the_curve_of_a_register(world: World, zonecarbon: Command) -> None:
    mill = world.enterprise()

    code, printed = zonecarbon(
        *("create", f"{mill}/curves/main", "--kind", "ELECTRICITY_PURCHASED", "--source", "intake"),
        *("--unit", "kWh", "--decimals", "2", "--step", "FIFTEEN_MINUTES"),
        *("--counterparty", f"{mill}/counterparties/grid", "--register", "6", "80", "4000"),
    )

    assert code == 0, printed
    register = json.loads(printed)["register"]
    assert (register["digit_count"], f"{register['multiplier_number']}") == (6, "80")


def test_a_kind_or_step_that_there_is_not_is_told_with_those_there_are(zonecarbon: Command) -> None:
    rest = ("--source", "intake", "--unit", "kWh", "--decimals", "2")

    code, printed = zonecarbon(
        "create", "enterprises/m/curves/c", *rest, "--kind", "POWER", "--step", "HOUR"
    )
    assert code == 2
    assert "POWER is none of FUEL_COMBUSTION, ELECTRICITY_PURCHASED" in _unwrapped(printed)
    code, printed = zonecarbon(
        *("create", "enterprises/m/curves/c", *rest),
        *("--kind", "ELECTRICITY_PURCHASED", "--step", "DAY"),
    )
    assert code == 2
    assert "DAY is none of FIVE_MINUTES, FIFTEEN_MINUTES, HOUR" in _unwrapped(printed)


def _unwrapped(printed: str) -> str:
    """Return what stands in a box of the terminal as one line."""
    return " ".join(printed.replace("│", " ").split())
