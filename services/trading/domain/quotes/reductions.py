"""The voluntary market's daily figures of reductions (CCER), as its platform's JSON has them.

    [[{"business_date": "20260717", "profession_name": "小计", "business_amount": "40610",
       "business_price": "3651290.00", "business_ave_price": "-"}, ...], ...]

One list a day: the trades of each sector, then their sum (小计). "-" means none.

Source: answers of the platform as a public repository quotes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from services.kernel.errors import FileInvalid, Words
from services.kernel.money import fen
from services.kernel.source import Source
from services.trading.domain.quotes.quote import Quote, Turnover

PRODUCT: Final = "CCER"
_SUM: Final = "小计"
_NONE: Final = "-"


def parsed(days: Any, source: Source) -> tuple[list[Quote], list[FileInvalid]]:
    """Return a quote of each day and what is wrong with the others, the first of each day.

    A quote has the turnover of all modes together; days are as they come. The platform prints no
    close: what a day's tonne cost is the average of its turnover. A day is wrong that is not of
    that form, where a figure is none, or the sectors are not together the sum.
    """
    if not isinstance(days, list):
        given = str(type(days).__name__)
        return [], [_invalid(given, "a list of days is needed", "应为按日排列的列表")]
    found: list[Quote] = []
    faults: list[FileInvalid] = []
    for index, rows in enumerate(days):
        try:
            found.append(_day(rows, index, source))
        except FileInvalid as error:
            faults.append(error)
    if len({each.day for each in found}) < len(found):
        faults.append(_invalid("business_date", "a day comes twice", "日期重复"))
    return found, faults


def total_average(quotes: Sequence[Quote]) -> Decimal | None:
    """Return amount over volume of all days, yuan per tonne, half up to 0.01; or None."""
    there = [each.listed for each in quotes if each.listed is not None]
    return Turnover(
        volume_t=sum(each.volume_t for each in there),
        amount_fen=sum(each.amount_fen for each in there),
    ).average_cny_per_t()


def _day(rows: Any, index: int, source: Source) -> Quote:
    where = f"[{index}]"
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _invalid(where, "it is no list of rows", "不是行列表")
    days = {str(row.get("business_date")) for row in rows}
    sums = [row for row in rows if row.get("profession_name") == _SUM]
    parts = [row for row in rows if row.get("profession_name") != _SUM]
    if len(days) != 1 or len(sums) != 1:
        raise _invalid(
            where, "it needs one day and one sum (小计)", "每日须为同一日期且仅有一行小计"
        )
    whole = _turnover(sums[0], where)
    added = [_turnover(row, where) for row in parts]
    volume_t = sum(each.volume_t for each in added)
    amount_fen = sum(each.amount_fen for each in added)
    if parts and (volume_t, amount_fen) != (whole.volume_t, whole.amount_fen):
        raise _invalid(
            where,
            f"the sectors come to {volume_t} t and {amount_fen} fen, the sum says "
            f"{whole.volume_t} t and {whole.amount_fen} fen",
            f"分项合计 {volume_t} 吨、{amount_fen} 分，与小计 {whole.volume_t} 吨、"
            f"{whole.amount_fen} 分不符",
        )
    return Quote(product=PRODUCT, day=_date(days.pop(), where), listed=whole, source=source)


def _turnover(row: Mapping[str, Any], where: str) -> Turnover:
    volume, amount = row.get("business_amount"), row.get("business_price")
    if (volume, amount) == (_NONE, _NONE):
        return Turnover(volume_t=0, amount_fen=0)
    try:
        tonnes, yuan = Decimal(str(volume)), Decimal(str(amount))
    except InvalidOperation:
        raise _invalid(f"{where} {volume}, {amount}", "these are no numbers", "不是数字") from None
    if tonnes < 0 or yuan < 0 or tonnes != int(tonnes):
        raise _invalid(f"{where} {volume}", "whole tonnes, none negative", "须为非负整数吨")
    found = Turnover(volume_t=int(tonnes), amount_fen=fen(yuan))
    average = row.get("business_ave_price", _NONE)
    if average != _NONE and str(found.average_cny_per_t()) != f"{Decimal(str(average)):.2f}":
        raise _invalid(
            f"{where} {average}",
            f"amount over volume is {found.average_cny_per_t()}",
            f"成交额除以成交量为 {found.average_cny_per_t()}",
        )
    return found


def _date(text: str, where: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        raise _invalid(f"{where} {text}", "it is no day", "不是日期") from None


def _invalid(given: str, en: str, zh: str) -> FileInvalid:
    return FileInvalid(field="text", given=given, problem=Words(en=en, zh=zh))
