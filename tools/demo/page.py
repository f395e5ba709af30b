"""The one page of the demo: what each user looks for first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tools.demo.results import Result

_G_PER_T = 1_000_000


def show(console: Console, results: Result) -> None:
    """Print the page."""
    console.print(
        Group(
            _heading(results),
            _meter(results["meter"]),
            *(_zone(year, zone) for year, zone in results["zones"].items()),
            _enterprises(results["enterprises"]),
            _positions(results["positions"]),
            _refused(results["reports"]),
            _legend(results),
        )
    )


def _heading(results: Result) -> RenderableType:
    return Text.assemble(
        ("ZoneCarbon 园碳", "bold"),
        f"  示范开发区（合成） Sample Development Zone (synthetic)  ·  as of {results['today']}\n",
        ("All enterprises are synthetic, but for one real meter whose year is replayed.", "yellow"),
    )


def _meter(meter: Result) -> RenderableType:
    factor = meter["factor"]
    return Text.assemble(
        ("\nThe real meter 真实电表", "bold"),
        f"  {meter['enterprise']}, readings of 2018 ",
        (meter["label"], "yellow"),
        f" onto accounting year {meter['accounting_year']}\n",
        f"  {_grouped(Decimal(meter['energy_kwh']))} kWh × {factor['value']} {factor['unit_code']}"
        f" = {_grouped(Decimal(meter['emissions_co2_t']))} tCO2"
        f"  ({meter['method']}, {meter['scope2_basis']})\n",
        f"  factor {factor['name']}@{factor['version']}, data year {factor['data_period']}, ",
        (factor["status"], "yellow"),
        f"\n  {factor['source']}\n",
    )


def _zone(year: str, zone: Result) -> RenderableType:
    table = _table(
        f"Zone emissions 园区排放 {year}",
        ["tCO2", ""],
        note=f"{zone['method']}, {zone['scope2_basis']}, {zone['gwp_set']} · "
        f"{zone['state'].lower()}, {zone['completeness_ratio']:.2%} of source-days · "
        f"factors {zone['status']}",
    )
    for key, words in (
        ("naive_co2_g", "naive: direct + everything bought  简单加总"),
        ("double_count_co2_g", "− counted twice: bought from members  扣除园内重复"),
        ("exported_co2_g", "− sold to outside the zone  扣除外供"),
        ("net_co2_g", "= zone total, net  园区净排放"),
        ("residual_co2_g", "+ residual: buyers' and sellers' reports differ  买卖双方差额"),
        ("members_total_co2_g", "= sum of the members' own totals  企业合计"),
    ):
        table.add_row(_t(zone[key]), words, style="bold" if key == "net_co2_g" else None)
    differing = [each for each in zone["transfers"] if each["residual_co2_g"]]
    lines = [
        Text(
            f"  {len(zone['transfers'])} transfers inside the zone, {len(differing)} differing:",
            style="dim",
        )
    ]
    lines += [
        Text(
            f"    {each['seller']} → {each['buyer']} {each['subject']}: "
            f"sold {each['sold']}, bought {each['bought']}, "
            f"residual {_t(each['residual_co2_g'], 2)} t",
            style="dim",
        )
        for each in differing
    ]
    return Group(table, *lines)


def _enterprises(enterprises: Sequence[Result]) -> RenderableType:
    years = sorted({each["accounting_year"] for each in enterprises})
    table = _table(
        "Enterprises 企业, tCO2: direct 直接 and total 直接+间接",
        ["", *(f"{words} {year}" for year in years for words in ("direct", "total")), ""],
    )
    of_name: dict[str, dict[int, Result]] = {}
    for each in enterprises:
        of_name.setdefault(each["enterprise"], {})[each["accounting_year"]] = each
    for inventories in of_name.values():
        figures = []
        for year in years:
            inventory = inventories.get(year, {})
            figures += [_tonnes(inventory, key) for key in ("direct_co2_g", "total_co2_g")]
        any_year = next(iter(inventories.values()))
        table.add_row(any_year["display_name"], *figures, any_year["label"])
    return Group(table, Text("* Incomplete 不完整", style="bold"), *_incomplete(enterprises))


def _tonnes(inventory: Result, key: str) -> str:
    """Return the figure; marked where its inventory is incomplete, a dash where there is none."""
    if key not in inventory:
        return "–"
    return _t(inventory[key]) + (" " if inventory["state"] == "COMPLETE" else "*")


def _incomplete(enterprises: Sequence[Result]) -> Iterator[Text]:
    """Yield what is missing, once for all the years that miss the same."""
    years_of: dict[tuple[str, str], list[str]] = {}
    for each in enterprises:
        for finding in each.get("findings", ["nothing reported"]):
            key = (each["enterprise"], finding)
            years_of.setdefault(key, []).append(str(each["accounting_year"]))
    for (enterprise, finding), years in years_of.items():
        who = f"  {enterprise} {', '.join(years)}: "
        yield Text.assemble((who, "yellow"), (finding, "dim"))


def _positions(positions: Sequence[Result]) -> RenderableType:
    table = _table(
        "Allowance positions in the national market 全国碳市场配额头寸",
        ["allocated t", "held t", "owed t", "gap t", "gap CNY", ""],
    )
    for each in positions:
        last_day = each["surrender_date"] or "not published"
        who = f"{each['enterprise']} {each['compliance_year']}, last day of surrender {last_day}"
        if each["state"] == "INCOMPLETE":
            about = "\n".join((who, *(f"incomplete: {text}" for text in each["missing"])))
            table.add_row("–", "–", "–", "–", "–", about)
            continue
        price = each["price"]
        value = "no price" if price is None else _grouped(Decimal(each["gap_value_cny"]))
        about = f"{who}, {each['rulebook']}, {each['status']}\nowed: {each['obligation_basis']}"
        if price is not None:
            about += (
                f"\nprice {price['price_cny_per_t']} CNY/t, {price['product']} "
                f"{price['kind'].lower()} of {price['date']}, {price['status']}"
            )
        counts = ("allocated_count", "held_count", "obligation_count", "gap_count")
        table.add_row(*(f"{each[key]:,}" for key in counts), value, about)
    return table


def _refused(reports: Result) -> RenderableType:
    lines = [
        Text(
            f"Reports 填报: {reports['accepted_row_count']:,} rows accepted, "
            f"{len(reports['refused'])} refused, nothing half-written",
            style="bold",
        )
    ]
    lines += [
        Text(f"  {each['enterprise']} row {each['row_number']}: {each['text']}", style="dim")
        for each in reports["refused"]
    ]
    return Group(*lines)


def _legend(results: Result) -> RenderableType:
    library = results["library"]
    return Text(
        f"\n{library['factor_count']:,} factors in {library['set_count']} sets. The status of a "
        "figure is the lowest of what it rests on: official > draft > secondary > unverified.\n"
        "Unverified means: do not sign it before the source has been read.",
        style="yellow",
    )


def _table(title: str, columns: Sequence[str], note: str = "") -> Table:
    table = Table(
        title=title + (f"\n{note}" if note else ""),
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in columns:
        table.add_column(name, justify="right" if name else "left", no_wrap=bool(name))
    return table


def _t(grams: int, decimals: int = 0) -> str:
    return f"{Decimal(grams) / _G_PER_T:,.{decimals}f}"


def _grouped(value: Decimal) -> str:
    return f"{value:,}"
