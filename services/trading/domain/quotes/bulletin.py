"""The exchange's daily bulletin (每日综合价格行情及成交信息): its text → quotes.

Strict: every figure is where the exchange writes it, or the text is refused; what is not printed is
never made up. What is wrong is told together. The composite part comes first; vintages may follow,
each as one paragraph that begins with its product ("CEA24：…") in the same words.

Source: bulletin of 2025-12-03 by 上海环境能源交易所, as a public repository quotes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from services.kernel.errors import FieldInvalid, FileInvalid, Words
from services.kernel.money import fen
from services.kernel.source import Source
from services.trading.domain.quotes.quote import COMPOSITE, Quote, Turnover, checked

_NUMBER: Final = r"(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?)"
_NUMBER_ALONE: Final = r"[\d.,]*\d"
_PRICES: Final = {
    "open_cny_per_t": "开盘价",
    "high_cny_per_t": "最高价",
    "low_cny_per_t": "最低价",
    "close_cny_per_t": "收盘价",
}
_MODES: Final = {"listed": "挂牌协议", "block": "大宗协议", "auction": "单向竞价"}
_PRODUCT: Final = re.compile(r"^(CEA\d{2}(?:-\d{2})?|CCER)[：:]", re.MULTILINE)
_TITLE: Final = re.compile(r"每日综合价格行情及成交信息(\d{4})(\d{2})(\d{2})")
_TOTAL: Final = re.compile(
    rf"今日全国碳排放配额总成交量({_NUMBER_ALONE})吨[，,]?总成交额({_NUMBER_ALONE})元"
)


def parsed(
    text: str, source: Source, day: date | None = None
) -> tuple[list[Quote], list[FileInvalid]]:
    """Return the quotes of a bulletin, the composite first, and all that is wrong with it.

    A figure is wrong that is missing, written otherwise, printed twice, or that does not agree with
    the others: modes with the total, vintages with the composite. Sums are held against each other
    once every figure of them could be read.

    Args:
        text: as the exchange writes it, with or without its title.
        source: where it was read.
        day: the trading day; where the title prints it, both must be the same.
    """
    faults: list[FileInvalid] = []
    plain = re.sub(r"[^\S\n]", "", text.replace("\r\n", "\n"))
    on = date.min
    with _kept(faults):
        on = _day(plain, day)
    head, *rest = _PRODUCT.split(plain)
    composite = _quote(head, COMPOSITE, on, source, faults)
    products = rest[::2]
    faults += [
        _invalid(each, "it is printed twice", "该品种重复出现")
        for each in sorted({each for each in products if products.count(each) > 1})
    ]
    read = [
        _quote(paragraph, product, on, source, faults)
        for product, paragraph in zip(products, rest[1::2], strict=True)
    ]
    vintages = [each for each in read if each is not None]
    if composite is None or faults:
        return [], faults
    with _kept(faults):
        _check_total(head, composite)
    with _kept(faults):
        _check_sums(composite, vintages)
    return [composite, *vintages], faults


@contextmanager
def _kept(faults: list[FileInvalid]) -> Iterator[None]:
    """Keep what is wrong, and go on after it."""
    try:
        yield
    except FileInvalid as error:
        faults.append(error)


def _day(text: str, day: date | None) -> date:
    titles = {match.groups() for match in _TITLE.finditer(text)}
    if len(titles) > 1:
        raise _invalid("date", "it prints several dates", "标题日期不一致")
    printed = None
    for year, month, number in titles:
        try:
            printed = date(int(year), int(month), int(number))
        except ValueError:
            raise _invalid(
                f"{year}{month}{number}", "its title has no such day", "标题日期不存在"
            ) from None
    if printed is None and day is None:
        raise _invalid("date", "it prints no date; say its trading day", "缺少日期；请注明交易日")
    if printed and day and printed != day:
        raise _invalid(str(printed), f"its title is not of {day}", f"标题日期与 {day} 不符")
    found = printed or day
    assert found is not None, "one of both is there"
    return found


def _quote(
    text: str, product: str, day: date, source: Source, faults: list[FileInvalid]
) -> Quote | None:
    """Return the quote of a paragraph, or None where something is wrong with it."""
    before, composite = len(faults), product == COMPOSITE
    modes: dict[str, Turnover | None] = {}
    for name, words in _MODES.items():
        with _kept(faults):
            modes[name] = _mode(text, words, product)
    prices: dict[str, Decimal | None] = {}
    for name, words in _PRICES.items():
        with _kept(faults):
            needed = composite or name == "close_cny_per_t"
            prices[name] = _price(text, words, product, needed=needed)
    if composite and "listed" in modes and modes["listed"] is None:
        untold = _invalid(_MODES["listed"], "it does not say what was traded", "未说明挂牌协议成交")
        faults.append(untold)
    if len(faults) > before:
        return None
    bare = Quote(
        product=product,
        day=day,
        open_cny_per_t=prices["open_cny_per_t"],
        high_cny_per_t=prices["high_cny_per_t"],
        low_cny_per_t=prices["low_cny_per_t"],
        close_cny_per_t=prices["close_cny_per_t"],
        listed=modes["listed"],
        block=modes["block"],
        auction=modes["auction"],
        source=replace(source, locator=product),
    )
    try:
        return checked(bare)
    except FieldInvalid as error:
        wrong = FileInvalid(
            field=f"text, {product}, {error.field}",
            given=error.given,
            problem=_should_be(error.allowed),
        )
        faults.append(wrong)
        return None


def _should_be(allowed: str | Words) -> Words:
    en, zh = (allowed.en, allowed.zh) if isinstance(allowed, Words) else (allowed, allowed)
    return Words(en=f"it should be {en}", zh=f"应为{zh}")


def _price(text: str, words: str, product: str, *, needed: bool) -> Decimal | None:
    # "收盘价较前一日上涨0.25%" names the close and prints a change.
    found = re.findall(rf"{words}(?!较)({_NUMBER_ALONE})(元/吨)?", text)
    written = re.findall(rf"{words}(?!较)", text)
    if len(written) > 1:
        raise _invalid(f"{product} {words}", "it is printed twice", "重复出现")
    if not found:
        if written or needed:
            raise _invalid(f"{product} {words}", "it has no number", "缺少数值")
        return None
    return _number(found[0][0], f"{product} {words}")


def _mode(text: str, words: str, product: str) -> Turnover | None:
    none = len(re.findall(rf"无{words}", text))
    traded = re.findall(
        rf"(?<!无){words}(?:交易)?(?:成交量)?({_NUMBER_ALONE})吨[，,]?(?:成交额)?({_NUMBER_ALONE})元",
        text,
    )
    mentions = len(re.findall(words, text))
    if mentions != none + len(traded) or none + len(traded) > 1:
        raise _invalid(
            f"{product} {words}",
            "it is none of: volume in tonnes and amount in yuan; said to be none; not printed",
            "须为成交量（吨）与成交额（元），或注明“无”，或不出现",
        )
    if none:
        return Turnover(volume_t=0, amount_fen=0)
    if not traded:
        return None
    volume, amount = traded[0]
    return Turnover(
        volume_t=_whole(volume, f"{product} {words}"),
        amount_fen=fen(_number(amount, f"{product} {words}")),
    )


def _check_total(text: str, composite: Quote) -> None:
    found = _TOTAL.findall(text)
    if "总成交量" in text and len(found) != 1:
        raise _invalid("总成交量", "it is not one volume and amount", "应为一组总成交量与总成交额")
    for volume, amount in found:
        given = (_whole(volume, "总成交量"), fen(_number(amount, "总成交额")))
        added = _sum([composite.listed, composite.block, composite.auction])
        if given != added:
            raise _invalid(
                f"{volume} t, {amount} CNY",
                f"the modes come to {added[0]} t and {added[1]} fen",
                f"各方式合计为 {added[0]} 吨、{added[1]} 分",
            )


def _check_sums(composite: Quote, vintages: Sequence[Quote]) -> None:
    """Hold the vintages against the composite, in each mode that all of them print."""
    for name in _MODES if vintages else ():
        whole: Turnover | None = getattr(composite, name)
        parts: list[Turnover | None] = [getattr(each, name) for each in vintages]
        if whole is None or all(part is None for part in parts):
            continue
        added = _sum(parts)
        if added != (whole.volume_t, whole.amount_fen):
            raise _invalid(
                f"{_MODES[name]} {whole.volume_t} t, {whole.amount_fen} fen",
                f"the vintages come to {added[0]} t and {added[1]} fen",
                f"各年度合计为 {added[0]} 吨、{added[1]} 分",
            )


def _sum(parts: Sequence[Turnover | None]) -> tuple[int, int]:
    there = [part for part in parts if part is not None]
    return sum(part.volume_t for part in there), sum(part.amount_fen for part in there)


def _number(written: str, where: str) -> Decimal:
    if re.fullmatch(_NUMBER, written) is None:
        raise _invalid(
            f"{where} {written}",
            "it is no number with at most 2 decimals, thousands divided by commas or not",
            "数字格式有误：至多两位小数，千位分隔符须成组",
        )
    return Decimal(written.replace(",", ""))


def _whole(written: str, where: str) -> int:
    value = _number(written, where)
    if "." in written:
        raise _invalid(f"{where} {written}", "tonnes are whole", "吨数须为整数")
    return int(value)


def _invalid(given: str, en: str, zh: str) -> FileInvalid:
    return FileInvalid(field="text", given=given, problem=Words(en=en, zh=zh))
