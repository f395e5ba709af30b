"""The command `park`: a file that a person writes, and the statement that a person reads."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.runtime import contract
from tests.fixtures.house import ROOT, Running
from zonecarbon.cli import park
from zonecarbon.cli.__main__ import main
from zonecarbon.cli.declared import FileWrong

G1 = Path(__file__).parents[1] / "golden" / "g-1.toml"
Command = Callable[..., tuple[object, str, str]]


@pytest.fixture
def declared() -> dict[str, Any]:
    """What the park of example G1 declares."""
    return dict(tomllib.loads(G1.read_text("utf-8"))["request"])


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """The same as a file of its own."""
    text = G1.read_text("utf-8").partition("[request]")[2].partition("[expected]")[0]
    path = tmp_path / "park.toml"
    path.write_text(text.replace("request.", ""), "utf-8")
    return path


@pytest.fixture
def zonecarbon(
    shared_house: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs the command line against accounting; returns code, output and errors."""

    def run(*arguments: str, language: str = "en") -> tuple[object, str, str]:
        given = {"KEY": ROOT, "ACCOUNTING": shared_house.addresses.accounting, "LANG": language}
        for name, value in given.items():
            monkeypatch.setenv(f"ZONECARBON_CLI_{name}", value)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return run


def written(folder: Path, data: Any) -> str:
    path = folder / "park.json"
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return str(path)


def test_the_statement_is_printed_for_people(zonecarbon: Command, toml: Path) -> None:
    code, out, err = zonecarbon("park", str(toml))

    assert (code, err) == (0, "")
    for told in (
        "Energy: 331660 tce",
        "960000 MWh × 0.30 kgce/kWh = 288000 tce (equal value, 2025, declared for the example)",
        "≈ 0.6397373936923355243321473798468311 tCO2/tce ≤ 0.2 tCO2/tce? NOT MET",
        "emissions at the limit 66332 tCO2, to be reduced by 145843.303992 tCO2",
        "≈ 175187.151942 MWh more, of 150000 MWh that can be matched",
        "500000 MWh / 900000 MWh = ≈ 55.555556 % MET",
        "560000 MWh / 960000 MWh = ≈ 58.333333 % MET",
        "reuse of industrial water: - (≥ 80 %) MISSING",
        "in principle the park may not apply for acceptance",
        "prints no coefficient",
    ):
        assert told in out


def test_it_is_printed_in_chinese_too(zonecarbon: Command, toml: Path) -> None:
    code, out, _ = zonecarbon("park", str(toml), language="zh-CN")

    assert code == 0
    for told in ("年综合能源消费量：331660 tce", "等价值", "原则上不得申请验收", "未给出折标系数"):
        assert told in out
    assert "NOT MET" not in out


def test_json_says_the_same(
    zonecarbon: Command, toml: Path, tmp_path: Path, declared: dict[str, Any]
) -> None:
    assert zonecarbon("park", written(tmp_path, declared)) == zonecarbon("park", str(toml))


def test_findings_reasons_and_absent_parts_are_printed(
    zonecarbon: Command, tmp_path: Path, declared: dict[str, Any]
) -> None:
    declared["energies"][0]["coefficient"]["year"] = 2023
    declared["guiding_answers"] = [
        {"indicator_id": "waste-heat-use", "not_applicable_reason": "no [waste] heat"}
    ]
    del declared["electricity_flows"]
    declared["emissions"]["quantity"] = "1 tCO2"

    _, out, _ = zonecarbon("park", written(tmp_path, declared))
    assert "energies[0].coefficient.year: The equal value of electricity is of 2023" in out
    assert "no [waste] heat (≥ 50 %) NOT APPLICABLE WITH REASON" in out
    assert "Direct supply" not in out


def test_a_small_park_is_printed_without_a_limit(
    zonecarbon: Command, tmp_path: Path, declared: dict[str, Any]
) -> None:
    declared["energies"] = declared["energies"][1:]
    del declared["electricity_flows"]

    _, out, _ = zonecarbon("park", written(tmp_path, declared))
    assert "NO THRESHOLD" in out
    assert "emissions at the limit" not in out


def test_a_refusal_of_the_service_is_told_in_its_words(
    zonecarbon: Command, tmp_path: Path, declared: dict[str, Any]
) -> None:
    declared["energies"][0]["coefficient"]["base"] = "EQUIVALENT"

    code, out, err = zonecarbon("park", written(tmp_path, declared))
    assert (code, out) == (1, "")
    assert "must not be called 910号" in err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"years": 2025}, "years is not known; allowed: accounting_year, park, emissions"),
        ({"emissions": {"quantity": 5}}, "emissions.quantity is 5; write the number and its unit"),
        ({"emissions": {"quantity": "5"}}, "emissions.quantity is '5'; write the number"),
        ({"emissions": "5 tCO2"}, "emissions is '5 tCO2'; write a table of quantity, method_id"),
        ({"energies": {"kind": "FUEL"}}, "energies is {'kind': 'FUEL'}; write a list"),
        (
            {"energies": [{"kind": "WIND"}]},
            "energies[0].kind is 'WIND'; allowed: ELECTRICITY",
        ),
        ({"accounting_year": "soon"}, "accounting_year"),
    ],
)
def test_a_file_that_says_something_else_is_told_where(
    declared: dict[str, Any], change: dict[str, Any], told: str
) -> None:
    with pytest.raises(FileWrong) as refusal:
        park.declared(declared | change)

    assert told in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [("park.toml", b"a = "), ("park.json", b"{"), ("park.toml", "年 = 1".encode("gb18030"))],
)
def test_a_file_that_cannot_be_read_is_told_before_anything_is_sent(
    zonecarbon: Command, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    code, out, err = zonecarbon("park", str(path))
    assert (code, out) == (2, "")
    assert name in err
    assert "Traceback" not in err


def test_a_file_with_a_byte_order_mark_is_read(toml: Path, declared: dict[str, Any]) -> None:
    toml.write_bytes(b"\xef\xbb\xbf" + toml.read_bytes())

    assert park.request(toml) == park.declared(declared)


def test_the_request_keeps_the_contract(declared: dict[str, Any]) -> None:
    assert contract.violations(park.declared(declared)) == []
