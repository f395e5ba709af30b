"""What the page of a method says, made from its data: tables row by row, examples booked again.

`python -m tests.pages` writes it into the pages, where the data have moved; their prose is a
person's to look at.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from services.accounting import files
from services.accounting.domain.method import ANY_SUBJECT
from services.kernel.trust import Status, lowest
from tests.examples import answered, example
from tests.offline import DATA

METHODS = Path(files.__file__).parents[1] / "methods"
PAGES = Path(__file__).parents[1] / "docs" / "methods"

Data = Mapping[str, Any]

_TABLE = r"(?m)(?:^\|.*\n)+"
_CATEGORIES = {
    "DIRECT": "direct",
    "INDIRECT_LOCATION": "location-based",
    "INDIRECT_MARKET": "market-based",
    "VALUE_CHAIN": "value chain",
    "MEMO": "memo",
}
_NAMED_SUBJECTS = 4
"""How many subjects a row of factors names; of more it names two and counts the others."""


@cache
def data(method_id: str) -> Data:
    """Return the file of a method as it is written."""
    return tomllib.loads((METHODS / f"{method_id}.toml").read_text(encoding="utf-8"))


def text(method_id: str) -> str:
    """Return the page of a method."""
    return (PAGES / f"{method_id}.md").read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    """Return what stands under the heading that begins with `title`; without one, before any."""
    pattern = rf"(?ms)^## {title}\b[^\n]*\n(.*?)(?=^## |\Z)" if title else r"(?s)(.*?)\n## "
    found = re.search(pattern, page)
    assert found is not None, f"a page has a section {title}"
    return found[1]


def table(page: str, title: str, number: int = 0) -> list[str]:
    """Return the rows of a table in a section, without its head; none where it is not there."""
    tables = re.findall(_TABLE, section(page, title))
    return tables[number].splitlines()[2:] if len(tables) > number else []


def points(page: str) -> list[list[str]]:
    """Return the lists of open points, each line by line."""
    lists = re.findall(r"(?m)(?:^- .*\n)+", section(page, "Open points"))
    return [each.splitlines() for each in lists]


def blocks(page: str, word: str) -> list[str]:
    """Return the fenced blocks that are called `word`."""
    return re.findall(rf"(?ms)^```{word}\n(.*?)^```$", page)


def index() -> list[str]:
    """Return the row of each method in the list of all, the home method first."""
    found = map(data, files.methods())
    return [
        _row(
            f"[{of['method']}]({of['method']}.md)",
            f"{of['title_en']} {of['title_zh']}",
            ", ".join(of["bases"]),
            of["status"],
        )
        for of in found
    ]


def facts(method_id: str) -> list[str]:
    """Return the rows that say what a method is."""
    of = data(method_id)
    whom = ", ".join(of.get("industries", [])) or "every industry"
    since = f", from {of['first_year']}" if "first_year" in of else ""
    divides = "divided by days" if of.get("splits_periods") else "the record is refused or a gap"
    return [
        _row("method 方法", f"`{method_id}`, version {of['version']}"),
        _row("status 可信状态", of["status"]),
        _row("for 适用", whom + since),
        _row("gases 气体", ", ".join(of["gases"])),
        _row("GWP sets 全球变暖潜势", ", ".join(f"`{each}`" for each in of["gwp_sets"])),
        _row("bases 口径", ", ".join(of["bases"])),
        _row("zone inventory 园区清单", "yes" if of["zones"] else "no"),
        _row("a factor changes inside a record", divides),
    ]


def items(method_id: str) -> list[str]:
    """Return a row for each item of the statement."""
    return [
        _row(
            f"`{each['id']}`",
            each["name_en"],
            each["name_zh"],
            _CATEGORIES[each["category"]],
            "−" if each.get("sign", 1) < 0 else "+",
            ", ".join(
                filter(
                    None,
                    (each.get("balance", ""), "by facility" if each.get("by_facility") else ""),
                )
            ),
        )
        for each in data(method_id)["items"]
    ]


def industries(method_id: str) -> list[str]:
    """Return a row for each industry that an inventory is complete for with certain items only."""
    return [
        _row(
            f"{each['code']} {each['name_en']} {each['name_zh']}",
            " or ".join(f"`{item}`" for item in each["items"]) or "nothing yet",
            f"{each['missing']} {each['missing_zh']}",
            each["status"],
        )
        for each in data(method_id).get("process_industries", [])
    ]


def formulas(method_id: str) -> list[str]:
    """Return a row for each formula; subjects that share item, words and clause share a row."""
    of = data(method_id)
    subjects: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for term in of["terms"]:
        for each in term["formulas"]:
            words = (each["words_en"], each["words_zh"], _clause(each, of))
            when = _when(each, _own_roles(method_id, term["subjects"]))
            subjects[term["item"], term["kind"], when, *words] += term["subjects"]
    return [
        _row(f"`{item}`", f"{kind} {_subjects(of_formula, every='')}".rstrip(), *others)
        for (item, kind, *others), of_formula in subjects.items()
    ]


def constants(method_id: str) -> list[str]:
    """Return a row for each constant."""
    of = data(method_id)
    return [
        _row(
            f"`{each['id']}`",
            f"{each['value']} {each['unit']}",
            f"{each['name_en']} {each['name_zh']}",
            _clause(each, of),
        )
        for each in of["constants"]
    ]


def factors(method_id: str) -> list[str]:
    """Return a row for each role and the subjects that take it alike."""
    by_thing: defaultdict[tuple[str, str], list[tuple[str, str, int]]] = defaultdict(list)
    for rule in _rules(method_id):
        found = f"`{rule['factor_set']}` {rule['status']}"
        year = int(rule["accounting_year"])
        by_thing[rule["role"], rule["subject"]].append((found, rule["region_levels"], year))
    alike: defaultdict[tuple[str, tuple[tuple[str, str, int], ...]], list[str]] = defaultdict(list)
    for (role, subject), rules in by_thing.items():
        alike[role, tuple(rules)].append(subject)
    return [
        _row(f"`{role}`", _subjects(subjects), *_taken(rules))
        for (role, rules), subjects in sorted(alike.items(), key=lambda each: each[0][0])
    ]


def stages(method_id: str) -> list[str]:
    """Return a row for each stage at which a guide rounds; none where it prints none."""
    of = data(method_id)["rounding"]["reported"]
    if not of["defined"]:
        return []
    stages_of = {
        "activity of the year": of["activity"],
        **{f"`{role}`": each for role, each in of["factors"].items()},
        "heat value × carbon per heat": of.get("products", []),
        **{f"all factors of `{item}`": each for item, each in of.get("whole_factors", {}).items()},
        "emissions of a row": [{"unit": "tCO2e", "decimals": of["emissions_decimals"]}],
        "total": [{"unit": "tCO2e", "decimals": of["total_decimals"]}],
    }
    return [
        _row(what, each["unit"], str(each["decimals"]))
        for what, listed in stages_of.items()
        for each in listed
    ]


def open_points(method_id: str) -> list[list[str]]:
    """Return a line for each open point, of the method and then of the park's indicators."""
    gaps = data(method_id).get("known_gaps", [])
    lists = [[(each["name"], each["text"], each["text_zh"]) for each in gaps]]
    indicators = METHODS / "indicators" / f"{method_id}.toml"
    if indicators.exists():
        of = tomllib.loads(indicators.read_text(encoding="utf-8"))["open_points"]
        lists.append([(each["id"], each["text_en"], each["text_zh"]) for each in of])
    return [[f"- `{name}` {en} {zh}" for name, en, zh in each] for each in lists if each]


def documents(method_id: str) -> list[str]:
    """Return a row for each document."""
    return [
        _row(
            f"`{each['id']}`",
            each["document_no"],
            each["title_zh"],
            each["status"],
            each["confidence"],
        )
        for each in data(method_id)["documents"]
    ]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |".replace("  ", " ")


def _when(formula: Data, own_roles: Collection[str]) -> str:
    return ", ".join(
        (
            *(_need(role, own_roles) for role in formula.get("needs", [])),
            *((f"in {formula['unit']}",) if "unit" in formula else ()),
            *((f"until {formula['last_year']}",) if "last_year" in formula else ()),
            *((f"from {formula['first_year']}",) if "first_year" in formula else ()),
        )
    )


def _need(role: str, own_roles: Collection[str]) -> str:
    if role == "steam_enthalpy":
        return "steam by mass"
    return f"own `{role}`" if role in own_roles else f"given `{role}`"


def _own_roles(method_id: str, subjects: Collection[str]) -> set[str]:
    """Return the roles of which a rule lets an enterprise have a figure of its own."""
    return {
        rule["role"]
        for rule in _rules(method_id)
        if "enterprise" in rule["region_levels"] and rule["subject"] in {ANY_SUBJECT, *subjects}
    }


@cache
def _rules(method_id: str) -> list[dict[str, str]]:
    with (DATA / "applicability.csv").open(encoding="utf-8", newline="") as file:
        return [rule for rule in csv.DictReader(file) if rule["method"] == method_id]


def _clause(rule: Data, of: Data) -> str:
    (document,) = (each for each in of["documents"] if each["id"] == rule["document"])
    status = lowest(Status(document["status"]), Status(rule["status"]))
    return f"`{rule['document']}` {rule['clause']}; {status}"


def _subjects(subjects: Sequence[str], *, every: str = ANY_SUBJECT) -> str:
    if ANY_SUBJECT in subjects:
        return every
    if len(subjects) <= _NAMED_SUBJECTS:
        return ", ".join(subjects)
    return f"{', '.join(subjects[:2])} and {len(subjects) - 2} more"


def _taken(rules: Iterable[tuple[str, str, int]]) -> tuple[str, str]:
    """Return the places that are tried, and the sets with their years."""
    places: dict[str, None] = {}
    years: defaultdict[str, list[int]] = defaultdict(list)
    for found, levels, year in rules:
        places[levels] = None
        years[found].append(year)
    (levels,) = places
    told = (f"{_span(of_set)} {found}" for found, of_set in years.items())
    return levels, "; ".join(told)


def _span(years: Sequence[int]) -> str:
    first, last = min(years), max(years)
    assert sorted(years) == list(range(first, last + 1)), "years follow each other"
    return str(first) if first == last else f"{first}–{last}"


TABLES: Mapping[str, tuple[str, int, Callable[[str], list[str]]]] = {
    "what it is": ("", 0, facts),
    "items": ("Statement", 0, items),
    "industries": ("Statement", 1, industries),
    "formulas": ("Formulas", 0, formulas),
    "constants": ("Formulas", 1, constants),
    "factors": ("Factors", 0, factors),
    "stages of rounding": ("Rounding", 0, stages),
    "documents": ("Documents", 0, documents),
}
"""What a table shows, in which section it stands as the how manieth, and what it must hold."""


def rewritten(method_id: str) -> str:
    """Return the page with every table, open point and example as they must be."""
    page = text(method_id)
    for title, number, rows in TABLES.values():
        held = table(page, title, number)
        if held != rows(method_id):
            assert held, f"{method_id}: write the head of the table in {title} first"
            page = page.replace("\n".join(held), "\n".join(rows(method_id)), 1)
    for shown, wanted in zip(points(page), open_points(method_id), strict=True):
        page = page.replace("\n".join(shown), "\n".join(wanted), 1)
    for block in blocks(page, "example"):
        page = page.replace(block, answered(example(block)), 1)
    return page


def main() -> None:
    """Write the pages whose data have moved."""
    for method_id in files.methods():
        if (page := rewritten(method_id)) != text(method_id):
            (PAGES / f"{method_id}.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
