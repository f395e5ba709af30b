"""Why what is said of a zone beyond its totals is what it is."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from services.accounting.domain.comprehensive_energy import Balance, Part
from services.accounting.domain.driver.zone import Decomposition, Driver
from services.accounting.domain.explanation.tree import GRAMS_CO2E, Explanation, same
from services.accounting.domain.metering.coal_equivalent import TCE
from services.accounting.domain.outlook.pathway import Distance, Pathway, Shape
from services.accounting.domain.outlook.year_end import OutlookRule, YearEnd
from services.accounting.domain.trend.zone import Trend
from services.kernel.errors import Words
from services.kernel.source import Source
from services.kernel.trust import Status

TOLD_ENTERPRISES: Final = 10
"""So many enterprises are told below a driver: those that moved it most."""

DRIVER_NAMES: Final = {
    Driver.ACTIVITY: Words(en="activity", zh="活动水平"),
    Driver.STRUCTURE: Words(en="structure", zh="产业结构"),
    Driver.INTENSITY: Words(en="energy intensity", zh="能源强度"),
    Driver.MIX: Words(en="energy mix", zh="能源结构"),
    Driver.FACTOR: Words(en="emission factor", zh="排放因子"),
    Driver.NON_ENERGY: Words(en="emissions of no energy", zh="非能源排放"),
}
_PART_NAMES: Final = {
    Part.BURNT: Words(en="burnt", zh="燃烧"),
    Part.FEEDSTOCK: Words(en="used as a material", zh="用作原料"),
    Part.TRANSFORMED: Words(en="put into transformation", zh="加工转换投入"),
    Part.BOUGHT: Words(en="bought", zh="购入"),
    Part.PASSED_INSIDE: Words(en="bought from members", zh="园区内购入（加工转换重复）"),
    Part.TRANSFORMATION_OUTPUT: Words(en="made by transformation", zh="加工转换产出"),
    Part.RECOVERED: Words(en="recovered and used again", zh="回收利用"),
    Part.SOLD: Words(en="sold to outside", zh="售出园区外"),
}
_LMDI: Final = Source(
    title="B. W. Ang, The LMDI approach to decomposition analysis: a practical guide",
    status=Status.UNVERIFIED,
    document_no="Energy Policy 33 (2005) 867-871",
    source_year=2005,
    confidence="the formula is of common knowledge; the paper was not read",
)
_CHAIN: Final = Source(
    title="二氧化碳排放核算方法及数据核查表",
    status=Status.SECONDARY,
    document_no="国家发展改革委",
    confidence="a page that repeats it was read",
)


def decomposition(zone: str, found: Decomposition) -> Explanation:
    """Return why a zone's net emissions are other than they were."""
    before, after = found.before, found.after
    return Explanation(
        title=same(f"{zone} {before.year} → {after.year}"),
        value=Fraction(after.co2e_g - before.co2e_g),
        unit=GRAMS_CO2E,
        formula=Words(
            en="ΔC = Σ drivers; each Σ L(Cᵀ, C⁰) · ln(xᵀ/x⁰) over enterprises and carriers",
            zh="ΔC = 各驱动因素之和；每项为 Σ L(Cᵀ, C⁰) · ln(xᵀ/x⁰)，按企业和能源品种求和",
        ),
        source=_LMDI,
        children=tuple(_of_driver(driver, found) for driver in Driver if found.effects_g[driver]),
    )


def _of_driver(driver: Driver, found: Decomposition) -> Explanation:
    largest = heapq.nlargest(
        TOLD_ENTERPRISES, found.enterprises, key=lambda each: abs(each.effects_g[driver])
    )
    return Explanation(
        title=DRIVER_NAMES[driver],
        value=_grams(found.effects_g[driver]),
        unit=GRAMS_CO2E,
        formula=Words(en="sum over enterprises, the largest first", zh="按企业求和，由大到小"),
        children=tuple(
            Explanation(
                title=same(each.enterprise),
                value=_grams(each.effects_g[driver]),
                unit=GRAMS_CO2E,
            )
            for each in largest
            if each.effects_g[driver]
        ),
    )


def trend(zone: str, found: Trend) -> Explanation:
    """Return why the last year of a trend is what it is against the first."""
    return Explanation(
        title=same(f"{zone} {found.years[0].year} → {found.years[-1].year}"),
        value=_ratio(found.whole.cumulative_decline),
        unit="" if found.whole.cumulative_decline is None else "1",
        formula=Words(
            en="cumulative decline of intensity = 1 − Π (1 − annual decline)",
            zh="强度累计下降率 = 1 − Π (1 − 年度下降率)",
        ),
        source=_CHAIN,
        children=tuple(
            Explanation(
                title=same(str(year.year)),
                value=Fraction(year.net_co2e_g),
                unit=GRAMS_CO2E,
                formula=Words(
                    en="intensity = net emissions / output in comparable prices",
                    zh="强度 = 净排放 / 可比价产出",
                ),
            )
            for year in found.years
        ),
    )


def year_end(owner: str, year: int, found: YearEnd, rule: OutlookRule) -> Explanation:
    """Return why the outlook of a year is what it is."""
    return Explanation(
        title=same(f"{owner} {year}"),
        value=_grams(found.total),
        unit=GRAMS_CO2E,
        formula=Words(
            en="known months + exponential smoothing with an additive season, ETS(A, N, A)",
            zh="已知月份 + 加法季节指数平滑预测 ETS(A, N, A)",
        ),
        source=rule.source,
        children=(
            Explanation(
                title=Words(en="months that are known", zh="已知月份"),
                value=Fraction(found.known),
                unit=GRAMS_CO2E,
            ),
            Explanation(
                title=Words(en="months to come", zh="预测月份"),
                value=_grams(sum(found.months)),
                unit=GRAMS_CO2E,
            ),
        ),
    )


def distance(zone: str, way: Pathway, found: Distance) -> Explanation:
    """Return why a year stands to a pathway as it does."""
    linear = Words(
        en="pathway = base + (target − base) · (year − base year)/(target year − base year)",
        zh="路径值 = 基准值 + (目标值 − 基准值) · (年份 − 基准年)/(目标年 − 基准年)",
    )
    geometric = Words(
        en="pathway = base · (target/base)^((year − base year)/(target year − base year))",
        zh="路径值 = 基准值 · (目标值/基准值)^((年份 − 基准年)/(目标年 − 基准年))",
    )
    return Explanation(
        title=same(f"{zone} {found.year}"),
        value=_grams(found.difference),
        unit=GRAMS_CO2E,
        formula=Words(en="distance = net − pathway", zh="差距 = 净排放 − 路径值"),
        children=(
            Explanation(
                title=Words(en="net", zh="净排放"), value=_grams(found.figure), unit=GRAMS_CO2E
            ),
            Explanation(
                title=Words(en="pathway", zh="路径值"),
                value=_grams(found.planned),
                unit=GRAMS_CO2E,
                formula=linear if way.shape is Shape.LINEAR else geometric,
            ),
        ),
    )


def scenario(inventory: str, actual_g: int, nets: Sequence[tuple[Words, int]]) -> Explanation:
    """Return why a zone would be other than it is: what each change does after those before it.

    `nets` are the net emissions after each change, grams of CO2 equivalent, in their order.
    """
    before = [actual_g, *(net_g for _, net_g in nets)]
    return Explanation(
        title=Words(en=f"{inventory}, simulated − actual", zh=f"{inventory} 情景 − 实际"),
        value=Fraction(before[-1] - actual_g),
        unit=GRAMS_CO2E,
        formula=Words(
            en="net after each change − net before it, one after the other: another order would "
            "give each another part of the same sum",
            zh="各项变化后的净排放 − 变化前的净排放，依次计算；顺序不同，各项份额不同而合计不变",
        ),
        children=tuple(
            Explanation(title=title, value=Fraction(net_g - last_g), unit=GRAMS_CO2E)
            for (title, net_g), last_g in zip(nets, before, strict=False)
        ),
    )


def balance(inventory: str, found: Balance) -> Explanation:
    """Return why the comprehensive energy of a zone is what it is."""
    return Explanation(
        title=same(f"{inventory} energy"),
        value=found.net_tce,
        unit=TCE,
        formula=Words(
            en="burnt + feedstock + transformed + bought − passed inside − transformation output "
            "− recovered − sold to outside",
            zh="燃烧 + 原料 + 加工转换投入 + 购入 − 园区内购入 − 加工转换产出 − 回收利用 "
            "− 售出园区外",
        ),
        children=tuple(
            Explanation(
                title=Words(
                    en=f"{_PART_NAMES[line.part].en}: {line.subject}",
                    zh=f"{_PART_NAMES[line.part].zh}：{line.subject}",
                ),
                value=line.part.sign * line.tce,
                unit=TCE,
                formula=Words(
                    en=f"amount × {line.coefficient.quantity}",
                    zh=f"实物量 × {line.coefficient.quantity}",
                ),
                source=line.coefficient.source,
            )
            for line in found.lines
        ),
    )


def _grams(statistic: float) -> Fraction:
    """Return a statistic to the gram, as people read it."""
    return Fraction(round(statistic))


def _ratio(statistic: float | None) -> Fraction | None:
    return None if statistic is None else Fraction(f"{statistic:.6f}")
