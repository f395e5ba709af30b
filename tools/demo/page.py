"""The one page of the demo: what each user looks for first.

It reads on 80 columns and on more: names of resources are never cut, what does not fit beside a row
stands below it. Whole tonnes are rounded one by one, so a sum says what rounding makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.console import Console, Group, RenderableType
from rich.text import Text

from tools.demo import page_by_method, page_by_zone, page_evaluation
from tools.demo.layout import below, grouped, rounding, section, t, table, whole
from tools.demo.words import Result

# From here on an enterprise's row has room for its whole name and its label.
_WIDE_COLUMNS = 140


def show(console: Console, results: Result) -> None:
    """Print the page."""
    wide = console.width >= _WIDE_COLUMNS
    console.print(
        Group(
            _heading(results),
            _meter(results["meter"]),
            *(
                _zone(year, zone, results["zones_park910"].get(year))
                for year, zone in results["zones"].items()
            ),
            page_evaluation.evaluations(results["evaluations"]),
            page_by_zone.drivers(results["drivers"], results["public_table"]),
            _enterprises(results["enterprises"], wide=wide),
            page_by_method.steel_works(results["steel_works"]),
            page_by_method.green_power(results["green_power"]),
            *(_late(each) for each in results["late_reports"]),
            _positions(results["positions"]),
            _refused(results["reports"]),
            _legend(results),
        )
    )


def _heading(results: Result) -> RenderableType:
    return Text.assemble(
        ("ZoneCarbon 园碳", "bold"),
        f"  ·  as of {results['today']}\n{results['zone']['display_name']}\n",
        ("All enterprises are synthetic, but for one real meter whose year is replayed.", "yellow"),
    )


def _meter(meter: Result) -> RenderableType:
    factor = meter["factor"]
    return section(
        "The real meter 真实电表",
        Text.assemble(
            f"{meter['enterprise']}, readings of 2018 ",
            (meter["label"], "yellow"),
            f" onto accounting year {meter['accounting_year']}",
        ),
        f"{grouped(Decimal(meter['energy_kwh']))} kWh × {factor['value']} {factor['unit_code']}"
        f" = {grouped(Decimal(meter['emissions_co2_t']))} tCO2, each month rounded to grams"
        f" ({meter['method']}, {meter['scope2_basis']}, {meter['gwp_set']}, "
        f"version {meter['resource_version']}, {meter['status']})",
        Text.assemble(
            f"factor {factor['name']}@{factor['version']}, data year {factor['data_period']}, ",
            (factor["status"], "yellow"),
        ),
        factor["source"],
    )


def _zone(year: str, zone: Result, park: Result | None) -> RenderableType:
    about = _about_zone(zone)
    net = [
        (zone["naive_co2e_g"], "naive: direct + everything bought  简单加总"),
        (-zone["double_count_co2e_g"], "counted twice: bought from members  扣除园内重复"),
        (-zone["exported_co2e_g"], "sold to outside the zone  扣除外供"),
    ]
    members = [
        (zone["net_co2e_g"], "= zone total, net  园区净排放"),
        (zone["residual_co2e_g"], "residual: buyers' and sellers' reports differ  买卖双方差额"),
    ]
    rows = table(gap=1)
    rows.add_column("tCO2e", justify="right", no_wrap=True)
    rows.add_column("")
    for grams, words in [*net, *rounding(net, zone["net_co2e_g"]), *members]:
        rows.add_row(t(grams), words, style="bold" if words.startswith("=") else None)
    for grams, words in rounding(members, zone["members_total_co2e_g"]):
        rows.add_row(t(grams), words)
    rows.add_row(t(zone["members_total_co2e_g"]), "= sum of the members' own totals  企业合计")
    differing = [each for each in zone["transfers"] if each["residual_co2e_g"]]
    return Group(
        section(f"Zone emissions 园区排放 {year}", about),
        rows,
        below(
            f"{len(zone['transfers'])} transfers inside the zone, {len(differing)} differing"
            + (":" if differing else "")
        ),
        *(
            below(
                f"{each['seller']} → {each['buyer']} {each['subject']}: sold {each['sold']}, "
                f"bought {each['bought']}, residual {t(each['residual_co2e_g'], 2)} t",
                indent=4,
            )
            for each in differing
        ),
        *([] if park is None else [_by_park(zone, park)]),
    )


def _by_park(zone: Result, park: Result) -> RenderableType:
    more_g = park["net_co2e_g"] - zone["net_co2e_g"]
    return below(
        f"the zone by another method 零碳园区方法: {t(park['net_co2e_g'])} tCO2e net "
        f"({t(more_g, sign='+')}) by {_about_zone(park)}"
    )


def _about_zone(zone: Result) -> str:
    return (
        f"{zone['method']}, {zone['scope2_basis']}, {zone['gwp_set']}, accounting revision "
        f"{zone['revision']} · {zone['state'].lower()}, {zone['completeness_ratio']:.2%} of "
        f"source-days · factors {zone['status']}"
    )


def _enterprises(enterprises: Sequence[Result], *, wide: bool) -> RenderableType:
    years = sorted({each["accounting_year"] for each in enterprises})
    columns = [(year, key) for year in years for key in ("direct_co2e_g", "total_co2e_g")]
    rows = table(gap=1 if wide else 0)
    rows.add_column("enterprises/", no_wrap=True)
    rows.add_column("", overflow="fold")
    for year, key in columns:
        head = "direct" if key == "direct_co2e_g" else "total"
        rows.add_column(f"{head}\n{year}", justify="right", no_wrap=True)
    if wide:
        rows.add_column("")
    of_name: dict[str, dict[int, Result]] = {}
    for each in enterprises:
        of_name.setdefault(each["enterprise"], {})[each["accounting_year"]] = each
    for name, inventories in of_name.items():
        member = next(iter(inventories.values()))
        rows.add_row(
            name.removeprefix("enterprises/"),
            member["display_name"] if wide else _short(member["display_name"]),
            *(_tonnes(inventories.get(year, {}), key) for year, key in columns),
            *([member["label"]] if wide else []),
        )
    rows.add_section()
    for row in _sums(enterprises, columns):
        rows.add_row(*row)
    return Group(
        section(
            "Enterprises 企业, tCO2e: direct 直接 and total 直接+间接",
            _by_what(enterprises),
            f"{_labels(enterprises)}; * incomplete 不完整",
        ),
        rows,
        *_incomplete(enterprises),
    )


def _short(display_name: str) -> str:
    """Return the first language of a name, without the label, which stands above the table.

    >>> _short("水泥厂（合成） Cement Works (synthetic)")
    '水泥厂'
    """
    return re.sub(r"（[^）]*）$", "", display_name.partition(" ")[0])


def _labels(enterprises: Sequence[Result]) -> str:
    """Return what stands behind the data: "all synthetic, but steel-shop is replayed"."""
    names: dict[str, set[str]] = {}
    for each in enterprises:
        names.setdefault(each["label"], set()).add(each["enterprise"].removeprefix("enterprises/"))
    usual, *others = sorted(names, key=lambda label: -len(names[label]))
    exceptions = (f"{name} is {label}" for label in others for name in sorted(names[label]))
    return ", but ".join([f"all {usual}", *exceptions])


def _by_what(enterprises: Sequence[Result]) -> str:
    """Return by what the figures are, and in which versions and statuses."""
    known = [each for each in enterprises if "method" in each]
    first = known[0]
    versions = _usual(known, "resource_version")
    return (
        f"{first['method']}, {first['scope2_basis']}, {first['gwp_set']}; version {versions}; "
        f"factors {_usual(known, 'status')}"
    )


def _usual(inventories: Sequence[Result], key: str) -> str:
    """Return the value that most have, and whose differ: "1 (2: chp 2023, chp 2024)"."""
    names: dict[str, list[str]] = {}
    for each in inventories:
        name = each["enterprise"].removeprefix("enterprises/")
        names.setdefault(str(each[key]), []).append(f"{name} {each['accounting_year']}")
    usual, *others = sorted(names, key=lambda value: -len(names[value]))
    return usual + "".join(f" ({value}: {', '.join(names[value])})" for value in others)


def _sums(enterprises: Sequence[Result], columns: Sequence[tuple[int, str]]) -> Iterator[list[str]]:
    """Yield the row of the sums, and before it what rounding makes of them."""
    rests, totals = [], []
    for year, key in columns:
        of_year = [each for each in enterprises if each["accounting_year"] == year and key in each]
        grams = [each[key] for each in of_year]
        rests.append(whole(sum(grams)) - sum(map(whole, grams)))
        complete = all(each["state"] == "COMPLETE" for each in of_year)
        totals.append(t(sum(grams)) + (" " if complete else "*"))
    if any(rests):
        yield ["rounding", "舍入差", *(f"{rest:,} " for rest in rests)]
    yield ["sum", "合计", *totals]


def _tonnes(inventory: Result, key: str) -> str:
    """Return the figure; marked where its inventory is incomplete, a dash where there is none."""
    if key not in inventory:
        return "– "
    return t(inventory[key]) + (" " if inventory["state"] == "COMPLETE" else "*")


def _incomplete(enterprises: Sequence[Result]) -> Iterator[RenderableType]:
    """Yield what is missing, once for all the years that miss the same."""
    years_of: dict[tuple[str, str], list[str]] = {}
    for each in enterprises:
        for finding in each.get("findings", ["nothing reported"]):
            key = (each["enterprise"], finding)
            years_of.setdefault(key, []).append(str(each["accounting_year"]))
    for (enterprise, finding), years in years_of.items():
        yield below(
            Text.assemble((f"* {enterprise} {', '.join(years)}: ", "yellow"), (finding, "dim"))
        )


def _late(late: Result) -> RenderableType:
    return section(
        "Late report 迟报",
        f"{late['enterprise']} sent {late['month']} after everybody else: {late['row_count']} rows",
        *(
            f"{which}: {late['inventory']} version {version['resource_version']}, "
            f"{version['state'].lower()}, {version['completeness_ratio']:.2%} of source-days, "
            f"{t(version['total_co2e_g'])} tCO2e by {version['method']}, "
            f"{version['scope2_basis']}, "
            f"{version['gwp_set']}, {version['status']}"
            for which in ("before", "after")
            if (version := late[which])
        ),
        *(
            f"why 原因: {cause['kind'].lower().replace('_', ' ')}, "
            f"{t(cause['difference_co2e_g'])} tCO2e; `zonecarbon compare` names each record"
            for cause in late["causes"]
        ),
    )


def _positions(positions: Sequence[Result]) -> RenderableType:
    heads = ("allocated t", "held t", "to be issued t", "owed t", "gap t", "gap CNY")
    widths = (11, 11, 16, 11, 10, 16)
    lines: list[RenderableType] = [
        section(
            "Allowance positions in the national market 全国碳市场配额头寸",
            "gap = held + still to be issued − owed  缺口 = 持有 + 待发 − 应清缴",
        ),
        Text("".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True))),
    ]
    for each in positions:
        lines += _position(each, widths)
    return Group(*lines)


def _position(each: Result, widths: Sequence[int]) -> Iterator[RenderableType]:
    last_day = each["surrender_date"] or "not published"
    yield Text.assemble(
        (f"{each['enterprise']} {each['compliance_year']}", "bold"),
        f", last day of surrender {last_day}, rules {each['rule_status']}",
    )
    duty = each["next_duty"]
    if duty is not None:
        yield below(
            f"next duty 下一事项: {duty['text']} by {duty['due_date']}, "
            f"{duty['left_day_count']} days left ({duty['status']})"
        )
    if each["state"] == "INCOMPLETE":
        yield from (below(f"incomplete: {text}") for text in each["missing"])
        return
    price = each["price"]
    counts = (
        "allocated_count",
        "held_count",
        "to_be_issued_count",
        "obligation_count",
        "gap_count",
    )
    value = "no price" if price is None else grouped(Decimal(each["gap_value_cny"]))
    figures = [*(f"{each[key]:,}" for key in counts), value]
    yield Text("".join(f"{text:>{width}}" for text, width in zip(figures, widths, strict=True)))
    yield below(f"owed: {each['obligation_basis']}")
    statuses = [
        f"{each['rulebook']} {each['rulebook_status']}",
        f"allocation {each['allocation_status']}",
        f"obligation {each['obligation_status']}",
    ]
    if price is not None:
        yield below(
            f"price {price['price_cny_per_t']} CNY/t, {price['product']} "
            f"{price['kind'].lower()} of {price['date']}"
        )
        statuses.append(f"price {price['status']}")
    yield below(
        Text.assemble(" · ".join(statuses), " → position ", (str(each["status"]), "yellow"))
    )


def _refused(reports: Result) -> RenderableType:
    return section(
        f"Reports 填报: {reports['accepted_row_count']:,} rows accepted, "
        f"{len(reports['refused'])} refused, nothing half-written",
        *(
            f"{each['enterprise']} row {each['row_number']}: {each['text']}"
            for each in reports["refused"]
        ),
    )


def _legend(results: Result) -> RenderableType:
    library = results["library"]
    return Text(
        f"\n{library['factor_count']:,} factors in {library['set_count']} sets. The status of a "
        "figure is the lowest of what it rests on: official > draft > secondary > unverified.\n"
        "Unverified means: do not sign it before the source has been read.",
        style="yellow",
    )
