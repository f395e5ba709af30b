from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.kernel.errors import UnitUnknown
from tests import builders
from tests.fixtures.registry import ROOT, RunningRegistry, start
from zonecarbon.cli.__main__ import main

DATA = Path(__file__).parents[2] / "services" / "registry" / "data"
EMPTY = "0 new, 0 changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed, and how it ended."""

    code: object
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegistry]:
    running = start(tmp_path_factory.mktemp("registry"))
    yield running
    running.stop()


@pytest.fixture
def zonecarbon(
    registry: RunningRegistry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs the command line against the registry, with the variables that are given."""

    def run(*arguments: str, **variables: str) -> Said:
        given = {"KEY": ROOT, "REGISTRY": registry.server.address, "LANG": "en"} | variables
        for name, value in given.items():
            monkeypatch.setenv(f"ZONECARBON_CLI_{name}", value)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Said(code=ended.value.code, out=printed.out, err=printed.err)

    return run


def test_a_quantity_is_converted_and_the_way_shown(zonecarbon: Command) -> None:
    said = zonecarbon("convert", "12.50", "万度", "MWh")

    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1] == "12.50 万度 = 125 MWh"
    assert len(said.out.splitlines()) > 1


def test_a_rounded_result_is_called_so(zonecarbon: Command) -> None:
    said = zonecarbon("convert", "1", "kWh", "kcal(IT)")

    assert said.out.splitlines()[-1].startswith("1 kWh = about 859.845")


def test_the_library_is_loaded_and_loading_it_again_changes_nothing(zonecarbon: Command) -> None:
    first, second = (zonecarbon("load-library", str(DATA)) for _ in range(2))

    assert (first.code, second.code) == (0, 0)
    assert [line.split()[0] for line in first.out.splitlines()] == ["1445", "31", "879"]
    assert all(line.startswith(EMPTY) for line in second.out.splitlines())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refusal_prints_the_services_words_and_ends_with_one(
    zonecarbon: Command, language: str
) -> None:
    said = zonecarbon("convert", "1", "kwh", "MWh", LANG=language)

    error = UnitUnknown(field="quantity.unit_code", given="kwh", choices=("kWh",))
    assert (said.code, said.out) == (1, "")
    assert said.err == error.text("zh" if language == "zh" else "en") + "\n"


def test_brackets_in_the_services_words_are_no_markup(zonecarbon: Command) -> None:
    said = zonecarbon("convert", "[red]1", "t", "kg")

    assert said.code == 1
    assert '"[red]1"' in said.err


def test_without_a_key_the_way_out_is_told(zonecarbon: Command) -> None:
    said = zonecarbon("convert", "1", "t", "kg", KEY="")

    assert said.code == 1
    assert "API key" in said.err


def test_without_a_server_it_says_that_nobody_answered(zonecarbon: Command) -> None:
    said = zonecarbon("convert", "1", "t", "kg", REGISTRY=_closed())

    assert said.code == 1
    assert said.err.startswith("no answer")
    assert "ZONECARBON_CLI_REGISTRY" in said.err
    assert "Traceback" not in said.err


def test_a_desk_may_not_load_the_library(zonecarbon: Command, registry: RunningRegistry) -> None:
    said = zonecarbon("load-library", str(DATA), KEY=registry.key("DESK", "zones/z"))

    assert said.code == 1
    assert "The role DESK may not call ImportFactors." in said.err


HEADER = (
    "enterprise,id,role,subject,value,unit,start_date,end_date,origin,evidence,basis,"
    "moisture_as_received_percent,moisture_air_dried_percent"
)
HEAT = "heat-2023,heat_default,heat,0.09,tCO2/GJ,2023-01-01,2024-01-01,supplier,letter 7,,,"
COAL = (
    "coal-2023-03,carbon_content,bituminous-coal,0.600,tC/t,2023-03-01,2023-04-01,measured,"
    "LAB-17,air_dried,10,4"
)


@pytest.fixture
def works(registry: RunningRegistry) -> str:
    return registry.enterprise()


@pytest.fixture
def proposals(tmp_path: Path, works: str) -> Path:
    """A file of two factors of the works."""
    own = works.removeprefix("enterprises/")
    file = tmp_path / "factors.csv"
    file.write_text("\n".join([HEADER, f"{own},{HEAT}", f"{own},{COAL}"]), encoding="utf-8")
    return file


def test_factors_are_proposed_from_a_file_and_decided_on_by_another(
    zonecarbon: Command, registry: RunningRegistry, works: str, proposals: Path
) -> None:
    lab = registry.key("ENTERPRISE", works)
    heat, coal = (f"{works}/customFactors/{id_}" for id_ in ("heat-2023", "coal-2023-03"))

    proposed = zonecarbon("custom-factor", "propose", str(proposals), KEY=lab)
    assert (proposed.code, proposed.err) == (0, "")
    assert proposed.out.splitlines() == [
        f'{heat} PROPOSED: 0.09 tCO2/GJ, etag "1"',
        f'{coal} PROPOSED: 0.5625 tC/t, etag "1"',
    ]
    assert zonecarbon("custom-factor", "propose", str(proposals), KEY=lab) == proposed

    listed = zonecarbon("custom-factor", "list", works, KEY=lab)
    assert listed.code == 0
    assert listed.out.index(coal) < listed.out.index(heat)
    assert '"evidence": "LAB-17"' in listed.out

    own = zonecarbon("custom-factor", "approve", heat, "--etag", "1", KEY=lab)
    assert own.code == 1
    assert "have another principal decide on it" in own.err
    active = zonecarbon("custom-factor", "approve", heat, "--etag", '"1"')
    assert active.out == f'{heat} ACTIVE: 0.09 tCO2/GJ, etag "2"\n'
    retired = zonecarbon("custom-factor", "retire", heat, "--etag", "2", "--reason", "new letter")
    assert retired.out == f'{heat} RETIRED: 0.09 tCO2/GJ, etag "3"\n'
    rejected = zonecarbon("custom-factor", "reject", coal, "--etag", "1", "--reason", "unsigned")
    assert rejected.out == f'{coal} REJECTED: 0.5625 tC/t, etag "2"\n'


def test_a_list_longer_than_a_page_is_shown_whole(
    zonecarbon: Command, registry: RunningRegistry, works: str
) -> None:
    stub = registry.administrator.custom_factors
    for number in range(101):
        stub.CreateCustomFactor(builders.custom_factor(works, f"own-{number:03d}"))

    listed = zonecarbon("custom-factor", "list", works)
    assert listed.out.count('"state": "CUSTOM_FACTOR_STATE_PROPOSED"') == 101


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        (("measured", "mesured"), "row 2"),
        (("2024-01-01", "2024/01/01"), "row 1"),
        ((",evidence", ""), "'evidence'"),
        (("carbon_content", "carbon"), "row 2"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_before_anything_is_proposed(
    zonecarbon: Command, works: str, proposals: Path, slip: tuple[str, str], told: str
) -> None:
    proposals.write_text(proposals.read_text("utf-8").replace(*slip), encoding="utf-8")

    said = zonecarbon("custom-factor", "propose", str(proposals))
    assert said.code == 2
    assert told in said.err
    assert "Traceback" not in said.err
    assert zonecarbon("custom-factor", "list", works).out == ""


def test_a_folder_that_is_not_there_is_told_before_anything_is_sent(zonecarbon: Command) -> None:
    said = zonecarbon("load-library", "nowhere", REGISTRY=_closed())

    assert said.code == 2
    assert "nowhere" in said.err
    assert "Traceback" not in said.err


def test_a_command_that_is_not_there_is_told_with_a_code_of_its_own(zonecarbon: Command) -> None:
    assert zonecarbon("nonsense").code == 2


def _closed() -> str:
    """An address where nobody listens."""
    return "127.0.0.1:1"
