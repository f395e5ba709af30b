"""The demo as a newcomer runs it: a command, a page, a file, and services that go on serving."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tools.demo import page

ROOT = Path(__file__).parents[1]


def demo(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "tools.demo", *map(str, arguments)]


def check(data: Path, *more: str, **variables: str) -> tuple[str, dict[str, Any]]:
    """Run the demo on `data`; return its page and its results."""
    file = data.with_suffix(".json")
    done = subprocess.run(  # noqa: S603 (our own program)
        demo("--check", "--data", data, "--json", file, *more),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "140"} | variables,
    )
    assert done.returncode == 0, done.stdout + done.stderr + _log(data)
    return done.stdout, json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, Any]]:
    data = tmp_path_factory.mktemp("demo") / "data"
    # As a machine that forbids byte code; what is written all the same is seen here.
    variables = {
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPYCACHEPREFIX": str(data.with_name("byte code")),
    }
    return data, *check(data, **variables)


def test_the_results_hold_what_was_promised(first: tuple[Path, str, dict[str, Any]]) -> None:
    _, _, results = first

    assert results["meter"]["energy_kwh"] == "959636.71"
    assert results["meter"]["emissions_co2_t"].startswith("619.0")
    assert results["meter"]["factor"]["name"]
    assert results["meter"]["factor"]["source"]
    for key in ("net_co2e_g", "naive_co2e_g", "double_count_co2e_g", "residual_co2e_g"):
        assert isinstance(results["zones"]["2023"][key], int)
    assert {each["state"] for each in results["positions"]} == {"ESTIMATE", "INCOMPLETE"}
    assert all(each["status"] for each in results["positions"])


def test_the_zone_is_evaluated_under_two_systems(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    _, shown, results = first

    park, jiangsu = results["evaluations"]
    assert park["system"] == "indicatorSystems/park910/versions/1"
    assert jiangsu["system"] == "indicatorSystems/jiangsu-near-zero/versions/1"
    for made in (park, jiangsu):
        assert made["title_zh"] in shown
        assert made["needs"], "some indicators are incomplete and say what they need"
    water = [each for each in park["indicators"] if each["indicator_id"] == "water-reuse"]
    assert [(each["verdict"], each["limit"]) for each in water] == [("MET", "80 %")]
    assert "left out 不适用" in shown


def test_the_page_says_what_is_synthetic_replayed_estimated_and_unverified(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    _, shown, _ = first

    for word in ("synthetic", "replayed", "reported by the ETS guide, not verified", "unverified"):
        assert word in shown
    assert "959,636.71 kWh" in shown
    assert "process emissions" in shown


def test_an_official_rulebook_is_not_called_unverified_for_the_positions_sake(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    _, shown, results = first
    known = [each for each in results["positions"] if each["state"] == "ESTIMATE"]
    others = [each for each in results["positions"] if each["state"] == "INCOMPLETE"]

    assert [each["rulebook"] for each in known] == ["rulebooks/power-2023", "rulebooks/power-2024"]
    for each in known:
        assert each["rulebook_status"] == each["allocation_status"] == "official"
        assert each["status"] == each["obligation_status"] == "unverified"
        assert f"{each['rulebook']} official · allocation official" in shown
    assert shown.count("→ position unverified") == len(known)
    for each in others:
        keys = ("rulebook", "rulebook_status", "allocation_status")
        assert [each[key] for key in keys] == [None] * 3


def test_the_late_reporter_is_shown_as_late_with_what_it_changed(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    _, shown, results = first
    (late,) = results["late_reports"]

    assert (late["enterprise"], late["month"]) == ("enterprises/metal-products-1", "2024-12")
    assert late["row_count"] == 3
    assert (late["before"]["state"], late["after"]["state"]) == ("INCOMPLETE", "COMPLETE")
    assert late["before"]["completeness_ratio"] < late["after"]["completeness_ratio"] == 1
    (now,) = (
        each
        for each in results["enterprises"]
        if (each["enterprise"], each["accounting_year"]) == (late["enterprise"], 2024)
    )
    assert late["before"]["total_co2e_g"] < late["after"]["total_co2e_g"] == now["total_co2e_g"]
    assert late["causes"] == [
        {
            "kind": "RECORD_ADDED",
            "difference_co2e_g": late["after"]["total_co2e_g"] - late["before"]["total_co2e_g"],
        }
    ]
    assert "enterprises/metal-products-1 sent 2024-12 after everybody else: 3 rows" in shown


def test_green_power_is_shown_with_its_evidence_and_what_it_changes(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    _, shown, results = first
    green = results["green_power"]
    by = {(each["method"], each["scope2_basis"]): each for each in green["methods"]}

    assert green["enterprise"] == "enterprises/electronics-1"
    assert green["activity_record"].startswith("enterprises/electronics-1/activityRecords/")
    assert green["accounted"] is True
    assert "green-power contract GP-SAMPLE-01" in green["evidence"]
    assert len(green["certificates"]) == 12
    assert by["ghgp", "market-based"]["claimed_co2e_g"] > 0
    assert by["park910", "market-based"]["claimed_co2e_g"] > 0
    assert by["ghgp", "location-based"]["claimed_co2e_g"] == 0
    assert f"{green['enterprise']}: {green['evidence']}" in shown
    section = shown.partition("Green power")[2].partition("\n\n")[0]
    for each in green["methods"]:
        assert f"{each['indirect_co2e_g'] / 1e6:,.3f}" in section


def test_the_steel_works_stands_in_four_methods_with_all_a_total_needs(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    _, shown, results = first
    works = results["steel_works"]
    section = shown.partition("The steel works by four methods")[2].partition("Green power")[0]

    assert {each["method"] for each in works["methods"]} == {
        "gbt32150",
        "ets-steel",
        "ghgp",
        "park910",
    }
    assert {each["scope2_basis"] for each in works["methods"] if each["method"] == "ghgp"} == {
        "location-based",
        "market-based",
    }
    for each in works["methods"]:
        about = (
            f"{each['total_co2e_g'] / 1e6:,.3f}",
            each["method"],
            each["gwp_set"],
            str(each["resource_version"]),
            each["status"],
        )
        assert re.search(r" .*".join(map(re.escape, about)), section), about
    reported = next(each["reported"] for each in works["methods"] if each["reported"])
    assert f"{int(reported['total_t']):,}" in section
    assert f"{reported['difference_g'] / 1e6:+.3f} t: rounded in stages" in section
    (measured,) = works["custom_factors"]
    assert f"{measured['name']}@2" in section
    assert f"proposed by {measured['proposer']}, approved by {measured['decider']}" in section


def printed_statements(shown: str) -> Iterator[tuple[int, list[int], int]]:
    """The first total, the differences and the second total of each statement, in kilograms."""
    for block in shown.split(", why their tCO2e differ")[1:]:
        # Words that fold onto a line of their own stand further to the right.
        lines = re.findall(r"^ {2,14}([-+]?[\d,]+\.\d{3}) +(\S*)", block, re.MULTILINE)
        end = [mark for _, mark in lines].index("=")
        first, *rows, second = (int(re.sub(r"[,.]", "", text)) for text, _ in lines[: end + 1])
        yield first, rows, second


@pytest.mark.parametrize("width", [80, 140])
def test_the_statements_close_to_the_gram_and_as_they_are_printed(
    first: tuple[Path, str, dict[str, Any]], width: int
) -> None:
    _, _, results = first
    statements = results["steel_works"]["statements"]

    for each in statements:
        added = sum(row["difference_g"] for row in each["rows"])
        assert each["from"]["total_co2e_g"] + added == each["to"]["total_co2e_g"]
    printed = list(printed_statements(rendered(results, width)))
    assert len(printed) == len(statements) == 3
    for start, rows, end in printed:
        assert rows
        assert start + sum(rows) == end


@given(differences=st.lists(st.integers(-(10**9), 10**9).filter(bool), max_size=30))
@settings(max_examples=50)
def test_whatever_the_differences_are_the_printed_statement_adds_up(
    first: tuple[Path, str, dict[str, Any]], differences: list[int]
) -> None:
    _, _, results = first
    works = results["steel_works"]
    statement = works["statements"][0]
    row = statement["rows"][0]
    start = statement["from"]["total_co2e_g"]
    changed = statement | {
        "to": statement["to"] | {"total_co2e_g": start + sum(differences)},
        "rows": [row | {"difference_g": grams} for grams in differences],
    }
    shown = rendered(results | {"steel_works": works | {"statements": [changed]}}, 80)

    ((first_kg, rows, second_kg),) = printed_statements(shown)
    assert first_kg + sum(rows) == second_kg
    assert len(rows) <= 10
    assert ("smaller rows together" in shown) == (len(differences) > 9)


def test_the_zone_stands_by_the_method_of_parks_beside_its_own(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    _, shown, results = first
    zone, park = (results[key]["2024"] for key in ("zones", "zones_park910"))
    more_t = (park["net_co2e_g"] - zone["net_co2e_g"]) / 1e6

    assert f"{park['net_co2e_g'] / 1e6:,.0f} tCO2e net ({more_t:+,.0f}) by park910" in shown


def rendered(results: dict[str, Any], width: int) -> str:
    """The page on a terminal of that width."""
    file = io.StringIO()
    page.show(Console(file=file, width=width, highlight=False, markup=False), results)
    return file.getvalue()


def named(value: object) -> Iterator[str]:
    """Every resource name in the results, and every id of an enterprise."""
    if isinstance(value, dict):
        for each in value.values():
            yield from named(each)
    elif isinstance(value, list):
        for each in value:
            yield from named(each)
    elif isinstance(value, str):
        yield from re.findall(r"enterprises/([a-z0-9-]+)", value)
        yield from re.findall(r"rulebooks/[a-z0-9-]+", value)


@pytest.mark.parametrize("width", [80, 100, 139, 140])
def test_on_every_terminal_each_name_stands_whole(
    first: tuple[Path, str, dict[str, Any]], width: int
) -> None:
    _, _, results = first
    shown = rendered(results, width)
    words = set(re.split(r"[\s/:,]+", shown.replace("rulebooks/", "rulebooks\u2044")))

    assert all(cell_len(line) <= width for line in shown.splitlines())
    assert "…" not in shown
    for name in set(named(results)):
        assert name.replace("/", "\u2044") in words
    assert results["meter"]["factor"]["name"] in shown


def test_a_narrow_page_drops_the_second_language_of_a_name_and_keeps_the_first(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    _, _, results = first

    assert "钢铁厂（合成） Steel Works (synthetic)" in rendered(results, 140)
    assert "Steel Works" not in rendered(results, 80)
    assert re.search(r"^cement +水泥厂 +[\d,]+\*", rendered(results, 80), re.MULTILINE)
    assert "all synthetic, but steel-shop is replayed" in rendered(results, 80)


def printed_sums(shown: str) -> Iterator[tuple[list[int], int]]:
    """What stands above each printed sum of the zone and of the enterprises, and the sum."""
    for block in shown.split("Zone emissions")[1:]:
        lines = re.findall(
            r"^ *(-?[\d,]+)  (=? ?)\S", block.partition("transfers")[0], re.MULTILINE
        )
        above: list[int] = []
        for text, sign in lines:
            figure = int(text.replace(",", ""))
            if sign:
                yield above, figure
                above = [figure]
            else:
                above.append(figure)
    table = shown.partition("enterprises/ ")[2].partition("  * ")[0].splitlines()
    rows = [re.findall(r" (-?[\d,]+|–)(?=[* ]|$)", line)[-4:] for line in table]
    figures = [[int(text.replace(",", "").replace("–", "0")) for text in row] for row in rows]
    body = [row for row in figures if len(row) == 4 and row != [2023, 2023, 2024, 2024]]
    for column in zip(*body, strict=True):
        yield list(column[:-1]), column[-1]


def test_every_printed_sum_is_the_sum_of_what_is_printed_above_it(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    _, _, results = first

    for width in (80, 140):
        sums = list(printed_sums(rendered(results, width)))
        assert len(sums) == 2 * 2 + 4
        for above, total in sums:
            assert sum(above) == total, above
    members = [zone["members_total_co2e_g"] for zone in results["zones"].values()]
    assert [sum_ for _, sum_ in sums[-4:]][1::2] == [round(each / 1e6) for each in members]


@given(
    parts=st.tuples(*[st.integers(0, 10**13)] * 3),
    residual=st.integers(-(10**9), 10**9),
)
@settings(max_examples=30)
def test_whatever_the_grams_are_the_printed_zone_adds_up(
    first: tuple[Path, str, dict[str, Any]], parts: tuple[int, int, int], residual: int
) -> None:
    _, _, results = first
    net, double, exported = parts
    zone = results["zones"]["2023"] | {
        "naive_co2e_g": net + double + exported,
        "double_count_co2e_g": double,
        "exported_co2e_g": exported,
        "net_co2e_g": net,
        "residual_co2e_g": residual,
        "members_total_co2e_g": net + residual,
    }

    sums = list(printed_sums(rendered(results | {"zones": {"2023": zone}}, 80)))
    assert len(sums) == 2 + 4
    for above, total in sums:
        assert sum(above) == total, above


def test_a_second_start_and_four_processes_show_the_same(
    first: tuple[Path, str, dict[str, Any]], tmp_path: Path
) -> None:
    data, shown, results = first

    assert check(data) == (shown, results)
    assert check(tmp_path / "four", "--processes", "4") == (shown, results)


def test_it_keeps_serving_until_it_is_told_to_end(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    data, _, _ = first
    with subprocess.Popen(  # noqa: S603 (our own program)
        demo("--free-ports", "--data", data), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        health = _until(running.stdout, r"health +(http://\S+)")
        with urllib.request.urlopen(health) as answer:  # noqa: S310 (our own address)
            assert answer.read() == b"SERVING\n"
        running.send_signal(signal.SIGTERM)
        running.stdout.read()
    assert running.returncode == 0


def test_a_port_that_is_taken_is_told_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", 50051))
        taken.listen()
        told = _fails(demo("--data", tmp_path / "data"))

    assert "port 50051 is taken" in told
    assert "--free-ports" in told


def test_a_file_that_cannot_be_written_is_told_before_all_the_work(tmp_path: Path) -> None:
    data, nowhere = tmp_path / "data", tmp_path / "nowhere"

    told = _fails(demo("--check", "--data", data, "--json", nowhere / "x.json"))
    assert f"there is no folder {nowhere}" in told
    assert "is a folder" in _fails(demo("--check", "--data", data, "--json", tmp_path))
    assert not data.exists()


def test_keys_that_are_lost_are_told_with_the_way_out(tmp_path: Path) -> None:
    lost, emptied = tmp_path / "lost", tmp_path / "emptied"
    for folder in (lost, emptied):
        folder.mkdir()
        (folder / "registry.db").touch()
    (emptied / "keys.json").touch()

    for folder, what in ((lost, "is gone"), (emptied, "holds no keys any more")):
        told = _fails(demo("--check", "--data", folder))
        assert f"{folder / 'keys.json'} {what}" in told
        assert f"remove the folder {folder} to begin anew" in told
        assert "Traceback" not in told
        assert not (folder / "services.log").exists()


def test_keys_of_other_databases_are_told_with_the_way_out(
    first: tuple[Path, str, dict[str, Any]], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(first[0], data)
    (data / "keys.json").write_text(json.dumps({"bootstrap": "zc-" + "0" * 43}))

    told = _fails(demo("--check", "--data", data))
    assert "API key" in told
    assert f"remove the folder {data} to begin anew" in told
    assert "Traceback" not in told


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    told = _fails(demo("--check", "--data", tmp_path / "file" / "data"))
    assert "choose another with --data" in told
    assert "Traceback" not in told


def test_its_folder_is_for_its_owner_alone(first: tuple[Path, str, dict[str, Any]]) -> None:
    data, _, _ = first

    assert f"{data.stat().st_mode:o}"[-3:] == "700"
    assert f"{(data / 'keys.json').stat().st_mode:o}"[-3:] == "600"


def test_its_services_keep_their_byte_code_whatever_the_machine_says(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    kept = {each.name.partition(".")[0] for each in first[0].with_name("byte code").rglob("*.pyc")}

    assert {"edge", "accounting_service_pb2"} <= kept


def test_a_date_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "invalid fromisoformat value: 'soon'" in _fails(
        demo("--today", "soon", "--data", tmp_path)
    )


def _fails(command: Sequence[str]) -> str:
    done = subprocess.run(  # noqa: S603 (our own program)
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    return done.stdout + done.stderr


def _until(lines: Any, pattern: str) -> str:
    for line in lines:
        if found := re.search(pattern, line):
            return found[1]
    pytest.fail(f"no line like {pattern}")


def _log(data: Path) -> str:
    log = data / "services.log"
    return log.read_text(encoding="utf-8") if log.exists() else ""
