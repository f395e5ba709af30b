"""Errors of a question that the rules of the market, as far as they are known, do not answer."""

from __future__ import annotations

from datetime import date

from services.kernel.errors.base import Absent, FailedPrecondition, Invalid, Words


class RulebookVersionMissing(Absent):
    """There is no such rulebook, or not in that version."""

    name: str
    version: int
    available: tuple[int, ...]

    reason = "RULEBOOK_VERSION_MISSING"
    en = (
        '"{name}" is not there in version {version}; available: {available}. Choose an available '
        "version, or have the file of version {version} loaded."
    )
    zh = (
        "“{name}”没有第 {version} 版；现有版本：{available}。"
        "请选择现有版本，或联系管理员导入第 {version} 版规则文件。"
    )


class CarryOverMissing(FailedPrecondition):
    """No carry-over of that sector into that vintage is known."""

    sector: str | Words
    vintage_year: int
    available: tuple[int, ...]

    reason = "CARRY_OVER_MISSING"
    en = (
        "No rules are known for carrying allowances of {sector} over into vintage {vintage_year}; "
        "known for: {available}. Choose one of those, or have the rules loaded."
    )
    zh = (
        "未收录{sector}行业结转为 {vintage_year} 年度配额的规则；已收录：{available}。"
        "请选择已收录的年度，或联系管理员导入相应规则。"
    )


class PenaltyMissing(FailedPrecondition):
    """No rule on short surrender is known to be in force on that day."""

    day: date
    first_date: date

    reason = "PENALTY_MISSING"
    en = (
        "No rule on short surrender is known for {day}; the first is in force from {first_date}. "
        "Choose a compliance year whose deadline is on or after that day."
    )
    zh = (
        "{day} 当日没有已收录的未足额清缴处罚规则；最早的规则自 {first_date} 起施行。"
        "请选择清缴截止日不早于该日的履约年度。"
    )


class DutyUnknown(Invalid):
    """The calendar has no such duty for the account."""

    given: str

    reason = "DUTY_UNKNOWN"
    en = '{field}: the calendar has no duty "{given}" for this account. Choose one that it lists.'
    zh = "{field}：日历中没有该账户的事项“{given}”。请从事项清单中选择。"


class TradingDaysUnknown(FailedPrecondition):
    """The holidays of a year are not known, so neither are its trading days."""

    year: int
    available: tuple[int, ...]

    reason = "TRADING_DAYS_UNKNOWN"
    en = (
        "The holidays of {year} are not known, so neither are its trading days; known: "
        "{available}. Choose a known year, or have the notice of {year} loaded."
    )
    zh = (
        "尚未收录 {year} 年的放假安排，无法判断交易日；已收录：{available}。"
        "请选择已收录的年份，或联系管理员导入该年的放假通知。"
    )
