"""The commands of metering, against real services."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.fixtures.house import ROOT, Running
from zonecarbon.cli.__main__ import main

Command = Callable[..., tuple[object, list[str], str]]


@pytest.fixture
def zonecarbon(
    shared_house: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs the command line; gives its exit code, its lines and its complaints."""

    def run(*arguments: str, language: str = "en") -> tuple[object, list[str], str]:
        monkeypatch.setenv("ZONECARBON_CLI_KEY", ROOT)
        monkeypatch.setenv("ZONECARBON_CLI_ACCOUNTING", shared_house.addresses.accounting)
        monkeypatch.setenv("ZONECARBON_CLI_LANG", language)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out.splitlines(), printed.err

    return run


def test_the_heat_of_steam_is_shown_with_clause_and_findings(zonecarbon: Command) -> None:
    code, lines, complaint = zonecarbon(
        "heat", "steam", "50000", "t", "--pressure", "0.5", "--temperature", "400",
        "--rule", "GBT32151_34_2024",
    )  # fmt: skip

    looked_up, counted, finding, result = lines
    assert (code, complaint) == (0, "")
    assert "3217.8 kJ/kg" in looked_up
    assert "[GB/T 32151.34-2024, Table C.5]" in looked_up
    assert "equation (13)" in counted
    assert finding.startswith("! ")
    assert "3272.3" in finding
    assert result == "160890 GJ (secondary)"


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        ("steam 50000 t --enthalpy 2776.9 --rule CETS_POWER_2026", "134658 GJ (unverified)"),
        ("steam 1 t --pressure 1.0 --rule CETS_STEEL_2024", "2.69326 GJ (secondary)"),
        ("steam 1 t --pressure 1.0 --method gbt32150 --year 2025", "2.777 GJ (unverified)"),
        ("hot-water 200000 t --temperature 95 --rule CETS_POWER_2026", "62802 GJ (official)"),
        ("user-circuit 95000 GJ --rule CETS_POWER_2026", "100000 GJ (official)"),
    ],
)
def test_each_carrier_has_its_heat(zonecarbon: Command, arguments: str, result: str) -> None:
    code, lines, _ = zonecarbon("heat", *arguments.split())

    assert (code, lines[-1]) == (0, result)


def test_a_rounded_heat_is_called_about(zonecarbon: Command) -> None:
    _, lines, _ = zonecarbon("heat", "user-circuit", "100", "GJ", "--rule", "CETS_POWER_2026")

    assert lines[-1].startswith("about 105.263")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ("steam 1 t --pressure 0.5 --temperature 900 --rule CETS_POWER_2026", 1, "up to 600 °C"),
        ("steam 1 t --pressure 1.0", 1, "heat_rule is empty"),
        ("steam 1 t --temperature 200 --rule CETS_POWER_2026", 1, "steam.state.pressure_mpa"),
        ("hot-water 1 t --rule CETS_POWER_2026", 1, "hot_water.supply_temperature_c"),
        ("steam 1 t --rule CETS_POWER_2026", 1, "steam.heat_content"),
        ("steam 1 t --pressure 1.0 --rule MOONSHINE", 2, "MOONSHINE is none of"),
        ("steam 1 t --enthalpy 2800 --pressure 1.0 --rule CETS_POWER_2026", 2, "in place of"),
        ("hot-water 1 t --pressure 1.0 --rule CETS_POWER_2026", 2, "hot-water does not take it"),
        ("user-circuit 1 GJ --temperature 95 --rule CETS_POWER_2026", 2, "does not take it"),
        ("ice 1 t", 2, "ice"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_left_out(
    zonecarbon: Command, arguments: str, code: int, told: str
) -> None:
    ended, lines, complaint = zonecarbon("heat", *arguments.split())

    assert (ended, lines) == (code, [])
    assert told in " ".join(complaint.split())


def test_coal_equivalent_is_shown_with_its_base(zonecarbon: Command) -> None:
    code, lines, _ = zonecarbon(
        "coal-equivalent", "960000", "MWh", "0.30", "kgce/kWh",
        "--base", "EQUAL_VALUE", "--year", "2025", "--source", "a statistical yearbook",
        "--status", "secondary",
    )  # fmt: skip

    assert code == 0
    assert lines[-1] == "288000 tce, EQUAL_VALUE (secondary)"
    assert "[a statistical yearbook]" in lines[0]


def test_coal_equivalent_goes_back_to_its_carrier(zonecarbon: Command) -> None:
    code, lines, _ = zonecarbon(
        "coal-equivalent", "165", "kgce", "0.1229", "kgce/kWh", "--to", "kWh",
        "--base", "EQUIVALENT", "--year", "2020", "--source", "GB/T 2589-2020",
    )  # fmt: skip

    assert code == 0
    assert lines[-1].startswith("about 1342.554922")
    assert lines[-1].endswith("kWh, EQUIVALENT (unverified)")


@pytest.mark.parametrize(("language", "words"), [("en", "none is assumed"), ("zh", "不做任何假定")])
def test_without_a_base_the_way_out_is_told(zonecarbon: Command, language: str, words: str) -> None:
    code, lines, complaint = zonecarbon(
        "coal-equivalent", "1", "MWh", "0.30", "kgce/kWh", language=language
    )

    assert (code, lines) == (1, [])
    assert "coefficient.base" in complaint
    assert words in complaint


def test_a_base_that_is_none_is_told_before_anything_is_sent(zonecarbon: Command) -> None:
    code, _, complaint = zonecarbon(
        "coal-equivalent", "1", "MWh", "0.30", "kgce/kWh", "--base", "等价值"
    )

    assert code == 2
    assert "EQUIVALENT, EQUAL_VALUE" in " ".join(complaint.split())
