"""The pages of the methods, held to the data: a figure or a formula cannot drift from its page."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from services.accounting import files
from services.accounting.servicer import Parks
from services.kernel.mass import G_PER_T
from tests import pages
from tests.examples import answered, example
from tests.offline import DATA, books
from zonecarbon.accounting.v1 import park_service_pb2
from zonecarbon.cli import park

METHODS = tuple(files.methods())
REWRITE = "run: .venv/bin/python -m tests.pages, and look at the prose"
SECTIONS = (
    "What it answers",
    "Statement",
    "Formulas",
    "Factors",
    "Rounding",
    "Worked example",
    "Traps",
    "Open points",
    "What is unverified",
    "Documents",
)


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_method_has_a_page_and_every_page_a_method() -> None:
    found = {path.stem for path in pages.PAGES.glob("*.md")} - {"README"}

    assert found == set(METHODS)


def test_the_list_of_the_methods_holds_each() -> None:
    assert pages.table(pages.text("README"), "") == pages.index()


def test_a_page_has_its_sections_in_order(method: str) -> None:
    headings = re.findall(r"(?m)^## (.+)$", pages.text(method))

    assert len(headings) == len(SECTIONS)
    for heading, title in zip(headings, SECTIONS, strict=True):
        assert heading.startswith(title)


@pytest.mark.parametrize("name", pages.TABLES)
def test_a_table_holds_what_the_data_say_and_nothing_else(method: str, name: str) -> None:
    title, number, wanted = pages.TABLES[name]

    shown = pages.table(pages.text(method), title, number)

    assert shown == wanted(method), REWRITE


def test_a_page_names_every_open_point(method: str) -> None:
    assert pages.points(pages.text(method)) == pages.open_points(method), REWRITE


def test_a_page_says_how_its_method_rounds(method: str) -> None:
    rounding = pages.section(pages.text(method), "Rounding")
    of = pages.data(method)["rounding"]

    assert (of["booked"]["mode"], of["booked"]["decimals"]) == ("HALF_UP", 0)
    assert re.search(r"Booked: once at the grain, half up,\s+to whole grams", rounding)
    if of["reported"]["defined"]:
        assert of["reported"]["mode"] == "HALF_UP"
        assert re.search(r"(?s)Reported\b.*half up:", rounding)
        assert of["reported"]["status"] == "official" or "*unverified*" in rounding
    else:
        assert "Reported: none" in rounding


def test_the_worked_examples_are_what_the_product_answers(method: str) -> None:
    found = pages.blocks(pages.text(method), "example")

    assert found
    assert any(block.startswith(f"{method} ") for block in found)
    for block in found:
        assert block == answered(example(block)), REWRITE


def test_an_example_that_says_another_figure_is_found() -> None:
    (block, *_) = pages.blocks(pages.text("gbt32150"), "example")

    for right, wrong in (("389.31", "389.13"), ("2 162 188 809", "2 162 188 890")):
        assert right in block
        changed = block.replace(right, wrong)
        assert changed != answered(example(changed))


def test_the_park_of_the_page_is_judged_as_the_page_says() -> None:
    page = pages.text("park910")
    (declared,), (statement,) = (pages.blocks(page, word) for word in ("toml", "statement"))
    request = park.declared(tomllib.loads(declared))

    shown = judged(request)

    wanted = statement.splitlines()
    assert [line for line in shown if line in wanted] == wanted


def test_the_park_declares_the_emissions_of_its_records() -> None:
    page = pages.text("park910")
    (declared,), (block,) = (pages.blocks(page, word) for word in ("toml", "example"))
    given = example(block)

    made = books(given.method, given.place, given.deeds)

    emissions = tomllib.loads(declared)["emissions"]
    tonnes = Decimal(made.inventory.total.co2_g) / G_PER_T
    assert emissions == {
        "quantity": f"{tonnes} tCO2",
        "method_id": "park910",
        "electricity_factor": "0.8325 kgCO2/kWh",
    }


def test_the_page_of_the_library_counts_its_rows() -> None:
    counted = re.findall(
        r"(?m)^\| `([a-z0-9_/]+\.csv)` \|.* \| ([\d,]+) \|$",
        (DATA / "README.md").read_text(encoding="utf-8"),
    )

    assert len(counted) == len(list(DATA.rglob("*.csv")))
    for name, count in counted:
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == int(count.replace(",", "")), name


def judged(request: park_service_pb2.EvaluateParkRequest) -> Sequence[str]:
    context: Any = None
    answer = Parks(files.park_rules()).EvaluatePark(request, context)
    return list(park.lines(answer, "en"))
