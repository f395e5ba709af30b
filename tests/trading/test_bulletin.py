"""Daily bulletins: what the exchange prints is read whole, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.kernel.errors import FieldInvalid, FileInvalid
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading import files
from services.trading.domain.exchange import Mode
from services.trading.domain.quotes import bulletin, quote, reductions
from services.trading.domain.quotes.quote import Quote, Turnover

SOURCE = Source(title="上海环境能源交易所 bulletin", status=Status.SECONDARY)
DAY = date(2025, 12, 3)
(LIMITS,) = files.exchange()
# Example B5: the bulletin of 2025-12-03, as quoted in a public repository.
COMPOSITE = (
    "今日全国碳市场综合价格行情为: 开盘价59.66元/吨，最高价60.13元/吨，最低价59.56元/吨，"
    "收盘价59.90元/吨，收盘价较前一日上涨0.25%。\n"
    "今日挂牌协议交易成交量639,256吨，成交额38,268,042.10元；"
    "大宗协议交易成交量226,790吨，成交额12,472,500.00元；今日无单向竞价。\n"
)
TOTAL = "今日全国碳排放配额总成交量866,046吨，总成交额50,740,542.10元。\n"
# Example B6: the same day per vintage.
VINTAGES = (
    "CEA22：收盘价59.50元/吨。挂牌协议交易成交量10,000吨，成交额595,000.00元\n"
    "CEA23：收盘价59.76元/吨。挂牌协议交易成交量164,075吨，成交额9,804,500.00元\n"
    "CEA24：收盘价59.91元/吨。挂牌协议交易成交量465,181吨，成交额27,868,542.10元\n"
)


def read(text: str) -> list[Quote]:
    return sound(*bulletin.parsed(text, SOURCE, DAY))


def sound(quotes: list[Quote], faults: list[FileInvalid]) -> list[Quote]:
    assert faults == []
    return quotes


def test_the_close_is_the_close_and_not_the_change_nor_the_open() -> None:
    (found,) = read(COMPOSITE)

    assert found.close_cny_per_t == Decimal("59.90")
    assert (found.open_cny_per_t, found.high_cny_per_t, found.low_cny_per_t) == (
        Decimal("59.66"),
        Decimal("60.13"),
        Decimal("59.56"),
    )
    assert found.listed == Turnover(volume_t=639_256, amount_fen=3_826_804_210)
    assert found.block == Turnover(volume_t=226_790, amount_fen=1_247_250_000)
    assert found.auction == Turnover(volume_t=0, amount_fen=0)


def test_the_words_of_an_example_without_their_units_of_price_are_read_too() -> None:
    text = (
        "开盘价59.66 最高价60.13 最低价59.56 收盘价59.90 收盘价较前一日上涨0.25% "
        "挂牌协议639,256吨 38,268,042.10元; 大宗协议226,790吨 12,472,500.00元; 无单向竞价"
    )

    assert read(text) == read(COMPOSITE)


def test_vintages_add_up_to_the_composite_and_each_close_is_its_average() -> None:
    composite, *vintages = read(COMPOSITE + TOTAL + VINTAGES)

    assert [each.product for each in vintages] == ["CEA22", "CEA23", "CEA24"]
    traded = [each.listed for each in vintages if each.listed]
    assert composite.listed is not None
    assert sum(each.volume_t for each in traded) == composite.listed.volume_t == 639_256
    assert sum(each.amount_fen for each in traded) == composite.listed.amount_fen == 3_826_804_210
    assert vintages[2].close_cny_per_t == traded[2].average_cny_per_t() == Decimal("59.91")


def test_the_title_prints_the_day() -> None:
    titled = "【CEA】全国碳市场每日综合价格行情及成交信息20251203\n" + COMPOSITE

    assert sound(*bulletin.parsed(titled, SOURCE))[0].day == DAY


REFUSED = {
    "no date anywhere": (COMPOSITE, None, "date"),
    "another date": (
        "每日综合价格行情及成交信息20251204\n" + COMPOSITE,
        DAY,
        "2025-12-04",
    ),
    "a day that is none": (
        "每日综合价格行情及成交信息20251301\n" + COMPOSITE,
        None,
        "20251301",
    ),
    "no close": (COMPOSITE.replace("收盘价59.90元/吨，", ""), DAY, "composite 收盘价"),
    "two closes": (COMPOSITE + "收盘价59.91元/吨", DAY, "composite 收盘价"),
    "a broken number": (COMPOSITE.replace("639,256", "639,25"), DAY, "composite 挂牌协议 639,25"),
    "three decimals": (COMPOSITE.replace("59.90元", "59.901元"), DAY, "composite 收盘价 59.901"),
    "tonnes with a fraction": (
        COMPOSITE.replace("226,790吨", "226,790.5吨"),
        DAY,
        "composite 大宗协议 226,790.5",
    ),
    "a volume without amount": (
        COMPOSITE.replace("，成交额12,472,500.00元", ""),
        DAY,
        "composite 大宗协议",
    ),
    "no listed trades told": (
        COMPOSITE.replace("今日挂牌协议交易成交量639,256吨，成交额38,268,042.10元；", ""),
        DAY,
        "挂牌协议",
    ),
    "a total that is another": (
        COMPOSITE + TOTAL.replace("866,046", "866,047"),
        DAY,
        "866,047 t, 50,740,542.10 CNY",
    ),
    "vintages that do not add up": (
        COMPOSITE + VINTAGES.replace("10,000吨，成交额595,000.00", "10,100吨，成交额600,950.00"),
        DAY,
        "挂牌协议 639256 t, 3826804210 fen",
    ),
    "a close that is no average": (
        COMPOSITE + VINTAGES.replace("59.91", "59.92"),
        DAY,
        "59.92",
    ),
    "a vintage twice": (COMPOSITE + VINTAGES + VINTAGES.splitlines()[0], DAY, "CEA22"),
    "the lowest above the highest": (
        COMPOSITE.replace("最低价59.56", "最低价60.56"),
        DAY,
        "60.56",
    ),
}


@pytest.mark.parametrize(("text", "day", "given"), REFUSED.values(), ids=REFUSED)
def test_a_bulletin_that_is_not_whole_is_refused_where_it_is_not(
    text: str, day: date | None, given: str
) -> None:
    _, faults = bulletin.parsed(text, SOURCE, day)

    assert [each.given for each in faults] == [given]


def test_all_that_is_wrong_with_a_bulletin_is_told_together() -> None:
    text = COMPOSITE.replace("59.66", "59.666").replace("639,256", "639,25") + VINTAGES.replace(
        "收盘价59.76元/吨", ""
    )

    quotes, faults = bulletin.parsed(text, SOURCE)

    assert quotes == []
    assert [each.given for each in faults] == [
        "date",
        "composite 挂牌协议 639,25",
        "composite 开盘价 59.666",
        "CEA23 收盘价",
    ]


# Examples B7 and B8: the platform's JSON of two days, and a synthetic sum.
def reductions_of(day: str, volume: str, amount: str) -> list[dict[str, str]]:
    row = {"business_date": day, "business_amount": volume, "business_price": amount}
    none = {"business_amount": "-", "business_price": "-"}
    return [
        {**row, "profession_name": "能源产业(可再生/不可再生资源)"},
        {**row, **none, "profession_name": "林业"},
        {**row, "profession_name": "小计", "business_ave_price": "-"},
    ]


def test_reductions_cost_what_their_amount_over_their_volume_is() -> None:
    days = [
        reductions_of("20260717", "40610", "3651290.00"),
        reductions_of("20260716", "336016", "28092920.00"),
    ]

    found = sound(*reductions.parsed(days, SOURCE))

    assert [each.day for each in found] == [date(2026, 7, 17), date(2026, 7, 16)]
    averages = [each.listed.average_cny_per_t() for each in found if each.listed]
    assert averages == [Decimal("89.91"), Decimal("83.61")]


def test_an_average_of_days_weighs_them_by_volume() -> None:
    days = [reductions_of("20260716", "100", "9000"), reductions_of("20260717", "100", "8000")]

    assert reductions.total_average(sound(*reductions.parsed(days, SOURCE))) == Decimal("85.00")


@pytest.mark.parametrize(
    "days",
    [
        {},
        [[]],
        [[{"business_date": "20260717"}]],
        [reductions_of("20260717", "1.5", "100")],
        [reductions_of("20261317", "1", "100")],
        [reductions_of("20260717", "x", "100")],
        [reductions_of("20260717", "1", "100"), reductions_of("20260717", "1", "100")],
        [[*reductions_of("20260717", "1", "100")[:2], *reductions_of("20260717", "2", "9")[2:]]],
    ],
)
def test_reductions_of_another_form_are_refused(days: Any) -> None:
    assert len(reductions.parsed(days, SOURCE)[1]) == 1


def test_each_day_of_reductions_that_is_wrong_is_told() -> None:
    days = [
        reductions_of("20260717", "1.5", "100"),
        reductions_of("20260716", "1", "100"),
        reductions_of("20261317", "1", "100"),
    ]

    found, faults = reductions.parsed(days, SOURCE)

    assert [each.day for each in found] == [date(2026, 7, 16)]
    assert [each.given for each in faults] == ["[0] 1.5", "[2] 20261317"]


# Examples B11, B12, B14: limits that real quotes hit.
@pytest.mark.parametrize(
    ("before", "low", "high"),
    [("64.00", "57.60", "70.40"), ("61.05", "54.95", "67.16"), ("82.59", "74.33", "90.85")],
)
def test_limits_are_rounded_half_up_to_the_tick(before: str, low: str, high: str) -> None:
    assert LIMITS.limits_cny(Mode.LISTED, Decimal(before)) == (Decimal(low), Decimal(high))


def test_what_is_outside_the_limits_is_told_and_not_thrown_away() -> None:
    vintage = read(COMPOSITE + VINTAGES)[3]
    wild = replace(
        vintage,
        high_cny_per_t=Decimal("67.00"),
        low_cny_per_t=Decimal("58.00"),
        block=Turnover(volume_t=100_000, amount_fen=100_000 * 4000),
    )

    assert quote.findings(vintage, Decimal("59.75"), LIMITS) == []
    assert [str(each) for each in quote.findings(wild, Decimal("60.00"), LIMITS)] == [
        "listed 67.00 is outside 54.00 to 66.00",
        "block average 40.00 is outside 42.00 to 78.00",
    ]
    assert len(quote.findings(vintage, None, LIMITS)) == 1
    assert quote.findings(read(COMPOSITE)[0], None, LIMITS) == []


def test_an_amount_needs_a_volume() -> None:
    with pytest.raises(FieldInvalid, match="listed"):
        quote.checked(
            Quote(
                product="CEA24",
                day=DAY,
                listed=Turnover(volume_t=0, amount_fen=1),
                source=SOURCE,
            )
        )
