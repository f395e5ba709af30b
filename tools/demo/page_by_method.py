"""The sections of the page that lay several methods side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tools.demo.layout import ROUNDING, below, section, t, table, whole
from tools.demo.words import Result

# A statement shows its largest rows; the others are summed up.
_MOST_ROWS = 9
_DECIMALS = 3
# From a count of the last place that is printed to grams.
_G_PER_KG = 1000
_CAUSES = {
    "NOT_COUNTED": "left out",
    "ONLY_COUNTED_HERE": "added",
    "FACTOR": "factor",
    "FORMULA": "formula",
    "OTHER_GASES": "gases",
    "GREEN_POWER": "green power",
}


def steel_works(works: Result) -> RenderableType:
    """Return the works' totals by each method, and the statements that lead from one to another."""
    totals = _totals("tCO2e")
    for each in works["methods"]:
        totals.add_row(_kg(each["total_co2e_g"]), *_about(each))
        if each["reported"]:
            totals.add_row(_reported(each), *_about(each, "reported"))
    return Group(
        section(
            f"The steel works by four methods 钢铁厂四种核算方法 {works['accounting_year']}",
            f"{works['enterprise']}, {works['label']}; the same records by each method:",
            *dict.fromkeys(f"{each['method']} {each['title_zh']}" for each in works["methods"]),
            *map(_measured, works["custom_factors"]),
        ),
        totals,
        *_notes(works),
        *(_statement(each) for each in works["statements"]),
    )


def green_power(green: Result) -> RenderableType:
    """Return what a claim changes: scope 2 by each method and basis."""
    totals = _totals("scope 2", "claimed")
    for each in green["methods"]:
        claimed = each["claimed_co2e_g"]
        figures = [_kg(each["indirect_co2e_g"]), _kg(-claimed) if claimed else "–"]
        totals.add_row(*figures, *_about(each))
    first, last = green["certificates"][0], green["certificates"][-1]
    return Group(
        section(
            f"Green power 绿电 {green['accounting_year']}",
            f"{green['enterprise']}: {green['evidence']}",
            f"{len(green['certificates'])} settlements, {first} to {last}: "
            f"{_quantity(green['claimed'])} claimed of {_quantity(green['bought'])} bought",
            "Scope 2 in tCO2e, and what the claim takes off it; – where it takes nothing",
        ),
        totals,
    )


def _totals(*heads: str) -> Table:
    found = table(gap=0)
    for head in heads:
        found.add_column(head, justify="right", no_wrap=True)
    for head in ("method", "scope 2 by", "GWP set", "version", "status"):
        found.add_column(head, no_wrap=True)
    return found


def _about(figure: Result, which: str = "") -> list[str]:
    """Return what stands beside every total."""
    return [
        f"{figure['method']} {which}".strip(),
        _basis(figure["scope2_basis"]),
        figure["gwp_set"],
        str(figure["resource_version"]),
        figure["status"] + ("" if figure["state"] == "COMPLETE" else "*"),
    ]


def _reported(figure: Result) -> str:
    """Return the guide's own figure, its point below that of the books."""
    text = f"{Decimal(figure['reported']['total_t']):,f}"
    _, _, decimals = text.partition(".")
    missing = _DECIMALS - len(decimals) + (0 if decimals else 1)
    return text + " " * missing


def _measured(factor: Result) -> str:
    return (
        f"{factor['origin']}: {factor['role']} of {factor['subject']} {factor['quantity']} "
        f"{factor['basis']}, {factor['evidence']}; {factor['name']}@{factor['resource_version']}, "
        f"{factor['state'].lower()}, proposed by {factor['proposer']}, approved by "
        f"{factor['decider']}"
    )


def _notes(works: Result) -> Iterator[RenderableType]:
    for each in works["methods"]:
        if reported := each["reported"]:
            difference = t(reported["difference_g"], _DECIMALS, sign="+")
            yield below(
                f"{each['method']} reported − booked = {difference} t: rounded in stages, "
                f"{reported['rule']} ({reported['rule_status']})"
            )
    for each in works["processes"]:
        yield below(
            f"{each['method']} also tells, in no total, the process of {each['facility']}: "
            f"carbon in less carbon out {_kg(each['net_co2_g'])} tCO2"
        )


def _statement(statement: Result) -> RenderableType:
    """Return the way from one total to the other, which adds up as it is printed."""
    first, second = statement["from"], statement["to"]
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(justify="right", no_wrap=True)
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_row(_kg(first["total_co2e_g"]), "", _told(first))
    for grams, cause, text in _printed(statement):
        rows.add_row(_kg(grams, sign="+"), cause, text)
    rows.add_row(_kg(second["total_co2e_g"]), "=", _told(second), style="bold")
    title = f"{first['method']} → {second['method']}, why their tCO2e differ 差异说明"
    return Group(below(Text(f"\n{title}", style="bold")), below(rows))


def _printed(statement: Result) -> list[tuple[int, str, str]]:
    """Return grams, cause and words of each row that is printed."""
    shown: Sequence[Result] = statement["rows"]
    if len(shown) > _MOST_ROWS:
        shown = shown[: _MOST_ROWS - 1]
    printed = [(each["difference_g"], _CAUSES[each["cause"]], _words(each)) for each in shown]
    if others := statement["rows"][len(shown) :]:
        sum_g = sum(each["difference_g"] for each in others)
        printed.append((sum_g, "", f"{len(others)} smaller rows together"))
    first_g, second_g = statement["from"]["total_co2e_g"], statement["to"]["total_co2e_g"]
    kilograms = sum(whole(grams, _DECIMALS) for grams, _, _ in printed)
    rest = whole(second_g, _DECIMALS) - whole(first_g, _DECIMALS) - kilograms
    if rest:
        printed.append((rest * _G_PER_KG, "", ROUNDING))
    return printed


def _words(row: Result) -> str:
    subject, text = row["subject"], str(row["text"])
    return text if text.startswith(subject) else f"{subject}: {text}"


def _told(side: Result) -> str:
    known = "" if side["known"] else ", not known in full"
    return (
        f"{side['method']}, {_basis(side['scope2_basis'])}, {side['gwp_set']}, "
        f"v{side['resource_version']}, {side['status']}{known}"
    )


def _basis(basis: str) -> str:
    """Return the basis of bought energy; where there is none, the total is of direct emissions."""
    return "none (direct)" if basis == "none" else basis


def _kg(grams: int, *, sign: str = "") -> str:
    """Return tonnes with three decimals."""
    return t(grams, _DECIMALS, sign=sign)


def _quantity(text: str) -> str:
    """Return a quantity with its digits in groups of three.

    >>> _quantity("45286.142 MWh")
    '45,286.142 MWh'
    """
    value, _, unit = text.partition(" ")
    return f"{Decimal(value):,f} {unit}"
