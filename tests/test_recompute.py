"""`python -m services recompute`: what it prints, and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from services import RELEASE
from services.__main__ import main
from services.accounting.domain.activity import Kind
from services.accounting.files import archive
from services.accounting.files import bundle as files
from tests.accounting.bundles import bundle_of, forged, repacked
from tests.accounting.ledgers import ledger, row
from tests.accounting.library import COAL
from tests.fixtures import empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the command printed, and how it ended."""

    code: object
    out: list[str]
    err: str


Recompute = Callable[..., Said]


@pytest.fixture
def recompute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Recompute:
    """Runs the command on an archive."""

    def run(data: bytes, *options: str, language: str = "") -> Said:
        file = tmp_path / "bundle.zip"
        file.write_bytes(data)
        monkeypatch.setenv("ZONECARBON_CLI_LANG", language)
        monkeypatch.setattr(sys, "argv", ["services", "recompute", str(file), *options])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Said(code=ended.value.code, out=printed.out.splitlines(), err=printed.err)

    return run


@cache
def exported() -> bytes:
    books = ledger("mill", "1713", row(Kind.FUEL_COMBUSTION, "12.5 t", subject=COAL), row())
    return files.pack(bundle_of(books))


def changed(content: Any) -> None:
    """What a forger does to the first line."""
    content["lines"][0]["co2_g"] += 7


def test_a_bundle_that_agrees_ends_with_nothing_and_says_what_it_rests_on(
    recompute: Recompute,
) -> None:
    digest = archive.sha256(exported())

    said = recompute(exported(), "--sha256", digest)

    assert (said.code, said.err) == (0, "")
    inventory, packed, method, figures, state, given = said.out
    assert inventory.startswith("enterprises/mill/inventories/2024, version 1, stored 2025-01-31T")
    assert packed == f"packed by release {RELEASE}, SHA-256 {digest}, as quoted"
    assert method == "method gbt32150, version 2 (unverified), as this release ships it"
    assert figures.startswith("36 figures of 2 lines recomputed from 2 records")
    assert figures.endswith("; all agree")
    assert state == "the inventory is INCOMPLETE and unverified"
    assert given.startswith(
        "taken as given: the values of the factors and that they were applicable"
    )
    assert "(1 secondary, 3 unverified)" in given


def test_without_a_quoted_digest_it_says_to_compare(recompute: Recompute) -> None:
    assert "to be compared with the one its sender quotes" in recompute(exported()).out[1]


def test_a_figure_that_differs_ends_with_one_and_has_its_row(recompute: Recompute) -> None:
    said = recompute(forged(exported(), files.LINES, changed))

    assert said.code == 1
    row_of_line = next(each for each in said.out if "lines/" in each)
    assert row_of_line.startswith("  lines/electricity-purchased-grid-2024-01 co2_g: stored ")
    assert row_of_line.endswith(", difference -7")
    assert "differing figures: 1" in said.out
    assert not any("all agree" in each for each in said.out)


def test_bytes_that_differ_end_with_two_and_name_their_file(recompute: Recompute) -> None:
    index = exported().index(b'"lines": [')

    said = recompute(exported()[:index] + b"X" + exported()[index + 1 :])

    assert said.code == 2
    assert said.out == [
        "lines.json: is damaged: its bytes do not agree with the archive's own checksum."
    ]


def test_it_speaks_chinese_to_who_reads_it(recompute: Recompute) -> None:
    agreeing = recompute(exported(), language="zh")
    differing = recompute(forged(exported(), files.LINES, changed), language="zh")
    broken = recompute(b"", language="zh")

    assert "全部一致" in agreeing.out[3]
    assert "不一致的数据：1 项" in differing.out
    assert "不是数据包" in broken.out[0]


def test_a_bundle_of_another_release_that_differs_says_so(recompute: Recompute) -> None:
    agreeing = recompute(repacked(exported(), {}, release="0.0.9"))
    differing = recompute(repacked(forged(exported(), files.LINES, changed), {}, release="0.0.9"))

    assert agreeing.code == 0
    assert "compute again with 0.0.9" in differing.out[-1]


def test_an_inventory_made_with_another_version_of_the_method_says_so(
    recompute: Recompute,
) -> None:
    def older(content: Any) -> None:
        content["method_version"] = 1
        content["direct"]["co2_g"] = 0

    said = recompute(forged(exported(), files.INVENTORY, older))

    assert said.out[-1] == (
        "the inventory was made with version 1 of the method, the bundle holds version 2"
    )


def test_what_a_terminal_would_obey_is_not_printed(recompute: Recompute) -> None:
    def colour(content: Any) -> None:
        content["lines"][0]["facility"] = "\x1b[31mred"

    said = recompute(forged(exported(), files.LINES, colour))

    assert said.code == 1
    assert any("[31mred" in each for each in said.out)
    assert not any("\x1b" in each for each in said.out)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("nowhere.zip", "folder"):
        said = empty.services(tmp_path, "recompute", name)

        assert said.returncode == 2
        assert f"{name}: " in said.stderr
        assert "Traceback" not in said.stderr


def test_it_needs_no_variable_no_network_no_database_and_no_folder(tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(exported())
    here = tmp_path / "here"
    here.mkdir()

    said = empty.services(here, "recompute", "../bundle.zip")

    assert (said.returncode, said.stderr) == (0, "")
    assert "all agree" in said.stdout
    assert list(here.iterdir()) == []


def test_the_empty_environment_is_empty(tmp_path: Path) -> None:
    """The services themselves cannot start there, so that it shows something to run there."""
    said = empty.services(tmp_path, "registry")

    assert said.returncode != 0
    assert "in an empty environment" in said.stderr
