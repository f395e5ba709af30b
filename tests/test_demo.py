"""The demo as a newcomer runs it: a command, a page, a file, and services that go on serving."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def demo(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "tools.demo", *map(str, arguments)]


def check(data: Path, *more: str) -> tuple[str, dict[str, Any]]:
    """Run the demo on `data`; return its page and its results."""
    file = data.with_suffix(".json")
    done = subprocess.run(  # noqa: S603 (our own program)
        demo("--check", "--data", data, "--json", file, *more),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr + _log(data)
    return done.stdout, json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, Any]]:
    data = tmp_path_factory.mktemp("demo") / "data"
    return data, *check(data)


def test_the_results_hold_what_was_promised(first: tuple[Path, str, dict[str, Any]]) -> None:
    _, _, results = first

    assert results["meter"]["energy_kwh"] == "959636.71"
    assert results["meter"]["emissions_co2_t"].startswith("619.0")
    assert results["meter"]["factor"]["name"]
    assert results["meter"]["factor"]["source"]
    for key in ("net_co2_g", "naive_co2_g", "double_count_co2_g", "residual_co2_g"):
        assert isinstance(results["zones"]["2023"][key], int)
    assert {each["state"] for each in results["positions"]} == {"ESTIMATE", "INCOMPLETE"}
    assert all(each["status"] for each in results["positions"])


def test_the_page_says_what_is_synthetic_replayed_estimated_and_unverified(
    first: tuple[Path, str, dict[str, Any]],
) -> None:
    _, page, _ = first

    for word in ("synthetic", "replayed", "estimate, not yet by the ETS guide", "unverified"):
        assert word in page
    assert "959,636.71 kWh" in page
    assert "process emissions" in page


def test_a_second_start_and_three_processes_show_the_same(
    first: tuple[Path, str, dict[str, Any]], tmp_path: Path
) -> None:
    data, page, results = first

    assert check(data) == (page, results)
    assert check(tmp_path / "three", "--processes", "3") == (page, results)


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
