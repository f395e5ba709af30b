"""Reads what a park declares from a file, and writes its statement for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from typing import Any

from zonecarbon.accounting.v1 import coal_equivalent_pb2, park_pb2, park_service_pb2
from zonecarbon.cli import declared as files
from zonecarbon.type.v1 import quantity_pb2, source_pb2

_SHOWN_DECIMALS = Decimal("0.000001")
_ROUNDED = Context(prec=200, rounding=ROUND_HALF_UP)


def request(file: Path) -> park_service_pb2.EvaluateParkRequest:
    """Return the request that a file declares, TOML or, by its ending, JSON.

    Raises:
        FileWrong: it cannot be read, or holds what the request does not have.
    """
    return declared(files.read(file))


def declared(data: Mapping[str, Any]) -> park_service_pb2.EvaluateParkRequest:
    """Return the request that the contents of a file declare; raises as `request`."""
    return files.message(data, park_service_pb2.EvaluateParkRequest())


def lines(statement: park_pb2.ParkStatement, language: str) -> Iterator[str]:
    """Yield the statement line by line in English or, where `language` is "zh", in Chinese."""
    zh = language.startswith("zh")
    yield from _head(statement, zh=zh)
    yield from _energy(statement.energy, zh=zh)
    yield from _core(statement.core, zh=zh)
    if statement.HasField("direct_supply"):
        yield from _direct_supply(statement.direct_supply, zh=zh)
    yield from _guiding(statement, zh=zh)
    yield from _open(statement, zh=zh)


_WORDS = {
    "NO_THRESHOLD": ("NO THRESHOLD", "无目标要求"),
    "MET": ("MET", "达到"),
    "NOT_MET": ("NOT MET", "未达到"),
    "NOT_APPLICABLE_WITH_REASON": ("NOT APPLICABLE WITH REASON", "不适用（已说明原因）"),
    "MISSING": ("MISSING", "未填报"),
    "UNDEFINED": ("UNDEFINED", "无法计算"),
    "EQUIVALENT": ("equivalent value", "当量值"),
    "EQUAL_VALUE": ("equal value", "等价值"),
    "OFFICIAL": ("official", "官方文本"),
    "DRAFT": ("draft", "征求意见稿"),
    "SECONDARY": ("secondary", "转引"),
    "UNVERIFIED": ("unverified", "未核实"),
}


def _head(statement: park_pb2.ParkStatement, *, zh: bool) -> Iterator[str]:
    title = statement.title_zh if zh else statement.title
    emissions = statement.emissions
    status = _word(source_pb2.SourceStatus.Name(statement.status), "SOURCE_STATUS_", zh=zh)
    version = statement.indicator_set_version
    park = statement.park or ("园区" if zh else "a park")
    yield f"{park}, {statement.accounting_year}"
    yield f"{title}，第{version}版（{status}）" if zh else f"{title}, version {version} ({status})"
    yield ""
    parts = [_text(emissions.quantity), emissions.method_id]
    if emissions.HasField("electricity_factor"):
        parts.append(_text(emissions.electricity_factor))
    if emissions.inventory:
        parts.append(f"{emissions.inventory} v{emissions.inventory_version}")
    yield ("碳排放量：" if zh else "Emissions: ") + ", ".join(parts)


def _energy(energy: park_pb2.ParkEnergyTotal, *, zh: bool) -> Iterator[str]:
    yield ("年综合能源消费量：" if zh else "Energy: ") + _short(energy.quantity)
    for line in energy.lines:
        declared_, coefficient = line.energy, line.energy.coefficient
        base = coal_equivalent_pb2.CoalEquivalentBase.Name(coefficient.base)
        told = _word(base, "COAL_EQUIVALENT_BASE_", zh=zh)
        yield (
            f"  {declared_.carrier}: {_text(declared_.quantity)} × {_text(coefficient.quantity)} "
            f"= {_short(line.coal_equivalent)} "
            f"({told}, {coefficient.year}, {coefficient.source.title})"
        )


def _core(core: park_pb2.ParkCoreIndicator, *, zh: bool) -> Iterator[str]:
    value = ("" if core.value_exact else "≈ ") + _text(core.value)
    limit = f" ≤ {_text(core.limit)}?" if core.HasField("limit") else ""
    yield ""
    yield (
        f"{'单位能耗碳排放' if zh else 'Core indicator'}: {value}{limit} "
        f"{_verdict(core.verdict, zh=zh)} ({core.size_class_zh if zh else core.size_class})"
    )
    if core.HasField("limit"):
        at, less = _short(core.limit_emissions), _short(core.reduction)
        yield (
            f"  达到限值的排放量 {at}，尚需减排 {less}"
            if zh
            else f"  emissions at the limit {at}, to be reduced by {less}"
        )
    if core.HasField("matching"):
        needed, there = _short(core.matching.needed), _short(core.matching.available)
        yield (
            f"  仅靠绿证绿电匹配尚需 {needed}，可匹配 {there}"
            if zh
            else f"  by matching alone {needed} more, of {there} that can be matched"
        ) + (f" ({_short(core.matching.share_needed)})" if core.matching.sufficient else "")


def _direct_supply(supply: park_pb2.ParkDirectSupply, *, zh: bool) -> Iterator[str]:
    intake, on_site, out = map(_short, (supply.intake, supply.on_site, supply.exported))
    least = _text(supply.requirement)
    yield (
        f"绿电直接供应比例（原则上 ≥ {least}）：受入 {intake}，自发自用 {on_site}，送出 {out}"
        if zh
        else f"Direct supply (in principle ≥ {least}): {intake} taken in, {on_site} generated and "
        f"used, {out} sent out"
    )
    for each in supply.shares:
        share = _short(each.share) if each.HasField("share") else "-"
        yield (
            f"  {each.reading_zh if zh else each.reading}: {_short(each.direct)} / "
            f"{_short(each.whole)} = {share} {_verdict(each.verdict, zh=zh)}"
        )


def _guiding(statement: park_pb2.ParkStatement, *, zh: bool) -> Iterator[str]:
    yield "引导指标" if zh else "Guiding indicators"
    for each in statement.guiding_indicators:
        value = _text(each.value) if each.HasField("value") else each.not_applicable_reason or "-"
        sign = "≤" if each.at_most else "≥"
        yield (
            f"  {each.display_name_zh if zh else each.display_name}: {value} "
            f"({sign} {_text(each.requirement)}) {_verdict(each.verdict, zh=zh)}"
        )
    yield ""
    acceptance = statement.acceptance
    yield ("验收：" if zh else "Acceptance: ") + (acceptance.text_zh if zh else acceptance.text)


def _open(statement: park_pb2.ParkStatement, *, zh: bool) -> Iterator[str]:
    if statement.findings:
        yield ""
        yield "问题" if zh else "Findings"
    for finding in statement.findings:
        yield f"  {finding.field}: {finding.text_zh if zh else finding.text}"
    yield ""
    yield "文件未明确事项" if zh else "What the document leaves open"
    for point in statement.open_points:
        taken = ", ".join(_text(each) for each in point.quantities)
        told = f"{point.text_zh}{point.treatment_zh}" if zh else f"{point.text} {point.treatment}"
        yield f"  {told}" + (f" [{taken}]" if taken else "")


def _verdict(verdict: park_pb2.ParkVerdict.ValueType, *, zh: bool) -> str:
    return _word(park_pb2.ParkVerdict.Name(verdict), "PARK_VERDICT_", zh=zh)


def _word(name: str, prefix: str, *, zh: bool) -> str:
    return _WORDS[name.removeprefix(prefix)][zh]


def _text(quantity: quantity_pb2.Quantity) -> str:
    unit = "" if quantity.unit_code == "1" else f" {quantity.unit_code}"
    return f"{quantity.value.value}{unit}"


def _short(quantity: quantity_pb2.Quantity) -> str:
    """Return a figure with at most six decimals, marked where digits are left out."""
    value = Decimal(quantity.value.value)
    rounded = value.quantize(_SHOWN_DECIMALS, context=_ROUNDED)
    if rounded == value:
        return _text(quantity)
    return f"≈ {rounded} {quantity.unit_code}"
